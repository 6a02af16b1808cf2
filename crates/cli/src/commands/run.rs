//! `perwatt run`: measure, archive, show.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use perwatt_engine::plan::{self, Facts, Planned, Request, estimate_s};
use perwatt_engine::session::{
    Finished, NewSession, ResumeError, Session, SessionError, random_seed,
};
use perwatt_host::Environment;
use perwatt_power::state::{self, Probe};
use perwatt_power::{Found, MeterInfo, Selection, detect};
use perwatt_record::Record;
use perwatt_record::schema::{FailureKind, Status};

use super::{interrupt_flag, lock, selfcheck, worker_command};
use crate::args::{Format, RunArgs};
use crate::exit::{Coded, Exit};
use crate::output::progress::Progress;
use crate::output::units::duration;
use crate::output::{self, plain, summary};
use crate::tool::tool;

/// Longest label or note: a record is for figures.
const MAX_TEXT: usize = 4000;

/// Refuses texts that are too long for a file.
pub fn check_texts(label: Option<&str>, note: Option<&str>) -> anyhow::Result<()> {
    for (option, text) in [("--label", label), ("--note", note)] {
        let length = text.map_or(0, str::len);
        anyhow::ensure!(
            length <= MAX_TEXT,
            "{option} is {length} bytes long; give at most {MAX_TEXT}"
        );
    }
    Ok(())
}

pub fn run(args: RunArgs) -> anyhow::Result<Exit> {
    check_texts(args.label.as_deref(), args.note.as_deref())?;
    let root = Path::new("/");
    let selection = Selection {
        user_watts: args.watts,
        meters: (!args.meter.is_empty()).then(|| args.meter.clone()),
        ..Selection::default()
    };
    let interrupt = interrupt_flag()?;
    let lock;
    let mut session = match &args.resume {
        Some(path) => {
            let Some(lock) = lock::acquire(&interrupt) else {
                return Ok(Exit::Interrupted);
            };
            let meters = detect(&selection)?;
            let host = Environment::collect(root);
            let session = Session::resume(path, &host, &tool(), meters, probes(&selection))
                .map_err(resume_error)?;
            if args.dry_run {
                return dry_resume(&session);
            }
            return finish(session, lock, &interrupt, args.format);
        }
        None => {
            let host = Environment::collect(root);
            let request = request(&args)?;
            let mut facts = Facts::collect(root, &host);
            facts.find_gpus(&worker_command()?, &request);
            let planned = plan::build(&request, &facts)?;
            // Refused before anything is promised.
            let meters = infos(&detect(&selection)?);
            if args.dry_run {
                return dry_run(&planned, &meters, args.format);
            }
            let Some(held) = lock::acquire(&interrupt) else {
                return Ok(Exit::Interrupted);
            };
            lock = held;
            facts.tune_gpus(&worker_command()?, &planned.plan, &mut |gpu, workload| {
                anstream::eprintln!(
                    "{} ({}): trying the forms of {workload}, unless they are known",
                    gpu.gpu.name,
                    plain(&gpu.gpu.model)
                );
            });
            let mut planned = plan::build(&request, &facts)?;
            planned.config.selfcheck = args.selfcheck;
            NewSession {
                label: args
                    .label
                    .clone()
                    .unwrap_or_else(|| planned.config.suite.clone()),
                planned,
                host,
                tool: tool(),
                meters: Vec::<Found>::new(),
                probes: probes(&selection),
                note: args.note.clone(),
                argv: argv(std::env::args_os()),
                challenge: args.challenge.as_deref().map(str::to_ascii_lowercase),
                seed: args.seed.unwrap_or_else(random_seed),
            }
        }
    };
    // Found only now, so that no meter's clock runs while waiting for the lock.
    let meters = detect(&selection)?;
    if args.energy_error.is_some() && args.seconds.is_none() {
        plan::lengthen(&mut session.planned.config.protocol, &meters);
    }
    let session = Session::create(NewSession { meters, ..session }, &args.out())?;
    finish(session, lock, &interrupt, args.format)
}

/// The command line with the program by its name: the directory that it lies in says
/// who runs it and nothing of what was measured.
fn argv(given: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut all: Vec<String> = given
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    if let Some(program) = all.first_mut()
        && let Some(name) = Path::new(program.as_str()).file_name()
    {
        *program = name.to_string_lossy().into_owned();
    }
    all
}

fn request(args: &RunArgs) -> anyhow::Result<Request> {
    Ok(Request {
        suite: args.suite()?,
        workloads: args.workload.clone(),
        devices: args.device.clone(),
        backends: args.backend.clone(),
        rounds: args.rounds,
        seconds: args.seconds,
        threads: args.threads,
        pin: args.pin,
        stall_timeout_s: args.timeout,
        idle_s: args.idle,
        energy_error_rel: args.energy_error.map(|percent| percent / 100.0),
    })
}

/// What tells the state of this machine.
fn probes(selection: &Selection) -> Vec<Box<dyn Probe>> {
    state::probes(&perwatt_power::Environment::on_disk(&selection.sysfs_root))
}

