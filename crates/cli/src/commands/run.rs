//! `perwatt run`: measure, archive, show.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use perwatt_engine::library::CBLAS;
use perwatt_engine::plan::{self, Facts, Planned, Request, estimate_s};
use perwatt_engine::session::{
    self, Finished, Here, NewSession, ResumeError, Session, SessionError, random_seed,
};
use perwatt_engine::worker::WorkerCommand;
use perwatt_host::Environment;
use perwatt_power::state::{self, Probe};
use perwatt_power::{Found, MeterInfo, Selection, detect_until, public_text, stated_watts};
use perwatt_record::Record;
use perwatt_record::schema::{FailureKind, Status};
use perwatt_report::doc::Block;

use super::doctor::asked_for;
use super::{interrupt_flag, lock, selfcheck, worker_command};
use crate::args::{Format, RunArgs};
use crate::exit::{Coded, Exit, answered};
use crate::output::progress::Progress;
use crate::output::units::duration;
use crate::output::{self, plain, stdout, summary, tell};
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
    let mut selection = Selection {
        user_watts: args.watts,
        meters: (!args.meter.is_empty()).then(|| args.meter.clone()),
        ..Selection::default()
    };
    let interrupt = interrupt_flag()?;
    let (lock, command, out);
    let mut session = match &args.resume {
        Some(path) => {
            let Some(lock) = lock::acquire(&interrupt) else {
                return Ok(Exit::Interrupted);
            };
            let host = Environment::collect(root);
            let record = session::unfinished(path).map_err(resume_error)?;
            // A number that the record knows need not be typed again.
            let mut known = record.meters.iter().filter_map(stated_watts);
            if !args.meter.iter().any(|spec| spec == "none") {
                selection.user_watts = selection.user_watts.or_else(|| known.next());
            }
            let (facts, command) = facts_for(&record, root, &host, &interrupt)?;
            let Some(meters) = detect_until(&selection, &interrupt)? else {
                return Ok(Exit::Interrupted);
            };
            let here = Here {
                host: &host,
                facts: &facts,
                tool: &tool(),
                meters,
                probes: probes(&selection),
            };
            let session = Session::resume(path, here).map_err(resume_error)?;
            if args.dry_run {
                return dry_resume(&session);
            }
            return finish(session, &command, lock, &interrupt, &args);
        }
        None => {
            out = args.out()?;
            let host = Environment::collect(root);
            let request = request(&args)?;
            let mut facts = Facts::collect(root, &host);
            let bare = interruptible(&interrupt)?;
            facts.find_gpus(&bare, &request);
            facts.find_library(&bare, &request);
            if interrupt.load(Ordering::Relaxed) {
                return Ok(Exit::Interrupted);
            }
            command = facts.prepared(bare);
            let planned = plan::build(&request, &facts)?;
            // Refused before anything is promised.
            let Some(meters) = detect_until(&selection, &interrupt)? else {
                return Ok(Exit::Interrupted);
            };
            let meters = infos(&meters);
            if args.dry_run {
                return dry_run(&planned, &meters, args.format);
            }
            let Some(held) = lock::acquire(&interrupt) else {
                return Ok(Exit::Interrupted);
            };
            lock = held;
            facts.tune_gpus(&command, &planned.plan, &mut |gpu, workload| {
                tell!(
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
    let Some(meters) = detect_until(&selection, &interrupt)? else {
        return Ok(Exit::Interrupted);
    };
    if args.energy_error.is_some() && args.seconds.is_none() {
        plan::lengthen(&mut session.planned.config.protocol, &meters);
    }
    let session = Session::create(NewSession { meters, ..session }, &out)?;
    finish(session, &command, lock, &interrupt, &args)
}

/// What there is of all that a record's entries name, and how their workers start.
fn facts_for(
    record: &Record,
    root: &Path,
    host: &Environment,
    interrupt: &Arc<AtomicBool>,
) -> anyhow::Result<(Facts, WorkerCommand)> {
    let mut facts = Facts::collect(root, host);
    let command = interruptible(interrupt)?;
    let everything = Request::default();
    if !record.plan.gpus.is_empty() {
        facts.find_gpus(&command, &everything);
    }
    if record
        .plan
        .entries
        .iter()
        .any(|entry| entry.backend == CBLAS)
    {
        facts.find_library(&command, &everything);
    }
    let command = facts.prepared(command);
    Ok((facts, command))
}

/// Workers whose answers are not waited for after an interrupt.
fn interruptible(interrupt: &Arc<AtomicBool>) -> anyhow::Result<WorkerCommand> {
    Ok(WorkerCommand {
        interrupt: Arc::clone(interrupt),
        ..worker_command()?
    })
}

/// The command line with the program by its name: the directory that it lies in says
/// who runs it and nothing of what was measured. Of a meter only what is no secret is
/// kept.
fn argv(given: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut all = Vec::new();
    let mut after_meter = false;
    for arg in given {
        let arg = arg.to_string_lossy();
        let kept = match arg.strip_prefix("--meter=") {
            _ if all.is_empty() => {
                let name = Path::new(arg.as_ref()).file_name();
                name.map_or_else(
                    || arg.to_string(),
                    |name| name.to_string_lossy().into_owned(),
                )
            }
            _ if after_meter => public_text(&arg),
            Some(spec) => format!("--meter={}", public_text(spec)),
            None => arg.to_string(),
        };
        after_meter = !after_meter && arg == "--meter";
        all.push(kept);
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
    command: &WorkerCommand,
    lock: lock::Lock,
    interrupt: &AtomicBool,
    args: &RunArgs,
) -> anyhow::Result<Exit> {
    let mut progress = Progress::new();
    let result = session.run(command, &mut progress, interrupt);
    drop(progress);
    drop(lock);
    match result {
        Ok(finished) => show(&finished, args),
        Err(SessionError::Lost {
            error,
            second,
            record,
        }) => {
            // The last place left for what was measured.
            let went = match output::json_bytes(&record.to_bytes()?) {
                Ok(()) => "The record went to standard output: keep it".into(),
                Err(third) => format!("Nor could the record be printed ({third}): it is lost"),
            };
            anyhow::bail!("{error}; {second}. {went}");
        }
        Err(error) => Err(error.into()),
    }
}

fn show(finished: &Finished, args: &RunArgs) -> anyhow::Result<Exit> {
    let Finished {
        record,
        path,
        interrupted,
    } = finished;
    let answer = match verdict(record) {
        _ if *interrupted => Exit::Interrupted,
        Exit::Done if record.config.selfcheck && !selfcheck::agrees(path, record) => Exit::Finding,
        Exit::Done => asked_for(&args.meter, &read(record)),
        exit => exit,
    };
    let printed = print(record, path, *interrupted, args).with_context(|| {
        format!(
            "cannot print the result; the record itself is safe in {}: read it with perwatt show",
            path.display()
        )
    });
    answered(answer, printed)
}

/// The result and where it is, on standard output.
fn print(record: &Record, path: &Path, interrupted: bool, args: &RunArgs) -> anyhow::Result<()> {
    match args.format {
        Format::Json => {
            output::json_bytes(&record.to_bytes()?)?;
            tell!("{}", path.display());
        }
        Format::Text => {
            let mut blocks = summary::blocks(record);
            if record.config.selfcheck {
                blocks.push(Block::Space);
                blocks.extend(selfcheck::blocks(path, record));
            }
            output::blocks(&blocks)?;
            let mut out = stdout();
            writeln!(out)?;
            if interrupted {
                let meters = repeated(&args.meter);
                writeln!(out, "next: perwatt run --resume {}{meters}", path.display())?;
            } else {
                writeln!(out, "next: perwatt check {}", path.display())?;
            }
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}

/// What a command that goes on needs to say of the meters asked for by name: a record
/// keeps no address, and nothing printed a secret.
fn repeated(meters: &[String]) -> String {
    if meters.iter().any(|spec| public_text(spec) != *spec) {
        return ", with the --meter options that it was begun with".into();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/=,@%+".contains(c);
    let quoted = meters.iter().map(|spec| match spec.chars().all(plain) {
        true => format!(" --meter {spec}"),
        false => format!(" --meter '{}'", spec.replace('\'', r"'\''")),
    });
    quoted.collect()
}

/// The meters that gave a reading in any run.
fn read(record: &Record) -> Vec<&str> {
    let series = record.runs.iter().flat_map(|run| &run.energy);
    series
        .filter(|series| !series.samples.is_empty())
        .filter_map(|series| record.meters.get(series.meter as usize))
        .map(|info| info.id.as_str())
        .collect()
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
        tell!(
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
        stdout(),
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
    let mut out = stdout();
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

#[cfg(test)]
mod tests {
    use super::{argv, repeated};

    #[test]
    fn a_command_that_goes_on_names_the_meters_or_says_that_they_are_needed() {
        let of =
            |meters: &[&str]| repeated(&meters.iter().map(|m| m.to_string()).collect::<Vec<_>>());
        assert_eq!(of(&[]), "");
        assert_eq!(
            of(&["rapl:psys", "shelly=plug,channel=1"]),
            " --meter rapl:psys --meter shelly=plug,channel=1"
        );
        assert_eq!(
            of(&["prometheus=http://h:1,metric=x{a='b'}"]),
            r" --meter 'prometheus=http://h:1,metric=x{a='\''b'\''}'"
        );
        for hidden in [
            "shelly=me:word@plug",
            "json=http://h/word,pointer=/p",
            "shelly=h,auth=word",
        ] {
            let said = of(&["rapl", hidden]);
            assert!(
                said.contains("begun with") && !said.contains("word"),
                "{said}"
            );
        }
    }

    #[test]
    fn of_a_meter_only_what_is_no_secret_is_kept() {
        let given = [
            "/home/me/bin/perwatt",
            "run",
            "--meter",
            "shelly=http://me:word1@10.0.0.7/p/word2?key=word3#word4,auth=word5,channel=1",
            "--meter=json=https://host/word6,auth_key=word7",
            "--meter",
            "--meter",
            "--note",
            "kept",
        ];
        let kept = argv(given.into_iter().map(Into::into));
        assert_eq!(kept[..3], ["perwatt", "run", "--meter"]);
        assert_eq!(kept[7..], ["--note", "kept"]);
        let all = kept.join(" ");
        assert!(!all.contains("word"), "{all}");
        assert!(
            all.contains("10.0.0.7") && all.contains("channel=1"),
            "{all}"
        );
    }
}
