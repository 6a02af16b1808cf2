//! The `perwatt` command line: arguments, progress, tables and exit codes.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit;
mod hardware;
mod output;
mod tool;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::suggest::parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(&error).into(),
    };
    let exit = match commands::dispatch(args) {
        Ok(exit) => exit,
        Err(error) => exit::report(&error),
    };
    exit.into()
}
