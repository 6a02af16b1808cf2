//! Prices, their numbers, units and currencies.

use perwatt_site::curtail::{Prices, ReadOptions};

use crate::{CHICAGO, read, refused};

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
                "is not a price in USD/MWh; write a finite number without a unit",
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
