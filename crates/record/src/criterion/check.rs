//! Offline checks of a criterion archive: that it is unchanged since it was written, and
//! that its figures follow from its samples. They do not show that work was done.

use super::{Archive, Benchmark, Loaded};
use crate::check::{CheckReport, check_digest, line};

/// Relative difference allowed between floats on the machine that wrote and on this one.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// Checks an archive against every rule.
pub fn check(loaded: &Loaded) -> CheckReport {
    let Archive {
        benchmarks, digest, ..
    } = &loaded.archive;
    let lines = vec![
        line("digest of the body", check_digest(&loaded.digest, digest)),
        line("structure of the samples", check_samples(benchmarks)),
        line(
            "median of each benchmark, re-derived",
            check_medians(benchmarks),
        ),
        line("marked as unverified", check_marks(benchmarks)),
    ];
    CheckReport { lines }
}

fn check_samples(benchmarks: &[Benchmark]) -> Result<String, String> {
    if benchmarks.is_empty() {
        return Err("there is no benchmark".into());
    }
    let mut samples = 0;
    for (i, benchmark) in benchmarks.iter().enumerate() {
        if benchmark.derive_median_s().is_none() {
            return Err(format!(
                "benchmarks[{i}] has {} iters for {} times_ns, or one that is not a positive number",
                benchmark.iters.len(),
                benchmark.times_ns.len()
            ));
        }
        samples += benchmark.iters.len();
    }
    Ok(format!(
        "{samples} samples of {} benchmarks",
        benchmarks.len()
    ))
}

fn check_medians(benchmarks: &[Benchmark]) -> Result<String, String> {
    for (i, benchmark) in benchmarks.iter().enumerate() {
        let said = benchmark.median_s_per_iter;
        let holds = benchmark
            .derive_median_s()
            .is_some_and(|found| (said - found).abs() <= FLOAT_TOLERANCE * found);
        if !holds {
            return Err(format!(
                "benchmarks[{i}].median_s_per_iter does not follow from the samples"
            ));
        }
    }
    Ok(format!("{} figures", benchmarks.len()))
}

/// Checks that no benchmark is marked as verified. Criterion verifies nothing, so such a
/// file was made up.
fn check_marks(benchmarks: &[Benchmark]) -> Result<String, String> {
    match benchmarks
        .iter()
        .position(|benchmark| !benchmark.unverified)
    {
        Some(i) => Err(format!(
            "benchmarks[{i}].unverified is false, and criterion verifies nothing"
        )),
        None => Ok("criterion checks no result: times alone stand here".into()),
    }
}
