//! The work of miners on perwatt's own pool: their shares are the work and its proof.
//!
//! Each share stands for the hashes expected at its difficulty, so a rate is a count of
//! chance events over a window that the clock ends. The work series of a run holds the
//! number of shares at moments that the clock picks, and follows from the arrivals of the
//! shares. A check hashes every share again: the jobs are derived from the session's id,
//! the miner's name and the difficulty ([`perwatt_stratum::job`]), so no share of another
//! session, miner or difficulty is one here.

pub mod trust;

use std::collections::{BTreeMap, BTreeSet};

use perwatt_stats::{CONFIDENCE, count_interval};
use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::job::{Job, Session, VERSION, VERSION_MASK, Work};
use perwatt_stratum::share::{Class, StoredShare};

use crate::schema::{
    Asic, Counted, Entry, PoolJob, PoolShare, Proof, Record, Run, Unit, WorkloadKey,
};
use crate::work;

/// Beginning of the names of devices that are miners.
pub const PREFIX: &str = "asic:";
/// The device that is the sum of all miners.
pub const ALL: &str = "asic:all";
/// The backend of miners.
pub const BACKEND: &str = "stratum";
/// The lowest bit of the version that BIP 320 lets miners roll.
const LOWEST_BIT: u32 = VERSION_MASK.trailing_zeros();

/// Faults in the work of a miner.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PoolError {
    #[error("{0} is not among plan.asics")]
    NoAsic(String),
    #[error("difficulty {0} is none that perwatt's pool announces")]
    Difficulty(f64),
    #[error("share {0:?} is of a job that the run does not list")]
    NoJob(PoolShare),
    #[error("job {0} is listed with two times")]
    TwoTimes(u32),
    #[error("share {share:?} is {class}: it was not found by hashing this header", class = class.name())]
    NotAShare { share: PoolShare, class: Class },
    #[error("share {0:?} rolls version bits that its miner may not")]
    Version(PoolShare),
    #[error("share {0:?} is listed twice")]
    Duplicate(PoolShare),
    #[error("share {0:?} comes before the share that is listed before it")]
    Order(PoolShare),
    #[error("{found} steps at {t_ns} ns, and the shares until then make {expected}")]
    Series {
        t_ns: u64,
        found: u64,
        expected: u64,
    },
    #[error("{0:?} is no class of submissions that do not count")]
    Class(String),
    #[error("the sum lacks the run of {0}, one of its members, in the same round")]
    Member(String),
    #[error("the difficulty of {0} is not its sum's times a power of two")]
    Ratio(String),
}

/// True for a device that is a miner.
pub fn is_asic(device: &str) -> bool {
    device.starts_with(PREFIX)
}

/// The name under which the miner of this device was authorised.
pub fn worker(device: &str) -> &str {
    device.strip_prefix(PREFIX).unwrap_or(device)
}

/// The miner of this device.
pub fn find<'a>(record: &'a Record, device: &str) -> Option<&'a Asic> {
    record.plan.asics.iter().find(|asic| asic.name == device)
}

/// The model of a miner as it or the user states it, else its user agent; of a sum the number
/// of its miners.
pub fn model(record: &Record, device: &str) -> String {
    let unknown = || "unknown miner".to_owned();
    let Some(asic) = find(record, device) else {
        return unknown();
    };
    match asic.members.len() {
        0 => {
            let stated = asic.model.as_ref().or(asic.user_agent.as_ref());
            let stated = stated.map(|text| text.trim().to_owned());
            stated
                .filter(|text| !text.is_empty())
                .unwrap_or_else(unknown)
        }
        n => format!("{n} miners"),
    }
}

/// The miners of a session by their names, `miner bitaxe`; `None` where other devices were
/// measured.
pub fn title(record: &Record) -> Option<String> {
    let entries = &record.plan.entries;
    if entries.is_empty() || !entries.iter().all(|entry| is_asic(&entry.device)) {
        return None;
    }
    let miners = record.plan.asics.iter();
    let miners = miners.filter(|asic| asic.members.is_empty());
    let names: Vec<&str> = miners.map(|asic| worker(&asic.name)).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("miner {one}")),
        several => Some(format!("miners {}", several.join(", "))),
    }
}

/// Hashes that a share of this difficulty stands for; `None` for a difficulty that the pool
/// does not announce.
pub fn work_per_share(difficulty: f64) -> Option<u64> {
    Some(Difficulty::exact(difficulty).ok()?.work().round() as u64)
}

