//! Parsing the command line with settings from files, and suggestions for misspelt commands.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory, Error, FromArgMatches};

use perwatt_record::tags::Tag;

use super::config::Settings;
use super::environment::name_variable;
use super::near::near;
use super::{Args, Command};

const WAIT_QUIET: &str = "--wait-quiet";

/// The arguments of this process.
///
/// # Errors
/// As clap has it, also for help and the version. Its own suggestions go by likeness
/// alone: they miss `rnu` and see `schema` in `benchmark`.
pub fn parse() -> Result<Args, Error> {
    with_settings().map_err(|mut error| {
        match error.kind() {
            ErrorKind::InvalidSubcommand => suggest(&mut error),
            ErrorKind::UnknownArgument => suggest_equals(&mut error, std::env::args()),
            ErrorKind::ValueValidation => name_variable(&mut error),
            _ => {}
        }
        error
    })
}

/// Parses the command line, and for verbs that take settings from files parses it again, with
/// these as defaults: only then is it known that they are wanted.
fn with_settings() -> Result<Args, Error> {
    let command = Args::command();
    let read = |matches: &ArgMatches| {
        let args = Args::from_arg_matches(matches);
        args.map_err(|error| error.format(&mut Args::command()))
    };
    let matches = command.clone().try_get_matches()?;
    let args = read(&matches)?;
    let (true, Some((verb, given))) = (args.command.takes_settings(), matches.subcommand()) else {
        return Ok(args);
    };
    let refused = |error: anyhow::Error| Error::raw(ErrorKind::Io, format!("{error:#}\n"));
    let settings = Settings::find().map_err(refused)?;
    let command = command.mut_subcommand(verb, |verb| settings.apply(verb, given));
    let matches = command.try_get_matches()?;
    let mut args = read(&matches)?;
    let given = matches.subcommand().map(|(_, given)| given);
    let options = |tags: &[Tag]| given.map_or_else(Vec::new, |given| settings.options(given, tags));
    let run = match &mut args.command {
        Command::Run(run) | Command::GpuAcceptance(run) => run,
        Command::Selfcheck(args) => &mut args.run,
        Command::Answer(answer) => {
            answer.set_in_files = options(&[]);
            return Ok(args);
        }
        _ => return Ok(args),
    };
    let tags = settings.tags_beside(&run.tag);
    run.set_in_files = options(&tags);
    run.tag.extend(tags);
    Ok(args)
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
