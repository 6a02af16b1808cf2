//! Verdict on a pair of samples.

use perwatt_stats as stats;
use serde::Serialize;

/// Verdict on a figure against the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Better by more than the margin.
    Better,
    /// Worse by more than the margin.
    Worse,
    /// Within the margin, in either direction.
    Same,
    /// Not decided by the runs.
    Unclear,
}

impl Verdict {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "BETTER",
            Self::Worse => "WORSE",
            Self::Same => "SAME",
            Self::Unclear => "UNCLEAR",
        }
    }
}

/// Remedy for an unclear comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "remedy")]
pub enum Remedy {
    /// About this many runs on each side, an estimate from the scatter of these.
    Runs {
        /// The number of runs on each side.
        runs: usize,
    },
    /// More runs: so few cannot reach the confidence, whatever their values.
    AtLeast {
        /// The smallest number of runs on each side that can.
        runs: usize,
    },
    /// More runs do not help: the accuracy of the meters is the limit, or the effect lies
    /// on the margin.
    None,
}

/// Parameters of a judgement. Differences are natural logarithms of ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Confidence of the interval.
    pub confidence: f64,
    /// Smallest difference that matters.
    pub margin_ln: f64,
    /// Widening of each end of the interval for the scale errors of different meters.
    pub widening_ln: f64,
    /// True if a higher figure is better.
    pub higher_is_better: bool,
}

/// A judged pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Hodges and Lehmann's estimate of ln(other / base).
    pub ratio_ln: f64,
    /// Ends of the interval, widened for the meters; absent where the runs are too few.
    pub interval_ln: Option<(f64, f64)>,
    /// The remedy for an unclear verdict.
    pub remedy: Option<Remedy>,
}

/// Judges `other` against `base`; returns `None` if a value is not a positive number or a
/// sample is empty.
///
/// The verdict follows from the interval of the ratio, never from its estimate: the
/// interval lies wholly beyond the margin for BETTER and WORSE, and wholly within it for
/// SAME.
pub fn judge(base: &[f64], other: &[f64], rule: &Rule) -> Option<Judged> {
    let ratio_ln = stats::ratio_ln(other, base)?;
    let interval = match stats::ratio_interval(other, base, rule.confidence) {
        Ok(interval) => interval,
        Err(stats::RatioError::TooFew { need, .. }) => {
            return Some(Judged {
                verdict: Verdict::Unclear,
                ratio_ln,
                interval_ln: None,
                remedy: Some(Remedy::AtLeast { runs: need }),
            });
        }
        Err(_) => return None,
    };
    let low = interval.ln_low - rule.widening_ln;
    let high = interval.ln_high + rule.widening_ln;
    let margin = rule.margin_ln;
    let (better, worse) = match rule.higher_is_better {
        true => (low > margin, high < -margin),
        false => (high < -margin, low > margin),
    };
    let verdict = if better {
        Verdict::Better
    } else if worse {
        Verdict::Worse
    } else if -margin <= low && high <= margin {
        Verdict::Same
    } else {
        Verdict::Unclear
    };
    let remedy = (verdict == Verdict::Unclear).then(|| {
        // With more runs the interval would narrow around its centre.
        let centre = 0.5 * (interval.ln_low + interval.ln_high);
        let half_width = 0.5 * (interval.ln_high - interval.ln_low);
        let room = (centre.abs() - margin).abs() - rule.widening_ln;
        let runs = base.len().min(other.len());
        match stats::runs_to_settle(runs, half_width, room) {
            Some(runs) => Remedy::Runs { runs },
            None => Remedy::None,
        }
    });
    Some(Judged {
        verdict,
        ratio_ln,
        interval_ln: Some((low, high)),
        remedy,
    })
}
