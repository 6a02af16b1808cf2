//! Error rates of the comparator by simulation: false verdicts where nothing differs, and
//! the detection of true differences.

mod common;

use common::{Noise, compared, loaded, only_cell, outcome, two, with};
use perwatt_compare::verdict::{Rule, judge};
use perwatt_compare::{Options, Remedy, Verdict, compare};
use perwatt_record::fixture::{Made, MadeEntry, square};

const TRIALS: u64 = 2000;

/// The number of verdicts `[better, worse]` over trials of equal populations.
fn false_verdicts(trials: u64, runs: [usize; 2], margin: f64) -> [u32; 2] {
    let mut noise = Noise(runs[0] as u64 * 1000 + runs[1] as u64);
    let mut found = [0, 0];
    let options = with(|options| options.margin = margin);
    // Records are made once: trials differ only in their runs.
    let mut sides = loaded(&two(&[4e11; 6], &[4e11; 6]));
    for _ in 0..trials {
        for (session, count) in sides.sessions.iter_mut().zip(runs) {
            let rates = noise.rates(count, 4e11, 0.01);
            session.rows[0].values = (0..).zip(rates).collect();
        }
        match outcome(only_cell(&compare(&sides, &options).unwrap())).verdict {
            Verdict::Better => found[0] += 1,
            Verdict::Worse => found[1] += 1,
            Verdict::Same | Verdict::Unclear => {}
        }
    }
    found
}

#[test]
fn equal_machines_are_told_apart_no_more_often_than_alpha_and_either_way_alike() {
    for runs in [[6, 6], [10, 10], [6, 20]] {
        // Without a margin, so that only the statistics limit the error rate.
        let [better, worse] = false_verdicts(TRIALS, runs, 0.0);
        let all = f64::from(better + worse);
        assert!(all <= 0.05 * TRIALS as f64, "{runs:?}: {better} {worse}");
        // The rate must not be far too low either: some two in a hundred are expected.
        assert!(all >= 0.02 * TRIALS as f64, "{runs:?}: {better} {worse}");
        let uneven = (f64::from(better) - f64::from(worse)).abs();
        assert!(uneven <= 3.0 * all.sqrt(), "{runs:?}: {better} {worse}");
    }
}

#[test]
fn with_the_margin_equal_machines_are_as_good_as_never_told_apart() {
    let [better, worse] = false_verdicts(TRIALS, [10, 10], 0.02);
    assert_eq!(better + worse, 0, "{better} {worse}");
}

#[test]
fn many_rows_together_are_wrong_no_more_often_than_alpha() {
    let mut noise = Noise(77);
    let options = with(|options| options.margin = 0.0);
    let mut wrong = 0;
    let trials = 1000;
    let mut sides = loaded(&[1, 2].map(|id| {
        let mut made = Made::one("x", id, &[]);
        made.entries = (0..5)
            .map(|i| {
                let mut entry = square("cpu", "embedded");
                entry.id = format!("matmul/f32/{i}/cpu/embedded");
                entry.workload.params.insert("row".into(), i.to_string());
                MadeEntry {
                    entry,
                    rates_per_s: vec![4e11; 6],
                    power_w: 10.0,
                }
            })
            .collect();
        made.record()
    }));
    for _ in 0..trials {
        for row in sides.sessions.iter_mut().flat_map(|s| &mut s.rows) {
            row.values = (0..).zip(noise.rates(10, 4e11, 0.01)).collect();
        }
        let comparison = compare(&sides, &options).unwrap();
        assert_eq!(comparison.family.comparisons, 5);
        let false_ones = comparison.count(Verdict::Better) + comparison.count(Verdict::Worse);
        wrong += usize::from(false_ones > 0);
    }
    assert!(wrong <= trials / 20, "{wrong} of {trials}");
}

#[test]
fn a_difference_of_five_percent_is_found() {
    let mut noise = Noise(5);
    for (factor, expected) in [(1.05, Verdict::Better), (1.0 / 1.05, Verdict::Worse)] {
        let found = (0..100)
            .filter(|_| {
                let a = noise.rates(10, 4e11, 0.01);
                let b = noise.rates(10, 4e11 * factor, 0.01);
                let comparison = compared(&two(&a, &b), &Options::default());
                outcome(only_cell(&comparison)).verdict == expected
            })
            .count();
        assert!(found >= 95, "{expected:?} {found} of 100");
    }
}

