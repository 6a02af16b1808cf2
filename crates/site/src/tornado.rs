//! The sensitivity of the answer to each parameter: each is set to both ends of its range,
//! one at a time.

use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::Inputs;
use crate::parameter::write;
use crate::parameters::parameters;
use crate::scenario::Value;
use crate::settings::Use;
use crate::uses::{advantage, annual_over_sell};

/// The effect of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swing {
    /// The parameter.
    pub key: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Both ends of its range, as they are written.
    pub ends: [String; 2],
    /// The answer at both ends, $/year.
    pub advantage_usd_per_year: [f64; 2],
    /// The value within the range at which another use becomes worth as much, if there is
    /// one.
    pub turns_at: Option<f64>,
}

impl Swing {
    /// The difference between the answers at both ends, $/year.
    pub fn size_usd(&self) -> f64 {
        (self.advantage_usd_per_year[1] - self.advantage_usd_per_year[0]).abs()
    }
}

/// Every parameter that has a range and moves the answer, the strongest first. The answer
/// is how far the value of a use lies above the best of the others, $/year.
pub fn tornado(kind: Use, uses: &[Use], inputs: &Inputs, values: &[Value]) -> Vec<Swing> {
    let now = answer(kind, uses, inputs);
    let all: Vec<_> = parameters().iter().zip(values).collect();
    let of = |(parameter, value): &(&crate::parameter::Parameter, &Value)| {
        let ends = value.range?;
        let at = |other: f64| {
            let mut inputs = *inputs;
            *(parameter.of)(&mut inputs.parameters) = other;
            answer(kind, uses, &inputs)
        };
        let found = ends.map(at);
        // The nearer end, relative to the range, at which the sign is another.
        let turned = ends
            .iter()
            .zip(found)
            .filter(|(_, usd)| (*usd > 0.0) != (now > 0.0));
        let turned = turned.map(|(end, _)| *end);
        let end = turned.min_by(|a, b| (a - value.value).abs().total_cmp(&(b - value.value).abs()));
        Some(Swing {
            key: parameter.key,
            unit: parameter.unit,
            ends: ends.map(|end| write(parameter.rule, end)),
            advantage_usd_per_year: found,
            turns_at: end.map(|end| crossing(value.value, end, |x| (at(x) > 0.0) == (now > 0.0))),
        })
    };
    let mut all: Vec<Swing> = all.par_iter().filter_map(of).collect();
    all.retain(|swing| swing.size_usd() > 0.0);
    all.sort_by(|a, b| b.size_usd().total_cmp(&a.size_usd()));
    all
}

/// How far the value of a use lies above the best of the others, $/year.
pub fn answer(kind: Use, uses: &[Use], inputs: &Inputs) -> f64 {
    advantage(kind, uses, &annual_over_sell(uses, inputs))
}

/// The place between `from`, where a condition holds, and `to`, where it does not, at which
/// it ceases to hold.
pub fn crossing(mut from: f64, mut to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..50 {
        let middle = (from + to) / 2.0;
        match holds(middle) {
            true => from = middle,
            false => to = middle,
        }
    }
    to
}
