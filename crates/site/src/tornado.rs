//! The sensitivity of the answer to each parameter: each is set to both ends of its range,
//! one at a time.

use serde::Serialize;

use crate::inputs::Inputs;
use crate::parameter::write;
use crate::parameters::parameters;
use crate::scenario::Value;
use crate::settings::Use;
use crate::uses::flow;

/// The effect of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swing {
    /// The parameter.
    pub key: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Both ends of its range, as they are written.
    pub ends: [String; 2],
    /// The answer at both ends, $.
    pub npv_over_keep_usd: [f64; 2],
}

impl Swing {
    /// The difference between the answers at both ends, $.
    pub fn size_usd(&self) -> f64 {
        (self.npv_over_keep_usd[1] - self.npv_over_keep_usd[0]).abs()
    }
}

/// Every parameter that has a range and moves the answer, the strongest first. The answer
/// is the net present value of a use less that of keep mining; for keep mining itself, its
/// own.
pub fn tornado(kind: Use, inputs: &Inputs, values: &[Value]) -> Vec<Swing> {
    let mut all: Vec<Swing> = parameters()
        .iter()
        .zip(values)
        .filter_map(|(parameter, value)| {
            let ends = value.range?;
            let npv_over_keep_usd = ends.map(|end| {
                let mut inputs = *inputs;
                *(parameter.of)(&mut inputs.parameters) = end;
                answer(kind, &inputs)
            });
            Some(Swing {
                key: parameter.key,
                unit: parameter.unit,
                ends: ends.map(|end| write(parameter.rule, end)),
                npv_over_keep_usd,
            })
        })
        .filter(|swing| swing.size_usd() > 0.0)
        .collect();
    all.sort_by(|a, b| b.size_usd().total_cmp(&a.size_usd()));
    all
}

/// Net present value less that of keep mining, $; for keep mining itself, its own.
pub fn answer(kind: Use, inputs: &Inputs) -> f64 {
    let gross_mw = inputs.parameters.site.gross_mw;
    let npv = |kind| gross_mw * flow(kind, inputs).npv_usd(inputs);
    match kind {
        Use::KeepMining => npv(kind),
        _ => npv(kind) - npv(Use::KeepMining),
    }
}
