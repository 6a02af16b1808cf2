//! Environment variables that set the default of an option, and the option without files.

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Error};

/// The default of `--suite`.
pub const SUITE: &str = "PERWATT_SUITE";
/// The default of `--out`.
pub const OUT: &str = "PERWATT_OUT";
/// The file of settings, or `none`.
pub const CONFIG: &str = "PERWATT_CONFIG";

/// The option of verbs that take settings from files.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Take no settings from perwatt.toml; see perwatt config
    #[arg(long)]
    pub no_config: bool,
}

/// A variable for clap to read: none where it is empty, and none beside `--resume`, which
/// takes everything from its record and contradicts these options.
pub fn variable(name: &'static str) -> Option<&'static str> {
    let set = std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (set && !is_given("--resume")).then_some(name)
}

/// Names the variable in an error of clap's about a value that it took from there.
pub fn name_variable(error: &mut Error) {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg).cloned() else {
        return;
    };
    for (name, long) in [(SUITE, "--suite"), (OUT, "--out")] {
        if option.starts_with(long) && !is_given(long) {
            error.insert(ContextKind::InvalidArg, ContextValue::String(name.into()));
            return;
        }
    }
}

/// True where an option is on the command line of this process.
fn is_given(long: &str) -> bool {
    let mut args = std::env::args_os();
    args.any(|arg| {
        let rest = arg.as_encoded_bytes().strip_prefix(long.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"="))
    })
}
