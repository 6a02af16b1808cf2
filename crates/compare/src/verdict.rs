//! Verdict on a ratio.

use perwatt_stats as stats;
use serde::Serialize;

use crate::inference::{Basis, Inference};

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
    /// Better by more than the margin in these sessions; another pair of sessions may
    /// differ.
    BetterHere,
    /// Worse by more than the margin in these sessions.
    WorseHere,
    /// Within the margin in these sessions.
    SameHere,
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
            Self::BetterHere => "BETTER HERE",
            Self::WorseHere => "WORSE HERE",
            Self::SameHere => "SAME HERE",
            Self::Unclear => "UNCLEAR",
        }
    }

    /// True if it is a difference, and holds for other sessions too.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Better | Self::Worse)
    }

    /// True if it is a difference, in these sessions at least.
    pub fn is_difference(self) -> bool {
        self.is_change() || matches!(self, Self::BetterHere | Self::WorseHere)
    }

    /// True if more sessions are needed: it is unclear, or holds for these sessions only.
    pub fn is_open(self) -> bool {
        !self.is_change() && self != Self::Same
    }

    /// The same verdict on these sessions alone.
    fn here(self) -> Self {
        match self {
            Self::Better | Self::BetterHere => Self::BetterHere,
            Self::Worse | Self::WorseHere => Self::WorseHere,
            Self::Same | Self::SameHere => Self::SameHere,
            Self::Unclear => Self::Unclear,
        }
    }
}

/// Remedy for a verdict that is unclear, or that holds for these sessions only.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "remedy")]
pub enum Remedy {
    /// About this many sessions on each side, an estimate from the scatter of these.
    Sessions {
        /// The number of sessions on each side.
        sessions: usize,
    },
    /// More sessions, because the scatter between sessions is not known.
    AtLeastSessions {
        /// The number of sessions that each side then has at least.
        sessions: usize,
        /// The number that are missing on the base's side and on the other one.
        missing: [usize; 2],
    },
    /// At least this many runs on each side: so few cannot reach the confidence, whatever
    /// their values.
    AtLeast {
        /// The number of runs on each side.
        runs: usize,
    },
    /// More sessions do not help: the accuracy of the meters is the limit, or the effect
    /// lies on the margin.
    None,
}

/// Parameters of a judgement. Differences are natural logarithms of ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Confidence of the interval.
    pub confidence: f64,
    /// Smallest difference that matters: SAME lies within it.
    pub margin_ln: f64,
    /// The difference of a machine from itself: BETTER and WORSE lie beyond it, and beyond
    /// the margin.
    pub noise_ln: f64,
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
    /// Ends of the interval, widened for the meters; absent where the runs are too few.
    pub interval_ln: Option<(f64, f64)>,
    /// The remedy for a verdict that is unclear or holds for these sessions only.
    pub remedy: Option<Remedy>,
}

/// Judges a ratio; `None` for a confidence that is not strictly between 0 and 1.
///
/// The verdict follows from the interval of the ratio, never from its estimate: the
/// interval lies wholly beyond the margin and the noise for BETTER and WORSE, and wholly
/// within the margin for SAME.
pub fn judge(ratio: &Inference, rule: &Rule) -> Option<Judged> {
    let (ln_low, ln_high) = match ratio.interval_ln(rule.confidence) {
        Ok(interval) => interval,
        Err(stats::RatioError::TooFew { need, .. }) => {
            return Some(Judged {
                verdict: Verdict::Unclear,
                interval_ln: None,
                remedy: Some(Remedy::AtLeast { runs: need }),
            });
        }
        Err(_) => return None,
    };
    let low = ln_low - rule.widening_ln;
    let high = ln_high + rule.widening_ln;
    let margin = rule.margin_ln;
    let beyond = margin.max(rule.noise_ln);
    let (better, worse) = match rule.higher_is_better {
        true => (low > beyond, high < -beyond),
        false => (high < -beyond, low > beyond),
    };
    let general = if better {
        Verdict::Better
    } else if worse {
        Verdict::Worse
    } else if -margin <= low && high <= margin {
        Verdict::Same
    } else {
        Verdict::Unclear
    };
    let (verdict, remedy) = match ratio.basis {
        Basis::Runs => {
            let sessions = ratio.least_sessions();
            let missing = ratio.sessions.map(|side| sessions.saturating_sub(side));
            (
                general.here(),
                Some(Remedy::AtLeastSessions { sessions, missing }),
            )
        }
        Basis::Sessions if general == Verdict::Unclear => {
            // With more sessions the interval would narrow around its centre.
            let away = (0.5 * (ln_low + ln_high)).abs();
            let room = (away - beyond).max(margin - away) - rule.widening_ln;
            let half_width = 0.5 * (ln_high - ln_low);
            let sessions = ratio.sessions[0].min(ratio.sessions[1]);
            let settled = stats::runs_to_settle(sessions, half_width, room);
            let remedy = settled.map_or(Remedy::None, |sessions| Remedy::Sessions { sessions });
            (general, Some(remedy))
        }
        Basis::Sessions => (general, None),
    };
    Some(Judged {
        verdict,
        interval_ln: Some((low, high)),
        remedy,
    })
}
