//! Look-up of models by name, in various spellings.

use serde::Serialize;
use thiserror::Error;

use super::row::Row;
use super::table::Kind;

/// Names of makers and of their series, which users may leave out.
const MAKERS: &str = "bitmain antminer microbt whatsminer canaan avalonminer avalon bitdeer sealminer \
    auradine teraflux futurebit block nvidia geforce amd ati radeon instinct intel apple \
    google aws";
/// The number of names that are suggested for an unknown one.
const OFFERED: usize = 3;

/// Name look-up errors.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
pub enum NameError {
    /// No row has this name.
    #[error("no model {name:?} among the {kind}; the nearest are {}; see perwatt catalogue {kind}", nearest.join(", "))]
    Unknown {
        /// The name given.
        name: String,
        /// The table.
        kind: Kind,
        /// The nearest names, nearest first.
        nearest: Vec<String>,
    },
    /// Several rows fit the name.
    #[error("{name:?} could be any of these {kind}: {}; write one of them", candidates.join(", "))]
    Ambiguous {
        /// The name given.
        name: String,
        /// The table.
        kind: Kind,
        /// The names of the rows that fit.
        candidates: Vec<String>,
    },
}

/// The letters and digits of a name in lower case, and `+`, which distinguishes models.
pub(super) fn key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '+')
        .flat_map(char::to_lowercase)
        .collect()
}

/// The name of a model without those of its maker and series: `S23 XP Hyd`.
pub fn short_name(name: &str) -> String {
    let words = name.split_whitespace();
    let kept = words.filter(|word| MAKERS.split(' ').all(|maker| maker != key(word)));
    let kept: Vec<&str> = kept.collect();
    match kept[..] {
        [] => name.to_owned(),
        _ => kept.join(" "),
    }
}

/// The key without names of makers, as separate words or as prefixes.
fn short_key(text: &str) -> String {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '+'));
    let kept: String = words
        .map(key)
        .filter(|word| MAKERS.split(' ').all(|maker| maker != word))
        .collect();
    // Prefixes, as in "antminers21xp". No model's name is a single digit.
    let mut rest = kept.as_str();
    while let Some(next) = MAKERS.split(' ').find_map(|maker| rest.strip_prefix(maker)) {
        if next.len() < 2 {
            break;
        }
        rest = next;
    }
    rest.to_owned()
}

/// A name up to the remark in parentheses.
fn bare(name: &str) -> &str {
    name.split(" (").next().unwrap_or(name)
}

/// Finds the row with this name: the whole name, else without names of makers, else also
/// without the remark in parentheses. Case and punctuation are ignored. Part of a name is
/// not enough.
///
/// # Errors
/// [`NameError`]: several rows fit equally, or none does.
pub fn find<'a, R: Row>(rows: &'a [R], name: &str) -> Result<&'a R, NameError> {
    let (whole, short) = (key(name), short_key(name));
    let steps: [&dyn Fn(&R) -> bool; 3] = [
        &|row| key(&row.model()) == whole || key(&row.full_name()) == whole,
        &|row| short_key(&row.full_name()) == short,
        &|row| short_key(bare(&row.full_name())) == short,
    ];
    for step in steps.iter().filter(|_| !short.is_empty()) {
        let found: Vec<&R> = rows.iter().filter(|row| step(row)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one),
            several => return Err(ambiguous::<R>(name, several)),
        }
    }
    let has = |row: &&R| !short.is_empty() && short_key(&row.full_name()).contains(&short);
    let part: Vec<&R> = rows.iter().filter(has).collect();
    match part.len() {
        0 | 1 => Err(NameError::Unknown {
            name: name.to_owned(),
            kind: R::KIND,
            nearest: nearest(rows, &short, &part),
        }),
        _ => Err(ambiguous::<R>(name, &part)),
    }
}

fn ambiguous<R: Row>(name: &str, rows: &[&R]) -> NameError {
    NameError::Ambiguous {
        name: name.to_owned(),
        kind: R::KIND,
        candidates: rows.iter().map(|row| row.full_name()).collect(),
    }
}

/// The names most like `short`; one that contains it comes first.
fn nearest<R: Row>(rows: &[R], short: &str, part: &[&R]) -> Vec<String> {
    let contains = |row: &R| part.iter().any(|kept| kept.full_name() == row.full_name());
    let score = |row: &R| {
        let of = strsim::jaro_winkler(&short_key(&row.full_name()), short);
        (contains(row), of, row.full_name())
    };
    let mut scored: Vec<(bool, f64, String)> = rows.iter().map(score).collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let names = scored.into_iter().map(|(_, _, name)| name);
    names.take(OFFERED).collect()
}
