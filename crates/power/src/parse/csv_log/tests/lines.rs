//! Lines, cells, and faults that make a file doubtful.

use super::*;

#[test]
fn decimals_are_those_of_the_column() {
    let mixed = "time\twatts\n1\t970\n2\t1,000\n3\t1,010\n";
    let error = usual(mixed).unwrap_err().to_string();
    for part in [
        "line 3, column \"watts\": \"1,000\" is 1 or 1000",
        "decimal=point",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let decimal = Some(Decimal::Point);
    let log = parse(
        mixed,
        &Columns {
            decimal,
            ..Columns::default()
        },
    )
    .unwrap();
    assert_eq!(log.samples[1], (2 * S, 1000.0));
    let whole = usual("time;watts\n1;0,5\n2;1.000,5\n").unwrap();
    assert_eq!(whole.samples, [(S, 0.5), (2 * S, 1000.5)]);
}

#[test]
fn lines_without_a_reading_are_named() {
    let text =
        "# top\n\ntime,watts\n\n1,5\n2,NaN\n# seven\n3,\n4,-1\n4,6\n4,7\n5,unavailable\n7,0\n,\n";
    for end in ["\n", "\r\n"] {
        let log = usual(&text.replace('\n', end)).unwrap();
        assert_eq!(log.samples, [(S, 5.0), (4 * S, 6.0), (7 * S, 0.0)]);
        let lines: Vec<usize> = log.skipped.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [6, 8, 9, 11, 12]);
        assert!(log.skipped[3].1.contains("time of the reading before"));
    }
    let none = usual("time,watts\n5,NaN\n").unwrap_err().to_string();
    assert!(none.contains("line 2: \"NaN\" is not a reading"), "{none}");
    assert!(matches!(
        usual(""),
        Err(CsvError::Table(TableError::NoHeader))
    ));
    // A last comment without a line end is not a reading either.
    assert!(usual("time,watts\n1,5\n# end").unwrap().skipped.is_empty());
}

#[test]
fn what_makes_the_whole_file_doubtful() {
    #[rustfmt::skip]
    let cases = [
        ("time,watts\n2,1\n3,1\n1,1\n", "line 4, column \"time\": \"1\" is 2 s earlier"),
        ("time,watts\n1,5\n2,6,7\n", "line 3, column \"number 3\": \"7\""),
        ("time,watts\n1,5\n2\n", "line 3, column \"watts\""),
        ("time,watts\n1,x\n2,1\n", "line 2, column \"watts\": \"x\""),
        ("time,watts\n1,1\n2,x\n", "line 3, column \"watts\": \"x\" is not a power"),
        ("time,watts\n1,1\n2,inf\n", "line 3, column \"watts\": \"inf\" is not a power"),
        ("time,watts\n1,1\n2,1e-306\n", "line 3, column \"watts\": \"1e-306\" is 1e-306 W"),
        ("time,watts\n1,1\n2,1e300\n", "line 3, column \"watts\": \"1e300\" is 1e300 W"),
        ("time,watts\n1,1\n2,2e9\n", "line 3"),
    ];
    for (text, part) in cases {
        let error = usual(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn lines_that_end_with_a_carriage_return_and_cells_under_no_name() {
    let text = "# 5\" disk\rtime,watts\r1,5\r# two\r2,6\r\"3\",7\r";
    let log = usual(text).unwrap();
    assert_eq!(log.samples, [(S, 5.0), (2 * S, 6.0), (3 * S, 7.0)]);
    let error = usual("time,P_kW,\n1,0,\n2,0,100\n")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("line 3, column \"\": \"100\"") && error.contains("decimals"),
        "{error}"
    );
    assert!(usual(",time,watts\n0,1,5\n1,2,6\n").is_ok());
    let error = usual("# time,watts\n1,5\n2,6\n").unwrap_err().to_string();
    assert!(error.contains("line 1 begins with #"), "{error}");
}

/// Time grows in proportion to the rows: a search from the top for each row would take
/// hours here.
#[test]
fn a_long_log_is_read_once() {
    let began = std::time::Instant::now();
    let rows = (0..100_000).map(|i| format!("{i};\"0,{:03}\"\n", i % 1000));
    let text = format!("sep=;\ntime;P_kW\n{}", rows.collect::<String>());
    assert_eq!(usual(&text).unwrap().samples.len(), 100_000);
    assert!(began.elapsed().as_secs() < 60, "it hangs");
}
