//! Error rates of the comparator by simulation: false verdicts where nothing differs, and
//! the detection of true differences.

mod common;

use common::{compared, groups, loaded, only_cell, outcome, two, with};
use perwatt_compare::inference::Basis;
use perwatt_compare::{Options, Remedy, Verdict, compare};
use perwatt_record::Record;
use perwatt_record::fixture::noise::Noise;
use perwatt_record::fixture::{Made, MadeEntry, square};

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
        let false_ones =
            comparison.count(Verdict::BetterHere) + comparison.count(Verdict::WorseHere);
        wrong += usize::from(false_ones > 0);
    }
    assert!(wrong <= trials / 20, "{wrong} of {trials}");
}

/// A verdict of the sides exchanged.
fn turned(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Better => Verdict::Worse,
        Verdict::Worse => Verdict::Better,
        Verdict::BetterHere => Verdict::WorseHere,
        Verdict::WorseHere => Verdict::BetterHere,
        same => same,
    }
}

#[test]
fn swapping_the_sides_turns_ratios_and_verdicts_over() {
    let mut noise = Noise(9);
    for (factor, sessions) in [1.0, 1.01, 1.03, 1.2]
        .into_iter()
        .flat_map(|f| [(f, 1), (f, 4)])
    {
        let mut side = |first: u64, centre: f64| -> Vec<Record> {
            let session = |id| Made::one("x", id, &noise.rates(9, centre, 0.01)).record();
            (first..first + sessions).map(session).collect()
        };
        let (a, b) = (side(1, 4e11), side(11, 4e11 * factor));
        let of = |sides: [&[Record]; 2]| {
            let comparison = compare(&groups(&sides), &Options::default()).unwrap();
            outcome(only_cell(&comparison)).clone()
        };
        let (ab, ba) = (of([&a, &b]), of([&b, &a]));
        assert!((ab.ratio * ba.ratio - 1.0).abs() < 1e-12);
        let ([low, high], [other_low, other_high]) = (ab.interval.unwrap(), ba.interval.unwrap());
        assert!((low * other_high - 1.0).abs() < 1e-12 && (high * other_low - 1.0).abs() < 1e-12);
        assert_eq!(ba.verdict, turned(ab.verdict));
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
    assert_eq!(plain.0, Verdict::BetterHere);
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
    let three = Some(Remedy::AtLeastSessions {
        sessions: 3,
        missing: [2, 2],
    });
    assert_eq!(vague.remedy, three);
    // Sessions that scatter by as much as the margin: more of them narrow the interval.
    let mut side = |first: u64| -> Vec<Record> {
        let centres = noise.rates(4, 4e11, 0.02);
        let sessions = (first..).zip(centres);
        sessions
            .map(|(id, centre)| Made::one("x", id, &[centre; 6]).record())
            .collect()
    };
    let comparison = compare(&groups(&[&side(1), &side(11)]), &Options::default()).unwrap();
    let scattered = outcome(only_cell(&comparison));
    assert_eq!(scattered.verdict, Verdict::Unclear);
    let remedy = scattered.remedy;
    assert!(
        matches!(remedy, Some(Remedy::Sessions { sessions }) if sessions > 4),
        "{remedy:?}"
    );
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
    assert_eq!((equal.verdict, equal.remedy), (Verdict::SameHere, three));
    assert!(equal.p_value > 0.05, "{equal:?}");
}

/// Two sessions do not show their own scatter: a verdict on two against two is of these
/// sessions, unless other sessions of the machine show the scatter.
#[test]
fn two_sessions_against_two_hold_for_these_alone_or_borrow_the_scatter_of_others() {
    let mut noise = Noise(15);
    let mut side = |first: u64, count: u64, centre: f64| -> Vec<Record> {
        let session = |id| Made::one("x", id, &noise.rates(8, centre, 0.002)).record();
        (first..first + count).map(session).collect()
    };
    let base = side(1, 2, 4e11);
    for (factor, here) in [
        (1.1, Verdict::BetterHere),
        (0.9, Verdict::WorseHere),
        (1.0, Verdict::SameHere),
    ] {
        let other = side(11, 2, 4e11 * factor);
        let comparison = compare(&groups(&[&base, &other]), &Options::default()).unwrap();
        let row = &comparison.tables[0].rows[0];
        let figures = row.cells.iter().map(|cell| cell.figure.as_ref().unwrap());
        let sessions: Vec<usize> = figures.map(|figure| figure.sessions).collect();
        assert_eq!(sessions, [2, 2]);
        let cell = outcome(only_cell(&comparison));
        assert_eq!((cell.verdict, cell.basis), (here, Basis::Runs), "{cell:?}");
        assert_eq!(cell.sessions, [2, 2]);
        let three = Remedy::AtLeastSessions {
            sessions: 3,
            missing: [1, 1],
        };
        assert_eq!(cell.remedy, Some(three));
    }
    // A third column of the same machine shows how much its sessions scatter.
    let (other, beside) = (side(21, 2, 4.4e11), side(31, 6, 4e11));
    let comparison = compare(&groups(&[&base, &other, &beside]), &Options::default()).unwrap();
    let cell = outcome(&comparison.tables[0].rows[0].cells[1]);
    assert_eq!(
        (cell.verdict, cell.basis),
        (Verdict::Better, Basis::Sessions),
        "{cell:?}"
    );
    assert_eq!((cell.sessions, cell.remedy), ([2, 2], None));
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
    assert_eq!(c.verdict, Verdict::BetterHere);
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
}
