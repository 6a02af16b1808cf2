//! Times of prices: gaps, order, zones, hours that clocks skip or repeat.

use crate::{CHICAGO, local, read, refused};

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
            &[&format!("line 2, column \"start\": {bad:?} is not a time")],
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
