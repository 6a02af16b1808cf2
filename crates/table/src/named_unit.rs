//! The unit of a column, from its name or from a row below the names.
//!
//! Examples: `power (kW)`, `P_mW`, `Leistung [W]`, `P / kW`, `powerKw`. The case of
//! letters counts where it matters: `mW` and `MW`. Quantities other than power are
//! known as well, so that they are rejected by name.

use std::fmt;

/// The quantity that a unit measures, with its size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Measures {
    /// Power; the number is watts per unit.
    Power(f64),
    /// Energy; the number is joules per unit.
    Energy(f64),
    /// Apparent or reactive power, which no resistor turns into heat.
    Apparent,
    /// Another quantity, such as a voltage.
    Other,
    /// Two units that differ widely, such as `mw`, or no known unit.
    Unclear,
}

/// A unit found in a name.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The unit as written.
    pub text: String,
    /// The quantity that it measures.
    pub measures: Measures,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Words that may precede a unit without a separator.
const STEMS: &str = "power active real total leistung wirk puissance potencia load";
/// Words for power that is not active.
const APPARENT: &str =
    "apparent reactive scheinleistung blindleistung voltampere voltamperes apparente";

/// Words for scales that cannot be converted to watts by a factor only.
const SCALES: &str = "percent pct hp btu dbm";
/// Words for other quantities. Single letters are left out: `P_A` may mean a phase.
const OTHER: &str = "mv kv volt volts voltage spannung ma amp amps ampere amperes hz khz mhz frequency freq \
    frequenz temperature temp temperatur celsius humidity rpm soc pf";
/// Words for other quantities, unless the name also has a word for power or a unit:
/// `current_power`.
const OTHER_ALONE: &str = "current strom energy energie energia charge";
/// Words that do not change the meaning of a unit in brackets.
const HARMLESS: &str = "mean avg average max maximum min minimum median rms peak total sum active real ac dc in \
    input output unit";
/// Beginnings of words for multiples and fractions.
const MULTIPLES: &str = "kilo milli micro nano mega giga centi deci deca deka hecto tera pico thousand hundred \
    tenth million times";

/// True if a column with this name gives the unit of another column, row by row.
pub fn is_of_units(name: &str) -> bool {
    let units = "unit units uom einheit einheiten unite unidad eenheid";
    let beside = "of measurement measure attributes power watts price state";
    let words = || split(name).map(str::to_lowercase);
    words().any(|word| has(units, &word))
        && words().all(|word| has(units, &word) || has(beside, &word))
}

/// True if a word is in a list of words.
fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// The words of a text.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty())
}

/// The quantity of a text that is a unit and nothing else.
pub fn spelled(text: &str) -> Option<Measures> {
    let text = text.trim().replace('\u{3bc}', "\u{b5}");
    let lower = text.to_lowercase();
    let words = [
        ("kilo", 1e3),
        ("milli", 1e-3),
        ("micro", 1e-6),
        ("nano", 1e-9),
        ("mega", 1e6),
        ("giga", 1e9),
        ("", 1.0),
    ];
    let (word, word_factor) = words
        .iter()
        .find_map(|(prefix, factor)| Some((lower.strip_prefix(prefix)?, *factor)))?;
    match word.replace(['-', '_', ' '], "").as_str() {
        "watt" | "watts" => return Some(Measures::Power(word_factor)),
        "joule" | "joules" => return Some(Measures::Energy(word_factor)),
        "watthour" | "watthours" => return Some(Measures::Energy(word_factor * 3600.0)),
        "voltampere" | "voltamperes" | "voltamps" => return Some(Measures::Apparent),
        _ => {}
    }
    // Longest first, so that a symbol is not taken for the end of a longer one.
    let symbols = [
        ("watt", Measures::Power(1.0)),
        ("varh", Measures::Apparent),
        ("vah", Measures::Apparent),
        ("var", Measures::Apparent),
        ("va", Measures::Apparent),
        ("wh", Measures::Energy(3600.0)),
        ("ws", Measures::Energy(1.0)),
        ("w", Measures::Power(1.0)),
        ("j", Measures::Energy(1.0)),
    ];
    let (symbol, measures) = symbols.iter().find(|(symbol, _)| lower.ends_with(symbol))?;
    let (prefix, symbol) = text.split_at_checked(text.len() - symbol.len())?;
    let small = symbol.starts_with(char::is_lowercase);
    let factor = match prefix {
        "" => 1.0,
        "k" | "K" => 1e3,
        "\u{b5}" | "u" | "U" => 1e-6,
        "n" => 1e-9,
        "G" => 1e9,
        // `mw` may mean milli or mega; `mWatt` can only be milli.
        "m" | "M" if small && symbol != "watt" => return Some(Measures::Unclear),
        "m" => 1e-3,
        "M" => 1e6,
        _ => return None,
    };
    Some(match measures {
        Measures::Power(one) => Measures::Power(one * factor),
        Measures::Energy(one) => Measures::Energy(one * factor),
        other => *other,
    })
}

