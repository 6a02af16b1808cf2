//! What each workload's entries and proofs must look like: the definitions of
//! work that a figure stands on.

use std::collections::BTreeMap;

use crate::proof::{self, ShareError};
use crate::schema::{Entry, Proof, Record, Run, Unit};

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
    let param = |key: &str| entry.workload.params.get(key).map(String::as_str);
    let number = |key: &str| param(key)?.parse::<u64>().ok();
    let defined = if name == "sha256d" {
        Some((Unit::Hash, Some(1)))
    } else if name.starts_with("matmul/") {
        let unit = match name {
            "matmul/i8" => Unit::Op,
            _ => Unit::Flop,
        };
        Some((unit, param("shape").and_then(flop)))
    } else if name.starts_with("gemv/") {
        let each = param("dtype_in").and_then(bytes_of);
        let result = param("dtype_out").and_then(bytes_of);
        let sizes = each.zip(result);
        let bytes = |(each, result)| vector_bytes(param("shape")?, each, result);
        Some((Unit::Byte, sizes.and_then(bytes)))
    } else if name.starts_with("stream/") {
        let arrays = match name {
            "stream/triad" => 3,
            "stream/copy" => 2,
            _ => 1,
        };
        let each = param("dtype").and_then(bytes_of).unwrap_or(8);
        Some((
            Unit::Byte,
            number("array_bytes").and_then(|bytes| (bytes / each * each).checked_mul(arrays)),
        ))
    } else {
        None
    };
    let fits = match defined {
        Some((unit, steps)) => entry.unit == unit && steps == Some(entry.work_per_step),
        // A workload of a newer version: only hashes have a meaning that no
        // version may change.
        None => entry.unit != Unit::Hash,
    };
    if !fits {
        let defined = match defined {
            Some((unit, Some(steps))) => format!("{steps} {unit}"),
            Some((unit, None)) => format!("{unit} by parameters that are missing"),
            None => "something else than hashes".into(),
        };
        return Err(RuleError::Counting {
            id: entry.id.clone(),
            workload: name.into(),
            found: entry.work_per_step,
            unit: entry.unit,
            defined,
        });
    }
    let tail = format!("/{}/{}", entry.device, entry.backend);
    if !(entry.id.starts_with(name) && entry.id.ends_with(&tail)) {
        return Err(RuleError::Id {
            id: entry.id.clone(),
            workload: name.into(),
            device: entry.device.clone(),
            backend: entry.backend.clone(),
        });
    }
    Ok(())
}

/// Adds up `of` one product over the products of a shape, which is written as
/// `MxNxK`, with `*R` after those that are done R times and `+` between several.
fn sum(shape: &str, of: impl Fn([u64; 3]) -> Option<u64>) -> Option<u64> {
    shape.split('+').try_fold(0_u64, |sum, product| {
        let (product, repeats) = match product.split_once('*') {
            Some((product, repeats)) => (product, repeats.parse().ok()?),
            None => (product, 1),
        };
        let sizes: Vec<u64> = product
            .split('x')
            .map(|size| size.parse().ok())
            .collect::<Option<_>>()?;
        sum.checked_add(of(sizes.try_into().ok()?)?.checked_mul(repeats)?)
    })
}

/// 2·m·n·k.
fn flop(shape: &str) -> Option<u64> {
    sum(shape, |[m, n, k]| {
        m.checked_mul(n)?.checked_mul(k)?.checked_mul(2)
    })
}

/// Bytes of the weights and the token, `each` per element, and of the result.
fn vector_bytes(shape: &str, each: u64, result: u64) -> Option<u64> {
    sum(shape, |[m, n, k]| {
        let read = n.checked_add(1)?.checked_mul(k)?.checked_mul(each)?;
        let bytes = read.checked_add(n.checked_mul(result)?);
        bytes.filter(|_| m == 1)
    })
}

/// The least bytes that a product can move: its two inputs and its result, once each;
/// `None` where the workload's parameters do not say what they are.
pub fn product_bytes(params: &BTreeMap<String, String>) -> Option<u64> {
    let each = bytes_of(params.get("dtype_in")?)?;
    let result = bytes_of(params.get("dtype_out")?)?;
    sum(params.get("shape")?, |[m, n, k]| {
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
            Ok(proof::verify_run(record, run)?)
        }
        (Some(Proof::Freivalds { rounds: 0, .. } | Proof::Exact { elements: 0 }), _) => {
            Err(RuleError::EmptyProof)
        }
        (Some(Proof::Freivalds { max_ratio, .. }), Unit::Flop | Unit::Op | Unit::Byte)
            if entry.unit != Unit::Byte || product =>
        {
            if *max_ratio <= 1.0 {
                Ok(())
            } else {
                Err(RuleError::Product(*max_ratio))
            }
        }
        (Some(Proof::Exact { .. }), Unit::Byte) if !product => Ok(()),
        (Some(Proof::Shares { .. }), _) => wrong("shares"),
        (Some(Proof::Freivalds { .. }), _) => wrong("Freivalds' test"),
        (Some(Proof::Exact { .. }), _) => wrong("comparison of elements"),
    }
}
