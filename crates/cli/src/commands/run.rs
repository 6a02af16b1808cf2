//! `perwatt run`: plan, measure, archive and show.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use perwatt_engine::device::{GpuFacts, ask_tunings};
use perwatt_engine::plan::{Choice, Planned, PlannedMeter, Request, estimate_s};
use perwatt_engine::session::{
    self, Finished, Here, Instruments, NewSession, ResumeError, Session, Unfinished, random_seed,
};
use perwatt_engine::workload::plannable;
use perwatt_host::obstacles;
use perwatt_power::{Found, Selection, stated_watts};
use perwatt_record::cost::Stated;
use perwatt_record::schema::Threads;
use perwatt_record::tags;
use perwatt_report::doc::{Block, Item};

use super::command_line::{argv, check_texts};
use super::doctor::is_asked;
use super::interrupt::interrupt_flag;
use super::lock::{self, Lock};
use super::machine::Machine;
use super::node;
use super::outcome::finish;
use super::quiet::{self, QuietOptions};
use crate::args::{RunArgs, ViewFormat};
use crate::exit::{Coded, Exit};
use crate::output::progress::Progress;
use crate::output::units::{counted, duration};
use crate::output::{self, plain, stdout, tell};
use crate::tool::tool;

pub fn run(args: RunArgs) -> anyhow::Result<Exit> {
    match &args.resume {
        Some(path) => resume(&args, path),
        None => Ok(start(&args, &request(&args))?.0),
    }
}

/// Starts a session and runs it to its end. Returns the exit code, and what was measured.
pub fn start(args: &RunArgs, request: &Request) -> anyhow::Result<(Exit, Option<Finished>)> {
    let interrupted = || Ok((Exit::Interrupted, None));
    check_texts(args.label.as_deref(), args.note.as_deref())?;
    let node = node::name(args.node.as_deref())?;
    let tags = tags::collect(args.tag.iter().cloned())?;
    let interrupt = interrupt_flag()?;
    let selection = selection(args);

    // Errors in the request are reported before anything is announced.
    let machine = Machine::find(request.inquiry(), &interrupt)?;
    if interrupt.load(Ordering::Relaxed) {
        return interrupted();
    }
    let choice = Choice::new(request, &machine.facts, &plannable())?;
    let Some(found) = session::probe(&selection, &interrupt)? else {
        return interrupted();
    };
    if let Some(quota) = quota_of_threads(
        request,
        choice.threads(),
        machine.host.os.cgroup.cpu_quota_cores,
        machine.facts.cpus.len(),
    ) {
        tell!("{}", plain(quota));
    }
    tell_meters(&args.meter, &found);
    let meters = PlannedMeter::of(&found);
    drop(found);
    if args.dry_run {
        let plan = choice.plan(&machine.facts)?;
        let planned = choice.complete(plan, &meters);
        let lasting = obstacles(Path::new("/"), planned.threads.count);
        lasting.iter().for_each(|of| tell!("warning: {of}"));
        tell_notes(&planned);
        return Ok((dry_run(&planned, &meters, args.format)?, None));
    }

    // The trials of a plan need the machine without other sessions. Meters are opened only
    // now, so that their clocks do not run during the wait for the lock.
    let lock = match args.cards_at_once {
        Some(_) => Some(Lock::of_parent()),
        None => lock::acquire(&interrupt),
    };
    let Some(lock) = lock else {
        return interrupted();
    };
    let threads = choice.threads().count;
    let Some(warnings) = quiet::prepare(&QuietOptions::of(args, threads), &interrupt)? else {
        return interrupted();
    };
    let Machine {
        host,
        facts,
        command,
    } = machine;
    let facts = ask_tunings(facts, choice.tunings(), &command, &mut tell_tuning);
    let plan = choice.plan(&facts)?;
    let Some(mut instruments) = Instruments::open(&selection, &interrupt)? else {
        return interrupted();
    };
    let meters = PlannedMeter::of(&instruments.meters);
    let mut planned = choice.complete(plan, &meters);
    tell_notes(&planned);
    let label = args.label.clone();
    let seed = args.seed.unwrap_or_else(random_seed);
    let new = |planned: Planned, instruments, host| NewSession {
        label: label
            .clone()
            .unwrap_or_else(|| planned.config.suite.clone()),
        planned,
        host,
        tool: tool(),
        instruments,
        node: node.clone(),
        tags: tags.clone(),
        stated: Stated {
            price_usd: args.price_usd,
            rent_usd_per_h: args.rent_usd_per_hour,
        },
        note: args.note.clone(),
        argv: argv(std::env::args_os().chain(args.set_in_files.iter().map(Into::into))),
        challenge: args.challenge.as_deref().map(str::to_ascii_lowercase),
        seed,
    };
    while let Some(trial) = planned.trial_round() {
        let trial = new(trial, instruments, host.clone());
        let mut progress = Progress::new();
        let trial = session::trial_round(trial, &command, &mut progress, &interrupt)?;
        drop(progress);
        let Some(trial) = trial else {
            return interrupted();
        };
        planned.learn(&trial, &meters, request);
        if planned.trial.is_none() {
            tell_notes(&planned);
        }
        let Some(again) = Instruments::open(&selection, &interrupt)? else {
            return interrupted();
        };
        instruments = again;
    }
    let session = Session::create(new(planned, instruments, host), &args.out)?;
    warnings.iter().for_each(|warning| tell!("{warning}"));
    let (exit, finished) = finish(session, &command, lock, &interrupt, args)?;
    Ok((exit, Some(finished)))
}