/// The unit that a column's name gives, and the rest of the name: its other words in
/// small letters, joined by spaces. A text in brackets that is not a unit is
/// [`Measures::Unclear`] if the rest of the name gives no unit.
pub fn of_name(name: &str) -> (Option<Found>, String) {
    let mut found: Vec<Found> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    let mut bracketed = None;
    let mut multiple = false;
    let mut depth = 0usize;
    for piece in name.split_inclusive(['(', '[', '{', ')', ']', '}']) {
        let text = piece
            .trim_end_matches(['(', '[', '{', ')', ']', '}'])
            .trim();
        let before = found.len();
        let words = words(text, &mut found);
        let strict = depth > 0 && found.len() > before;
        let known = |word: &String| !strict || has(HARMLESS, word);
        multiple |= !words.iter().all(known) || scales(text, depth > 0 || before > 0);
        match depth {
            0 => rest.extend(words),
            _ if found.len() == before && !text.is_empty() => bracketed = Some(text),
            _ => {}
        }
        depth = match piece.chars().next_back() {
            Some('(' | '[' | '{') => depth + 1,
            Some(')' | ']' | '}') => depth.saturating_sub(1),
            _ => depth,
        };
    }
    let unclear = |text: &str| Found {
        text: text.to_owned(),
        measures: Measures::Unclear,
    };
    let names = |list: &str| rest.iter().any(|word| has(list, word));
    let of_power = names(STEMS) || rest.iter().any(|word| word.contains("power"));
    let factor = names("factor") && !names("p");
    let unit = match &found[..] {
        [] if factor || (names(OTHER_ALONE) && !of_power) => Some(Found {
            text: name.to_owned(),
            measures: Measures::Other,
        }),
        [] if name.contains('%') => Some(unclear(name)),
        [] => bracketed.map(unclear),
        [one, ..] if multiple && matches!(one.measures, Measures::Power(_)) => Some(unclear(name)),
        [one, more @ ..] if more.iter().all(|other| other.measures == one.measures) => {
            Some(one.clone())
        }
        several => {
            let texts: Vec<&str> = several.iter().map(|unit| unit.text.as_str()).collect();
            Some(unclear(&texts.join(" and ")))
        }
    };
    (unit, rest.join(" "))
}

/// True if a text holds a multiple or a fraction of its unit: `W/10`, `10 W`, `W s`.
/// `after` is true if a unit may precede the text.
fn scales(text: &str, after: bool) -> bool {
    let is_unit = |word: &str| matches!(spelled(word), Some(Measures::Power(_)));
    let words: Vec<&str> = split(text).collect();
    let at = words
        .iter()
        .position(|word| matches!(glued(word).1, Some(Measures::Power(_))));
    if at.is_none() && !after {
        return false;
    }
    let unit = at.map_or("", |at| words[at]);
    let tail = &text[text.find(unit).map_or(0, |from| from + unit.len())..];
    let number = |word: &str| {
        let bare = word.trim_matches(['x', 'X']);
        !bare.is_empty() && bare.chars().all(char::is_numeric)
    };
    let beside = |index: usize| match at {
        Some(at) => index + 1 == at || index == at + 1,
        None => index == 0,
    };
    let before = |index: usize| at == Some(index + 1);
    let multiple = |(index, word): (usize, &&str)| {
        let lower = word.to_lowercase();
        let prefix = "k K m M u \u{b5} \u{3bc} n G T da";
        (beside(index) && number(word))
            || (before(index) && has(prefix, word))
            || (beside(index)
                && MULTIPLES.split(' ').any(|start| lower.starts_with(start))
                && !is_unit(word))
            || (lower == "per" && at.is_none_or(|at| index > at))
            || (at.is_some_and(|at| index == at + 1) && has("s sec second seconds", &lower))
            || lower == "x"
    };
    words.iter().enumerate().any(multiple)
        || text.contains(['*', '\u{d7}', '^', '%'])
        || tail.contains('/')
}

