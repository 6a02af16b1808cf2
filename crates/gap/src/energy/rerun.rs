//! Where the median of another session would lie: a prediction interval, wider than the
//! confidence interval of this median, since the other one scatters too.
//!
//! All widths are natural logarithms of ratios, at 95 %.

use perwatt_compare::pool::SESSIONS_AS_SAMPLE;
use perwatt_stats as stats;
use serde::Serialize;

use super::student::t_975;

/// Variance of a median over that of a mean, of many normal values: pi/2. Of few it is
/// less, so that the interval errs on the wide side.
const MEDIAN_OVER_MEAN: f64 = std::f64::consts::FRAC_PI_2;
/// Sessions from which on it is told how they differ; of two t is 12.7.
const LEAST_BESIDE: usize = 3;
/// Coverage of every interval here.
const CONFIDENCE: f64 = 0.95;

/// How far the ends of an interval are from its centre, as logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Widths {
    /// Down.
    pub below_ln: f64,
    /// Up.
    pub above_ln: f64,
}

impl Widths {
    /// Both ends so far from the centre.
    pub fn even(ln: f64) -> Self {
        Self {
            below_ln: ln,
            above_ln: ln,
        }
    }

    /// Of a relative uncertainty: ln(1 + u).
    pub fn of_rel(rel: f64) -> Self {
        Self::even(rel.ln_1p())
    }

    /// Independent errors together: in quadrature, each end for itself.
    pub fn and(self, other: Self) -> Self {
        Self {
            below_ln: self.below_ln.hypot(other.below_ln),
            above_ln: self.above_ln.hypot(other.above_ln),
        }
    }

    /// Those of the reciprocal.
    pub fn turned(self) -> Self {
        Self {
            below_ln: self.above_ln,
            above_ln: self.below_ln,
        }
    }

    /// The ends around a centre.
    pub fn around(self, centre: f64) -> [f64; 2] {
        [
            centre * (-self.below_ln).exp(),
            centre * self.above_ln.exp(),
        ]
    }
}

/// What an interval of re-runs speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "of")]
pub enum Scope {
    /// One session is known, and nothing of how sessions differ: re-runs at once, on the
    /// machine as it is.
    AtOnce {
        /// Its runs.
        runs: usize,
    },
    /// One session, and the noise that a selfcheck of this machine found.
    AtOnceWithSelfcheck {
        /// Its runs.
        runs: usize,
    },
    /// One session, and how this and others of this machine differ that lie beside it.
    Beside {
        /// How many are known, this one included.
        sessions: usize,
    },
    /// Sessions of this size, as these differ among each other.
    Sessions {
        /// How many are known.
        sessions: usize,
    },
}

impl Scope {
    /// What the interval holds, in words.
    pub fn words(self) -> String {
        match self {
            Self::AtOnce { runs } => format!(
                "95 % of medians of {runs} runs re-run at once, on the machine as it is; how \
                 sessions differ is not known of one"
            ),
            Self::AtOnceWithSelfcheck { runs } => format!(
                "95 % of medians of {runs} runs re-run at once, on the machine as it is, with the \
                 noise of its selfcheck"
            ),
            Self::Beside { sessions } => format!(
                "95 % of medians of another such session, as this and the {} of this machine \
                 beside it scatter",
                sessions - 1
            ),
            Self::Sessions { sessions } => {
                format!("95 % of medians of another such session, as {sessions} sessions scatter")
            }
        }
    }
}

/// A median and where another session's would lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rerun {
    /// The median: of all runs, or of the sessions' medians from
    /// [`SESSIONS_AS_SAMPLE`] sessions on, as comparisons have it.
    pub median: f64,
    /// The interval around it; `None` of a single run.
    pub widths: Option<Widths>,
    /// What it speaks of.
    pub scope: Scope,
}

/// From the figures of each session's runs; `selfcheck_ln` is the noise floor of the
/// machine where a selfcheck is archived. `None` where there is no figure or one is not
/// positive.
///
/// One session of n runs: the next median has the same variance as this one, so the
/// half-width is sqrt(2) times that of this median's interval. For the latter the wider
/// of two at each end counts: t(n-1) s sqrt(pi/2 / n), which holds of normal values, and
/// that of order statistics, which holds of values that fall into clusters.
///
/// k sessions, each with median y: the next one scatters as they do and the centre is
/// uncertain, so the half-width is t(k-1) s(y) sqrt(1 + pi/2 / k), but no less than that
/// of re-runs within the sessions. With two sessions t is 12.7: two sessions say little.
///
/// One session and the medians of `beside`, other sessions of the same work on the same
/// machine, two or more: the centre stays this session's, and the next one differs from
/// it as two sessions do, so the half-width is sqrt(2) t(k-1) s(y) of all k.
pub fn rerun(sessions: &[Vec<f64>], beside: &[f64], selfcheck_ln: Option<f64>) -> Option<Rerun> {
    let sessions: Vec<Vec<f64>> = sessions
        .iter()
        .filter(|runs| !runs.is_empty())
        .map(|runs| runs.iter().map(|value| value.ln()).collect())
        .collect();
    let medians: Vec<f64> = sessions
        .iter()
        .map(|runs| stats::median(runs))
        .collect::<Option<_>>()?;
    let pooled: Vec<f64> = sessions.iter().flatten().copied().collect();
    let k = medians.len();
    let runs = pooled.len().checked_div(k)?;
    let (centre, scope, widths) = match k {
        1 => {
            let centre = stats::median(&pooled)?;
            let widths = within(&pooled, pooled.len());
            match (between_these(&medians, beside), selfcheck_ln) {
                (Some((sessions, between)), _) => {
                    let least = widths.map_or(0.0, |w| w.below_ln.max(w.above_ln));
                    let widths = Widths::even(between.max(least));
                    (centre, Scope::Beside { sessions }, Some(widths))
                }
                (None, Some(floor)) => (
                    centre,
                    Scope::AtOnceWithSelfcheck { runs },
                    widths.map(|widths| widths.and(Widths::even(floor))),
                ),
                (None, None) => (centre, Scope::AtOnce { runs }, widths),
            }
        }
        _ => {
            let centre = match k >= SESSIONS_AS_SAMPLE {
                true => stats::median(&medians)?,
                false => stats::median(&pooled)?,
            };
            let factor = (1.0 + MEDIAN_OVER_MEAN / k as f64).sqrt();
            let between = t_975(k - 1)? * deviation(&medians)? * factor;
            // The runs of all sessions around their own medians, for the scatter of one.
            let around: Vec<f64> = sessions
                .iter()
                .zip(&medians)
                .flat_map(|(runs, median)| runs.iter().map(move |value| value - median))
                .collect();
            let least = within(&around, runs).map_or(0.0, |w| w.below_ln.max(w.above_ln));
            let widths = Widths::even(between.max(least));
            (centre, Scope::Sessions { sessions: k }, Some(widths))
        }
    };
    let finite = |w: &Widths| w.below_ln.is_finite() && w.above_ln.is_finite();
    Some(Rerun {
        median: centre.exp(),
        widths: widths.filter(finite),
        scope,
    })
}

