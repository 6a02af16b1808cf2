//! The sessions of archives that a command is given.

use std::collections::BTreeSet;

use perwatt_compare::{By, Input, Loaded, load};
use perwatt_record::tags::Wanted;

use super::left_out::not_comparable;

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
    let known = tags(&loaded);
    loaded.keep_tagged(wanted);
    match loaded.sessions.is_empty() {
        true => Err(none(&asked(wanted), &known, &loaded)),
        false => Ok(loaded),
    }
}

/// Checks that a tag that makes columns is in a session.
///
/// # Errors
/// None has it.
pub fn check_columns(loaded: &Loaded, by: &By) -> anyhow::Result<()> {
    match by {
        By::Tag(key) if !loaded.sessions.iter().any(|of| of.tags.contains_key(key)) => Err(none(
            &format!("the tag of --by {by}"),
            &tags(loaded),
            loaded,
        )),
        _ => Ok(()),
    }
}

/// The tags of all sessions.
fn tags(loaded: &Loaded) -> BTreeSet<String> {
    let tags = loaded.sessions.iter().flat_map(|of| &of.tags);
    tags.map(|(key, value)| format!("{key}={value}")).collect()
}

/// The options that ask for these tags.
pub fn asked(wanted: &[Wanted]) -> String {
    let asked: Vec<String> = wanted.iter().map(|tag| format!("--tag {tag}")).collect();
    asked.join(" and ")
}

/// The error of tags that no session has.
fn none(asked: &str, known: &BTreeSet<String>, loaded: &Loaded) -> anyhow::Error {
    let named: Vec<&str> = known.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = match known.len() > MOST_NAMED {
        true => format!(" and {} others", known.len() - MOST_NAMED),
        false => String::new(),
    };
    let which = match named.is_empty() {
        true => "they have no tags at all; perwatt run --tag KEY=VALUE sets them".into(),
        false => format!("their tags are {}{more}", named.join(", ")),
    };
    not_comparable(&format!("no session has {asked}: {which}"), &loaded.skipped)
}