/// Resumes the session of a record and runs it to its end.
fn resume(args: &RunArgs, path: &Path) -> anyhow::Result<Exit> {
    let interrupt = interrupt_flag()?;
    let Some(lock) = lock::acquire(&interrupt) else {
        return Ok(Exit::Interrupted);
    };
    let unfinished = Unfinished::read(path).map_err(resume_error)?;
    let mut selection = selection(args);
    // The watts that the record states need not be given again.
    let mut known = unfinished.record().meters.iter().filter_map(stated_watts);
    if !args.meter.iter().any(|spec| spec == "none") {
        selection.user_watts = selection.user_watts.or_else(|| known.next());
    }
    let machine = Machine::find(unfinished.inquiry(), &interrupt)?;
    let Some(instruments) = Instruments::open(&selection, &interrupt)? else {
        return Ok(Exit::Interrupted);
    };
    let here = Here {
        host: &machine.host,
        facts: &machine.facts,
        tool: &tool(),
        instruments,
    };
    let session = Session::resume(unfinished, here).map_err(resume_error)?;
    if args.dry_run {
        return dry_resume(&session);
    }
    let threads = session.record().threads.count;
    let Some(warnings) = quiet::prepare(&QuietOptions::of(args, threads), &interrupt)? else {
        return Ok(Exit::Interrupted);
    };
    warnings.iter().for_each(|warning| tell!("{warning}"));
    Ok(finish(session, &machine.command, lock, &interrupt, args)?.0)
}

/// The request that the options describe.
pub fn request(args: &RunArgs) -> Request {
    Request {
        suite: args.suite,
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
        meters_named: args.meter.iter().any(|spec| spec != "none"),
        selfcheck: false,
        cards_at_once: args.cards_at_once,
    }
}

/// The meters that the options select.
fn selection(args: &RunArgs) -> Selection {
    Selection {
        user_watts: args.watts,
        meters: (!args.meter.is_empty()).then(|| args.meter.clone()),
        ..Selection::default()
    }
}

/// The number of threads with its reason, where a quota of CPU time sets it. Where the threads
/// exceed the quota, the warnings speak of it.
fn quota_of_threads<'a>(
    request: &Request,
    threads: &'a Threads,
    quota_cores: Option<f64>,
    cpus: usize,
) -> Option<&'a str> {
    let cores = quota_cores?;
    let sets = request.threads.is_none() && cores < cpus as f64;
    (sets && f64::from(threads.count) <= cores).then_some(threads.reason.as_str())
}

/// Prints, of the meters that were asked for, those that cannot be read, and what is assumed
/// of the others.
pub fn tell_meters(asked: &[String], found: &[Found]) {
    for meter in found.iter().filter(|found| is_asked(asked, found.id())) {
        match meter {
            Found::Unavailable(why) => tell!(
                "warning: {} cannot be read, so there will be no joules by it: {}",
                plain(&why.id),
                plain(&why.detail)
            ),
            Found::Available(source) => {
                let info = source.info().clone().looking_back(source.pace());
                for note in &info.notes {
                    tell!("{}: {}", plain(&info.id), plain(note));
                }
            }
        }
    }
}

/// Prints the notes on the meters, before anything is measured.
fn tell_notes(planned: &Planned) {
    for note in &planned.notes {
        tell!("{}", plain(&note.to_string()));
    }
}

fn tell_tuning(gpu: &GpuFacts, key: &str) {
    tell!(
        "{} ({}): tuning {key} (first session only)",
        gpu.gpu.name,
        plain(&gpu.gpu.model)
    );
}

pub fn resume_error(error: ResumeError) -> anyhow::Error {
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

fn dry_run(planned: &Planned, meters: &[PlannedMeter], format: ViewFormat) -> anyhow::Result<Exit> {
    output::view(format, "plan", &planned.plan, || blocks(planned, meters))?;
    Ok(Exit::Done)
}

fn blocks(planned: &Planned, meters: &[PlannedMeter]) -> Vec<Block> {
    let entries = &planned.plan.entries;
    let meters: Vec<_> = meters.iter().map(|meter| meter.info.clone()).collect();
    let first = format!(
        "{} of {} on {}, about {}",
        counted(planned.config.rounds as usize, "round", "rounds"),
        counted(entries.len(), "entry", "entries"),
        counted(planned.threads.count as usize, "thread", "threads"),
        duration(estimate_s(&planned.config, entries.len(), &meters))
    );
    let ids = entries.iter().map(|entry| Item::new(entry.id.as_str()));
    let skipped = planned.plan.skipped.iter();
    let skipped = skipped.map(|of| format!("not measured: {}: {}", of.what, of.reason));
    let mut all = vec![Block::Sentence(first), Block::Items(ids.collect())];
    all.extend(skipped.map(Block::Sentence));
    if let Some(trial) = planned.trial_round() {
        let trial_s = estimate_s(&trial.config, entries.len(), &[]);
        let trial = format!("a trial round comes first, about {}", duration(trial_s));
        all.push(Block::Sentence(trial));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_that_sets_the_threads_is_said_once() {
        let said = |asked: Option<u32>, count, quota_cores, cpus| {
            let request = Request {
                threads: asked,
                ..Request::default()
            };
            let threads = Threads {
                count,
                reason: "the control group grants less".into(),
                pinned_cpus: None,
            };
            quota_of_threads(&request, &threads, quota_cores, cpus).is_some()
        };
        assert!(said(None, 2, Some(2.0), 4));
        assert!(!said(None, 4, None, 4));
        assert!(!said(None, 4, Some(4.0), 4));
        // An obstacle, of which the warnings speak.
        assert!(!said(None, 2, Some(1.5), 4));
        assert!(!said(Some(1), 1, Some(2.0), 4));
    }
}