/// What can be read of all that was looked for.
fn infos(found: &[Found]) -> Vec<MeterInfo> {
    found
        .iter()
        .filter_map(|found| match found {
            Found::Available(source) => Some(source.info().clone()),
            Found::Unavailable(_) => None,
        })
        .collect()
}

fn resume_error(error: ResumeError) -> anyhow::Error {
    let exit = match &error {
        ResumeError::Other { .. } => Exit::NotComparable,
        ResumeError::Damaged { .. } => Exit::Unverified,
        ResumeError::Read(error) if error.is_damage() => Exit::Unverified,
        _ => Exit::Usage,
    };
    Coded {
        exit,
        error: error.into(),
    }
    .into()
}

fn finish(
    session: Session,
    lock: lock::Lock,
    interrupt: &std::sync::atomic::AtomicBool,
    format: Format,
) -> anyhow::Result<Exit> {
    let command = worker_command()?;
    let mut progress = Progress::new();
    let result = session.run(&command, &mut progress, interrupt);
    drop(progress);
    drop(lock);
    match result {
        Ok(finished) => show(&finished, format),
        Err(SessionError::Lost {
            error,
            second,
            record,
        }) => {
            // The last place left for what was measured.
            std::io::stdout().write_all(&record.to_bytes()?)?;
            anyhow::bail!("{error}; {second}. The record went to standard output: keep it");
        }
        Err(error) => Err(error.into()),
    }
}

fn show(finished: &Finished, format: Format) -> anyhow::Result<Exit> {
    let Finished {
        record,
        path,
        interrupted,
    } = finished;
    print(record, path, *interrupted, format).with_context(|| {
        format!(
            "cannot print the result; the record itself is safe in {}: read it with perwatt show",
            path.display()
        )
    })?;
    if *interrupted {
        return Ok(Exit::Interrupted);
    }
    let exit = verdict(record);
    if exit == Exit::Done && record.config.selfcheck && !selfcheck::agrees(path, record) {
        return Ok(Exit::Finding);
    }
    Ok(exit)
}

/// The result and where it is, on standard output.
fn print(record: &Record, path: &Path, interrupted: bool, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Json => {
            std::io::stdout().write_all(&record.to_bytes()?)?;
            anstream::eprintln!("{}", path.display());
        }
        Format::Text => {
            let mut out = anstream::stdout().lock();
            writeln!(out, "{}", summary::render(record))?;
            if record.config.selfcheck {
                writeln!(out, "{}", selfcheck::render(path, record))?;
            }
            if interrupted {
                writeln!(out, "next: perwatt run --resume {}", path.display())?;
            } else {
                writeln!(out, "next: perwatt check {}", path.display())?;
            }
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}

/// The exit code of a whole session.
fn verdict(record: &Record) -> Exit {
    let unverified = record.runs.iter().any(|run| match &run.status {
        Status::Failed(failure) => failure.kind == FailureKind::Unverified,
        Status::Ok => false,
    });
    if unverified
        || record
            .summary
            .iter()
            .any(|row| row.runs_ok > 0 && !row.verified && !row.unproven)
    {
        return Exit::Unverified;
    }
    let failed: u32 = record.summary.iter().map(|row| row.runs_failed).sum();
    if failed > 0 {
        anstream::eprintln!(
            "warning: {failed} of {} runs failed; see the notes",
            record.runs.len()
        );
    }
    // An entry that never worked was asked for and is not there.
    if record.summary.iter().any(|row| row.runs_ok == 0) {
        Exit::Usage
    } else if record.summary.iter().any(|row| row.unproven) {
        Exit::Finding
    } else {
        Exit::Done
    }
}

fn dry_resume(session: &Session) -> anyhow::Result<Exit> {
    let record = session.record();
    let planned = record.plan.entries.len() * record.config.rounds as usize;
    let left = planned - record.runs.len().min(planned);
    let share = left as f64 / planned.max(1) as f64;
    writeln!(
        anstream::stdout(),
        "{left} of {planned} runs are left, about {}",
        duration(estimate_s(&record.config, record.plan.entries.len(), &record.meters) * share)
    )?;
    Ok(Exit::Done)
}

fn dry_run(planned: &Planned, meters: &[MeterInfo], format: Format) -> anyhow::Result<Exit> {
    if format == Format::Json {
        output::json(&planned.plan)?;
        return Ok(Exit::Done);
    }
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "{} rounds of {} entries on {} threads, about {}",
        planned.config.rounds,
        planned.plan.entries.len(),
        planned.threads.count,
        duration(estimate_s(
            &planned.config,
            planned.plan.entries.len(),
            meters
        ))
    )?;
    for entry in &planned.plan.entries {
        writeln!(out, "  {}", entry.id)?;
    }
    for skipped in &planned.plan.skipped {
        writeln!(out, "not measured: {}: {}", skipped.what, skipped.reason)?;
    }
    Ok(Exit::Done)
}
