//! Monte Carlo simulation: all parameters with a range are drawn at once, many times, which
//! gives intervals in place of points.
//!
//! Each is drawn from the triangular distribution over its range with its value as the
//! mode. Price, fees and hash rate move together: their normal scores share one factor, so
//! that any two of them have the scenario's correlation; all others are drawn by
//! themselves. Draw `i` of a seed is the same on every machine and with any number of
//! threads: ChaCha8 with the seed as key and `i` as stream.

use perwatt_stats::{normal_cdf, normal_quantile, triangle_quantile};
use perwatt_table::Evidence;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::Inputs;
use crate::parameters::{Parameters, parameters};
use crate::scenario::Value;
use crate::settings::Use;
use crate::uses::flow;

/// The evidence behind the results: triangles and their correlation are assumed, whatever
/// the ranges rest on.
pub const EVIDENCE: Evidence = Evidence::Assumed;

/// The parameters that move together.
pub const TOGETHER: [&str; 5] = [
    "network.hashrate_eh_s",
    "network.btc_price_usd",
    "network.fees_btc_per_block",
    "network.hashrate_growth_per_year",
    "network.btc_growth_per_year",
];

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
    /// Value over selling now as an annuity over its life, $/year, by the same shares; absent
    /// for selling now itself.
    pub annual_over_sell_usd: Option<[f64; 5]>,
    /// Months to payback that 5, 50 and 95 % of draws do not exceed; absent if payback does
    /// not come within the horizon.
    pub payback_months: [Option<f64>; 3],
    /// Share of draws in which the net present value is above zero.
    pub pays: f64,
    /// Share of draws in which that value is above zero; absent for selling now itself.
    pub beats_selling: Option<f64>,
    /// Share of draws in which that value is above that of all other uses.
    pub best: f64,
}

/// A use in one draw.
struct Draw {
    npv_usd: f64,
    payback_months: Option<f64>,
    annual_over_sell_usd: f64,
}

/// Evaluates each use for `draws` random draws of the parameters.
pub fn monte_carlo(
    uses: &[Use],
    inputs: &Inputs,
    values: &[Value],
    seed: u64,
    draws: u32,
) -> Drawn {
    let all: Vec<Vec<Draw>> = (0..draws)
        .into_par_iter()
        .map(|i| {
            let inputs = Inputs {
                parameters: drawn(values, seed, u64::from(i)),
                ..*inputs
            };
            let gross_mw = inputs.parameters.site.gross_mw;
            let sell = flow(Use::SellNow, &inputs).npv_usd(&inputs);
            let of = |kind: &Use| {
                let flow = flow(*kind, &inputs);
                Draw {
                    npv_usd: gross_mw * flow.npv_usd(&inputs),
                    payback_months: flow.payback_months().ok(),
                    annual_over_sell_usd: match kind {
                        Use::SellNow => 0.0,
                        _ => gross_mw * flow.annual_over_usd(sell, &inputs),
                    },
                }
            };
            uses.iter().map(of).collect()
        })
        .collect();
    // The first of those that are worth most: one is best in each draw.
    let best: Vec<usize> = all.iter().map(|draw| best_of(draw)).collect();
    let summed = |(i, kind): (usize, &Use)| summary(*kind, i, &all, &best);
    Drawn {
        seed,
        draws,
        parameters: values.iter().filter(|value| value.range.is_some()).count(),
        uses: uses.iter().enumerate().map(summed).collect(),
    }
}

fn best_of(draw: &[Draw]) -> usize {
    let annual = |i: usize| draw[i].annual_over_sell_usd;
    (1..draw.len()).fold(0, |best, i| if annual(i) > annual(best) { i } else { best })
}

fn summary(kind: Use, i: usize, all: &[Vec<Draw>], best: &[usize]) -> DrawnUse {
    let npv: Vec<f64> = all.iter().map(|draw| draw[i].npv_usd).collect();
    let over: Vec<f64> = all
        .iter()
        .map(|draw| draw[i].annual_over_sell_usd)
        .collect();
    // A payback that never comes sorts after any month.
    let payback: Vec<f64> = all
        .iter()
        .map(|draw| draw[i].payback_months.unwrap_or(f64::INFINITY))
        .collect();
    let share = |count: usize| count as f64 / all.len().max(1) as f64;
    let above_zero = |of: &[f64]| share(of.iter().filter(|usd| **usd > 0.0).count());
    let other = kind != Use::SellNow;
    DrawnUse {
        kind,
        title: kind.title(),
        npv_usd: [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&npv, q)),
        annual_over_sell_usd: other
            .then(|| [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&over, q))),
        payback_months: [0.05, 0.5, 0.95].map(|q| {
            let months = quantile(&payback, q);
            months.is_finite().then_some(months)
        }),
        pays: above_zero(&npv),
        beats_selling: other.then(|| above_zero(&over)),
        best: share(best.iter().filter(|best| **best == i).count()),
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
        *(parameter.of)(&mut drawn) = value.value;
    }
    let correlation = drawn.network.correlation;
    let shared = correlation.sqrt() * normal_quantile(uniform(rng.next_u64()));
    for (parameter, value) in parameters().iter().zip(values) {
        if let Some(range) = value.range {
            let mut u = uniform(rng.next_u64());
            if TOGETHER.contains(&parameter.key) {
                u = normal_cdf(shared + (1.0 - correlation).sqrt() * normal_quantile(u));
            }
            *(parameter.of)(&mut drawn) = triangle_quantile(range, value.value, u);
        }
    }
    drawn
}

/// 53 random bits as a number between 0 and 1.
fn uniform(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::index_of;

    /// The correlation of two parameters over draws at the defaults.
    fn correlation(keys: [&str; 2], given: f64) -> f64 {
        let all = parameters().iter();
        let mut values: Vec<Value> = all
            .map(|of| of.default.clone())
            .map(|of| {
                of.unwrap_or_else(|| Value {
                    value: 0.1,
                    range: None,
                    ..parameters()[index_of("power.growth_per_year").unwrap()]
                        .default
                        .clone()
                        .unwrap()
                })
            })
            .collect();
        values[index_of("network.correlation").unwrap()].value = given;
        let of = |key: &str| {
            let parameter = &parameters()[index_of(key).unwrap()];
            let draws = (0..4000).map(|i| *(parameter.of)(&mut drawn(&values, 3, i)));
            let draws: Vec<f64> = draws.collect();
            let mean = draws.iter().sum::<f64>() / 4000.0;
            draws
                .into_iter()
                .map(move |x| x - mean)
                .collect::<Vec<f64>>()
        };
        let (x, y) = (of(keys[0]), of(keys[1]));
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(&x, &y) / (sum(&x, &x) * sum(&y, &y)).sqrt()
    }

    #[test]
    fn price_and_growth_move_together_and_others_do_not() {
        let growths = [
            "network.btc_growth_per_year",
            "network.hashrate_growth_per_year",
        ];
        assert!((correlation(growths, 0.5) - 0.5).abs() < 0.06);
        assert!((correlation(growths, 0.9) - 0.9).abs() < 0.04);
        assert!(correlation(growths, 0.0).abs() < 0.05);
        assert!(correlation(["network.btc_growth_per_year", "mining.pue"], 0.9).abs() < 0.05);
    }
}
