//! Correction for multiple comparisons: the adjusted p-values and the confidence of each
//! interval.

use perwatt_stats as stats;

use crate::model::{Family, Procedure};

/// The largest number of comparisons for which the family-wise error rate is controlled.
/// With more, the false discovery rate is.
const FAMILY_WISE: usize = 50;

/// The family of these tests, each with the smallest p-value that it can give and the one
/// that it gave, and their adjusted p-values.
///
/// The procedure depends on the number of tests and on the smallest p-values, never on the
/// figures. With few tests the chance of any wrong verdict is limited; with many, or
/// where the runs are too few for that, the expected share of wrong verdicts is limited.
pub fn family(tests: &[[f64; 2]], alpha: f64) -> (Family, Vec<f64>) {
    let p: Vec<f64> = tests.iter().map(|[_, p]| *p).collect();
    let count = tests.len().max(1) as f64;
    let attainable = |level: f64| tests.iter().any(|[smallest, _]| *smallest <= level);
    // Where the runs are too few for either procedure, the weaker one gains nothing.
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
