//! Trends of a row's figures over its sessions: each differs from the one before by less
//! than shows, and all of them together by more than matters.

use perwatt_stats as stats;
use serde::Serialize;

/// A monotone trend over sessions.
#[derive(Debug, Clone, Serialize)]
pub struct SessionTrend {
    /// Start of the first of its sessions, UTC: the first since the last change.
    pub since_utc: String,
    /// The number of sessions.
    pub sessions: usize,
    /// Ratio of the figure of a session to that of the one before, by Theil and Sen's slope
    /// of the logarithms.
    pub ratio_per_session: f64,
    /// Ratio of the last figure to the first, by the same slope.
    pub ratio: f64,
    /// Mann and Kendall's two-sided p-value, with independent sessions.
    pub p_value: f64,
    /// True if the figures get worse.
    pub worse: bool,
}

/// The trend of these figures, logarithms in order of time; `None` where its p-value is
/// `alpha` or more, or where it changes them by `margin_ln` or less in all.
pub fn decline(
    figures_ln: &[f64],
    alpha: f64,
    margin_ln: f64,
    higher_is_better: bool,
) -> Option<SessionTrend> {
    let points: Vec<(f64, f64)> = (0_u32..)
        .map(f64::from)
        .zip(figures_ln.iter().copied())
        .collect();
    let found = stats::trend(&points)?;
    let whole_ln = found.slope * (points.len() - 1) as f64;
    (found.p_value < alpha && whole_ln.abs() > margin_ln).then(|| SessionTrend {
        since_utc: String::new(),
        sessions: points.len(),
        ratio_per_session: found.slope.exp(),
        ratio: whole_ln.exp(),
        p_value: found.p_value,
        worse: (found.slope < 0.0) == higher_is_better,
    })
}
