//! Sessions of miners: their shares are the work and its proof.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use perwatt_record::Record;
use perwatt_record::check::{Outcome, check};
use perwatt_record::file::parse;
use perwatt_record::fixture;
use perwatt_record::fixture::miner::{MadeMiner, mined};
use perwatt_record::schema::{PoolJob, PoolShare, Proof, Term};
use perwatt_stats::count_interval;

fn honest() -> Record {
    static RECORD: LazyLock<Record> = LazyLock::new(|| {
        let miner = MadeMiner {
            power_w: Some(15.0),
            ..MadeMiner::new("bitaxe")
        };
        mined(7, &[miner], 3, 60)
    });
    RECORD.clone()
}

fn two() -> Record {
    static RECORD: LazyLock<Record> = LazyLock::new(|| {
        let heavy = MadeMiner {
            difficulty_log2: -23,
            ..MadeMiner::new("nerd")
        };
        mined(8, &[MadeMiner::new("bitaxe"), heavy], 2, 30)
    });
    RECORD.clone()
}

/// The rules that a record breaks, with what they say.
fn broken(record: &Record) -> Vec<String> {
    let loaded = parse(Path::new("test.json"), &record.to_bytes().unwrap()).unwrap();
    let lines = check(&loaded).lines.into_iter();
    lines
        .filter(|line| line.outcome == Outcome::Fail)
        .map(|line| format!("{}: {}", line.rule, line.detail))
        .collect()
}

type Parts<'a> = (
    &'a mut Vec<PoolJob>,
    &'a mut Vec<PoolShare>,
    &'a mut BTreeMap<String, u64>,
);

fn pool_of(record: &mut Record, run: usize) -> Parts<'_> {
    match &mut record.runs[run].proof {
        Some(Proof::Pool {
            jobs,
            shares,
            others,
        }) => (jobs, shares, others),
        other => panic!("no shares but {other:?}"),
    }
}

/// Asserts that an edited record, sealed and derived again, breaks a rule with these words.
fn rejects(words: &str, edit: impl Fn(&mut Record)) {
    let mut record = honest();
    edit(&mut record);
    fixture::derive_figures(&mut record);
    record.seal().unwrap();
    let found = broken(&record);
    assert!(
        found.iter().any(|line| line.contains(words)),
        "{words}: {found:?}"
    );
}

#[test]
fn an_honest_session_holds_and_counts_its_shares() {
    let record = honest();
    assert_eq!(broken(&record), Vec::<String>::new());
    let row = &record.summary[0];
    assert!(row.verified && !row.unproven);
    let counted = record.runs.iter().map(|run| run.measured.as_ref().unwrap());
    let events: u64 = counted.clone().map(|of| of.counted.unwrap().events).sum();
    let time_s: f64 = counted.map(|of| of.time_s).sum();
    let rate = row.rate_per_s.as_ref().unwrap();
    let per_share = record.plan.entries[0].work_per_step as f64;
    // 180 s at 4 shares a second of 256 hashes.
    assert_eq!(per_share, 256.0);
    assert!((600..850).contains(&events), "{events}");
    assert!((rate.median - events as f64 * per_share / time_s).abs() < 1e-6);
    let exact = count_interval(&[(per_share, events)], 0.95).unwrap();
    assert!((rate.low.unwrap() * time_s / exact.low - 1.0).abs() < 1e-12);
    assert!((rate.high.unwrap() * time_s / exact.high - 1.0).abs() < 1e-12);
}

#[test]
fn joules_are_those_of_the_miners_own_meter() {
    let record = honest();
    let energy = &record.summary[0].energy[0];
    let rate = record.summary[0].rate_per_s.as_ref().unwrap().median;
    let joules = energy.energy_per_unit_j.as_ref().unwrap();
    assert!((joules.median * rate / 15.0 - 1.0).abs() < 0.1);
    let terms = &energy.uncertainty.as_ref().unwrap().terms;
    let events: u64 = (record.runs.iter())
        .map(|run| run.measured.as_ref().unwrap().counted.unwrap().events)
        .sum();
    let expected = 2.0 / (events as f64).sqrt();
    assert!(
        (terms[&Term::Counting] / expected - 1.0).abs() < 0.1,
        "{terms:?}"
    );
}

