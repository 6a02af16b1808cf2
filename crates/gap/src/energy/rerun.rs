//! The interval in which the median of another session would lie, and the sessions that
//! it rests on.

use perwatt_stats::{self as stats, Widths};
use serde::Serialize;

/// The smallest number of sessions from which their scatter is estimated; with two, t is
/// 12.7.
const LEAST_BESIDE: usize = 3;

/// Scope of an interval of re-runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "of")]
pub enum Scope {
    /// One session, with no data on the scatter between sessions: re-runs at once, on the
    /// machine as it is.
    AtOnce {
        /// The number of its runs.
        runs: usize,
    },
    /// One session, and the noise that a selfcheck of this machine found.
    AtOnceWithSelfcheck {
        /// The number of its runs.
        runs: usize,
    },
    /// One session, and the scatter between it and other sessions of this machine that are
    /// stored beside it.
    Beside {
        /// The number of sessions, this one included.
        sessions: usize,
    },
    /// Sessions of this size, with the scatter between these.
    Sessions {
        /// The number of sessions.
        sessions: usize,
    },
}

impl Scope {
    /// Description of the interval, in words.
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

/// A median, and the interval in which another session's would lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rerun {
    /// The median: of the runs of one session, or of the sessions' medians.
    pub median: f64,
    /// The interval around it; `None` for a single run.
    pub widths: Option<Widths>,
    /// Scope of the interval.
    pub scope: Scope,
}

/// The median and interval from the figures of each session's runs; `selfcheck_ln` is the
/// noise floor of the machine if a selfcheck is archived. Returns `None` if there is no
/// figure or one is not positive.
///
/// For one session the interval is that of re-runs within it ([`stats::rerun_within`]).
/// With two or more medians in `beside`, of other sessions of the same work on the same
/// machine, it follows from the scatter between sessions ([`stats::rerun_apart`]), but is
/// no narrower than within. For several sessions it is that of another one beside them
/// ([`stats::rerun_beside`]), but no narrower than within.
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
            let widths = stats::rerun_within(&pooled, pooled.len());
            match (between_these(&medians, beside), selfcheck_ln) {
                (Some((sessions, between)), _) => {
                    let least = widths.map_or(0.0, Widths::larger);
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
            let centre = stats::median(&medians)?;
            let between = stats::rerun_beside(&medians)?;
            // The runs of all sessions relative to their own medians, for the scatter
            // within one.
            let around: Vec<f64> = sessions
                .iter()
                .zip(&medians)
                .flat_map(|(runs, median)| runs.iter().map(move |value| value - median))
                .collect();
            let least = stats::rerun_within(&around, runs).map_or(0.0, Widths::larger);
            let widths = Widths::even(between.max(least));
            (centre, Scope::Sessions { sessions: k }, Some(widths))
        }
    };
    Some(Rerun {
        median: centre.exp(),
        widths: widths.filter(|widths| widths.is_finite()),
        scope,
    })
}

/// The number of sessions and the distance between two of them, as a logarithm, from this
/// one's median and those beside it; `None` for fewer than [`LEAST_BESIDE`].
fn between_these(logs: &[f64], beside: &[f64]) -> Option<(usize, f64)> {
    let others = beside.iter().map(|median| median.ln());
    let all: Vec<f64> = logs.iter().copied().chain(others).collect();
    if all.len() < LEAST_BESIDE {
        return None;
    }
    let between = stats::rerun_apart(&all)?;
    between.is_finite().then_some((all.len(), between))
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
