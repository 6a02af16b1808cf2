//! Units of prices, as names and rows of units state them.

use super::*;
use proptest::prelude::*;

#[test]
fn units_of_prices() {
    for (text, wanted) in [
        ("usd_per_mwh", 1.0),
        ("USD/MWh", 1.0),
        ("$/MWh", 1.0),
        ("US$/MWh", 1.0),
        ("Price [USD/MWh]", 1.0),
        ("usdPerMwh", 1.0),
        ("LMP ($/MW h)", 1.0),
        ("USD/kWh", 1e3),
        ("price_usd_kwh", 1e3),
        ("$ per kWh", 1e3),
        ("price (per kWh)", 1e3),
        ("\u{a2}/kWh", 10.0),
        ("US cents/kWh", 10.0),
        ("USD cents/kWh", 10.0),
        ("USD/GWh", 1e-3),
        ("average price per MWh", 1.0),
        ("Day-Ahead Price (USD/MWh)", 1.0),
        ("HB_NORTH price [$/MWh]", 1.0),
        ("USD/MWh w/o tax", 1.0),
        ("price USD USD/kWh", 1e3),
    ] {
        let found = of(text).unwrap();
        let near = (found.usd_per_mwh / wanted - 1.0).abs() < 1e-12;
        assert!(near && found.stated && is_one(text), "{text}: {found:?}");
    }
    for text in [
        "LMP",
        "price",
        "settlement point price",
        "value",
        "entry",
        "price w/o tax",
    ] {
        let found = of(text).unwrap();
        assert_eq!((found.usd_per_mwh, found.stated), (1.0, false), "{text}");
    }
    for text in [
        "EUR/MWh",
        "eur_per_mwh",
        "Day-ahead Price [EUR/MWh]",
        "priceEurMwh",
        "\u{20ac}/kWh",
        "\u{a3}/MWh",
        "pence/kWh",
        "ct/kWh",
        "cents/kWh",
        "EUR cent/kWh",
        "CAD$/MWh",
        "usd_per_mw",
        "$/MMBtu",
        "k$/MWh",
        "TRY/MWh",
        "TL per MWh",
        "$/kWh or $/MWh",
        "A$/MWh",
        "C$/MWh",
        "NZ$/MWh",
        "S$/MWh",
        "HK$/MWh",
        "R$/MWh",
        "MX$/MWh",
        "NT$/MWh",
        "CA$/MWh",
        "AU$/MWh",
        "$A/MWh",
        "$ Canadian per MWh",
        "dollar (Australian)",
        "Australian price ($/MWh)",
        "\u{20b9}/MWh",
        "price \u{20a9}",
        "\u{440}\u{443}\u{431}/MWh",
        "price (TRY)",
        "USD per 100 kWh",
        "USD/10MWh",
        "USD/MWh x100",
        "USD/MWh * 100",
        "USD/kWh (x10)",
        "price (USD/MWh) x10",
        "USD/toe",
        "USD/tCO2",
        "USD/day",
        "$/PH/day",
        "$/W",
        "MWh",
        "kWh",
        "US cents",
    ] {
        assert!(of(text).is_err(), "{text}: {:?}", of(text));
        assert!(is_one(text), "{text}");
    }
}

#[test]
fn comments_that_name_another_unit() {
    let used = of("usd_per_mwh").unwrap();
    for text in [
        "USD/kWh",
        "unit: EUR/MWh",
        "price in \u{20ac}",
        "ct/kWh",
        "start,USD/kWh",
    ] {
        assert!(contradicts(text, used), "{text}");
    }
    for text in [
        "USD/MWh",
        "a site of 30 MWh",
        "euro area",
        "limit: 4 kWh",
        "",
    ] {
        assert!(!contradicts(text, used), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in "([$\u{20ac}/ _]|eur|usd|[kM]W|h|.){0,20}") {
        if let Ok(unit) = of(&text) {
            prop_assert!(unit.usd_per_mwh > 0.0);
        }
    }
}
