//! Tests of honesty from shares alone.
//!
//! A share's hash proves its own difficulty, and an honest machine draws it blindly: the
//! place of the hash below the target is uniform, arrivals are a Poisson process, and
//! extranonce2 counts up. Each test gives a sentence with its p-value, the chance of seeing
//! this from one honest machine. Alarms are adjusted for the number of tests (Holm), so an
//! honest machine raises any in at most 1 % of all windows. Nothing is corrected in
//! silence: where a recount is due, the finding says with which difficulty.
//!
//! What cannot be seen: shares held back at random or a fee in shares sent elsewhere between
//! others. Both only lower the rate, which is what was delivered here.

mod fractions;
mod machines;
mod times;

use perwatt_stats::holm;

use crate::share::Proven;

/// Chance that an honest machine raises any alarm in a window.
pub const FALSE_ALARM: f64 = 0.01;

/// What a test looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// A band below the target without shares: the chips report from a higher difficulty on.
    Floor,
    /// No share among the best: they were held back.
    Best,
    /// The whole distribution of hashes below the target.
    Shape,
    /// Submissions just above the target: the miner uses another difficulty.
    OtherDifficulty,
    /// The longest time without a share.
    Gap,
    /// Times without shares that come back periodically.
    Period,
    /// Connections that deliver at the same time.
    Connections,
    /// The order of extranonce2.
    Order,
}

/// The outcome of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The test.
    pub test: Test,
    /// The chance of this, or of anything further off, from one honest machine.
    pub p: f64,
    /// True if it is an alarm after adjustment for all tests.
    pub is_alarm: bool,
    /// What was seen, with the p-value.
    pub sentence: String,
    /// The difficulty that each share stands for in truth, where it is another than the one
    /// announced. The rate is not recounted here.
    pub recount: Option<f64>,
}

/// Tests the shares of one worker over a window of the session's clock, in order of
/// arrival. `counted` are those that count, `low` those whose hash is above the target.
/// A test that has too few shares to say anything has p = 1.
pub fn examine(counted: &[Proven], low: &[Proven], begin_s: f64, end_s: f64) -> Vec<Finding> {
    let mut times_s: Vec<f64> = counted.iter().map(|it| it.share.time_s - begin_s).collect();
    times_s.sort_by(f64::total_cmp);
    let window_s = end_s - begin_s;
    let mut findings = vec![
        fractions::floor(counted),
        fractions::best(counted),
        fractions::shape(counted),
        fractions::other_difficulty(counted, low),
        times::gap(&times_s, window_s),
        times::period(&times_s, window_s),
        machines::connections(counted),
        machines::order(counted),
    ];
    let p: Vec<f64> = findings.iter().map(|finding| finding.p).collect();
    for (finding, adjusted) in findings.iter_mut().zip(holm(&p)) {
        finding.is_alarm = adjusted <= FALSE_ALARM;
    }
    findings
}

/// A finding before its alarm is decided.
fn finding(test: Test, p: f64, seen: String) -> Finding {
    let p = p.clamp(0.0, 1.0);
    let chance = match p {
        p if p < 1e-12 => "p < 1e-12".to_owned(),
        p if p < 0.001 => format!("p = {p:.0e}"),
        p => format!("p = {p:.3}"),
    };
    Finding {
        test,
        p,
        is_alarm: false,
        sentence: format!("{seen} ({chance})"),
        recount: None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_alarm() {
        for finding in examine(&[], &[], 0.0, 3600.0) {
            assert!(finding.p == 1.0 && !finding.is_alarm, "{finding:?}");
            assert!(finding.sentence.ends_with("(p = 1.000)"), "{finding:?}");
        }
    }

    #[test]
    fn small_chances_are_readable() {
        assert!(
            finding(Test::Gap, 3.2e-5, "x".into())
                .sentence
                .ends_with("x (p = 3e-5)")
        );
        assert!(
            finding(Test::Gap, 0.0, "x".into())
                .sentence
                .ends_with("x (p < 1e-12)")
        );
    }
}
