//! Monte Carlo simulation: all parameters with a range are drawn at once, many times, which
//! gives intervals in place of points.
//!
//! Each is drawn independently from the triangular distribution over its range with its
//! value as the mode; independence is an assumption. Draw `i` of a seed is the same on
//! every machine and with any number of threads: ChaCha8 with the seed as key and `i` as
//! stream.

use perwatt_stats::triangle_quantile;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::Inputs;
use crate::parameters::{Parameters, parameters};
use crate::scenario::Value;
use crate::settings::Use;
use crate::uses::flow;

/// The results of all draws.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drawn {
    /// The seed of the random numbers.
    pub seed: u64,
    /// The number of draws.
    pub draws: u32,
    /// The number of parameters that were drawn.
    pub parameters: usize,
    /// The results for each use.
    pub uses: Vec<DrawnUse>,
}

/// The results of the draws for a use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrawnUse {
    /// The use.
    pub kind: Use,
    /// Its name in tables.
    pub title: &'static str,
    /// Net present value that 5, 25, 50, 75 and 95 % of draws do not exceed, $.
    pub npv_usd: [f64; 5],
    /// The same less that of keep mining; absent for keep mining itself.
    pub npv_over_keep_usd: Option<[f64; 5]>,
    /// Months to payback that 5, 50 and 95 % of draws do not exceed; absent if payback does
    /// not come within the horizon.
    pub payback_months: [Option<f64>; 3],
    /// Share of draws in which the net present value is above zero.
    pub pays: f64,
    /// Share of draws in which it is above that of keep mining; absent for keep mining
    /// itself.
    pub beats_keeping: Option<f64>,
    /// Share of draws in which no other use has a higher net present value.
    pub best: f64,
}

/// Net present value and payback of each use in one draw.
type Draw = Vec<(f64, Option<f64>)>;

/// Evaluates each use for `draws` random draws of the parameters.
pub fn monte_carlo(
    uses: &[Use],
    inputs: &Inputs,
    values: &[Value],
    seed: u64,
    draws: u32,
) -> Drawn {
    let all: Vec<(Draw, f64)> = (0..draws)
        .into_par_iter()
        .map(|i| {
            let inputs = Inputs {
                parameters: drawn(values, seed, u64::from(i)),
                ..*inputs
            };
            let gross_mw = inputs.parameters.site.gross_mw;
            let of = |kind| {
                let flow = flow(kind, &inputs);
                (gross_mw * flow.npv_usd(&inputs), flow.payback_months().ok())
            };
            let keep = gross_mw * flow(Use::KeepMining, &inputs).npv_usd(&inputs);
            (uses.iter().map(|kind| of(*kind)).collect(), keep)
        })
        .collect();
    let summed = |(i, kind): (usize, &Use)| summary(*kind, i, &all);
    Drawn {
        seed,
        draws,
        parameters: values.iter().filter(|value| value.range.is_some()).count(),
        uses: uses.iter().enumerate().map(summed).collect(),
    }
}

fn summary(kind: Use, i: usize, all: &[(Draw, f64)]) -> DrawnUse {
    let npv: Vec<f64> = all.iter().map(|(draw, _)| draw[i].0).collect();
    let over: Vec<f64> = all.iter().map(|(draw, keep)| draw[i].0 - keep).collect();
    // A payback that never comes sorts after any month.
    let payback: Vec<f64> = all
        .iter()
        .map(|(draw, _)| draw[i].1.unwrap_or(f64::INFINITY))
        .collect();
    let share = |holds: &dyn Fn(&(Draw, f64)) -> bool| {
        all.iter().filter(|draw| holds(draw)).count() as f64 / all.len().max(1) as f64
    };
    let other = kind != Use::KeepMining;
    DrawnUse {
        kind,
        title: kind.title(),
        npv_usd: [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&npv, q)),
        npv_over_keep_usd: other.then(|| [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&over, q))),
        payback_months: [0.05, 0.5, 0.95].map(|q| {
            let months = quantile(&payback, q);
            months.is_finite().then_some(months)
        }),
        pays: share(&|(draw, _)| draw[i].0 > 0.0),
        beats_keeping: other.then(|| share(&|(draw, keep)| draw[i].0 > *keep)),
        best: share(&|(draw, _)| draw.iter().all(|(npv, _)| *npv <= draw[i].0)),
    }
}

/// The smallest value that a share `q` of all does not exceed. It does not interpolate
/// between two values, so one of them may be infinite.
fn quantile(values: &[f64], q: f64) -> f64 {
    perwatt_stats::lower_quantile(values, q).unwrap_or(f64::NAN)
}

/// The parameters of a draw.
fn drawn(values: &[Value], seed: u64, draw: u64) -> Parameters {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(draw);
    let mut drawn = Parameters::default();
    for (parameter, value) in parameters().iter().zip(values) {
        *(parameter.of)(&mut drawn) = match value.range {
            Some(range) => triangle_quantile(range, value.value, uniform(rng.next_u64())),
            None => value.value,
        };
    }
    drawn
}

/// 53 random bits as a number from 0 to below 1.
fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