/// The words of a text that are not units, in small letters; units are added to `found`.
fn words(text: &str, found: &mut Vec<Found>) -> Vec<String> {
    if let Some(measures) = spelled(text) {
        found.push(Found {
            text: text.to_owned(),
            measures,
        });
        return Vec::new();
    }
    let mut rest = Vec::new();
    let mut after_unit = false;
    for word in split(text) {
        let hours = has("h hr hrs hour hours", &word.to_lowercase());
        if let Some(unit) = found.last_mut().filter(|_| after_unit && hours) {
            if let Measures::Power(watts) = unit.measures {
                unit.measures = Measures::Energy(watts * 3600.0);
            }
            unit.text.push_str(word);
            continue;
        }
        let (stem, measures) = glued(word);
        after_unit = measures.is_some();
        if let Some(measures) = measures {
            let text = word[stem.len()..].to_owned();
            found.push(Found { text, measures });
        }
        if !stem.is_empty() {
            rest.push(stem.to_lowercase());
        }
    }
    rest
}

/// The part of a word before the unit that ends it, and the unit: `powerKw`, `PkW`, `kW`.
fn glued(word: &str) -> (&str, Option<Measures>) {
    if let Some(measures) = spelled(word) {
        return ("", Some(measures));
    }
    let lower = word.to_lowercase();
    if has(APPARENT, &lower) {
        return ("", Some(Measures::Apparent));
    }
    if has(SCALES, &lower) {
        return ("", Some(Measures::Unclear));
    }
    if has(OTHER, &lower) {
        return ("", Some(Measures::Other));
    }
    let starts = |text: &str, stem: &str| {
        text.get(..stem.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(stem))
    };
    let mut end = 0;
    while let Some(stem) = STEMS.split(' ').find(|stem| starts(&word[end..], stem)) {
        end += stem.len();
    }
    if end == 0 && word.starts_with('P') {
        end = 1;
    }
    if let Some(measures) = spelled(&word[end..]).filter(|_| end > 0) {
        return (&word[..end], Some(measures));
    }
    // `gpuwatts` is in W, but `centiwatts` is not.
    let spelt_out = lower
        .strip_suffix('s')
        .unwrap_or(&lower)
        .strip_suffix("watt");
    if let Some(before) = spelt_out.filter(|before| word.is_char_boundary(before.len())) {
        let multiple = before.len() < 3 || MULTIPLES.split(' ').any(|word| before.ends_with(word));
        return match multiple || before.len() > word.len() {
            true => ("", Some(Measures::Unclear)),
            false => (&word[..before.len()], Some(Measures::Power(1.0))),
        };
    }
    // `gpuPowerW` is in W; `peakW` may be a peak in W or end in kW, and `cW` is a hundredth.
    let camel = word
        .strip_suffix('W')
        .filter(|stem| stem.ends_with(char::is_lowercase));
    if let Some(stem) = camel {
        let before = stem.to_lowercase();
        return match STEMS.split(' ').any(|stem| before.ends_with(stem)) {
            true => (stem, Some(Measures::Power(1.0))),
            false => ("", Some(Measures::Unclear)),
        };
    }
    // `10W`, `kW1`, `kWp` and `kWAvg` are unclear.
    let numbered = [
        word.trim_start_matches(['x', 'X'])
            .trim_start_matches(char::is_numeric),
        word.trim_end_matches(char::is_numeric),
    ];
    let numbered = numbered.iter().any(|bare| {
        *bare != word && !["w", "j", "W", "J"].contains(bare) && spelled(bare).is_some()
    }) || (word.starts_with(char::is_numeric) && lower.ends_with('w'));
    let within = ["mW", "MW", "\u{b5}W", "\u{3bc}W"]
        .iter()
        .any(|unit| word.contains(unit));
    let ends = ["kva", "mwh", "\u{b5}w"]
        .iter()
        .any(|end| lower.ends_with(end));
    match numbered || within || ends || lower.contains("kw") {
        true => ("", Some(Measures::Unclear)),
        false => (word, None),
    }
}

#[cfg(test)]
mod tests;
