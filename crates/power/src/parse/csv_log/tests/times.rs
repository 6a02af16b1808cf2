//! The times of readings.

use super::*;

#[test]
fn times_of_every_kind() {
    let rfc = "time,watts\n2026-01-31T12:00:00Z,41\n2026-01-31T13:00:00.5+01:00,42.5 W\n";
    let first = 1_769_860_800 * S;
    assert_eq!(
        usual(rfc).unwrap().samples,
        [(first, 41.0), (first + S / 2, 42.5)]
    );
    let unix = "Timestamp;Power (W)\n1769860800,25;41,5\n1769860801,5;42\n";
    let expected = [(first + S / 4, 41.5), (first + 3 * S / 2, 42.0)];
    assert_eq!(usual(unix).unwrap().samples, expected);
    for text in [
        "unix_ms\tpower_w\n1769860800500\t7\n",
        "unix\tpower_w\n1769860800500\t7\n",
        "epoch (us)\tpower_w\n1769860800500000\t7\n",
        "time\tpower_w\nns\tW\n1769860800500000000\t7\n",
        "time_utc\tpower_w\n2026-01-31 12:00:00.5\t7\n",
        "Time (UTC)\tpower_w\n2026/01/31 12:00:00.5\t7\n",
    ] {
        assert_eq!(
            usual(text).unwrap().samples,
            [(first + S / 2, 7.0)],
            "{text}"
        );
    }
    assert_eq!(
        usual("time_ms,watts\n500,7\n").unwrap().samples,
        [(S / 2, 7.0)]
    );
}

#[test]
fn local_times_need_a_zone() {
    let local = "time,watts\n2026-10-25 01:59:59,1\n2026-10-25 02:00:00,2\n\
                 2026-10-25 02:59:00,3\n2026-10-25 02:00:00,4\n2026-10-25 03:00:00,5\n";
    let error = usual(local).unwrap_err().to_string();
    for part in ["line 2, column \"time\"", "timezone=UTC", "13:00:00+01:00"] {
        assert!(error.contains(part), "{error}");
    }
    let in_zone = |text: &str, name| parse(text, &in_zone(Some(name)));
    let log = in_zone(local, "Europe/Berlin").unwrap();
    let first = log.samples[0].0;
    let after: Vec<i128> = log.samples.iter().map(|(t, _)| (t - first) / S).collect();
    assert_eq!(after, [0, 1, 3541, 3601, 7201]);
    let utc = in_zone("time,watts\n1970-01-01 00:00:05,1\n", "UTC").unwrap();
    assert_eq!(utc.samples, [(5 * S, 1.0)]);
    #[rustfmt::skip]
    let cases = [
        ("time,watts\n2026-03-29 02:30:00,1\n", "Europe/Berlin", "does not exist in Europe"),
        ("time,watts\n2026-10-25 02:30:00,1\n", "Europe/Berlin", "comes twice in Europe"),
        (local, "Berlin", "no time zone is called \"Berlin\""),
    ];
    for (text, zone, part) in cases {
        let error = in_zone(text, zone).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn times_that_are_none_say_what_to_do() {
    for (cell, part) in [
        ("01/02/2026 12:00", "which number is the day"),
        ("29.11.2026 17:04:10", "which number is the day"),
        ("17:04:10", "join the column of the date"),
        ("2026-01-31 12:00 CET", "letters such as CET"),
        ("1.79597E+09", "whole number"),
        ("Total", "begin a line that holds no reading with #"),
    ] {
        let text = format!("time;watts\n2026-01-31T12:00:00Z;1\n{cell};2\n");
        let error = usual(&text).unwrap_err().to_string();
        let at = format!("line 3, column \"time\": {cell:?} is not a time");
        assert!(error.starts_with(&at) && error.contains(part), "{error}");
    }
    #[rustfmt::skip]
    let cases = [
        (
            "time_s,watts\n1769860800000,1\n",
            None,
            "line 2, column \"time_s\": \"1769860800000\" is not a time within the calendar",
        ),
        ("time_s,watts\nms,W\n1,1\n", None, "line 2, column \"time_s\": \"ms\" gives the unit ms"),
        ("time_utc,watts\n1,1\n", Some("Europe/Berlin"), "line 1, column \"time_utc\""),
    ];
    for (text, timezone, part) in cases {
        let error = parse(text, &in_zone(timezone)).unwrap_err().to_string();
        assert!(error.starts_with(part), "{error}");
    }
    let error = usual("time;watts\n;1\n").unwrap_err().to_string();
    assert!(
        error.starts_with("line 2, column \"time\": \"\" is empty"),
        "{error}"
    );
}

#[test]
fn names_with_an_offset_from_utc() {
    let noon = "2026-01-31 12:00:00";
    let first = 1_769_860_800;
    for (name, hours) in [
        ("Time (UTC)", 0.0),
        ("Time (UTC+1)", 1.0),
        ("time GMT+01:00", 1.0),
        ("time UTC-5", -5.0),
        ("timestamp_utc", 0.0),
        ("UTC", 0.0),
        ("Time (UTC+0530)", 5.5),
        ("Time (UTC +5:30)", 5.5),
    ] {
        let log = usual(&format!("{name},power\n{noon},1\n")).unwrap();
        let wanted = (first - (hours * 3600.0) as i128) * S;
        assert_eq!(log.samples, [(wanted, 1.0)], "{name}");
    }
    for name in [
        "local time (not UTC)",
        "utc_offset_time",
        "UTC 1",
        "UTC1",
        "time (UTC\u{b1}1)",
        "time (UTC+99)",
    ] {
        let columns = Columns {
            time: Some(name.into()),
            ..Columns::default()
        };
        let error = parse(format!("{name},power\n{noon},1\n"), &columns).unwrap_err();
        assert!(matches!(error, CsvError::UnclearZone(_)), "{name}: {error}");
    }
    let berlin = in_zone(Some("Europe/Berlin"));
    let error = parse(format!("Time (UTC+1),power\n{noon},1\n"), &berlin).unwrap_err();
    assert!(matches!(error, CsvError::Contradiction { .. }), "{error}");
}
