//! Changes and trends that `perwatt history` names in histories of known figures.

use perwatt_compare::{Loaded, Options, history};
use perwatt_record::fixture::noise::Noise;
use rayon::prelude::*;

use crate::law::Law;
use crate::rates::{BATCH, CENTRE, made_up, set};
use crate::scenario::RUNS;

/// Shares of histories in which something was named.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Named {
    /// A step ended in BETTER or WORSE.
    pub changes: f64,
    /// A trend was named.
    pub trends: f64,
    /// Either.
    pub either: f64,
}

/// Changes and trends that are named over `trials` histories of one machine, whose session `i` lies at
/// `levels_ln[i]`, a logarithm.
///
/// # Panics
/// If a made-up history cannot be read, which is a fault of this program.
pub fn named(law: Law, levels_ln: &[f64], trials: u64, seed: u64) -> Named {
    let counts = (0..trials.div_ceil(BATCH))
        .into_par_iter()
        .map(|batch| {
            let mut noise = Noise(seed ^ (batch + 1).wrapping_mul(0xd134_2543_de82_ef95));
            let mut loaded = Loaded::of(made_up(levels_ln.len()));
            let mut counts = [0_u64; 3];
            for _ in 0..BATCH.min(trials - batch * BATCH) {
                for (session, level) in loaded.sessions.iter_mut().zip(levels_ln) {
                    set(session, law.session(&mut noise, CENTRE * level.exp(), RUNS));
                }
                let found = history(&loaded, &Options::default()).expect("made-up records");
                let change = found.steps().any(|step| step.verdict.is_change());
                let trend = found.trends().next().is_some();
                for (count, named) in counts.iter_mut().zip([change, trend, change || trend]) {
                    *count += u64::from(named);
                }
            }
            counts
        })
        .reduce(|| [0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
    let [changes, trends, either] = counts.map(|count| count as f64 / trials as f64);
    Named {
        changes,
        trends,
        either,
    }
}
