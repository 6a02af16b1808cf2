//! Ranks of the columns of a row, as ranges that the runs support.

use crate::inference::{Basis, Inference};
use crate::sample::{Sample, meter_widening};

/// The largest number of columns that are ranked: with more, the pairs are too many for any
/// of them to be distinguished.
pub const MOST_COLUMNS: usize = 100;

/// Best and worst rank of each sample, 1 for the best. A sample is certainly behind only
/// those that are better by the simultaneous interval of their pair, at a joint confidence
/// of 1 - alpha over all pairs (Bonferroni), widened for meters and noise. The number
/// beside each sample is its noise, as a logarithm: its possible difference from itself.
/// `ratio` gives the ratio of its first sample to its second. Where the scatter between
/// sessions is not known, ranks hold for these sessions only.
pub fn ranks(
    samples: &[(&Sample, f64)],
    ratio: impl Fn(&Sample, &Sample) -> Option<Inference>,
    higher_is_better: bool,
    alpha: f64,
) -> Vec<[usize; 2]> {
    let n = samples.len();
    let pairs = (n * n.saturating_sub(1) / 2).max(1);
    let confidence = 1.0 - alpha / pairs as f64;
    let mut ahead = vec![0; n];
    let mut behind = vec![0; n];
    for i in 0..n {
        for j in i + 1..n {
            let ((a, noise_a), (b, noise_b)) = (samples[i], samples[j]);
            let Some(of_pair) = ratio(a, b) else {
                continue;
            };
            let Ok((low, high)) = of_pair.interval_ln(confidence) else {
                continue;
            };
            let gaps = [a.session_gap_ln, b.session_gap_ln].into_iter().flatten();
            let gap = match of_pair.basis {
                Basis::Runs => gaps.fold(0.0, f64::max),
                Basis::Sessions => 0.0,
            };
            let slack = meter_widening(a, b).0 + noise_a.max(noise_b).max(gap);
            let more = low > slack;
            let less = high < -slack;
            let (better, worse) = match higher_is_better {
                true => (more, less),
                false => (less, more),
            };
            if better {
                ahead[j] += 1;
                behind[i] += 1;
            } else if worse {
                ahead[i] += 1;
                behind[j] += 1;
            }
        }
    }
    (0..n).map(|i| [1 + ahead[i], n - behind[i]]).collect()
}
