//! Logs as loggers and spreadsheets write them: the figure, or the refusal.

use super::*;
use proptest::prelude::*;

fn usual(text: &str) -> Result<Log, CsvError> {
    parse(text, &Columns::default())
}

const S: i128 = 1_000_000_000;

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
    let in_zone = |text: &str, name: &str| {
        let timezone = Some(name.to_owned());
        parse(
            text,
            &Columns {
                timezone,
                ..Columns::default()
            },
        )
    };
    let log = in_zone(local, "Europe/Berlin").unwrap();
    let first = log.samples[0].0;
    let after: Vec<i128> = log.samples.iter().map(|(t, _)| (t - first) / S).collect();
    assert_eq!(after, [0, 1, 3541, 3601, 7201]);
    let utc = in_zone("time,watts\n1970-01-01 00:00:05,1\n", "UTC").unwrap();
    assert_eq!(utc.samples, [(5 * S, 1.0)]);
    for (text, zone, part) in [
        (
            "time,watts\n2026-03-29 02:30:00,1\n",
            "Europe/Berlin",
            "does not exist in Europe",
        ),
        (
            "time,watts\n2026-10-25 02:30:00,1\n",
            "Europe/Berlin",
            "comes twice in Europe",
        ),
        (local, "Berlin", "no time zone is called \"Berlin\""),
    ] {
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
        let at = format!("line 3, column \"time\": {cell:?} is no time");
        assert!(error.starts_with(&at) && error.contains(part), "{error}");
    }
    for (text, timezone, part) in [
        (
            "time_s,watts\n1769860800000,1\n",
            None,
            "line 2, column \"time_s\": \"1769860800000\" is no time within the calendar",
        ),
        (
            "time_s,watts\nms,W\n1,1\n",
            None,
            "line 2, column \"time_s\": \"ms\" gives the unit ms",
        ),
        (
            "time_utc,watts\n1,1\n",
            Some("Europe/Berlin".to_owned()),
            "line 1, column \"time_utc\"",
        ),
    ] {
        let columns = Columns {
            timezone,
            ..Columns::default()
        };
        let error = parse(text, &columns).unwrap_err().to_string();
        assert!(error.starts_with(part), "{error}");
    }
    let error = usual("time;watts\n;1\n").unwrap_err().to_string();
    assert!(
        error.starts_with("line 2, column \"time\": \"\" is empty"),
        "{error}"
    );
}

#[test]
fn named_columns() {
    let text = "# a logger\nwhen,load,spare\n10,1,3\n11,2,4\n";
    let columns = Columns {
        time: Some("when".into()),
        watts: Some("spare".into()),
        ..Columns::default()
    };
    assert_eq!(
        parse(text, &columns).unwrap().samples,
        [(10 * S, 3.0), (11 * S, 4.0)]
    );
    let error = usual(text).unwrap_err().to_string();
    let at = "line 2 names no column of times; its columns are: when, load, spare";
    assert!(error.starts_with(at), "{error}");
    let twice = usual("time,power,watts\n1,2,3\n").unwrap_err();
    assert!(matches!(twice, CsvError::SeveralColumns { .. }), "{twice}");
    let absent = Columns {
        watts: Some("x".into()),
        ..Columns::default()
    };
    assert!(matches!(
        parse("time,watts\n1,2\n", &absent),
        Err(CsvError::NoColumn { .. })
    ));
}

