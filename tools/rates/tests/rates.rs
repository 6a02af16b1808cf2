//! Error rates of comparisons at a size that every test run bears; `cargo rates simulate`
//! runs them in full.

use perwatt_rates::histories::named;
use perwatt_rates::pairs::verdicts;
use perwatt_rates::rates::{rates, upper_bound};
use perwatt_rates::scenario::{self, normal};

const TRIALS: u64 = 300;

#[test]
fn equal_sides_are_seldom_told_apart_and_intervals_hold_the_truth() {
    for scenario in scenario::all() {
        let found = rates(&scenario, 0.02, TRIALS, 1);
        let changes = found.better + found.worse;
        let name = &scenario.name;
        if scenario.effect_ln == 0.0 {
            assert!(changes as f64 <= 0.05 * TRIALS as f64, "{name}: {found:?}");
        } else {
            assert!(found.changes() >= 0.9, "{name}: {found:?}");
        }
        // Three standard deviations below 0.95 at the least number of intervals.
        assert!(
            found.coverage().is_none_or(|share| share >= 0.91),
            "{name}: {found:?}"
        );
        // Verdicts on other sessions are given from three sessions a side on.
        let small = scenario.sessions.contains(&1) || scenario.sessions == [2, 2];
        let few = small && scenario.archived == 0;
        assert_eq!(found.here == TRIALS, few, "{name}: {found:?}");
        assert!(found.here == 0 || few, "{name}: {found:?}");
    }
}

#[test]
fn sessions_of_one_machine_are_not_told_apart() {
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/reruns");
    for size in [1, 3] {
        let found = verdicts(archive.as_ref(), size).unwrap();
        let of = |word: &str| found.get(word).copied().unwrap_or(0);
        let all: u64 = found.values().sum();
        assert!(all >= 6, "{found:?}");
        assert_eq!(of("BETTER") + of("WORSE"), 0, "{found:?}");
    }
    assert!(verdicts(archive.as_ref(), 12).is_err());
}

#[test]
fn the_upper_bound_of_a_share() {
    // Clopper and Pearson: 1 - 0.05^(1/n) for no case, and for 5 of 100 (R's binom.test).
    assert!((upper_bound(0, 100) - 0.029_513).abs() < 1e-5);
    assert!((upper_bound(5, 100) - 0.102_253).abs() < 1e-5);
}

/// Histories of each law.
const HISTORIES: u64 = 300;

#[test]
fn histories_of_one_level_seldom_name_a_change_or_a_trend() {
    for percent in [0.5, 1.0, 2.0, 3.0] {
        let found = named(normal(percent / 100.0), &[0.0; 14], HISTORIES, 5);
        assert!(found.either <= 0.05, "{percent} %: {found:?}");
    }
}

#[test]
fn a_steady_decline_over_sessions_is_named() {
    let falling = |i: u32| (-0.006_f64).ln_1p() * f64::from(i);
    let steady: Vec<f64> = (0..14).map(falling).collect();
    let late: Vec<f64> = (0..12_u32).map(|i| falling(i.saturating_sub(5))).collect();
    for (levels, least) in [(steady, 0.9), (late, 0.8)] {
        let found = named(normal(0.002), &levels, HISTORIES, 6);
        assert!(found.either >= least, "{levels:?}: {found:?}");
    }
}
