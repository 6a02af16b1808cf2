//! The unit of a column of prices, as its name or a row below the names gives it.
//!
//! Examples are `usd_per_mwh`, `$/kWh`, `Price [USD/MWh]`. Exchange rates are not known
//! here, so another currency is refused; a name without a unit stands for USD/MWh.

/// Other currencies, by their codes, words and signs, in lower case; as all lists, words with
/// spaces between them.
const FOREIGN: &str = "\
    eur euro euros gbp sek nok dkk chf pln czk huf ron bgn aud cad nzd sgd jpy cny rmb inr \
    brl krw zar uah mxn hkd twd thb idr myr php vnd ils clp isk rub ruble rubles rouble \
    rubel rupee rupees yen yuan pound pounds krona kronor krone kroner zloty lira peso pesos \
    canadian australian zealand singapore hong taiwan mexican brazilian \
    \u{440}\u{443}\u{431} \u{433}\u{440}\u{43d} \u{20ac} \u{a3} \u{a5}";
/// Words for a hundredth of a currency.
const CENTS: &str = "ct cts cent cents \u{a2} usc pence";
/// Words for the US dollar, the currency of prices.
const USD: &str = "usd $ us dollar dollars usc";
/// Words before a unit that mean a price.
const PRICE: &str = "price prices preis prix precio spot lmp cost rate tariff";
/// Other words before a unit that are not a currency.
const OTHER: &str = "\
    energy power electricity electric value average avg mean median min max hourly in per \
    dayahead hourahead da rt dam rtm real realtime time market settlement clearing marginal \
    locational system index final total net gross node nodal hub zone zonal wholesale retail \
    of the for at without tax vat";
/// Units of energy that a price may be for, and the number of them in a megawatt-hour.
const PER: [(&str, f64); 4] = [("mwh", 1.0), ("kwh", 1e3), ("gwh", 1e-3), ("wh", 1e6)];
/// Units that a price may not be for.
const NOT_ENERGY: &str = "mw kw gw mmbtu btu therm gj mj kj";
/// Currency signs other than `$` and the cent sign.
const SIGNS: [char; 4] = ['\u{a4}', '\u{a3}', '\u{a5}', '\u{20ac}'];

/// A unit of prices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Priced {
    /// The value of one unit, in USD/MWh.
    pub usd_per_mwh: f64,
    /// True if the text states the unit, false if it is assumed.
    pub stated: bool,
}

/// True if the text names a currency or a unit, accepted or not.
pub(super) fn is_one(text: &str) -> bool {
    of(text).is_ok_and(|unit| unit.stated) || of(text).is_err()
}

/// The unit of a column, or its fault as a part of a message.
pub(super) fn of(text: &str) -> Result<Priced, String> {
    let words = words(text);
    let has = |list: &str| words.iter().find(|word| is_in(word, list));
    let sign = |word: &&String| word.starts_with(is_foreign_sign);
    if let Some(foreign) = has(FOREIGN).or_else(|| words.iter().find(sign)) {
        return Err(format!(
            "is in {foreign:?}, and prices are in USD: no rate of exchange is known"
        ));
    }
    let usd = has(USD).is_some();
    let cents = has(CENTS);
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
    // The word before the unit is taken for a currency, unless it is known not to be one.
    let at = words.iter().position(|word| unit(word).is_some());
    let before = words[..at.unwrap_or(0)].iter().rev().find(|w| *w != "per");
    let known = |word: &str| {
        [USD, CENTS, PRICE, OTHER]
            .iter()
            .any(|list| is_in(word, list))
    };
    if let Some(unknown) = before.filter(|word| !usd && !known(word)) {
        return Err(format!("is in {unknown:?}, which is not known to be USD"));
    }
    let other = has(NOT_ENERGY);
    let thousands = has("k m mio thousand million").filter(|_| usd);
    if let Some(word) = thousands.or(other) {
        return Err(format!(
            "is in {word:?}, which is not USD for an amount of energy"
        ));
    }
    let stated = usd || !per.is_empty() || cents.is_some();
    let price = has(PRICE).or(has("per"));
    if stated && !usd && cents.is_none() && price.is_none() {
        return Err("names an amount of energy and no price".into());
    }
    if cents.is_some() && per.is_empty() {
        return Err("is in cents, and does not say for how much energy".into());
    }
    if let Some(word) = unknown(text, stated) {
        return Err(format!(
            "says {word:?} beside the unit, and it is not known what this changes"
        ));
    }
    Ok(Priced {
        usd_per_mwh: per.first().map_or(1.0, |(_, in_mwh)| *in_mwh)
            * if cents.is_some() { 0.01 } else { 1.0 },
        stated,
    })
}