/// Every spelling of a unit in every place, with both decimal marks.
#[test]
fn units_are_converted_wherever_they_stand() {
    for (unit, watts) in [
        ("W", 1.5),
        ("watts", 1.5),
        ("kW", 1500.0),
        ("KW", 1500.0),
        ("kw", 1500.0),
        ("mW", 0.0015),
        ("MW", 1.5e6),
        ("\u{b5}W", 1.5e-6),
        ("\u{3bc}W", 1.5e-6),
        ("uW", 1.5e-6),
    ] {
        for (delimiter, number) in [(",", "1.5"), (";", "1,5"), ("\t", "1,5"), ("\t", "1.5")] {
            let file = |name: &str, below: &str, cell: &str| {
                format!("time,{name}\n{below}1,{cell}\n")
                    .replacen(',', delimiter, 1)
                    .replace("\n1,", &format!("\n1{delimiter}"))
                    .replace("\n,", &format!("\n{delimiter}"))
            };
            let mut files = vec![
                file(&format!("power ({unit})"), "", number),
                file(&format!("power[{unit}]"), "", number),
                file(&format!("P_{unit}"), "", number),
                file(&format!("P in {unit}"), "", number),
                file("power", &format!(",{unit}\n"), number),
                file("power", &format!(",[{unit}]\n"), number),
                file("power", "", &format!("{number} {unit}")),
                file("power", "", &format!("{number}{unit}")),
                file(&format!("P_{unit}"), "", &format!("{number} {unit}")),
            ];
            let found: Vec<_> = files
                .drain(..)
                .map(|text| {
                    let found = usual(&text).map(|log| log.samples[0].1);
                    (text, found)
                })
                .collect();
            for (text, found) in found {
                match found {
                    Ok(found) => {
                        assert!((found / watts - 1.0).abs() < 1e-12, "{text}: {found}")
                    }
                    Err(error) => {
                        assert!(watts > MAX_USER_WATTS, "{text}: {error}");
                        assert!(error.to_string().contains("a machine draws"), "{error}");
                    }
                }
            }
            let mut columns = Columns {
                watts: Some("load".into()),
                unit: Some(unit.into()),
                ..Columns::default()
            };
            columns.time = Some("time".into());
            if watts <= MAX_USER_WATTS {
                let log = parse(file("load", "", number), &columns).unwrap();
                assert!((log.samples[0].1 / watts - 1.0).abs() < 1e-12);
            }
        }
    }
    // Cells that scale themselves, and a name that the user gives.
    let scaled = usual("time,power\n1,950 W\n2,1.05 kW\n").unwrap();
    assert_eq!(scaled.samples, [(S, 950.0), (2 * S, 1050.0)]);
    assert_eq!(scaled.unit, None);
    let columns = Columns {
        watts: Some("P_kW".into()),
        ..Columns::default()
    };
    let log = parse("time;P_kW;U\n1;0,100;230\n", &columns).unwrap();
    assert_eq!(
        (log.samples[0], log.unit.as_deref()),
        ((S, 100.0), Some("kW"))
    );
    let both = usual("time,S (VA),P (W)\n1,130,103\n").unwrap();
    assert_eq!(both.samples, [(S, 103.0)]);
}

#[test]
fn units_that_are_none_of_power_or_contradict() {
    let with = |text: &str, watts: Option<&str>, unit: Option<&str>| {
        let columns = Columns {
            watts: watts.map(str::to_owned),
            unit: unit.map(str::to_owned),
            ..Columns::default()
        };
        parse(text, &columns).unwrap_err().to_string()
    };
    for (text, watts, unit, parts) in [
        (
            "time,power (VA)\n1,130\n",
            None,
            None,
            &["line 1, column \"power (VA)\"", "apparent", "active power"][..],
        ),
        (
            "time,S_VA,P_kW\n1,130,0.1\n",
            Some("S_VA"),
            None,
            &["apparent", "watts=P_kW"],
        ),
        ("time,power (kvar)\n1,1\n", None, None, &["reactive"]),
        (
            "time,apparent_power\n1,1\n",
            Some("apparent_power"),
            None,
            &["apparent"],
        ),
        (
            "time,power\n,kVA\n1,1\n",
            None,
            None,
            &["line 2, column \"power\": \"kVA\"", "apparent"],
        ),
        (
            "time,power\n1,5 VA\n",
            None,
            None,
            &["line 2", "\"5 VA\"", "apparent"],
        ),
        (
            "time,E_kWh,P_W\n1,1,1\n",
            Some("E_kWh"),
            None,
            &["energy (kWh)", "watts=P_W"],
        ),
        (
            "time,energy (mJ)\n1,1\n",
            Some("energy (mJ)"),
            None,
            &["energy (mJ)"],
        ),
        (
            "time,power_mw\n1,1\n",
            None,
            None,
            &["line 1", "(mw)", "unit=mW"],
        ),
        ("time,power (dBm)\n1,1\n", None, None, &["(dBm)", "unit=W"]),
        (
            "time,power\n,furlongs\n1,1\n",
            None,
            None,
            &["line 2", "\"furlongs\"", "unit=W"],
        ),
        (
            "time,power\n1,5 A\n",
            None,
            None,
            &["line 2", "\"5 A\"", "unit=W"],
        ),
        (
            "time,P_kW\n1,1\n",
            None,
            Some("W"),
            &["line 1", "kW", "unit=W"],
        ),
        (
            "time,P_kW\n,W\n1,1\n",
            None,
            None,
            &["line 2", "unit W", "name of the column kW"],
        ),
        (
            "time,P_W\n1,1 kW\n",
            None,
            None,
            &["line 2", "\"1 kW\"", "the column W"],
        ),
        (
            "time,P_W\n1,1\n",
            None,
            Some("VA"),
            &["unit=VA is no unit of power"],
        ),
        ("time,S_VA\n1,1\n", Some("S_VA"), Some("W"), &["apparent"]),
        (
            "time,power\n1,1 kW\n2,980\n",
            None,
            None,
            &["line 3", "\"980\"", "has no unit"],
        ),
    ] {
        let error = with(text, watts, unit);
        for part in parts {
            assert!(error.contains(part), "{text}: {part:?} is not in {error}");
        }
    }
}

