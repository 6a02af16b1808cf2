//! `perwatt gpu-acceptance`: checks and trial measurements for a GPU that has not been
//! tested yet: correctness of its kernels, rates and joules in every number format, beside
//! the limits of the hardware and what others measured.

mod judge;
mod limits;
mod together;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use perwatt_engine::device::{Inquiry, MachineFacts, ask_verdicts, choose};
use perwatt_engine::plan::{Choice, Suite};
use perwatt_engine::session::Finished;
use perwatt_engine::worker::{CheckOutcome, Checked};
use perwatt_engine::workload::plannable;
use perwatt_gap::catalogue::Catalogue;
use perwatt_record::schema::GpuKind;
use perwatt_record::work::Family;
use perwatt_report::views::session::gpu_line;

use self::judge::judge;
use super::lock;
use super::machine::Machine;
use super::run::{self, request};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::output::{self, plain, stdout};

/// Time for the measurement, in seconds: with checks and tuning it makes some 8 minutes.
const BUDGET_S: f64 = 360.0;
/// The longest window, in seconds: long enough for a card to reach its power limit.
const LONGEST_S: f64 = 10.0;
/// Time of a run around its window, in seconds: loading, inputs, warm-up, check.
const AROUND_S: f64 = 6.0;
/// The fewest rounds.
const FEWEST: u32 = 2;

pub fn acceptance(mut args: RunArgs) -> anyhow::Result<Exit> {
    let gpus = Inquiry {
        library: false,
        ..Inquiry::ALL
    };
    let Machine { facts, command, .. } = Machine::find(gpus, &Arc::default())?;
    if let Some(error) = &facts.gpu_error {
        anyhow::bail!("the GPUs cannot be listed: {error}");
    }
    if args.device.is_empty() {
        let hardware = facts
            .gpus
            .iter()
            .filter(|facts| facts.gpu.kind != GpuKind::Software);
        args.device = hardware.map(|facts| facts.gpu.name.clone()).collect();
        anyhow::ensure!(
            !args.device.is_empty(),
            "no GPU was found{}",
            match facts.gpus.first() {
                None => "; perwatt list says what is missing".into(),
                Some(software) => format!(
                    " but software adapters; to try one of those, name it: --device {}",
                    software.gpu.name
                ),
            }
        );
    }
    let chosen = choose(&args.device, &facts)?;
    let mut sound = true;
    for facts in facts
        .gpus
        .iter()
        .filter(|facts| chosen.contains(&facts.gpu.name))
    {
        say(format_args!(
            "{}: {}",
            facts.gpu.name,
            plain(&gpu_line(&facts.gpu))
        ));
        if let Some(why) = facts.lacks_shaders() {
            say(format_args!("its shaders are not checked: {}", plain(&why)));
            continue;
        }
        let mut tally = Tally::default();
        let ended = ask_verdicts(&command, &facts.gpu, &mut |checked| tally.hear(&checked));
        say(format_args!(
            "{} forms of kernels are right, {} wrong, {} cannot run here",
            tally.right, tally.wrong, tally.lacking
        ));
        if let Err(error) = &ended {
            say(format_args!(
                "the checks did not come to their end: {}",
                plain(error)
            ));
        }
        sound &= ended.is_ok() && tally.wrong == 0;
    }
    let asked = args.clone();
    let (measured, finished) = measure(args, &facts, &chosen)?;
    let mut implausible = false;
    if let Some(Finished { record, .. }) = &finished {
        let (blocks, found) = judge(record, &Catalogue::builtin()?);
        implausible = found;
        output::blocks(&blocks)?;
        if measured != Exit::Interrupted
            && let Some(_lock) = lock::acquire(&AtomicBool::new(false))
        {
            output::blocks(&together::measure(record, &asked)?)?;
        }
    }
    Ok(match measured {
        Exit::Done if !sound => Exit::Unverified,
        Exit::Done if implausible => Exit::Finding,
        measured => measured,
    })
}

/// Measures every workload on these devices, within the time of an acceptance unless rounds
/// or windows were asked for.
fn measure(
    mut args: RunArgs,
    facts: &MachineFacts,
    chosen: &[String],
) -> anyhow::Result<(Exit, Option<Finished>)> {
    if args.resume.is_some() {
        return Ok((run::run(args)?, None));
    }
    if args.workload.is_empty() {
        // By name, so that a suite this short has every number format.
        let families = Family::ALL.iter().map(|family| family.name().to_owned());
        args.workload = families.collect();
    }
    let software = |name: &String| {
        facts
            .gpu(name)
            .is_some_and(|facts| facts.gpu.kind == GpuKind::Software)
    };
    if args.rounds.is_none() && args.seconds.is_none() && !chosen.iter().any(software) {
        let request = request(&args);
        let plan = Choice::new(&request, facts, &plannable())?.plan(facts)?;
        let (rounds, seconds) = fitting(plan.entries.len());
        (args.rounds, args.seconds) = (Some(rounds), Some(seconds));
    }
    run::start(&args, &request(&args))
}

/// The rounds and the length of windows with which this number of entries takes the time of
/// an acceptance.
fn fitting(entries: usize) -> (u32, f64) {
    let of_each_s = BUDGET_S / entries.max(1) as f64;
    let rounds = (of_each_s / (LONGEST_S + AROUND_S)).floor();
    let rounds = rounds.clamp(f64::from(FEWEST), f64::from(Suite::Quick.rounds()));
    let seconds = (of_each_s / rounds - AROUND_S).clamp(1.0, LONGEST_S);
    (rounds as u32, seconds.floor())
}

#[derive(Default)]
struct Tally {
    right: u32,
    wrong: u32,
    lacking: u32,
}

impl Tally {
    fn hear(&mut self, checked: &Checked) {
        let (count, word) = match &checked.outcome {
            CheckOutcome::Right => (&mut self.right, "right".to_owned()),
            CheckOutcome::Wrong(why) => (&mut self.wrong, format!("WRONG: {}", plain(why))),
            CheckOutcome::Lacking(why) => (
                &mut self.lacking,
                format!("cannot run here: {}", plain(why)),
            ),
        };
        *count += 1;
        say(format_args!("  {:<40} {word}", plain(&checked.what)));
    }
}

/// Prints a line. Errors are ignored, as the reader may have closed the pipe; the exit code
/// still gives the result.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(stdout(), "{line}");
}
