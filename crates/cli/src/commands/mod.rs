//! One file for each verb.

mod acceptance;
mod catalogue;
mod check;
mod compare;
mod doctor;
mod env;
mod export;
mod gap;
mod generate;
mod history;
mod import;
mod join;
mod list;
mod lock;
mod new_file;
mod others;
mod report;
mod run;
mod search;
mod selfcheck;
mod show;
mod site;

use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use perwatt_engine::worker::WorkerCommand;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::output::screen::exact_stdout;

/// Does what the command line says.
pub fn dispatch(args: Args) -> anyhow::Result<Exit> {
    match args.command {
        Command::Run(args) => run::run(args),
        Command::GpuAcceptance(args) => acceptance::acceptance(args),
        Command::Search(args) => search::search(&args),
        Command::List(args) => list::list(args.format),
        Command::Doctor(args) => doctor::doctor(&args),
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
        Command::Env(args) => env::env(args.format),
        Command::Schema => generate::schema(),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
        Command::Worker => {
            let messages = messages().context("this worker cannot write messages")?;
            perwatt_engine::worker::serve(BufReader::new(std::io::stdin()), messages)
                .context("the coordinator of this worker is gone")?;
            Ok(Exit::Done)
        }
    }
}

/// A worker's way to its coordinator. Its standard output leads to standard error from
/// here on: libraries print there, and what they say is no message.
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

/// A flag that Ctrl-C raises; a second Ctrl-C leaves at once.
fn interrupt_flag() -> anyhow::Result<Arc<AtomicBool>> {
    // A file that outgrows a limit (ulimit -f) is then an error of its write, and not
    // the end of this process.
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
        .context("cannot ignore limits of file sizes")?;
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context(
        "cannot listen for Ctrl-C; free some memory, or raise the limit of processes (ulimit -u)",
    )?;
    Ok(flag)
}

/// A worker is this very program, even when the file it came from has been
/// replaced since.
fn worker_command() -> anyhow::Result<WorkerCommand> {
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() {
        itself
    } else {
        std::env::current_exe().context("cannot find the perwatt program to start workers with")?
    };
    Ok(WorkerCommand {
        program,
        args: vec!["worker".into()],
        envs: Vec::new(),
        interrupt: Arc::default(),
    })
}
