//! Verdicts over many trials of one scenario.

use std::path::Path;
use std::sync::Arc;

use perwatt_compare::inference::Basis;
use perwatt_compare::intern::Interner;
use perwatt_compare::load::Group;
use perwatt_compare::model::Outcome;
use perwatt_compare::session::Session;
use perwatt_compare::{Loaded, Options, Verdict, compare};
use perwatt_record::fixture::Made;
use perwatt_record::fixture::noise::Noise;
use rayon::prelude::*;
use statrs::distribution::{Beta, ContinuousCDF};

use crate::scenario::{RUNS, Scenario};

/// Rate of a made-up session, in units per second.
pub(crate) const CENTRE: f64 = 4e11;
/// Trials that share a sequence of random numbers.
pub(crate) const BATCH: u64 = 100;

/// Counts over the trials of a scenario.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// All trials.
    pub trials: u64,
    /// BETTER.
    pub better: u64,
    /// WORSE.
    pub worse: u64,
    /// SAME.
    pub same: u64,
    /// Verdicts on these sessions only.
    pub here: u64,
    /// Intervals for other sessions.
    pub intervals: u64,
    /// Those that hold the true ratio.
    pub covering: u64,
}

impl Rates {
    fn and(self, other: Self) -> Self {
        Self {
            trials: self.trials + other.trials,
            better: self.better + other.better,
            worse: self.worse + other.worse,
            same: self.same + other.same,
            here: self.here + other.here,
            intervals: self.intervals + other.intervals,
            covering: self.covering + other.covering,
        }
    }

    /// Share of trials with the verdict BETTER or WORSE.
    pub fn changes(&self) -> f64 {
        (self.better + self.worse) as f64 / self.trials as f64
    }

    /// Share of intervals that hold the true ratio; `None` without intervals.
    pub fn coverage(&self) -> Option<f64> {
        (self.intervals > 0).then(|| self.covering as f64 / self.intervals as f64)
    }
}

/// The one-sided upper 95 % bound of a share (Clopper and Pearson).
pub fn upper_bound(found: u64, trials: u64) -> f64 {
    let beta = Beta::new(found as f64 + 1.0, (trials - found) as f64);
    beta.map_or(1.0, |beta| beta.inverse_cdf(0.95))
}

/// The verdicts over `trials` trials.
///
/// # Panics
/// If a made-up record cannot be compared, which is a fault of this program.
pub fn rates(scenario: &Scenario, margin: f64, trials: u64, seed: u64) -> Rates {
    let template = sessions(scenario);
    let options = Options {
        margin,
        ..Options::default()
    };
    (0..trials.div_ceil(BATCH))
        .into_par_iter()
        .map(|batch| {
            let mut noise = Noise(seed ^ (batch + 1).wrapping_mul(0xd134_2543_de82_ef95));
            let mut loaded = template();
            let count = BATCH.min(trials - batch * BATCH);
            (0..count)
                .map(|_| trial(scenario, &mut loaded, &mut noise, &options))
                .fold(Rates::default(), Rates::and)
        })
        .reduce(Rates::default, Rates::and)
}

fn trial(scenario: &Scenario, loaded: &mut Loaded, noise: &mut Noise, options: &Options) -> Rates {
    let first = scenario.sessions[0];
    for (i, session) in loaded.sessions.iter_mut().enumerate() {
        let (law, centre) = match i < first {
            true => (scenario.laws[0], CENTRE),
            false => (scenario.laws[1], CENTRE * scenario.effect_ln.exp()),
        };
        set(session, law.session(noise, centre, RUNS));
    }
    for session in &mut loaded.beside {
        set(session, scenario.laws[0].session(noise, CENTRE, RUNS));
    }
    let comparison = compare(loaded, options).expect("made-up records compare");
    let cell = comparison.cells().last().expect("two columns");
    let Outcome::Compared(found) = &cell.outcome else {
        panic!("{cell:?}");
    };
    let is = |verdict: Verdict| u64::from(found.verdict == verdict);
    let general = found.basis == Basis::Sessions;
    let [low, high] = found.interval.expect("ten runs give an interval");
    let held = (low..=high).contains(&scenario.effect_ln.exp());
    Rates {
        trials: 1,
        better: is(Verdict::Better),
        worse: is(Verdict::Worse),
        same: is(Verdict::Same),
        here: u64::from(!general),
        intervals: u64::from(general),
        covering: u64::from(general && held),
    }
}

pub(crate) fn set(session: &mut Session, figures: Vec<f64>) {
    session.rows[0].values = (0..).zip(figures).collect();
}

/// Sessions of one machine, a day apart, whose figures are to be set.
pub(crate) fn made_up(count: usize) -> Vec<Session> {
    let interner = Interner::default();
    let session = |i: u32| {
        let mut made = Made::one("made up", u64::from(i), &[CENTRE; RUNS]);
        made.started_unix_s += 86_400 * i;
        Session::of(Path::new("made-up.json"), &made.record(), &interner)
    };
    (0..).map(session).take(count).collect()
}

/// A maker of the scenario's sessions, whose figures are to be set.
fn sessions(scenario: &Scenario) -> impl Fn() -> Loaded + Sync {
    let [first, second] = scenario.sessions;
    let all = first + second + scenario.archived;
    let mut sessions = made_up(all);
    if !scenario.one_machine {
        for session in &mut sessions[first..first + second] {
            session.specimen = Arc::from("another machine");
        }
    }
    let beside = sessions.split_off(first + second);
    move || Loaded {
        groups: [("A", 0..first), ("B", first..first + second)]
            .map(|(label, sessions)| Group {
                label: Some(label.into()),
                title: None,
                directory: true,
                sessions: sessions.collect(),
            })
            .into(),
        beside: beside.clone(),
        ..Loaded::of(sessions.clone())
    }
}