/// True if a comment names another unit of prices than the one they are read in.
pub(super) fn contradicts(comment: &str, used: Priced) -> bool {
    let words = words(comment);
    let has = |list: &str| words.iter().any(|word| is_in(word, list));
    let per = |word: &String| PER.iter().find(|(unit, _)| word == unit);
    let per = words.iter().find_map(per).map(|(_, in_mwh)| *in_mwh);
    let said = has("unit units currency") || has(PRICE);
    if has(FOREIGN) || words.iter().any(|word| word.starts_with(is_foreign_sign)) {
        return said || per.is_some() || words.len() == 1;
    }
    let one = per.unwrap_or(1.0) * if has(CENTS) { 0.01 } else { 1.0 };
    per.is_some() && one != used.usd_per_mwh && (said || has(USD) || has(CENTS) || has("per"))
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

fn is_foreign_sign(c: char) -> bool {
    SIGNS.contains(&c)
        || ('\u{20a0}'..='\u{20cf}').contains(&c)
        || ['\u{e3f}', '\u{9f3}', '\u{fdfc}'].contains(&c)
}

/// A word that may change the unit: any unknown word next to the unit or in other brackets,
/// and a number or a word for a multiple anywhere.
fn unknown(text: &str, stated: bool) -> Option<String> {
    let is_unit = |word: &str| {
        is_in(word, USD) || is_in(word, CENTS) || PER.iter().any(|(unit, _)| word == *unit)
    };
    let brackets = ['(', '[', '{', ')', ']', '}'];
    let mut depth = 0usize;
    for piece in text.split_inclusive(brackets) {
        let words = words(piece);
        let strict = depth > 0 || words.iter().any(|word| is_unit(word));
        let multiple = |word: &str| {
            word.starts_with(char::is_numeric)
                || word.trim_matches('x').chars().all(char::is_numeric)
                || is_in(word, "times thousand hundred million")
        };
        let changes = |word: &&String| {
            let known = is_unit(word) || is_in(word, PRICE) || is_in(word, OTHER);
            !known && (strict || (stated && multiple(word)))
        };
        if let Some(word) = words.iter().find(changes) {
            return Some(word.clone());
        }
        if (stated || depth > 0) && piece.contains(['*', '%', '\u{d7}', '^']) {
            return Some(piece.trim_matches(brackets).to_owned());
        }
        depth = match piece.chars().next_back() {
            Some('(' | '[' | '{') => depth + 1,
            Some(')' | ']' | '}') => depth.saturating_sub(1),
            _ => depth,
        };
    }
    None
}

/// The words of a text in lower case, with currency signs as words of their own and
/// compounds such as `priceEurMwh` split.
fn words(text: &str) -> Vec<String> {
    // A price can be per day, so the day of "day-ahead" is joined to the next word.
    let mut lower = text.to_lowercase().replace("w/o", "without");
    for sign in ["-", "_", " "] {
        for word in ["day", "hour"] {
            lower = lower.replace(&format!("{word}{sign}ahead"), &format!("{word}ahead"));
        }
    }
    let is_sign = |c: char| ['$', '\u{a2}'].contains(&c) || is_foreign_sign(c);
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

/// Splits a word into the known words that it consists of; returns any other word
/// unchanged.
fn parted(word: &str) -> Vec<String> {
    let units = PER.iter().map(|(unit, _)| *unit);
    let lists = [FOREIGN, CENTS, PRICE, OTHER, "usd"].into_iter();
    let known = lists.flat_map(str::split_whitespace).chain(units);
    let known: Vec<&str> = known.collect();
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
mod tests;
