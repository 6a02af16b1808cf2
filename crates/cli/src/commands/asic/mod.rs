//! `perwatt asic`: a pool for miners, whose shares are counted, and whose joules are metered.

mod rehearse;
mod warm_up;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, ensure};
use perwatt_engine::device::Inquiry;
use perwatt_engine::plan::miners;
use perwatt_engine::pool::Pool;
use perwatt_engine::session::{
    Here, Instruments, NewSession, Session, Unfinished, random_id, random_seed,
};
use perwatt_power::{Selection, stated_watts};
use perwatt_record::cost::Stated;
use perwatt_record::pool::is_asic;
use perwatt_record::tags;
use perwatt_stratum::{Config, Steering};

use super::command_line::{argv, check_texts};
use super::interrupt::interrupt_flag;
use super::machine::Machine;
use super::new_file;
use super::outcome::{Shown, ended};
use super::run::{resume_error, tell_meters};
use crate::args::AsicArgs;
use crate::exit::Exit;
use crate::output::mining::Mining;
use crate::output::{plain, tell};
use crate::tool::tool;

/// Largest transcript that is kept, in bytes.
const MOST_TRANSCRIPT: usize = 64 << 20;
/// Time between two looks of a pool at the rate of shares, in seconds.
const STEERING_PERIOD_S: f64 = 10.0;
/// A session of miners asks nothing of this machine's devices.
const NOTHING: Inquiry = Inquiry {
    gpus: false,
    library: false,
    roads: false,
};

pub fn run(args: &AsicArgs) -> anyhow::Result<Exit> {
    check_texts(args.label.as_deref(), args.note.as_deref())?;
    let unfinished = args.resume.as_deref().map(unfinished).transpose()?;
    let interrupt = interrupt_flag()?;
    let selection = selection(args, unfinished.as_ref());
    // Errors in the request are reported before a miner is asked for.
    let instruments = Instruments::open(&selection, &interrupt)?;
    let Some(instruments) = instruments.filter(|_| !interrupt.load(Ordering::Relaxed)) else {
        return Ok(Exit::Interrupted);
    };
    tell_meters(&args.meter, &instruments.meters);
    drop(instruments);
    let pool = open(args, unfinished.as_ref())?;
    tell!(
        "listening on stratum+tcp://{}; set it as the miner's first pool, with a short name as user",
        pool.server().address()
    );
    let exit = match args.rehearse {
        true => rehearse::run(args, &pool, &interrupt),
        false => measure(args, unfinished, &selection, &pool, &interrupt),
    };
    if let Some(path) = &args.transcript {
        let text = pool.server().transcript();
        new_file::create(path, |out| {
            use std::io::Write;
            Ok(out.write_all(text.as_bytes())?)
        })?;
    }
    exit
}

fn unfinished(path: &Path) -> anyhow::Result<Unfinished> {
    let unfinished = Unfinished::read(path).map_err(resume_error)?;
    let mut entries = unfinished.record().plan.entries.iter();
    ensure!(
        entries.all(|entry| is_asic(&entry.device)),
        "{} is no session of miners; finish it with perwatt run --resume",
        path.display()
    );
    Ok(unfinished)
}

/// The meters that the options select; none is looked for, because a miner has its own supply.
fn selection(args: &AsicArgs, unfinished: Option<&Unfinished>) -> Selection {
    let mut known = unfinished
        .into_iter()
        .flat_map(|of| of.record().meters.iter().filter_map(stated_watts));
    let user_watts = args.watts.or_else(|| known.next());
    let meters = match (args.meter.is_empty(), user_watts) {
        (false, _) => args.meter.clone(),
        (true, Some(_)) => vec!["user-watts".to_owned()],
        (true, None) => vec!["none".to_owned()],
    };
    Selection {
        user_watts,
        meters: Some(meters),
        ..Selection::default()
    }
}

fn open(args: &AsicArgs, unfinished: Option<&Unfinished>) -> anyhow::Result<Pool> {
    // Before its session has an id, a pool hands out work of no session.
    let mut config = Config::new(args.listen, &random_id(), std::time::Instant::now());
    config.allow_public = args.allow_public;
    config.steering = match args.difficulty {
        Some(difficulty) => Steering::Fixed(difficulty),
        None => Steering::Wanted {
            per_s: args.shares_per_s,
            period_s: STEERING_PERIOD_S,
        },
    };
    let asics = unfinished.map(|of| of.record().plan.asics.as_slice());
    for asic in asics
        .into_iter()
        .flatten()
        .filter(|asic| asic.members.is_empty())
    {
        let difficulty = perwatt_stratum::difficulty::Difficulty::exact(asic.difficulty)?;
        let worker = perwatt_record::pool::worker(&asic.name).to_owned();
        config.difficulties.insert(worker, difficulty);
    }
    if args.transcript.is_some() {
        config.transcript_bytes = MOST_TRANSCRIPT;
    }
    Pool::open(config).with_context(|| format!("no pool at {}", args.listen))
}

fn measure(
    args: &AsicArgs,
    unfinished: Option<Unfinished>,
    selection: &Selection,
    pool: &Pool,
    interrupt: &Arc<AtomicBool>,
) -> anyhow::Result<Exit> {
    let wanted = unfinished
        .as_ref()
        .map(|of| of.record().plan.asics.as_slice());
    let Some(found) = warm_up::run(args, wanted, pool, interrupt)? else {
        return Ok(Exit::Interrupted);
    };
    let machine = Machine::find(NOTHING, interrupt)?;
    let Some(mut instruments) = Instruments::open(selection, interrupt)? else {
        return Ok(Exit::Interrupted);
    };
    // The state of this machine is not that of a miner.
    instruments.probes.clear();
    let session = match unfinished {
        Some(unfinished) => {
            let here = Here {
                host: &machine.host,
                facts: &machine.facts,
                tool: &tool(),
                instruments,
            };
            Session::resume(unfinished, here).map_err(resume_error)?
        }
        None => {
            let planned = miners(&found, args.windows, args.minutes * 60.0);
            let new = NewSession {
                planned,
                host: machine.host,
                tool: tool(),
                instruments,
                label: args.label.clone().unwrap_or_else(|| "asic".into()),
                node: None,
                tags: tags::collect(args.tag.iter().cloned())?,
                stated: Stated::default(),
                note: args.note.clone(),
                argv: argv(std::env::args_os()),
                challenge: args.challenge.as_deref().map(str::to_ascii_lowercase),
                seed: random_seed(),
            };
            Session::create(new, &args.out)?
        }
    };
    let mut progress = Mining::new();
    let result = session.mine(pool, &mut progress, interrupt);
    drop(progress);
    let shown = Shown {
        format: args.format,
        meters: &args.meter,
        resume: format!(
            "perwatt asic --listen {} --resume",
            plain(&args.listen.to_string())
        ),
    };
    Ok(ended(result, &shown)?.0)
}
