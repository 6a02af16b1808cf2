//! The unit of a column of prices, as its name or a row below the names gives it.
//!
//! `usd_per_mwh`, `$/kWh`, `Price [USD/MWh]`. No rate of exchange is known here, so that
//! another currency is refused; a name that says nothing is one of USD/MWh.

/// Other currencies, by their codes, words and signs, in small letters.
const FOREIGN: [&str; 29] = [
    "eur", "euro", "euros", "gbp", "sek", "nok", "dkk", "chf", "pln", "czk", "huf", "ron", "bgn",
    "aud", "cad", "nzd", "sgd", "jpy", "cny", "rmb", "inr", "brl", "krw", "zar", "uah", "mxn",
    "\u{20ac}", "\u{a3}", "\u{a5}",
];
/// A hundredth of a currency.
const CENTS: [&str; 7] = ["ct", "cts", "cent", "cents", "\u{a2}", "usc", "pence"];
/// The currency that prices are in.
const USD: [&str; 6] = ["usd", "$", "us", "dollar", "dollars", "usc"];
/// Words before a unit that are no currency.
const OTHER: [&str; 18] = [
    "price", "prices", "preis", "prix", "precio", "spot", "energy", "power", "lmp", "cost", "rate",
    "value", "average", "avg", "mean", "hourly", "in", "per",
];
/// Units that a price may be per, and how many of them a megawatt-hour is.
const PER: [(&str, f64); 4] = [("mwh", 1.0), ("kwh", 1e3), ("gwh", 1e-3), ("wh", 1e6)];
/// Units that it may not be per.
const NOT_ENERGY: [&str; 9] = ["mw", "kw", "gw", "mmbtu", "btu", "therm", "gj", "mj", "kj"];

/// A unit of prices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Priced {
    /// USD/MWh in one of it.
    pub usd_per_mwh: f64,
    /// Whether the text says so; otherwise it is what is assumed.
    pub stated: bool,
}

/// A text that says something of a currency or a unit.
pub(super) fn is_one(text: &str) -> bool {
    of(text).is_ok_and(|unit| unit.stated) || of(text).is_err()
}

/// The unit of a column, or what is wrong with it.
pub(super) fn of(text: &str) -> Result<Priced, String> {
    let words = words(text);
    let has = |list: &[&str]| words.iter().find(|word| list.contains(&word.as_str()));
    if let Some(foreign) = has(&FOREIGN) {
        return Err(format!(
            "is in {foreign:?}, and prices are in USD: no rate of exchange is known"
        ));
    }
    let usd = has(&USD).is_some();
    let cents = has(&CENTS);
    if let Some(cents) = cents.filter(|word| !usd && *word != "\u{a2}") {
        return Err(format!(
            "is in {cents:?} of a currency that it does not name"
        ));
    }
    let unit = |word: &String| PER.iter().find(|(unit, _)| word == unit);
    let per: Vec<_> = words.iter().filter_map(unit).collect();
    if let [one, .., other] = per[..]
        && one != other
    {
        return Err(format!("is per {} and per {}", one.0, other.0));
    }
    // What stands before the unit is a currency, unless it is a word that is none.
    let at = words.iter().position(|word| unit(word).is_some());
    let before = words[..at.unwrap_or(0)].iter().rev().find(|w| *w != "per");
    let known = |word: &str| [&USD[..], &CENTS, &OTHER].concat().contains(&word);
    if let Some(unknown) = before.filter(|word| !usd && !known(word)) {
        return Err(format!("is in {unknown:?}, which is not known to be USD"));
    }
    let other = has(&NOT_ENERGY);
    let thousands = has(&["k", "m", "mio", "thousand", "million"]).filter(|_| usd);
    if let Some(word) = thousands.or(other) {
        return Err(format!(
            "is in {word:?}, which is not USD for an amount of energy"
        ));
    }
    Ok(Priced {
        usd_per_mwh: per.first().map_or(1.0, |(_, in_mwh)| *in_mwh)
            * if cents.is_some() { 0.01 } else { 1.0 },
        stated: usd || !per.is_empty() || cents.is_some(),
    })
}

/// The words of a text in small letters, signs of currencies among them, and words that
/// are written together taken apart: `priceEurMwh`.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let is_sign = |c: char| ['$', '\u{20ac}', '\u{a3}', '\u{a5}', '\u{a2}'].contains(&c);
    let spaced: String = lower
        .chars()
        .flat_map(|c| match is_sign(c) {
            true => vec![' ', c, ' '],
            false if c.is_alphanumeric() => vec![c],
            false => vec![' '],
        })
        .collect();
    let mut words: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        // `MW h` and `kW\u{b7}h` are one unit.
        let before = words
            .last_mut()
            .filter(|w| word == "h" && (*w == "mw" || *w == "kw"));
        match before {
            Some(before) => before.push('h'),
            None => words.extend(parted(word)),
        }
    }
    words
}

/// A word as the known words that it is made of, or as it stands.
fn parted(word: &str) -> Vec<String> {
    let units = PER.iter().map(|(unit, _)| *unit);
    let known: Vec<&str> = FOREIGN
        .into_iter()
        .chain(CENTS)
        .chain(OTHER)
        .chain(units)
        .chain(["usd"])
        .collect();
    let mut parts = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let longest = known
            .iter()
            .filter(|part| rest.starts_with(**part))
            .max_by_key(|part| part.len());
        match longest {
            Some(part) => {
                parts.push((*part).to_owned());
                rest = &rest[part.len()..];
            }
            None => return vec![word.to_owned()],
        }
    }
    parts
}

#[cfg(test)]
mod tests {
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
        ] {
            assert!(of(text).is_err(), "{text}: {:?}", of(text));
            assert!(is_one(text), "{text}");
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
}
