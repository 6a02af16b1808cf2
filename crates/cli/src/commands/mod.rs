//! Subcommands, one file each.

mod acceptance;
mod answer;
mod asic;
mod catalogue;
mod check;
mod command_line;
mod compare;
mod config;
mod doctor;
mod env;
mod export;
mod gap;
mod generate;
mod history;
mod import;
mod interrupt;
mod join;
mod left_out;
mod list;
mod lock;
mod machine;
mod new_file;
mod node;
mod others;
mod outcome;
mod quiet;
mod report;
mod rival;
mod run;
mod search;
mod selfcheck;
mod sessions;
mod show;
mod site;

use std::io::{BufReader, Write};

use anyhow::Context;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::output::screen::{self, exact_stdout};

/// Runs the subcommand of the command line.
pub fn dispatch(args: Args) -> anyhow::Result<Exit> {
    screen::set_colours(args.color);
    match args.command {
        Command::Run(args) => run::run(args),
        Command::GpuAcceptance(args) => acceptance::acceptance(args),
        Command::Asic(args) => asic::run(&args),
        Command::Search(args) => search::search(&args),
        Command::List(args) => list::list(args.format),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Answer(args) => answer::answer(&args),
        Command::Show(args) => show::show(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Report(args) => report::report(&args),
        Command::History(args) => history::run(&args),
        Command::Export(args) => export::export(&args),
        Command::Gap(args) => gap::gap(&args),
        Command::Site(args) => site::site(&args),
        Command::Catalogue(args) => catalogue::catalogue(&args),
        Command::ImportCriterion(args) => import::import(&args),
        Command::Selfcheck(args) => selfcheck::selfcheck(args),
        Command::Join(args) => join::join(&args),
        Command::Check(args) => check::check(&args),
        Command::Config(args) => config::config(args.format),
        Command::Env(args) => env::env(args.format),
        Command::Schema => generate::schema(),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
        Command::Worker => {
            let messages = messages().context("this worker cannot write messages")?;
            perwatt_engine::serve(BufReader::new(std::io::stdin()), messages)
                .context("the coordinator of this worker is gone")?;
            Ok(Exit::Done)
        }
    }
}

/// The stream for a worker's messages to its coordinator. From here on the standard output
/// of the worker goes to standard error: libraries print there, and their output is not a
/// message.
#[cfg(unix)]
fn messages() -> std::io::Result<impl Write> {
    use std::os::fd::AsFd;
    let out = exact_stdout();
    let messages = out.as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    let messages = std::fs::File::from(messages);
    Ok(std::io::BufWriter::new(messages))
}

#[cfg(not(unix))]
fn messages() -> std::io::Result<impl Write> {
    Ok(exact_stdout())
}
