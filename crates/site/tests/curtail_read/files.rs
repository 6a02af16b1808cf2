//! Files, their columns and encodings.

use std::path::Path;

use perwatt_site::curtail::{Prices, ReadOptions};

use crate::{read, refused};

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let error = Prices::read("/dev/zero", &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("it is a device"), "{error}");
}

/// Rows are read once: a walk from the top for each would take hours here.
#[test]
fn many_rows_are_no_work() {
    let began = std::time::Instant::now();
    let prices = Prices::new(0, 300, 0, vec![1.5; 100_000]).unwrap();
    assert_eq!(
        read(prices.to_csv().split_once('\n').unwrap().1, None).unwrap(),
        prices
    );
    assert!(began.elapsed().as_secs() < 60, "it hangs");
}

#[test]
fn rows_of_another_length() {
    refused(
        read("2026-01-01T00:00Z,1\n2026-01-01T01:00Z\n", None),
        &[
            "line 3, column \"usd_per_mwh\": \"2026-01-01T01:00Z\"",
            "fields: 1, columns: 2",
        ],
    );
    refused(
        read("2026-01-01T00:00Z,1,234.5\n", None),
        &[
            "line 2, column \"number 3\": \"234.5\"",
            "fields: 3, columns: 2",
        ],
    );
    refused(
        read("", None),
        &["line 1: no row follows the header", "two or more"],
    );
    refused(
        read("2026-01-01T00:00Z,1\n", None),
        &["line 2, column \"start\": \"2026-01-01T00:00Z\" is the only row"],
    );
}

#[test]
fn columns_that_are_not_there() {
    let from = |text: &[u8], options: &ReadOptions| {
        Prices::from_reader(text, "prices.csv", options).map_err(|e| e.to_string())
    };
    let default = ReadOptions::default();
    refused(
        from(b"# made up\nStart,usd_per_mw,zone\n", &default),
        &[
            "line 2: no column is called \"start\"; perhaps \"Start\" is meant",
            "the columns are: Start, usd_per_mw, zone",
        ],
    );
    refused(
        from(b"start,usd_per_mw\n", &default),
        &["no column is called \"usd_per_mwh\"; perhaps \"usd_per_mw\" is meant"],
    );
    refused(
        from(b"start,lmp\n", &default),
        &["no column is called \"usd_per_mwh\"; the columns are: start, lmp"],
    );
    refused(
        from(b"start,start,usd_per_mwh\n", &default),
        &["line 1: two columns are called \"start\""],
    );
    refused(from(b"", &default), &["line 1: the file has no header"]);
    refused(
        from(b"# nothing else", &default),
        &["the file has no header"],
    );

    let named = ReadOptions {
        time_column: "interval".into(),
        price_column: "LMP".into(),
        ..default
    };
    let text = b"zone,LMP,interval\nNORTH,1.5,2026-01-01T00:00Z\nNORTH,2.5,2026-01-01T01:00Z\n";
    assert_eq!(from(text, &named).unwrap().usd_per_mwh(), [1.5, 2.5]);
}

#[test]
fn bytes_that_are_no_text() {
    let from = |text: &[u8]| {
        Prices::from_reader(text, "prices.csv", &ReadOptions::default()).map_err(|e| e.to_string())
    };
    refused(
        from(b"start,usd_per_mwh,zone\n2026-01-01T00:00Z,1,S\n2026-01-01T01:00Z,2,Espa\xf1a\n"),
        &["line 3, column \"zone\": \"Espa\u{fffd}a\" is not UTF-8"],
    );
    refused(
        from(b"start,\xe9,usd_per_mwh\n"),
        &["line 1, column \"number 2\"", "is not UTF-8"],
    );
}

#[test]
fn windows_files_comments_and_marks_are_fine() {
    let text = "\u{feff}# from a spreadsheet\r\nstart, usd_per_mwh\r\n\r\n\
                2026-01-01T00:00:00Z, 1\r\n# half way\r\n\"2026-01-01T00:15:00Z\",\"2\"\r\n# the end";
    let options = ReadOptions::default();
    let prices = Prices::from_reader(text.as_bytes(), "prices.csv", &options).unwrap();
    assert_eq!(
        (prices.usd_per_mwh(), prices.step_s()),
        (&[1.0, 2.0][..], 900)
    );
}

#[test]
fn a_file_that_is_not_there() {
    let error = Prices::read(Path::new("no/such.csv"), &ReadOptions::default()).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("no/such.csv: cannot read the prices"),
        "{message}"
    );
}