#[test]
fn units_that_stand_in_a_column_of_their_own() {
    let watts = |text: &str, name: Option<&str>| {
        let watts = name.map(str::to_owned);
        let columns = Columns {
            watts,
            ..Columns::default()
        };
        parse(text, &columns)
            .map(|log| log.samples[0].1)
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        watts("time,power,unit\n1,0.1,kW\n2,0.2,kW\n", None),
        Ok(100.0)
    );
    assert_eq!(
        watts("time,power,Einheit\n1,0.1,kW\n2,unavailable,\n", None),
        Ok(100.0)
    );
    assert_eq!(watts("time,power,uom\n1,7,\n", None), Ok(7.0));
    let home = "timestamp,state,unit_of_measurement\n1,0.1,kW\n";
    assert_eq!(watts(home, Some("state")), Ok(100.0));
    for (text, parts) in [
        (
            "time,power,unit\n1,130,VA\n",
            ["line 2, column \"unit\": \"VA\"", "apparent"],
        ),
        (
            "time,power,unit\n1,1,kW\n2,1,W\n",
            ["line 3, column \"unit\": \"W\"", "line 2 \"kW\""],
        ),
        (
            "time,power,unit\n1,1,kW\n2,1,\n",
            ["line 3, column \"unit\"", "\"kW\""],
        ),
        (
            "time,P_W,unit\n1,1,kW\n",
            [
                "line 2, column \"unit\": \"kW\"",
                "the name of the column W",
            ],
        ),
        (
            "time,power,units\n1,1,bananas\n",
            ["line 2, column \"units\": \"bananas\"", "no unit of power"],
        ),
    ] {
        let error = watts(text, None).unwrap_err();
        assert!(
            parts.iter().all(|part| error.contains(part)),
            "{text}: {error}"
        );
    }
}

