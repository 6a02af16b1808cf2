//! The sessions of archives that a command is given.

use std::collections::BTreeSet;

use perwatt_compare::{Input, Loaded, load};
use perwatt_record::tags::Wanted;

use super::compare::not_comparable;

/// The largest number of tags that a message names.
const MOST_NAMED: usize = 12;

/// Reads the inputs, and keeps the sessions that have the wanted tags.
///
/// # Errors
/// An input that does not exist, and tags that none of the sessions has.
pub fn read(inputs: &[Input], in_full: bool, wanted: &[Wanted]) -> anyhow::Result<Loaded> {
    let mut loaded = load(inputs, in_full)?;
    if wanted.is_empty() || loaded.sessions.is_empty() {
        return Ok(loaded);
    }
    let tags = loaded.sessions.iter().flat_map(|of| &of.tags);
    let tags: BTreeSet<String> = tags.map(|(key, value)| format!("{key}={value}")).collect();
    loaded.keep_tagged(wanted);
    match loaded.sessions.is_empty() {
        true => Err(not_comparable(&none(wanted, &tags), &loaded.skipped)),
        false => Ok(loaded),
    }
}

/// The options that ask for these tags.
pub fn asked(wanted: &[Wanted]) -> String {
    let asked: Vec<String> = wanted.iter().map(|tag| format!("--tag {tag}")).collect();
    asked.join(" and ")
}

/// The error of tags that no session has.
fn none(wanted: &[Wanted], known: &BTreeSet<String>) -> String {
    let named: Vec<&str> = known.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = match known.len() > MOST_NAMED {
        true => format!(" and {} others", known.len() - MOST_NAMED),
        false => String::new(),
    };
    let which = match named.is_empty() {
        true => "they have no tags at all; perwatt run --tag KEY=VALUE sets them".into(),
        false => format!("their tags are {}{more}", named.join(", ")),
    };
    format!("no session has {}: {which}", asked(wanted))
}
