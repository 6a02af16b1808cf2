//! The noise of a machine compared with itself: no difference below it is believed.

use std::collections::HashMap;
use std::sync::Arc;

use perwatt_stats as stats;

use crate::key::Key;
use crate::session::{Row, Session};

/// Confidence of a noise floor.
pub const CONFIDENCE: f64 = 0.95;

/// A machine against itself under one key.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfCheck {
    /// Runs in the first half of the rounds.
    pub first: Vec<f64>,
    /// Runs in the second.
    pub second: Vec<f64>,
    /// Estimate and interval of ln(second / first); absent where the runs are too
    /// few.
    pub ratio_ln: Option<(f64, f64, f64)>,
}

impl SelfCheck {
    /// The halves of a session of so many rounds.
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

    /// The far end of the interval: how much the machine may differ from itself,
    /// as a logarithm.
    pub fn floor_ln(&self) -> Option<f64> {
        let (_, low, high) = self.ratio_ln?;
        Some(low.abs().max(high.abs()))
    }
}

type Place = (Arc<str>, Arc<Key>, Arc<str>, Arc<str>);

/// The noise floors that are known.
#[derive(Debug, Default)]
pub struct Floors(HashMap<Place, f64>);

impl Floors {
    /// Of these selfchecks; of several of one machine the largest counts.
    pub fn of(selfchecks: &[Session]) -> Self {
        let mut floors: HashMap<Place, f64> = HashMap::new();
        for session in selfchecks {
            for row in session.rows.iter().filter(|row| row.barred.is_none()) {
                if let Some(floor) = SelfCheck::of(row, session.rounds).floor_ln() {
                    let kept = floors.entry(place(session, row)).or_default();
                    *kept = kept.max(floor);
                }
            }
        }
        Self(floors)
    }

    /// The floor of a row, as a logarithm.
    pub fn get(&self, session: &Session, row: &Row) -> Option<f64> {
        self.0.get(&place(session, row)).copied()
    }

    /// Whether any is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn place(session: &Session, row: &Row) -> Place {
    (
        Arc::clone(&session.machine),
        Arc::clone(&row.key),
        Arc::clone(&row.device),
        Arc::clone(&row.backend),
    )
}