#[test]
fn comments_that_name_another_unit_are_refused() {
    for comment in ["# unit: kW", "# s,kW", "# power in mW", "# unit: VA"] {
        for text in [
            format!("{comment}\ntime,power\n1,0.1\n"),
            format!("time,P_W\n{comment}\n1,0.1\n"),
        ] {
            let error = usual(&text).unwrap_err().to_string();
            assert!(
                error.contains("line ") && error.contains("in a comment"),
                "{text}: {error}"
            );
        }
    }
    for comment in ["# a supply of 2 kW", "# unit: W", "# w/ load", "# raw; s,W"] {
        let log = usual(&format!("{comment}\ntime,power\n1,0.1\n")).unwrap();
        assert_eq!(log.samples, [(S, 0.1)]);
    }
    let columns = Columns {
        unit: Some("W".into()),
        ..Columns::default()
    };
    assert!(parse("# kW\ntime,power\n1,1\n", &columns).is_ok());
    assert!(usual("# in kW\ntime,P_kW\n1,1\n").is_ok());
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
    let timezone = Some("Europe/Berlin".to_owned());
    let columns = Columns {
        timezone,
        ..Columns::default()
    };
    let error = parse(format!("Time (UTC+1),power\n{noon},1\n"), &columns).unwrap_err();
    assert!(matches!(error, CsvError::Contradiction { .. }), "{error}");
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

#[test]
fn other_quantities_are_never_watts() {
    let text = "time,P1_W,P2_W,P3_W,voltage\n1,1,2,3,230\n";
    let error = usual(text).unwrap_err().to_string();
    assert!(
        error.contains("P1_W, P2_W, P3_W") && !error.contains("voltage"),
        "{error}"
    );
    for name in [
        "voltage",
        "Current",
        "frequency",
        "temperature",
        "energy",
        "power factor",
    ] {
        let columns = Columns {
            watts: Some(name.into()),
            unit: Some("W".into()),
            ..Columns::default()
        };
        let error = parse(format!("time,{name},P_W\n1,230,5\n"), &columns).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("another quantity") && error.contains("watts=P_W"),
            "{error}"
        );
    }
}

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
    assert!(none.contains("line 2: \"NaN\" is no reading"), "{none}");
    assert!(matches!(
        usual(""),
        Err(CsvError::Table(TableError::NoHeader))
    ));
    // A last comment without a line's end is no reading either.
    assert!(usual("time,watts\n1,5\n# end").unwrap().skipped.is_empty());
}

#[test]
fn what_makes_the_whole_file_doubtful() {
    for (text, part) in [
        (
            "time,watts\n2,1\n3,1\n1,1\n",
            "line 4, column \"time\": \"1\" is 2 s earlier",
        ),
        (
            "time,watts\n1,5\n2,6,7\n",
            "line 3, column \"number 3\": \"7\"",
        ),
        ("time,watts\n1,5\n2\n", "line 3, column \"watts\""),
        ("time,watts\n1,x\n2,1\n", "line 2, column \"watts\": \"x\""),
        (
            "time,watts\n1,1\n2,x\n",
            "line 3, column \"watts\": \"x\" is no power",
        ),
        (
            "time,watts\n1,1\n2,inf\n",
            "line 3, column \"watts\": \"inf\" is no power",
        ),
        (
            "time,watts\n1,1\n2,1e-306\n",
            "line 3, column \"watts\": \"1e-306\" is 1e-306 W",
        ),
        (
            "time,watts\n1,1\n2,1e300\n",
            "line 3, column \"watts\": \"1e300\" is 1e300 W",
        ),
        ("time,watts\n1,1\n2,2e9\n", "line 3"),
    ] {
        let error = usual(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// Twice as many rows take twice as long: a walk from the top for each row would
/// take hours here.
#[test]
fn a_long_log_is_read_once() {
    let began = std::time::Instant::now();
    let rows = (0..100_000).map(|i| format!("{i};\"0,{:03}\"\n", i % 1000));
    let text = format!("sep=;\ntime;P_kW\n{}", rows.collect::<String>());
    assert_eq!(usual(&text).unwrap().samples.len(), 100_000);
    assert!(began.elapsed().as_secs() < 60, "it hangs");
}

proptest! {
    #[test]
    fn nothing_panics(text in "(sep=;\n)?(time[,;]P_[kmM]?W\n)?([0-9.,;\"\nTZ:eWk+-]|.){0,120}", bytes: Vec<u8>) {
        let _ = parse(&bytes, &Columns::default());
        if let Ok(log) = usual(&text) {
            prop_assert!(!log.samples.is_empty());
            prop_assert!(log.samples.windows(2).all(|w| w[0].0 < w[1].0));
            prop_assert!(log.samples.iter().all(|(_, w)| w.is_finite() && *w >= 0.0));
        }
    }
}
