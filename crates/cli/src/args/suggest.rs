//! Parsing the command line, and suggestions for misspelt commands.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error, Parser};

use super::Args;
use super::environment::name_variable;
use super::near::near;

const WAIT_QUIET: &str = "--wait-quiet";

/// The arguments of this process.
///
/// # Errors
/// As clap has it, also for help and the version. Its own suggestions go by likeness
/// alone: they miss `rnu` and see `schema` in `benchmark`.
pub fn parse() -> Result<Args, Error> {
    Args::try_parse().map_err(|mut error| {
        match error.kind() {
            ErrorKind::InvalidSubcommand => suggest(&mut error),
            ErrorKind::UnknownArgument => suggest_equals(&mut error, std::env::args()),
            ErrorKind::ValueValidation => name_variable(&mut error),
            _ => {}
        }
        error
    })
}

/// Says how a value is written that follows `--wait-quiet`, whose value is optional.
fn suggest_equals(error: &mut Error, given: impl Iterator<Item = String>) {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let given: Vec<String> = given.collect();
    let follows = |pair: &[String]| pair[0] == WAIT_QUIET && pair[1] == *value;
    if given.windows(2).any(follows) {
        let advice = StyledStr::from(format!("write {WAIT_QUIET}={value}"));
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![advice]),
        );
    }
}

fn suggest(error: &mut Error) {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let command = Args::command();
    let names: Vec<&str> = command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    let near: Vec<String> = near(given, &names).map(str::to_owned).collect();
    if near.is_empty() {
        error.remove(ContextKind::SuggestedSubcommand);
        let all = StyledStr::from(format!("the commands are {}", names.join(", ")));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![all]));
    } else {
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(near),
        );
    }
}
