//! Noise floors, from machines compared with themselves: a smaller difference is not
//! significant.

use std::collections::HashMap;

use perwatt_stats as stats;

use crate::scatter::Place;
use crate::session::{Row, Session};

/// Confidence of a noise floor.
pub const CONFIDENCE: f64 = 0.95;

/// A comparison of a machine with itself under one key.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfCheck {
    /// Figures of the runs in the first half of the rounds.
    pub first: Vec<f64>,
    /// Figures of the runs in the second half.
    pub second: Vec<f64>,
    /// Estimate and interval of ln(second / first); absent where the runs are too
    /// few.
    pub ratio_ln: Option<(f64, f64, f64)>,
}

impl SelfCheck {
    /// Compares the two halves of a session with this number of rounds.
    pub fn of(row: &Row, rounds: u32) -> Self {
        let half = |second: bool| -> Vec<f64> {
            row.values
                .iter()
                .filter(|(round, _)| (*round >= rounds / 2) == second)
                .map(|(_, value)| *value)
                .collect()
        };
        let (first, second) = (half(false), half(true));
        let interval = stats::ratio_interval(&second, &first, CONFIDENCE);
        let ratio_ln = interval.ok().and_then(|interval| {
            Some((
                stats::ratio_ln(&second, &first)?,
                interval.ln_low,
                interval.ln_high,
            ))
        });
        Self {
            first,
            second,
            ratio_ln,
        }
    }

    /// The noise floor as a logarithm: the end of the interval that is farther from zero.
    pub fn floor_ln(&self) -> Option<f64> {
        let (_, low, high) = self.ratio_ln?;
        Some(low.abs().max(high.abs()))
    }
}

/// Noise floors by machine, key, device and backend.
#[derive(Debug, Default)]
pub struct Floors(HashMap<Place, f64>);

impl Floors {
    /// The floors from these selfchecks; of several on one machine the largest counts.
    pub fn of(selfchecks: &[Session]) -> Self {
        let mut floors: HashMap<Place, f64> = HashMap::new();
        for session in selfchecks {
            for row in session.rows.iter().filter(|row| row.barred.is_none()) {
                if let Some(floor) = SelfCheck::of(row, session.rounds).floor_ln() {
                    let kept = floors.entry(Place::of(session, row)).or_default();
                    *kept = kept.max(floor);
                }
            }
        }
        Self(floors)
    }

    /// The floor of a row, as a logarithm.
    pub fn get(&self, session: &Session, row: &Row) -> Option<f64> {
        self.0.get(&Place::of(session, row)).copied()
    }

    /// True if no floor is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