#[test]
fn several_miners_have_rows_of_their_own_and_a_sum() {
    let record = two();
    assert_eq!(broken(&record), Vec::<String>::new());
    let rate = |row: usize| record.summary[row].rate_per_s.as_ref().unwrap();
    // The sum is of the same windows, a millisecond apart.
    let sum = rate(0).median + rate(1).median;
    assert!((rate(2).median / sum - 1.0).abs() < 0.02);
    let half_rel =
        |row: usize| (rate(row).high.unwrap() - rate(row).low.unwrap()) / 2.0 / rate(row).median;
    let wanted =
        ((half_rel(0) * rate(0).median).powi(2) + (half_rel(1) * rate(1).median).powi(2)).sqrt();
    assert!((half_rel(2) * rate(2).median / wanted - 1.0).abs() < 0.1);
}

#[test]
fn the_sum_is_no_more_than_its_members() {
    let mut record = two();
    let sum = record.runs.iter_mut().find(|run| run.entry == 2).unwrap();
    for (_, steps) in sum.work.iter_mut().skip(3) {
        *steps += 1;
    }
    fixture::derive_figures(&mut record);
    record.seal().unwrap();
    let found = broken(&record);
    assert!(
        found[0].contains("and the shares until then make"),
        "{found:?}"
    );
}

#[test]
fn edited_shares_are_refused() {
    rejects("it was not found by hashing", |r| pool_of(r, 0).1[3].5 ^= 1);
    rejects("it was not found by hashing", |r| pool_of(r, 0).1[3].3 ^= 1);
    rejects("it was not found by hashing", |r| pool_of(r, 0).1[3].1 += 1);
    rejects("it was not found by hashing", |r| pool_of(r, 0).1[3].4 += 1);
    rejects("rolls version bits", |r| pool_of(r, 0).1[3].6 = 1 << 16);
    rejects("of a job that the run does not list", |r| {
        pool_of(r, 0).1[3].0 = 99
    });
    rejects("comes before the share", |r| pool_of(r, 0).1.swap(3, 9));
    rejects("the shares until then make", |r| {
        pool_of(r, 0).1.remove(3);
    });
    rejects("is no class of submissions", |r| {
        pool_of(r, 0).2.insert("ok".into(), 5);
    });
}

#[test]
fn shares_of_others_are_refused() {
    // Another session's, another miner's, another difficulty's and another window's.
    rejects("it was not found by hashing", |r| {
        let mut other = mined(9, &[MadeMiner::new("bitaxe")], 1, 60);
        let shares = pool_of(&mut other, 0).1.clone();
        *pool_of(r, 0).1 = shares;
    });
    rejects("it was not found by hashing", |r| {
        r.session.id = "0".repeat(32)
    });
    rejects("it was not found by hashing", |r| {
        r.plan.asics[0].name = "asic:other".into();
        r.plan.entries[0].device = "asic:other".into();
        r.plan.entries[0].id = "sha256d/asic:other/stratum".into();
    });
    rejects("it was not found by hashing", |r| {
        r.plan.asics[0].difficulty = 2f64.powi(-23);
        r.plan.entries[0].work_per_step = 512;
    });
    rejects("is listed twice", |r| {
        let (jobs, shares, _) = pool_of(r, 0);
        let (jobs, shares) = (jobs.clone(), shares.clone());
        let (own_jobs, own, _) = pool_of(r, 1);
        let late_ms = own[0].7;
        own_jobs.extend(jobs);
        own.splice(
            0..0,
            shares.into_iter().map(|share| PoolShare {
                7: late_ms,
                ..share
            }),
        );
        let more = own.iter().filter(|share| share.7 == late_ms).count() as u64 - 1;
        let run = &mut r.runs[1];
        for (_, steps) in run
            .work
            .iter_mut()
            .filter(|(t, _)| t / 1_000_000 >= late_ms)
        {
            *steps += more;
        }
    });
}

#[test]
fn work_is_counted_by_its_difficulty_alone() {
    rejects("512 H a step", |r| r.plan.entries[0].work_per_step = 512);
    rejects("difficulty", |r| r.plan.asics[0].difficulty = 0.1);
    rejects("the shares until then make", |r| {
        r.runs[0].work.iter_mut().for_each(|(_, steps)| *steps *= 2);
    });
    rejects("and sha256d defines 1 H", |r| r.plan.asics.clear());
    rejects("shares of a pool are the proof of miners alone", |r| {
        r.runs[0].proof = Some(Proof::Exact { elements: 5 });
    });
}
