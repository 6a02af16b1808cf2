//! What each workload's entries and proofs must look like: the definitions of
//! work that a figure stands on.

use std::collections::BTreeMap;

use crate::proof::{self, ShareError};
use crate::schema::{Entry, Proof, Record, Run, Unit};
use perwatt_matmul::{LayerSet, Shape, shapes};

/// The minor version from which on products of the CPU are checked while they run.
const WITH_PROBES: u32 = 4;

/// A machine that was held up for the whole of its warm-up, four times the window, and
/// then worked, shows this ratio; a rate that settles shows one near 1.
const MOST_WINDOW_OVER_RUN: f64 = 4.0;

/// Why an entry or a run does not follow the definition of its workload.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// Its work is counted otherwise than the workload defines.
    #[error("{id} counts {found} {unit} a step, and {workload} defines {defined}")]
    Counting {
        /// The entry.
        id: String,
        /// Its workload.
        workload: String,
        /// In the file.
        found: u64,
        /// In the file.
        unit: Unit,
        /// By definition.
        defined: String,
    },
    /// Nobody here knows how it is counted or checked.
    #[error(
        "{id} is {workload:?}, a workload that this perwatt does not know: it is not verified; check it with the version that measured it"
    )]
    UnknownWorkload {
        /// The entry.
        id: String,
        /// Its workload.
        workload: String,
    },
    /// Its id does not say what it is.
    #[error("entry {id:?} is {workload} on {device} by {backend}, and its id says otherwise")]
    Id {
        /// The entry.
        id: String,
        /// Its workload.
        workload: String,
        /// Its device.
        device: String,
        /// Its backend.
        backend: String,
    },
    /// A run counts as good and nothing shows that its work was done.
    #[error("the run carries no proof")]
    NoProof,
    /// A run carries the proof of another kind of work.
    #[error("{unit} cannot be proven by {method}")]
    WrongProof {
        /// What is counted.
        unit: Unit,
        /// How it is said to be checked.
        method: &'static str,
    },
    /// Nothing was checked.
    #[error("the check looked at nothing")]
    EmptyProof,
    /// Work that the shares prove was moved from the warm-up into the window.
    #[error(
        "the window has {0:.1} times the rate of the whole run, which is what the shares prove; no load warms up so slowly"
    )]
    Shifted(f64),
    /// A part of the memory was not looked at.
    #[error("the check looked at {looked_at} elements, and each array has {array}")]
    PartialProof {
        /// In the file.
        looked_at: u64,
        /// By the parameters.
        array: u64,
    },
    /// The check used other vectors than the session's seed gives.
    #[error("Freivalds' test used seed {found}, and the session's seed gives {expected}")]
    Seed {
        /// In the file.
        found: u64,
        /// By the session.
        expected: u64,
    },
    /// Only the last product was looked at.
    #[error("no product but the last was checked: a library that stopped multiplying would pass")]
    NoProbes,
    /// A product is wrong.
    #[error("the product's error is {0} of its bound, and 1 is the most")]
    Product(f64),
    /// The shares do not stand up.
    #[error(transparent)]
    Shares(#[from] ShareError),
    /// The work series and the proof tell of different work.
    #[error("the work series ends at {series} hashes and {claimed} are claimed")]
    Claim {
        /// End of the series.
        series: u64,
        /// In the proof.
        claimed: u64,
    },
}

