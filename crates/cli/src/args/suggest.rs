//! What a misspelt command was meant to be.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error, Parser};

use super::Args;

/// The arguments of this process.
///
/// # Errors
/// As clap has it, also for help and the version. Its own suggestions go by likeness
/// alone: they miss `rnu` and see `schema` in `benchmark`.
pub fn parse() -> Result<Args, Error> {
    Args::try_parse().map_err(|mut error| {
        if error.kind() == ErrorKind::InvalidSubcommand {
            suggest(&mut error);
        }
        error
    })
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

/// Names that differ from `given` in a letter of three at most, or that it begins.
pub fn near<'a>(given: &str, names: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let given = given.to_lowercase();
    let most = (given.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = names
        .iter()
        .map(|name| (strsim::osa_distance(&given, name), *name))
        .filter(|(distance, name)| *distance <= most || name.starts_with(given.as_str()))
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn slips_of_the_finger_are_near_and_other_words_are_not() {
        let names = [
            "run",
            "show",
            "compare",
            "completions",
            "check",
            "history",
            "schema",
        ];
        let found = |given| near(given, &names).collect::<Vec<_>>().join(" ");
        for (given, meant) in [
            ("rnu", "run"),
            ("RUN", "run"),
            ("shwo", "show"),
            ("compair", "compare"),
            ("comp", "compare completions"),
            ("chek", "check"),
            ("hist", "history"),
            ("benchmark", ""),
        ] {
            assert_eq!(found(given), meant, "{given}");
        }
    }
}