#[test]
fn swapping_the_sides_turns_ratios_and_verdicts_over() {
    let mut noise = Noise(9);
    for factor in [1.0, 1.01, 1.03, 1.2] {
        let a = noise.rates(9, 4e11, 0.01);
        let b = noise.rates(12, 4e11 * factor, 0.01);
        let rule = Rule {
            confidence: 0.99,
            margin_ln: 0.02_f64.ln_1p(),
            widening_ln: 0.003,
            higher_is_better: true,
        };
        let (ab, ba) = (judge(&a, &b, &rule).unwrap(), judge(&b, &a, &rule).unwrap());
        assert_eq!(ab.ratio_ln, -ba.ratio_ln);
        let ((low, high), (other_low, other_high)) =
            (ab.interval_ln.unwrap(), ba.interval_ln.unwrap());
        assert_eq!((low, high), (-other_high, -other_low));
        let turned = match ab.verdict {
            Verdict::Better => Verdict::Worse,
            Verdict::Worse => Verdict::Better,
            same => same,
        };
        assert_eq!(ba.verdict, turned);
    }
}

#[test]
fn a_common_factor_and_the_order_of_runs_change_nothing() {
    let mut noise = Noise(11);
    let a = noise.rates(10, 4e11, 0.01);
    let b = noise.rates(10, 4.2e11, 0.01);
    let scaled = |v: &[f64]| -> Vec<f64> { v.iter().map(|v| v * 3.0).collect() };
    let turned: Vec<f64> = b.iter().rev().copied().collect();
    let of = |a: &[f64], b: &[f64]| {
        let comparison = compared(&two(a, b), &Options::default());
        let c = outcome(only_cell(&comparison));
        (c.verdict, c.ratio, c.p_value)
    };
    let plain = of(&a, &b);
    assert_eq!(plain.0, Verdict::Better);
    let more = of(&scaled(&a), &scaled(&b));
    assert_eq!((plain.0, plain.2), (more.0, more.2));
    assert!((plain.1 / more.1 - 1.0).abs() < 1e-6);
    let order = of(&a, &turned);
    assert!((plain.1 / order.1 - 1.0).abs() < 1e-6);
    assert_eq!((plain.0, plain.2), (order.0, order.2));
}

#[test]
fn what_is_unclear_says_what_would_settle_it() {
    let cell = |a: &[f64], b: &[f64]| {
        let comparison = compared(&two(a, b), &Options::default());
        outcome(only_cell(&comparison)).clone()
    };
    let mut noise = Noise(13);
    // Far too noisy for the margin.
    let vague = cell(&noise.rates(10, 4e11, 0.1), &noise.rates(10, 4e11, 0.1));
    assert_eq!(vague.verdict, Verdict::Unclear);
    assert!(matches!(vague.remedy, Some(Remedy::Runs { runs }) if runs > 10));
    // Three runs cannot reach a confidence of 95 %.
    let few = cell(&noise.rates(3, 4e11, 0.001), &noise.rates(3, 8e11, 0.001));
    assert_eq!(few.verdict, Verdict::Unclear);
    assert_eq!(few.remedy, Some(Remedy::AtLeast { runs: 4 }));
    assert_eq!(few.interval, None);
    let one = cell(&[4e11], &[8e11]);
    assert_eq!(one.verdict, Verdict::Unclear);
    // Runs that are equal except for the jitter of the samples' times are SAME, not
    // missing.
    let equal = cell(&[4e11; 6], &[4e11; 6]);
    assert_eq!(equal.verdict, Verdict::Same);
    assert!(equal.p_value > 0.05, "{equal:?}");
}

#[test]
fn lower_energy_is_better_and_the_ratio_is_of_what_is_shown() {
    let made = |power_w: f64| {
        let mut made = Made::one("x", power_w as u64, &[4e11; 8]);
        made.entries[0].power_w = power_w;
        made.meter = Some(perwatt_record::fixture::counter("rapl", Some(0.03)));
        made
    };
    let mut records = [100.0, 80.0].map(|power_w| made(power_w).record());
    let energy = perwatt_compare::Filter::parse("metric=energy").unwrap();
    let options = with(|options| options.filters.push(energy));
    let comparison = compare(&loaded(&records), &options).unwrap();
    let c = outcome(only_cell(&comparison));
    assert_eq!(c.verdict, Verdict::Better);
    assert!((c.ratio - 0.8).abs() < 1e-3);
    // The same meter on the same machine: its scale error cancels.
    assert_eq!(c.meters_rel, 0.0);
    assert_eq!(comparison.tables[0].unit.to_string(), "J/FLOP");

    // On another machine it does not cancel.
    let mut other = made(97.0);
    other.cpu = "Other CPU".into();
    records[1] = other.record();
    let comparison = compare(&loaded(&records), &options).unwrap();
    let c = outcome(only_cell(&comparison));
    assert!((c.meters_rel - (1.03 * 1.03 - 1.0)).abs() < 1e-12);
    assert_eq!(c.verdict, Verdict::Unclear);
    assert_eq!(c.remedy, Some(Remedy::None));
}
