//! Files of prices: refusals and their messages, and the meaning of local clocks.

use std::path::Path;

use perwatt_site::curtail::{Prices, ReadOptions};

fn read(rows: &str, timezone: Option<&str>) -> Result<Prices, String> {
    let options = ReadOptions {
        timezone: timezone.map(str::to_owned),
        ..ReadOptions::default()
    };
    let text = format!("start,usd_per_mwh\n{rows}");
    Prices::from_reader(text.as_bytes(), "prices.csv", &options).map_err(|e| e.to_string())
}

/// The message names the file and a line, and holds each of `parts`.
#[track_caller]
fn refused(result: Result<Prices, String>, parts: &[&str]) {
    let message = result.expect_err("the file was taken");
    assert!(message.starts_with("prices.csv: line "), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

/// Rows without offsets, one for each time.
fn local(day: &str, times: &[&str]) -> String {
    let row = |(i, time): (usize, &&str)| format!("{day}T{time},{i}\n");
    times.iter().enumerate().map(row).collect()
}

const CHICAGO: Option<&str> = Some("America/Chicago");

#[test]
fn a_gap_is_named_with_both_ends() {
    let rows = "2026-01-01T00:00:00-06:00,1\n2026-01-01T01:00:00-06:00,2\n\
                2026-01-01T02:00:00-06:00,3\n2026-01-01T05:00:00-06:00,4\n";
    refused(
        read(rows, None),
        &[
            "line 5, column \"start\": \"2026-01-01T05:00:00-06:00\"",
            "from 2026-01-01T03:00:00-06:00 until 2026-01-01T05:00:00-06:00",
            "2 intervals of 3600 s",
        ],
    );
    // The first two rows have the gap between them, not a step of two hours.
    let rows = "2026-01-01T00:00Z,1\n2026-01-01T02:00Z,2\n2026-01-01T03:00Z,3\n\
                2026-01-01T04:00Z,4\n";
    refused(
        read(rows, None),
        &["line 3, column \"start\"", "1 interval of 3600 s"],
    );
}

#[test]
fn duplicate_unordered_and_uneven_times() {
    let start = "2026-01-01T00:00Z,1\n2026-01-01T00:15Z,2\n2026-01-01T00:30Z,3\n";
    // The same moment, written otherwise.
    refused(
        read(&format!("{start}2025-12-31T18:30-06:00,4\n"), None),
        &[
            "line 5, column \"start\": \"2025-12-31T18:30-06:00\"",
            "same time as line 4's",
        ],
    );
    refused(
        read(&format!("{start}2026-01-01T00:15Z,4\n"), None),
        &["line 5, column \"start\"", "900 s before line 4's", "sort"],
    );
    refused(
        read(&format!("{start}2026-01-01T00:40Z,4\n"), None),
        &[
            "line 5, column \"start\"",
            "600 s after line 4's",
            "900 s long",
        ],
    );
    let seven = "2026-01-01T00:00Z,1\n2026-01-01T00:07Z,2\n2026-01-01T00:14Z,3\n";
    refused(
        read(seven, None),
        &[
            "line 3, column \"start\"",
            "420 s after line 2's",
            "divide a day evenly",
        ],
    );
    // Joined with a file of another step.
    let joined = format!("{start}2026-01-01T01:30Z,4\n2026-01-01T02:30Z,5\n");
    refused(
        read(&joined, None),
        &["line 5, column \"start\"", "3 intervals of 900 s"],
    );
}

#[test]
fn cells_that_are_no_price() {
    for bad in [
        "NaN",
        "inf",
        "-inf",
        "1e300",
        "$30",
        "30 USD",
        "1e-306",
        "\"1,00,00\"",
    ] {
        let rows = format!("2026-01-01T00:00Z,1\n2026-01-01T01:00Z,{bad}\n");
        refused(
            read(&rows, None),
            &[
                "line 3, column \"usd_per_mwh\"",
                bad.trim_matches('"'),
                "is no price in USD/MWh; write a finite number without a unit",
            ],
        );
    }
    for (rows, column) in [
        ("2026-01-01T00:00Z, \n2026-01-01T01:00Z,1\n", "usd_per_mwh"),
        (",1\n2026-01-01T01:00Z,1\n", "start"),
    ] {
        let cell = format!("line 2, column {column:?}: \"\" is empty");
        refused(read(rows, None), &[&cell]);
    }
    let negative = read("2026-01-01T00:00Z,-12.5\n2026-01-01T01:00Z,+3e1\n", None).unwrap();
    assert_eq!(negative.usd_per_mwh(), [-12.5, 30.0]);
}

/// Each unit that a name or a row below it may give, in both ways to write decimals.
#[test]
fn units_are_converted_or_refused() {
    let prices = |name: &str, below: &str, comma: bool| {
        let options = ReadOptions {
            price_column: name.into(),
            ..ReadOptions::default()
        };
        let mut text =
            format!("start;{name}\n{below}2026-01-01T00:00Z;31.5\n2026-01-01T01:00Z;-2.25\n");
        if comma {
            text = text.replace("31.5", "31,5").replace("2.25", "2,25");
        }
        Prices::from_reader(text.as_bytes(), "prices.csv", &options).map_err(|e| e.to_string())
    };
    for comma in [false, true] {
        for (name, below, factor) in [
            ("usd_per_mwh", "", 1.0),
            ("LMP", "", 1.0),
            ("$/MWh", "", 1.0),
            ("USD/kWh", "", 1e3),
            ("price (USD/kWh)", "", 1e3),
            ("\u{a2}/kWh", "", 10.0),
            ("LMP", ";USD/kWh\n", 1e3),
            ("LMP", ";[$/MWh]\n", 1.0),
        ] {
            let found = prices(name, below, comma).unwrap();
            let [first, second] = found.usd_per_mwh() else {
                panic!("{found:?}")
            };
            let near = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 1e-12;
            assert!(
                near(*first, 31.5 * factor) && near(*second, -2.25 * factor),
                "{name}"
            );
        }
        for (name, below, parts) in [
            (
                "EUR/MWh",
                "",
                &["line 1, column \"EUR/MWh\"", "\"eur\""][..],
            ),
            ("ct/kWh", "", &["line 1, column \"ct/kWh\"", "\"ct\""]),
            ("price_eur_kwh", "", &["line 1", "rate of exchange"]),
            (
                "LMP",
                ";EUR/MWh\n",
                &["line 2, column \"LMP\": \"EUR/MWh\"", "\"eur\""],
            ),
            (
                "USD/kWh",
                ";USD/MWh\n",
                &["line 2", "another unit than the name"],
            ),
            ("$/MW", "", &["line 1", "not USD for an amount of energy"]),
        ] {
            refused(prices(name, below, comma), parts);
        }
    }
}

#[test]
fn numbers_and_texts_as_spreadsheets_save_them() {
    let from = |text: &[u8]| {
        Prices::from_reader(text, "prices.csv", &ReadOptions::default()).map_err(|e| e.to_string())
    };
    let two = |first: &str, second: &str| {
        format!(
            "sep=;\r\nstart;usd_per_mwh\r\n2026-01-01T00:00Z;{first}\r\n2026-01-01T01:00Z;{second}\r\n"
        )
    };
    for (first, second, wanted) in [
        ("970,5", "1.000,5", [970.5, 1000.5]),
        ("970", "1 000", [970.0, 1000.0]),
        ("1'000.5", "2", [1000.5, 2.0]),
    ] {
        assert_eq!(
            from(two(first, second).as_bytes()).unwrap().usd_per_mwh(),
            wanted
        );
    }
    refused(
        from(two("970", "1.000").as_bytes()),
        &["line 4, column \"usd_per_mwh\": \"1.000\" is 1 or 1000"],
    );
    refused(from(two("0,5", "1.5").as_bytes()), &["line 4", "alike"]);
    let wide: Vec<u8> = format!("\u{feff}{}", two("1,5", "2"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(from(&wide).unwrap().usd_per_mwh(), [1.5, 2.0]);
    for (time, part) in [
        ("1767225600", "counts since 1970"),
        ("46023.5", "counts since 1970"),
        ("01/02/2026 00:00", "which number is the day"),
        ("00:00", "join the column of the date"),
    ] {
        refused(
            read(&format!("{time},1\n{time},1\n"), None),
            &["line 2", part],
        );
    }
}

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
fn times_without_an_offset_need_a_zone() {
    let rows = local("2026-01-01", &["00:00", "01:00"]);
    refused(
        read(&rows, None),
        &[
            "line 2, column \"start\": \"2026-01-01T00:00\" has no offset",
            "none is guessed: on the days the clocks change an hour is missing or double",
        ],
    );
    let prices = read(&rows, CHICAGO).unwrap();
    assert_eq!(prices.start(1).unwrap(), "2026-01-01T01:00:00-06:00");
    // Both kinds in one file.
    let mixed = format!("{rows}2026-01-01T08:00:00Z,3\n");
    assert_eq!(read(&mixed, CHICAGO).unwrap().intervals(), 3);
    let message = read(&rows, Some("America/Chicgo")).unwrap_err();
    assert!(
        message.contains("\"America/Chicgo\"; perhaps \"America/Chicago\" is meant"),
        "{message}"
    );
    for bad in [
        "yesterday",
        "2026-01-01",
        "2026-13-01T00:00",
        "01/02/2026 00:00",
    ] {
        refused(
            read(&format!("{bad},1\n"), CHICAGO),
            &[&format!("line 2, column \"start\": {bad:?} is no time")],
        );
    }
}

#[test]
fn the_hour_that_spring_skips_is_no_gap() {
    let hours = local("2026-03-08", &["00:00", "01:00", "03:00", "04:00"]);
    let prices = read(&hours, CHICAGO).unwrap();
    assert_eq!((prices.step_s(), prices.intervals()), (3600, 4));
    assert_eq!(prices.start(2).unwrap(), "2026-03-08T03:00:00-05:00");
    let quarters = local("2026-03-08", &["01:15", "01:30", "01:45", "03:00", "03:15"]);
    assert_eq!(read(&quarters, CHICAGO).unwrap().step_s(), 900);

    let refuse = |times: &[&str], parts: &[&str]| {
        refused(read(&local("2026-03-08", times), CHICAGO), parts);
    };
    // The skipped hour itself.
    refuse(
        &["00:00", "01:00", "02:00", "03:00"],
        &["line 4, column \"start\": \"2026-03-08T02:00\" does not exist in America/Chicago"],
    );
    refuse(
        &["01:30", "01:45", "02:00"],
        &["line 4, column \"start\": \"2026-03-08T02:00\" does not exist"],
    );
    // One more interval that is missing.
    refuse(
        &["00:00", "01:00", "04:00", "05:00"],
        &[
            "line 4, column \"start\"",
            "from 2026-03-08T03:00:00-05:00 until 2026-03-08T04:00:00-05:00",
        ],
    );
    refuse(
        &["01:30", "01:45", "03:15", "03:30"],
        &["line 4, column \"start\"", "1 interval of 900 s"],
    );
}

#[test]
fn the_hour_that_autumn_repeats_comes_twice() {
    let starts = |times: &[&str]| {
        let prices = read(&local("2026-11-01", times), CHICAGO).unwrap();
        let start = |i| prices.start(i).unwrap();
        (0..prices.intervals()).map(start).collect::<Vec<String>>()
    };
    let hours = ["00:00", "01:00", "01:00", "02:00"];
    let read_hours = [
        "2026-11-01T00:00:00-05:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T01:00:00-06:00",
        "2026-11-01T02:00:00-06:00",
    ];
    assert_eq!(starts(&hours), read_hours);
    assert_eq!(starts(&hours[1..]), read_hours[1..]);
    // A file may begin between the two, if the rows after it say so.
    assert_eq!(starts(&["01:00", "02:00", "03:00"])[0], read_hours[2]);

    let quarters = [
        "00:45", "01:00", "01:15", "01:30", "01:45", "01:00", "01:15", "01:30", "01:45", "02:00",
    ];
    let read_quarters = starts(&quarters);
    assert!(read_quarters[..5].iter().all(|t| t.ends_with("-05:00")));
    assert!(read_quarters[5..].iter().all(|t| t.ends_with("-06:00")));
    assert_eq!(starts(&quarters[3..]), read_quarters[3..]);
    assert_eq!(starts(&quarters[7..]), read_quarters[7..]);
}

#[test]
fn an_autumn_hour_that_is_not_double_is_a_gap() {
    let refuse = |times: &[&str], parts: &[&str]| {
        refused(read(&local("2026-11-01", times), CHICAGO), parts);
    };
    refuse(
        &["00:00", "01:00", "02:00", "03:00"],
        &[
            "line 4, column \"start\": \"2026-11-01T02:00\"",
            "from 2026-11-01T01:00:00-06:00 until 2026-11-01T02:00:00-06:00",
        ],
    );
    refuse(
        &[
            "00:30", "00:45", "01:00", "01:15", "01:30", "01:45", "02:00",
        ],
        &["line 8, column \"start\"", "4 intervals of 900 s"],
    );
    refuse(
        &["23:00", "00:00"],
        &[
            "line 3, column \"start\": \"2026-11-01T00:00\"",
            "before line 2's",
        ],
    );
    refuse(
        &["00:00", "01:00", "01:00", "01:00"],
        &["line 5, column \"start\": \"2026-11-01T01:00\" is the same time as line 4's"],
    );
    // Only the double hour: its two occurrences cannot be told apart.
    refuse(
        &["01:00", "01:15", "01:30"],
        &["line 2, column \"start\": \"2026-11-01T01:00\" comes twice in America/Chicago"],
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

#[test]
fn units_and_currencies_in_columns_of_their_own() {
    let read = |header: &str, price: &str, beside: [&str; 2]| {
        let options = ReadOptions {
            price_column: price.into(),
            ..ReadOptions::default()
        };
        let [first, second] = beside;
        let text =
            format!("{header}\n2026-01-01T00:00Z,20,{first}\n2026-01-01T01:00Z,30,{second}\n");
        Prices::from_reader(text.as_bytes(), "prices.csv", &options).map_err(|e| e.to_string())
    };
    for (header, price, unit, wanted) in [
        ("start,price,unit", "price", "USD/kWh", 20_000.0),
        ("start,price,currency", "price", "USD", 20.0),
        ("start,usd_per_mwh,currency", "usd_per_mwh", "USD", 20.0),
        ("start,price,currency", "price", "", 20.0),
    ] {
        let prices = read(header, price, [unit; 2]).unwrap();
        assert_eq!(prices.usd_per_mwh()[0], wanted, "{header} {unit}");
    }
    for (header, price, units, part) in [
        (
            "start,price,currency",
            "price",
            ["EUR"; 2],
            "line 2, column \"currency\": \"EUR\"",
        ),
        (
            "start,usd_per_mwh,unit",
            "usd_per_mwh",
            ["USD/kWh"; 2],
            "line 2, column \"unit\"",
        ),
        (
            "start,price,unit",
            "price",
            ["bananas"; 2],
            "line 2, column \"unit\": \"bananas\"",
        ),
        (
            "start,price,currency",
            "price",
            ["USD", "EUR"],
            "line 3, column \"currency\": \"EUR\"",
        ),
    ] {
        refused(read(header, price, units), &[part]);
    }
}

#[test]
fn what_stands_beside_the_prices_is_not_passed_over() {
    let read = |text: &str, time: &str, timezone: Option<&str>| {
        let options = ReadOptions {
            time_column: time.into(),
            timezone: timezone.map(str::to_owned),
            ..ReadOptions::default()
        };
        Prices::from_reader(text.as_bytes(), "prices.csv", &options).map_err(|e| e.to_string())
    };
    let rows = "2026-01-01T00:00,20\n2026-01-01T01:00,30\n";
    let utc = format!("start_utc,usd_per_mwh\n{rows}");
    refused(
        read(&utc, "start_utc", CHICAGO),
        &["line 1, column \"start_utc\"", "America/Chicago"],
    );
    assert!(read(&utc, "start_utc", Some("UTC")).is_ok());
    let unit = format!("# USD/kWh\nstart,usd_per_mwh\n{rows}");
    refused(
        read(&unit, "start", CHICAGO),
        &["line 1, the comment \"USD/kWh\""],
    );
    let header = format!("# start,usd_per_mwh\n{rows}");
    refused(read(&header, "start", CHICAGO), &["line 1 begins with #"]);
    let decimals = "start,usd_per_mwh,\n2026-01-01T00:00,20,50\n2026-01-01T01:00,30,25\n";
    refused(
        read(decimals, "start", CHICAGO),
        &["line 2, column \"\": \"50\"", "decimals"],
    );
}