/// The entry of a miner, or of the sum of several.
pub fn entry(asic: &Asic) -> Entry {
    let work = work::Work::Sha256d;
    let difficulty = asic.difficulty;
    let description = match asic.members.len() {
        0 => format!(
            "double SHA-256 by a miner on perwatt's pool, counted by shares of difficulty {difficulty}"
        ),
        members => format!("double SHA-256 by {members} miners together, the sum of their rows"),
    };
    Entry {
        id: format!("{}/{}/{}", work.name(), asic.name, BACKEND),
        workload: WorkloadKey::new(work, BTreeMap::new()),
        device: asic.name.clone(),
        backend: BACKEND.into(),
        backend_detail: None,
        variant: None,
        backend_warning: None,
        unit: Unit::Hash,
        work_per_step: work_per_share(difficulty).unwrap_or_default(),
        description,
    }
}

/// The interval of a run's rate by the number of its shares between two moments of its work
/// series.
pub(crate) fn counted(
    record: &Record,
    run: &Run,
    entry: &Entry,
    window_ns: (u64, u64),
    time_s: f64,
) -> Option<Counted> {
    let asic = is_asic(&entry.device)
        .then(|| find(record, &entry.device))
        .flatten()?;
    let at = |run: &Run, t_ns: u64| {
        let until = run.work.partition_point(|(t, _)| *t <= t_ns);
        until.checked_sub(1).map_or(0, |last| run.work[last].1)
    };
    let between = |run: &Run| at(run, window_ns.1).saturating_sub(at(run, window_ns.0));
    let groups: Vec<(f64, u64)> = match asic.members.is_empty() {
        true => vec![(entry.work_per_step as f64, between(run))],
        false => (members(record, run, asic).ok()?.into_iter())
            .map(|(member, run)| Some((work_per_share(member.difficulty)? as f64, between(run))))
            .collect::<Option<_>>()?,
    };
    let interval = count_interval(&groups, CONFIDENCE)?;
    Some(Counted {
        events: groups.iter().map(|(_, events)| events).sum(),
        low_per_s: interval.low / time_s,
        high_per_s: interval.high / time_s,
    })
}

/// The miners of a sum with their runs of the same round.
fn members<'a>(
    record: &'a Record,
    run: &Run,
    sum: &Asic,
) -> Result<Vec<(&'a Asic, &'a Run)>, PoolError> {
    let of = |name: &String| {
        let entries = record.plan.entries.iter();
        let entry = entries.zip(0..).find(|(entry, _)| entry.device == *name)?;
        let mut runs = record.runs.iter();
        let run = runs.find(|of| of.entry == entry.1 && of.round == run.round)?;
        Some((find(record, name)?, run))
    };
    let each = |name| of(name).ok_or_else(|| PoolError::Member(name.clone()));
    sum.members.iter().map(each).collect()
}

/// Checks the shares of a run and that its work series follows from them.
///
/// # Errors
/// [`PoolError`] for the first fault.
pub fn verify_run(record: &Record, run: &Run, entry: &Entry) -> Result<(), PoolError> {
    let missing = || PoolError::NoAsic(entry.device.clone());
    let asic = find(record, &entry.device).ok_or_else(missing)?;
    let difficulty = exact(asic)?;
    let steps: Vec<(u64, u64)> = match &run.proof {
        Some(Proof::Pool {
            jobs,
            shares,
            others,
        }) => {
            if let Some(class) = others.keys().find(|name| !is_refused(name)) {
                return Err(PoolError::Class(class.clone()));
            }
            verify_shares(record, asic, difficulty, jobs, shares)?;
            shares.iter().map(|share| (share.7, 1)).collect()
        }
        _ => {
            let mut steps = Vec::new();
            for (member, run) in members(record, run, asic)? {
                let ratio = exact(member)?.value() / difficulty.value();
                if ratio < 1.0 || ratio.log2().fract() != 0.0 {
                    return Err(PoolError::Ratio(member.name.clone()));
                }
                if let Some(Proof::Pool { shares, .. }) = &run.proof {
                    steps.extend(shares.iter().map(|share| (share.7, ratio as u64)));
                }
            }
            steps.sort_unstable();
            steps
        }
    };
    let (mut taken, mut expected) = (steps.iter().peekable(), 0);
    for &(t_ns, found) in &run.work {
        while let Some((_, step)) = taken.next_if(|(t_ms, _)| *t_ms <= t_ns / 1_000_000) {
            expected += step;
        }
        if found != expected {
            return Err(PoolError::Series {
                t_ns,
                found,
                expected,
            });
        }
    }
    Ok(())
}

