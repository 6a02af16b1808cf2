//! Coverage of the interval of re-runs by simulation: the share of other sessions' medians
//! in it.

use perwatt_gap::energy::rerun::{Scope, rerun};
use perwatt_stats as stats;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Normal values, the same in every run of the tests (Box and Muller).
struct Noise(ChaCha8Rng);

impl Noise {
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        let (u, v) = (self.unit(), self.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
    /// A session: its own shift, and runs around it.
    fn session(&mut self, runs: usize, run_sd: f64, session_sd: f64) -> Vec<f64> {
        let shift = session_sd * self.normal();
        (0..runs)
            .map(|_| 100.0 * (shift + run_sd * self.normal()).exp())
            .collect()
    }
}

const TRIALS: usize = 2000;

/// The share of other sessions' medians that lie in the interval of these.
fn coverage(seed: u64, sessions: usize, runs: usize, session_sd: f64) -> f64 {
    let mut noise = Noise(ChaCha8Rng::seed_from_u64(seed));
    let hits = (0..TRIALS)
        .filter(|_| {
            let known = (0..sessions).map(|_| noise.session(runs, 0.01, session_sd));
            let known: Vec<Vec<f64>> = known.collect();
            let found = rerun(&known, &[], None).unwrap();
            let next = stats::median(&noise.session(runs, 0.01, session_sd)).unwrap();
            let [low, high] = found.widths.unwrap().around(found.median);
            low <= next && next <= high
        })
        .count();
    hits as f64 / TRIALS as f64
}

/// The least coverage to accept: 95 % less three standard errors of a share of `TRIALS`.
fn least() -> f64 {
    0.95 - 3.0 * (0.95 * 0.05 / TRIALS as f64).sqrt()
}

#[test]
fn another_median_of_one_session_is_covered() {
    for (seed, runs) in [(1, 6), (2, 10), (3, 20)] {
        let found = coverage(seed, 1, runs, 0.0);
        assert!((least()..0.999).contains(&found), "{runs} runs: {found}");
    }
}

#[test]
fn another_session_is_covered_where_sessions_differ() {
    let mut seed = 10;
    for runs in [6, 10] {
        for sessions in [2, 3, 6, 12] {
            for session_sd in [0.0, 0.005, 0.03] {
                seed += 1;
                let found = coverage(seed, sessions, runs, session_sd);
                assert!(
                    found >= least(),
                    "{sessions} sessions of {runs} runs, sd {session_sd}: {found}"
                );
            }
        }
    }
}

#[test]
fn the_interval_shrinks_with_sessions_and_one_outlier_does_not_widen_it() {
    let mut noise = Noise(ChaCha8Rng::seed_from_u64(90));
    let mut mean_ln = |sessions: usize, outliers: usize| {
        let widths = (0..500).map(|_| {
            let clean = (0..sessions - outliers).map(|_| noise.session(6, 0.005, 0.01));
            let mut known: Vec<Vec<f64>> = clean.collect();
            known.extend(vec![vec![150.0; 6]; outliers]);
            rerun(&known, &[], None).unwrap().widths.unwrap().larger()
        });
        widths.sum::<f64>() / 500.0
    };
    let widths = [2, 3, 6, 12, 24].map(|sessions| mean_ln(sessions, 0));
    assert!(
        widths.is_sorted_by(|more, fewer| more > fewer),
        "{widths:?}"
    );
    // An outlier of 50 % among sessions that scatter by 1 %, against one session less.
    for sessions in [6, 12] {
        let [with, without] = [mean_ln(sessions, 1), mean_ln(sessions - 1, 0)];
        assert!(with < 1.4 * without, "{sessions}: {with} {without}");
    }
}

/// One session with others beside it; the session to be covered is not among them.
#[test]
fn another_session_is_covered_by_one_with_others_beside_it() {
    for (seed, beside, session_sd) in [(60, 2, 0.03), (61, 5, 0.03), (62, 11, 0.01), (63, 5, 0.0)] {
        let mut noise = Noise(ChaCha8Rng::seed_from_u64(seed));
        let hits = (0..TRIALS)
            .filter(|_| {
                let mut session = || noise.session(6, 0.01, session_sd);
                let one = session();
                let others = (0..beside).map(|_| stats::median(&session()).unwrap());
                let others: Vec<f64> = others.collect();
                let next = stats::median(&session()).unwrap();
                let found = rerun(&[one], &others, None).unwrap();
                let sessions = beside + 1;
                assert_eq!(found.scope, Scope::Beside { sessions });
                let [low, high] = found.widths.unwrap().around(found.median);
                low <= next && next <= high
            })
            .count();
        let found = hits as f64 / TRIALS as f64;
        assert!(
            found >= least(),
            "{beside} beside, sd {session_sd}: {found}"
        );
    }
    // A single other session is not enough.
    let found = rerun(&[vec![1.0, 1.01, 1.02]], &[1.1], Some(0.03)).unwrap();
    assert_eq!(found.scope, Scope::AtOnceWithSelfcheck { runs: 3 });
}

/// The reason for the words of `Scope::AtOnce`.
#[test]
fn one_session_cannot_know_how_sessions_differ() {
    assert!(coverage(100, 1, 10, 0.03) < 0.6);
}
