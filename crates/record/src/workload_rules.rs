//! Rules for the entries and proofs of each workload: the definitions of work behind the
//! figures.

use crate::pool;
use crate::proof::{self, ShareError};
use crate::schema::{Asic, Entry, Proof, Record, Run, Tolerance, Unit};
use crate::work::{Params, ProofMethod, Work, array_elements, rounding};
use perwatt_matmul::shapes;

/// The first minor version in which products on the CPU are checked while they run.
const WITH_PROBES: u32 = 4;

/// Limit of [`window_over_run`]. A machine that was held up for its whole warm-up, four
/// times the window, and then worked would show this ratio; a rate that settles shows one
/// near 1.
const MOST_WINDOW_OVER_RUN: f64 = 4.0;

/// Violations of a workload's definition by an entry or a run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RuleError {
    #[error("{id} counts {found} {unit} a step, and {workload} defines {defined}")]
    Counting {
        id: String,
        workload: String,
        found: u64,
        unit: Unit,
        defined: String,
    },
    #[error(
        "{id} is {workload:?}, a workload that this perwatt does not know: it is not verified; check it with the version that measured it"
    )]
    UnknownWorkload { id: String, workload: String },
    #[error("entry {id:?} is {workload} on {device} by {backend}, and its id says otherwise")]
    Id {
        id: String,
        workload: String,
        device: String,
        backend: String,
    },
    #[error("the run carries no proof")]
    NoProof,
    #[error("{unit} cannot be proven by {method}")]
    WrongProof { unit: Unit, method: &'static str },
    #[error("the check looked at nothing")]
    EmptyProof,
    #[error(
        "the window has {0:.1} times the rate of the whole run, which is what the shares prove; no load warms up so slowly"
    )]
    Shifted(f64),
    #[error("the check looked at {looked_at} elements, and each array has {array}")]
    PartialProof { looked_at: u64, array: u64 },
    #[error("Freivalds' test used seed {found}, and the session's seed gives {expected}")]
    Seed { found: u64, expected: u64 },
    #[error("no product but the last was checked: a library that stopped multiplying would pass")]
    NoProbes,
    #[error("the product's error is {0} of its bound, and 1 is the most")]
    Product(f64),
    #[error(
        "the bound allows for {model:?} sums of unit roundoff {unit_roundoff:e}, more than {workload} by {backend} may have"
    )]
    Wide {
        model: String,
        unit_roundoff: f64,
        workload: String,
        backend: String,
    },
    #[error(
        "the bound allows for {0:?} sums and cannot be checked by this version; check it with the version that measured it"
    )]
    UnknownTolerance(String),
    #[error(transparent)]
    Shares(#[from] ShareError),
    #[error(transparent)]
    Pool(#[from] pool::PoolError),
    #[error("{device} has proof by {method}, and shares of a pool are the proof of miners alone")]
    NotCounted {
        device: String,
        method: &'static str,
    },
    #[error("the work series ends at {series} hashes and {claimed} are claimed")]
    Claim { series: u64, claimed: u64 },
}

/// Checks the id of an entry and its count of work. A step of a miner in `asics` is a share.
pub fn check_entry(entry: &Entry, asics: &[Asic]) -> Result<(), RuleError> {
    let name = entry.workload.name.as_str();
    let known = Work::find(name).filter(|work| work.version() == entry.workload.version);
    let Some(work) = known else {
        return Err(RuleError::UnknownWorkload {
            id: entry.id.clone(),
            workload: format!("{name} version {}", entry.workload.version),
        });
    };
    let asic = asics.iter().find(|asic| asic.name == entry.device);
    let steps = match asic {
        Some(asic) => pool::work_per_share(asic.difficulty).filter(|_| work == Work::Sha256d),
        None => work.per_step(&entry.workload.params),
    };
    let unit = work.unit();
    if entry.unit != unit || steps != Some(entry.work_per_step) {
        return Err(RuleError::Counting {
            id: entry.id.clone(),
            workload: name.into(),
            found: entry.work_per_step,
            unit: entry.unit,
            defined: match steps {
                Some(steps) => format!("{steps} {unit}"),
                None => format!("{unit} by parameters that it lacks or that are none of its own"),
            },
        });
    }
    let tail = format!("/{}/{}", entry.device, entry.backend);
    let middle = entry
        .id
        .strip_prefix(name)
        .and_then(|id| id.strip_suffix(&tail));
    if !middle.is_some_and(|middle| names(middle, &entry.workload.params)) {
        return Err(RuleError::Id {
            id: entry.id.clone(),
            workload: name.into(),
            device: entry.device.clone(),
            backend: entry.backend.clone(),
        });
    }
    Ok(())
}

/// True if the part of an id between workload and device matches the parameters: a shape by
/// its name or in numbers, a model, or nothing.
fn names(middle: &str, params: &Params) -> bool {
    let Some(shape) = params.get("shape") else {
        return middle.is_empty();
    };
    let Some(name) = middle.strip_prefix('/') else {
        return false;
    };
    match params.get("model") {
        Some(model) => name == model,
        // An unknown name may come from an older version.
        None => shapes::find(name).map_or(true, |named| named.shape.to_string() == *shape),
    }
}

/// Checks that the window of a hashing run is not much faster than its shares prove.
///
/// # Errors
/// [`RuleError::Shifted`].
pub fn check_window(record: &Record, run: &Run) -> Result<(), RuleError> {
    let entry = record.plan.entries.get(run.entry as usize);
    let hashing = entry.is_some_and(|entry| entry.unit == Unit::Hash);
    match window_over_run(record, run) {
        Some(ratio) if hashing && ratio > MOST_WINDOW_OVER_RUN => Err(RuleError::Shifted(ratio)),
        _ => Ok(()),
    }
}

/// The rate of a run's window divided by the rate of all its work, warm-up included. Shares
/// prove only the rate of the whole run; this ratio bounds that of the window.
pub fn window_over_run(record: &Record, run: &Run) -> Option<f64> {
    let (first, last) = (run.work.first()?, run.work.last()?);
    let time_s = last.0.checked_sub(first.0)? as f64 * 1e-9;
    let entry = record.plan.entries.get(run.entry as usize)?;
    let work = last.1.checked_sub(first.1)? as f64 * entry.work_per_step as f64;
    Some(run.measured.as_ref()?.rate_per_s / (work / time_s))
}

/// The seed of the check of a run, derived from the session's seed.
pub fn check_seed(session_seed: u64, round: u32, entry: u32) -> u64 {
    session_seed ^ (u64::from(round) << 32) ^ u64::from(entry)
}

/// Checks that the check of a product allowed no more than its arithmetic needs.
fn check_tolerance(entry: &Entry, tolerance: &Tolerance) -> Result<(), RuleError> {
    let found = tolerance
        .rounding()
        .ok_or_else(|| RuleError::UnknownTolerance(tolerance.model.clone()))?;
    let work = entry.workload.named().work();
    let most = work.and_then(|work| rounding(work, &entry.backend));
    match most.is_some_and(|most| found.is_within(most)) {
        true => Ok(()),
        false => Err(RuleError::Wide {
            model: tolerance.model.clone(),
            unit_roundoff: tolerance.unit_roundoff,
            workload: entry.workload.name.clone(),
            backend: entry.backend.clone(),
        }),
    }
}

/// Checks the proof that a good run must have.
pub fn check_run(record: &Record, run: &Run) -> Result<(), RuleError> {
    let Some(entry) = record.plan.entries.get(run.entry as usize) else {
        return Ok(());
    };
    let asic = pool::find(record, &entry.device);
    let fits = match &run.proof {
        Some(Proof::Pool { .. }) => asic.is_some_and(|asic| asic.members.is_empty()),
        Some(Proof::PoolSum) => asic.is_some_and(|asic| !asic.members.is_empty()),
        _ => asic.is_none(),
    };
    match &run.proof {
        None => Err(RuleError::NoProof),
        Some(other) if !fits => Err(RuleError::NotCounted {
            device: entry.device.clone(),
            method: ProofMethod::of(other).words(),
        }),
        Some(Proof::Freivalds { rounds: 0, .. } | Proof::Exact { elements: 0 }) => {
            Err(RuleError::EmptyProof)
        }
        Some(Proof::Freivalds { probes, .. })
            if probes.is_none_or(|probes| probes == 0)
                && entry.device == "cpu"
                && record.schema.minor >= WITH_PROBES =>
        {
            Err(RuleError::NoProbes)
        }
        Some(other) if ProofMethod::of(other) != entry.proof_method() => {
            Err(RuleError::WrongProof {
                unit: entry.unit,
                method: ProofMethod::of(other).words(),
            })
        }
        Some(Proof::Pool { .. } | Proof::PoolSum) => Ok(pool::verify_run(record, run, entry)?),
        Some(Proof::Shares { claimed_hashes, .. }) => {
            let series = run.work.last().map_or(0, |(_, steps)| *steps);
            if series != *claimed_hashes {
                return Err(RuleError::Claim {
                    series,
                    claimed: *claimed_hashes,
                });
            }
            check_window(record, run)?;
            Ok(proof::verify_run(record, run)?)
        }
        Some(Proof::Freivalds {
            max_ratio,
            seed,
            tolerance,
            ..
        }) => {
            if let Some(tolerance) = tolerance {
                check_tolerance(entry, tolerance)?;
            }
            let expected = check_seed(record.session.seed, run.round, run.entry);
            match (*seed == expected, (0.0..=1.0).contains(max_ratio)) {
                (false, _) => Err(RuleError::Seed {
                    found: *seed,
                    expected,
                }),
                (true, false) => Err(RuleError::Product(*max_ratio)),
                (true, true) => Ok(()),
            }
        }
        Some(Proof::Exact { elements }) => {
            let array = array_elements(&entry.workload.params);
            match array.is_some_and(|array| *elements >= array) {
                true => Ok(()),
                false => Err(RuleError::PartialProof {
                    looked_at: *elements,
                    array: array.unwrap_or(0),
                }),
            }
        }
    }
}