/// Checks that no share is counted in two runs.
///
/// # Errors
/// [`PoolError::Duplicate`] or [`PoolError::TwoTimes`].
pub fn verify_once(record: &Record) -> Result<(), PoolError> {
    let mut times = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for run in &record.runs {
        let Some(Proof::Pool { jobs, shares, .. }) = &run.proof else {
            continue;
        };
        for PoolJob(counter, ntime) in jobs {
            if *times.entry((run.entry, counter)).or_insert(ntime) != ntime {
                return Err(PoolError::TwoTimes(*counter));
            }
        }
        for share in shares {
            if !seen.insert((run.entry, header_of(share))) {
                return Err(PoolError::Duplicate(*share));
            }
        }
    }
    Ok(())
}

/// What tells the header of a share from others of its miner.
fn header_of(share: &PoolShare) -> PoolShare {
    PoolShare { 7: 0, ..*share }
}

fn exact(asic: &Asic) -> Result<Difficulty, PoolError> {
    Difficulty::exact(asic.difficulty).map_err(|_| PoolError::Difficulty(asic.difficulty))
}

/// True for the name of a class that does not count.
fn is_refused(name: &str) -> bool {
    Class::ALL
        .iter()
        .any(|class| *class != Class::Ok && class.name() == name)
}

/// The work of each job, by its counter.
fn works(
    record: &Record,
    asic: &Asic,
    difficulty: Difficulty,
    jobs: &[PoolJob],
) -> BTreeMap<u32, Work> {
    let session = Session::new(&record.session.id);
    let work = |job: &PoolJob| {
        let job = Job {
            counter: job.0,
            device: worker(&asic.name).to_owned(),
            difficulty,
            ntime: job.1,
        };
        (job.counter, Work::new(&session, job))
    };
    jobs.iter().map(work).collect()
}

/// Submissions of a miner that did not count, by class, in all windows.
pub fn refused(record: &Record, device: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for run in &record.runs {
        let entry = record.plan.entries.get(run.entry as usize);
        if let (Some(Proof::Pool { others, .. }), true) =
            (&run.proof, entry.is_some_and(|of| of.device == device))
        {
            for (class, count) in others {
                *all.entry(class.clone()).or_insert(0u64) += count;
            }
        }
    }
    all
}

fn verify_shares(
    record: &Record,
    asic: &Asic,
    difficulty: Difficulty,
    jobs: &[PoolJob],
    shares: &[PoolShare],
) -> Result<(), PoolError> {
    let works = works(record, asic, difficulty, jobs);
    let mut last_ms = 0;
    for share in shares {
        let work = works.get(&share.0).ok_or(PoolError::NoJob(*share))?;
        let stored = stored(share, work).ok_or(PoolError::Version(*share))?;
        match stored.class(work, &stored.hash(work)) {
            Class::Ok => {}
            class => {
                return Err(PoolError::NotAShare {
                    share: *share,
                    class,
                });
            }
        }
        if share.7 < last_ms {
            return Err(PoolError::Order(*share));
        }
        last_ms = share.7;
    }
    Ok(())
}

/// The share with its header's fields in full; `None` if its bits are none that may be rolled.
fn stored(share: &PoolShare, work: &Work) -> Option<StoredShare> {
    let PoolShare(job, connection, high, low, late_s, nonce, bits, t_ms) = *share;
    let bits = u64::from(bits) << LOWEST_BIT;
    let bits = u32::try_from(bits)
        .ok()
        .filter(|bits| bits & !VERSION_MASK == 0)?;
    Some(StoredShare {
        job,
        connection,
        extranonce2: u64::from(high) << 32 | u64::from(low),
        ntime: work.job.ntime.wrapping_add(late_s),
        nonce,
        version: VERSION | bits,
        time_s: t_ms as f64 * 1e-3,
    })
}

/// The share as an archive holds it, with its arrival in milliseconds of the segment.
pub fn archived(share: &StoredShare, job: PoolJob, t_ms: u64) -> PoolShare {
    PoolShare(
        share.job,
        share.connection,
        (share.extranonce2 >> 32) as u32,
        share.extranonce2 as u32,
        share.ntime.wrapping_sub(job.1),
        share.nonce,
        (share.version & VERSION_MASK) >> LOWEST_BIT,
        t_ms,
    )
}