/// Sessions, and how far apart two of them lie, from this one's median and those beside
/// it; `None` where they are too few to tell.
fn between_these(logs: &[f64], beside: &[f64]) -> Option<(usize, f64)> {
    let others = beside.iter().map(|median| median.ln());
    let all: Vec<f64> = logs.iter().copied().chain(others).collect();
    if all.len() < LEAST_BESIDE {
        return None;
    }
    let between = t_975(all.len() - 1)? * deviation(&all)? * std::f64::consts::SQRT_2;
    between.is_finite().then_some((all.len(), between))
}

/// Re-runs within a session of so many runs, of logarithms of runs.
fn within(logs: &[f64], runs: usize) -> Option<Widths> {
    let t = t_975(logs.len().checked_sub(1)?)?;
    let normal = t * deviation(logs)? * (MEDIAN_OVER_MEAN / runs as f64).sqrt();
    let median = stats::median(logs)?;
    let order = match stats::median_interval(logs, CONFIDENCE) {
        // Of pooled runs it is that of the larger sample.
        Ok(found) if logs.len() == runs => Widths {
            below_ln: median - found.low,
            above_ln: found.high - median,
        },
        _ => Widths::default(),
    };
    Some(Widths {
        below_ln: order.below_ln.max(normal) * std::f64::consts::SQRT_2,
        above_ln: order.above_ln.max(normal) * std::f64::consts::SQRT_2,
    })
}

/// Standard deviation of a sample; `None` of fewer than two values.
fn deviation(values: &[f64]) -> Option<f64> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (n - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_interval_of_one_session_by_hand() {
        let runs: Vec<f64> = [0.0_f64, 0.01, 0.02, 0.03, 0.04, 0.05]
            .iter()
            .map(|ln| ln.exp())
            .collect();
        let found = rerun(std::slice::from_ref(&runs), &[], None).unwrap();
        assert!((found.median - 0.025_f64.exp()).abs() < 1e-12);
        // s = 0.0187083, t(5) = 2.571, sqrt(pi/2/6) = 0.511663: 0.0246105; the order
        // statistics give 0.025, which is wider; times sqrt 2.
        let widths = found.widths.unwrap();
        assert!((widths.below_ln - 0.025 * 2_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.scope, Scope::AtOnce { runs: 6 });
        let noisy = rerun(&[runs], &[], Some(0.03)).unwrap();
        let wider = noisy.widths.unwrap().above_ln;
        assert!((wider - (2.0 * 0.025_f64.powi(2) + 0.03_f64.powi(2)).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn too_little_gives_no_interval_and_bad_figures_nothing() {
        let single = rerun(&[vec![5.0]], &[], None).unwrap();
        assert_eq!((single.median.round(), single.widths), (5.0, None));
        assert_eq!(rerun(&[], &[], None), None);
        assert_eq!(rerun(&[vec![]], &[], None), None);
        assert_eq!(rerun(&[vec![1.0, 0.0]], &[], None), None);
        assert_eq!(rerun(&[vec![1.0, f64::NAN]], &[], None), None);
    }

    proptest! {
        #[test]
        fn scaling_scales_and_the_median_lies_inside(
            runs in prop::collection::vec(0.5..2.0_f64, 2..12),
            factor in 0.01..100.0_f64,
        ) {
            let scaled: Vec<f64> = runs.iter().map(|value| value * factor).collect();
            let (a, b) = (rerun(&[runs], &[], None).unwrap(), rerun(&[scaled], &[], None).unwrap());
            prop_assert!((b.median / a.median / factor - 1.0).abs() < 1e-9);
            let (a, b) = (a.widths.unwrap(), b.widths.unwrap());
            prop_assert!((a.below_ln - b.below_ln).abs() < 1e-9 && a.below_ln >= 0.0);
            prop_assert!((a.above_ln - b.above_ln).abs() < 1e-9 && a.above_ln >= 0.0);
        }
    }
}
