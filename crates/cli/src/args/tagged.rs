//! Tags: of a session that is measured, and as a filter of sessions that are read.

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command, Error};
use perwatt_compare::By;
use perwatt_compare::column::TAG;
use perwatt_record::tags::{self, Wanted};
use std::ffi::OsStr;

/// The option of verbs that read archives.
#[derive(Debug, Clone, Args)]
pub struct TaggedArgs {
    /// Only sessions that have this tag, with this value or with any; may be repeated, and all must be there
    // Not the tags of a new session, whose default a file may set.
    #[arg(id = "tagged", long = "tag", value_name = "KEY[=VALUE]")]
    pub wanted: Vec<Wanted>,
}

/// Meanings of a column, each with its name.
const COLUMNS: [(&str, &str, By); 7] = [
    (
        "input",
        "Each argument, and each node in a directory without a label",
        By::Input,
    ),
    (
        "node",
        "Each machine: told apart by its machine id and by --node",
        By::Node,
    ),
    ("model", "Each model of machine", By::Model),
    ("label", "Each label of sessions", By::Label),
    ("device", "Each device of each input", By::Device),
    ("backend", "Each backend of each input", By::Backend),
    ("session", "Each session", By::Session),
];

/// The parser of what makes a column.
#[derive(Debug, Clone)]
pub struct ByParser;

fn values() -> impl Iterator<Item = PossibleValue> {
    let named = COLUMNS.iter().map(|(name, help, by)| {
        let value = PossibleValue::new(*name).help(*help);
        match by {
            By::Node => value.alias("machine"),
            _ => value,
        }
    });
    let help = "Each value of the tag KEY; sessions without it are a column too";
    named.chain([PossibleValue::new("tag:KEY").help(help)])
}

impl TypedValueParser for ByParser {
    type Value = By;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<By, Error> {
        if value.to_str().is_some_and(|text| text.starts_with(TAG)) {
            let key = |text: String| tags::key(text.trim_start_matches(TAG)).map(By::Tag);
            return StringValueParser::new()
                .try_map(key)
                .parse_ref(command, arg, value);
        }
        let name = PossibleValuesParser::new(values()).parse_ref(command, arg, value)?;
        let found = COLUMNS.iter().find(|(known, ..)| *known == name);
        // The other name of a machine.
        Ok(found.map_or(By::Node, |(.., by)| by.clone()))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(values()))
    }
}
