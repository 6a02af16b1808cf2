//! Many comparisons at once: what each must show so that all together can be
//! believed.

use perwatt_stats as stats;

use crate::model::{Family, Procedure};

/// Above so many comparisons a grid is explored rather than ranked.
const FAMILY_WISE: usize = 50;

/// The family of these tests, each with the sizes of its two samples and its
/// p-value, and their adjusted p-values.
///
/// Which procedure it is depends on how many tests there are and on how many runs
/// they have, never on what the runs show: of few tests none may be wrong; of many,
/// or where the runs are too few for that, the share of wrong ones is kept small.
pub fn family(tests: &[([usize; 2], f64)], alpha: f64) -> (Family, Vec<f64>) {
    let p: Vec<f64> = tests.iter().map(|(_, p)| *p).collect();
    let count = tests.len().max(1) as f64;
    let attainable = |level: f64| {
        let mut sizes = tests.iter().map(|(sizes, _)| sizes);
        sizes.any(|[n, m]| stats::smallest_p(*n, *m) <= level)
    };
    // Runs too few for any level at all gain nothing by the weaker promise.
    let exploring = tests.len() > FAMILY_WISE || (!attainable(alpha / count) && attainable(alpha));
    let (procedure, adjusted, confidence) = if exploring {
        let adjusted = stats::benjamini_hochberg(&p);
        let found = adjusted.iter().filter(|p| **p <= alpha).count().max(1);
        let share = alpha * found as f64 / count;
        (Procedure::FalseDiscovery, adjusted, 1.0 - share)
    } else {
        let adjusted = stats::holm(&p);
        (Procedure::FamilyWise, adjusted, 1.0 - alpha / count)
    };
    let family = Family {
        comparisons: tests.len(),
        alpha,
        procedure,
        confidence,
    };
    (family, adjusted)
}
