//! Logs as loggers and spreadsheets write them, with the expected figure or error.

mod lines;
mod times;

use super::*;
use proptest::prelude::*;

fn usual(text: &str) -> Result<Log, CsvError> {
    parse(text, &Columns::default())
}

/// These columns, and whatever else is found.
fn of_power(watts: Option<&str>, unit: Option<&str>) -> Columns {
    let (watts, unit) = (watts.map(str::to_owned), unit.map(str::to_owned));
    Columns {
        watts,
        unit,
        ..Columns::default()
    }
}

fn in_zone(name: Option<&str>) -> Columns {
    let timezone = name.map(str::to_owned);
    Columns {
        timezone,
        ..Columns::default()
    }
}

const S: i128 = 1_000_000_000;

#[test]
fn named_columns() {
    let text = "# a logger\nwhen,load,spare\n10,1,3\n11,2,4\n";
    let columns = Columns {
        time: Some("when".into()),
        ..of_power(Some("spare"), None)
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
    let absent = parse("time,watts\n1,2\n", &of_power(Some("x"), None));
    assert!(matches!(absent, Err(CsvError::NoColumn { .. })));
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
            let columns = Columns {
                time: Some("time".into()),
                ..of_power(Some("load"), Some(unit))
            };
            if watts <= MAX_USER_WATTS {
                let log = parse(file("load", "", number), &columns).unwrap();
                assert!((log.samples[0].1 / watts - 1.0).abs() < 1e-12);
            }
        }
    }
    // Cells with units of their own, and a column that the user names.
    let scaled = usual("time,power\n1,950 W\n2,1.05 kW\n").unwrap();
    assert_eq!(scaled.samples, [(S, 950.0), (2 * S, 1050.0)]);
    assert_eq!(scaled.unit, None);
    let named = of_power(Some("P_kW"), None);
    let log = parse("time;P_kW;U\n1;0,100;230\n", &named).unwrap();
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
        parse(text, &of_power(watts, unit)).unwrap_err().to_string()
    };
    #[rustfmt::skip]
    let cases = [
        (
            "time,power (VA)\n1,130\n",
            None,
            None,
            &["line 1, column \"power (VA)\"", "apparent", "active power"][..],
        ),
        ("time,S_VA,P_kW\n1,130,0.1\n", Some("S_VA"), None, &["apparent", "watts=P_kW"]),
        ("time,power (kvar)\n1,1\n", None, None, &["reactive"]),
        ("time,apparent_power\n1,1\n", Some("apparent_power"), None, &["apparent"]),
        ("time,power\n,kVA\n1,1\n", None, None, &["line 2, column \"power\": \"kVA\"", "apparent"]),
        ("time,power\n1,5 VA\n", None, None, &["line 2", "\"5 VA\"", "apparent"]),
        ("time,E_kWh,P_W\n1,1,1\n", Some("E_kWh"), None, &["energy (kWh)", "watts=P_W"]),
        ("time,energy (mJ)\n1,1\n", Some("energy (mJ)"), None, &["energy (mJ)"]),
        ("time,power_mw\n1,1\n", None, None, &["line 1", "(mw)", "unit=mW"]),
        ("time,power (dBm)\n1,1\n", None, None, &["(dBm)", "unit=W"]),
        ("time,power\n,furlongs\n1,1\n", None, None, &["line 2", "\"furlongs\"", "unit=W"]),
        ("time,power\n1,5 A\n", None, None, &["line 2", "\"5 A\"", "unit=W"]),
        ("time,P_kW\n1,1\n", None, Some("W"), &["line 1", "kW", "unit=W"]),
        ("time,P_kW\n,W\n1,1\n", None, None, &["line 2", "unit W", "name of the column kW"]),
        ("time,P_W\n1,1 kW\n", None, None, &["line 2", "\"1 kW\"", "the column W"]),
        ("time,P_W\n1,1\n", None, Some("VA"), &["unit=VA is not a unit of power"]),
        ("time,S_VA\n1,1\n", Some("S_VA"), Some("W"), &["apparent"]),
        ("time,power\n1,1 kW\n2,980\n", None, None, &["line 3", "\"980\"", "has no unit"]),
    ];
    for (text, watts, unit, parts) in cases {
        let error = with(text, watts, unit);
        for part in parts {
            assert!(error.contains(part), "{text}: {part:?} is not in {error}");
        }
    }
}

#[test]
fn units_that_stand_in_a_column_of_their_own() {
    let watts = |text: &str, name: Option<&str>| {
        parse(text, &of_power(name, None))
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
    #[rustfmt::skip]
    let cases = [
        ("time,power,unit\n1,130,VA\n", ["line 2, column \"unit\": \"VA\"", "apparent"]),
        ("time,power,unit\n1,1,kW\n2,1,W\n", ["line 3, column \"unit\": \"W\"", "line 2 \"kW\""]),
        ("time,power,unit\n1,1,kW\n2,1,\n", ["line 3, column \"unit\"", "\"kW\""]),
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
    ];
    for (text, parts) in cases {
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
    assert!(parse("# kW\ntime,power\n1,1\n", &of_power(None, Some("W"))).is_ok());
    assert!(usual("# in kW\ntime,P_kW\n1,1\n").is_ok());
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
        let columns = of_power(Some(name), Some("W"));
        let error = parse(format!("time,{name},P_W\n1,230,5\n"), &columns);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("another quantity") && error.contains("watts=P_W"),
            "{error}"
        );
    }
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
