//! The interval of re-runs against archived re-runs: sessions of one command that were run
//! one after the other on one machine.

use std::path::Path;

use perwatt_compare::load::Loaded;
use perwatt_compare::session::Session;
use perwatt_compare::{Input, load};
use perwatt_gap::catalogue::Catalogue;
use perwatt_gap::energy::rerun::Scope;
use perwatt_gap::energy::{Hashing, Options, gap};

fn archived() -> Loaded {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reruns");
    let all = load(&[Input::parse(dir.to_str().unwrap())], false).unwrap();
    assert!(all.skipped.is_empty(), "{:?}", all.skipped);
    assert_eq!(all.sessions.len(), 12);
    all
}

/// The hashes of these sessions, with others beside them.
fn hashing(sessions: &[Session], beside: &[Session]) -> Hashing {
    let all = Loaded {
        beside: beside.to_vec(),
        ..Loaded::of(sessions.to_vec())
    };
    let catalogue = Catalogue::builtin().unwrap();
    let options = Options::new(&catalogue, None, &[], &|_, _| None).unwrap();
    gap(&all, &options).hashing.swap_remove(0)
}

fn covers(of: &Hashing, value: f64) -> bool {
    let [low, high] = of.units.rerun_interval.unwrap();
    low <= value && value <= high
}

/// The number of devices that equals one S21 XP, for each session left out in turn, lies in
/// the interval of the others.
#[test]
fn sessions_left_out_lie_in_the_interval_of_the_others() {
    let all = archived();
    let mut covered = 0;
    for i in 0..all.sessions.len() {
        let mut others = all.sessions.clone();
        let one = others.remove(i);
        let of_others = hashing(&others, &[]);
        let scope = &of_others.rate_h_per_s.scope;
        assert_eq!(*scope, Scope::Sessions { sessions: 11 });
        let value = hashing(&[one], &[]).units.value;
        covered += usize::from(covers(&of_others, value));
    }
    assert!(covered >= 11, "{covered} of 12");
}

/// The same for one session's own interval, with all others beside it except the one to be
/// covered.
#[test]
fn a_record_with_others_beside_it_covers_its_re_runs() {
    let all = archived();
    let value = |one: &Session| hashing(std::slice::from_ref(one), &[]).units.value;
    let values: Vec<f64> = all.sessions.iter().map(value).collect();
    let (mut covered, mut pairs) = (0.0, 0.0);
    for i in 0..values.len() {
        for j in (0..values.len()).filter(|j| *j != i) {
            let mut beside = all.sessions.clone();
            beside.remove(j);
            let one = hashing(std::slice::from_ref(&all.sessions[i]), &beside);
            assert_eq!(one.rate_h_per_s.scope, Scope::Beside { sessions: 11 });
            covered += f64::from(u8::from(covers(&one, values[j])));
            pairs += 1.0;
        }
    }
    assert!(covered / pairs >= 0.95, "{covered} of {pairs}");
}