/// Checks how an entry counts its work.
pub fn check_entry(entry: &Entry) -> Result<(), RuleError> {
    let name = entry.workload.name.as_str();
    let known = counting(&entry.workload.params, name);
    let known = known.filter(|_| entry.workload.version == VERSION);
    let Some((unit, steps)) = known else {
        return Err(RuleError::UnknownWorkload {
            id: entry.id.clone(),
            workload: format!("{name} version {}", entry.workload.version),
        });
    };
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

/// Whether the part of an id between workload and device is what the parameters say: a
/// shape by its name or in numbers, a model, or nothing.
fn names(middle: &str, params: &BTreeMap<String, String>) -> bool {
    let Some(shape) = params.get("shape") else {
        return middle.is_empty();
    };
    let Some(name) = middle.strip_prefix('/') else {
        return false;
    };
    match params.get("model") {
        Some(model) => name == model,
        // A name that this build does not know may be an older one's.
        None => shapes::find(name).map_or(true, |named| named.shape.to_string() == *shape),
    }
}

/// The version of every workload that this build knows.
const VERSION: u32 = 1;

/// The unit of a workload, and how much of it one step has; `None` for a workload that
/// this build does not know.
fn counting(params: &BTreeMap<String, String>, name: &str) -> Option<(Unit, Option<u64>)> {
    let size_of = |key: &str| bytes_of(params.get(key)?);
    // Its inputs are what it is called after; f16-f32 has sums in another format.
    let format = name
        .split('/')
        .nth(1)
        .and_then(|format| format.split('-').next());
    let products = name.starts_with("matmul/") || name.starts_with("gemv/");
    let input = params.get("dtype_in").map(String::as_str);
    if products && input.is_some() && input != format {
        return Some((Unit::Flop, None));
    }
    Some(match name {
        "sha256d" => (Unit::Hash, Some(1)),
        "matmul/f32" | "matmul/f16" | "matmul/f16-f32" => (Unit::Flop, sum(params, flop)),
        "matmul/i8" => (Unit::Op, sum(params, flop)),
        "gemv/f16" | "gemv/i8" => {
            let sizes = size_of("dtype_in").zip(size_of("dtype_out"));
            let bytes = |(each, result)| sum(params, |product| vector(product, each, result));
            (Unit::Byte, sizes.and_then(bytes))
        }
        "stream/read" | "stream/write" | "stream/copy" | "stream/triad" => {
            let arrays = match name {
                "stream/triad" => 3,
                "stream/copy" => 2,
                _ => 1,
            };
            let each = size_of("dtype").unwrap_or(F64_BYTES);
            let steps = array_elements(params).and_then(|n| (n * each).checked_mul(arrays));
            (Unit::Byte, steps)
        }
        _ => return None,
    })
}

/// Bytes of an element where a stream workload does not say.
const F64_BYTES: u64 = 8;

/// Elements of each array of a stream workload.
fn array_elements(params: &BTreeMap<String, String>) -> Option<u64> {
    let each = params.get("dtype").and_then(|format| bytes_of(format));
    let bytes: u64 = params.get("array_bytes")?.parse().ok()?;
    Some(bytes / each.unwrap_or(F64_BYTES))
}

/// The products of a workload's parameters, with how often each is done in a step: one
/// `MxNxK`, or those of the `model` that is named, and then no others.
fn products(params: &BTreeMap<String, String>) -> Option<Vec<([u64; 3], u64)>> {
    let shape = params.get("shape")?;
    let sizes = |shape: Shape| [shape.m as u64, shape.n as u64, shape.k as u64];
    if let Some(model) = params.get("model") {
        let set = LayerSet::find(model)?;
        let all = set.products.iter();
        let tokens = params.get("tokens_per_step");
        let same_tokens = tokens.is_none_or(|tokens| *tokens == set.tokens.to_string());
        return (same_tokens && set.shapes() == *shape).then(|| {
            all.map(|(shape, repeats)| (sizes(*shape), u64::from(*repeats)))
                .collect()
        });
    }
    let one: Shape = shape.parse().ok()?;
    (one.to_string() == *shape).then(|| vec![(sizes(one), 1)])
}

/// Adds up `of` one product over the products of a step.
fn sum(params: &BTreeMap<String, String>, of: impl Fn([u64; 3]) -> Option<u64>) -> Option<u64> {
    products(params)?
        .into_iter()
        .try_fold(0_u64, |sum, (product, repeats)| {
            sum.checked_add(of(product)?.checked_mul(repeats)?)
        })
}

/// 2·m·n·k.
fn flop([m, n, k]: [u64; 3]) -> Option<u64> {
    m.checked_mul(n)?.checked_mul(k)?.checked_mul(2)
}

/// Bytes of the weights and the token, `each` per element, and of the result.
fn vector([m, n, k]: [u64; 3], each: u64, result: u64) -> Option<u64> {
    let read = n.checked_add(1)?.checked_mul(k)?.checked_mul(each)?;
    let bytes = read.checked_add(n.checked_mul(result)?);
    bytes.filter(|_| m == 1)
}

/// The least bytes that a product can move: its two inputs and its result, once each;
/// `None` where the workload's parameters do not say what they are.
pub fn product_bytes(params: &BTreeMap<String, String>) -> Option<u64> {
    let each = bytes_of(params.get("dtype_in")?)?;
    let result = bytes_of(params.get("dtype_out")?)?;
    sum(params, |[m, n, k]| {
        let read = m.checked_mul(k)?.checked_add(k.checked_mul(n)?)?;
        let written = m.checked_mul(n)?.checked_mul(result)?;
        read.checked_mul(each)?.checked_add(written)
    })
}

/// Bytes of a number of this format.
fn bytes_of(format: &str) -> Option<u64> {
    match format {
        "f64" => Some(8),
        "f32" | "i32" => Some(4),
        "f16" => Some(2),
        "i8" => Some(1),
        _ => None,
    }
}

/// Checks that the window of a hashing run is not far above what its shares prove.
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

/// The rate of a run's window over that of all its work, warm-up included. Shares prove
/// the second; that the first is not far from it is all that bounds the first.
pub fn window_over_run(record: &Record, run: &Run) -> Option<f64> {
    let (first, last) = (run.work.first()?, run.work.last()?);
    let time_s = last.0.checked_sub(first.0)? as f64 * 1e-9;
    let entry = record.plan.entries.get(run.entry as usize)?;
    let work = last.1.checked_sub(first.1)? as f64 * entry.work_per_step as f64;
    Some(run.measured.as_ref()?.rate_per_s / (work / time_s))
}

/// The seed of a run's check.
pub fn check_seed(session_seed: u64, round: u32, entry: u32) -> u64 {
    session_seed ^ (u64::from(round) << 32) ^ u64::from(entry)
}

/// Checks the proof that a good run must carry.
pub fn check_run(record: &Record, run: &Run) -> Result<(), RuleError> {
    let Some(entry) = record.plan.entries.get(run.entry as usize) else {
        return Ok(());
    };
    let wrong = |method| {
        Err(RuleError::WrongProof {
            unit: entry.unit,
            method,
        })
    };
    // Of a vector: counted in bytes, and checked as a product.
    let product = entry.workload.name.starts_with("gemv/");
    match (&run.proof, entry.unit) {
        (None, _) => Err(RuleError::NoProof),
        (Some(Proof::Shares { claimed_hashes, .. }), Unit::Hash) => {
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
        (Some(Proof::Freivalds { rounds: 0, .. } | Proof::Exact { elements: 0 }), _) => {
            Err(RuleError::EmptyProof)
        }
        (Some(Proof::Freivalds { probes, .. }), _)
            if probes.is_none_or(|probes| probes == 0)
                && entry.device == "cpu"
                && record.schema.minor >= WITH_PROBES =>
        {
            Err(RuleError::NoProbes)
        }
        (
            Some(Proof::Freivalds {
                max_ratio, seed, ..
            }),
            Unit::Flop | Unit::Op | Unit::Byte,
        ) if entry.unit != Unit::Byte || product => {
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
        (Some(Proof::Exact { elements }), Unit::Byte) if !product => {
            let array = array_elements(&entry.workload.params);
            match array.is_some_and(|array| *elements >= array) {
                true => Ok(()),
                false => Err(RuleError::PartialProof {
                    looked_at: *elements,
                    array: array.unwrap_or(0),
                }),
            }
        }
        (Some(Proof::Shares { .. }), _) => wrong("shares"),
        (Some(Proof::Freivalds { .. }), _) => wrong("Freivalds' test"),
        (Some(Proof::Exact { .. }), _) => wrong("comparison of elements"),
    }
}
