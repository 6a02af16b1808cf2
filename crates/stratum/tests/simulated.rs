//! Simulated miners, honest and not: the rate, its interval, and the tests of trust.
//!
//! Pure: no sockets, no clock. A miner is a Poisson process of hashes below its target.

use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::rate::rate;
use perwatt_stratum::share::{Proven, StoredShare};
use perwatt_stratum::trust::{Finding, Test, examine};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const JOB_S: f64 = 25.0;

struct Miner {
    random: ChaCha8Rng,
    difficulty: Difficulty,
    /// Expected shares per second.
    per_s: f64,
    window_s: f64,
}

impl Miner {
    /// A miner that is expected to find so many shares in its window.
    fn new(seed: u64, shares: f64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let window_s = 600.0 + 3000.0 * uniform(&mut random);
        Self {
            random,
            difficulty: Difficulty::power_of_two(8),
            per_s: shares / window_s,
            window_s,
        }
    }

    fn wait_s(&mut self) -> f64 {
        -uniform(&mut self.random).ln() / self.per_s
    }

    /// The shares of a window; extranonce2 counts up every second or so and begins anew
    /// with each job.
    fn shares(&mut self) -> Vec<Proven> {
        let (mut shares, mut time_s) = (Vec::new(), self.wait_s());
        while time_s < self.window_s {
            shares.push(Proven {
                share: StoredShare {
                    job: (time_s / JOB_S) as u32,
                    connection: 1,
                    extranonce2: ((time_s % JOB_S) * 1.3) as u64,
                    ntime: 0,
                    nonce: 0,
                    version: 0,
                    time_s,
                },
                difficulty: self.difficulty,
                fraction: uniform(&mut self.random),
            });
            time_s += self.wait_s();
        }
        shares
    }

    fn examine(&self, shares: &[Proven]) -> Vec<Finding> {
        examine(shares, &[], 0.0, self.window_s)
    }
}

/// Uniform on (0, 1].
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
}

/// From 10 to 10,000, evenly on a logarithmic scale.
fn size(i: u64, of: u64) -> f64 {
    10.0 * 1000f64.powf(i as f64 / (of - 1) as f64)
}

fn alarms(findings: &[Finding]) -> Vec<Test> {
    let alarms = findings.iter().filter(|finding| finding.is_alarm);
    alarms.map(|finding| finding.test).collect()
}

#[test]
fn the_interval_covers_the_rate_and_nothing_is_biased() {
    let (mut covered, mut trials, mut counted, mut expected) = (0, 0, 0.0, 0.0);
    for miner in 0..100 {
        for seed in 0..40 {
            let mut it = Miner::new(1000 * seed + miner, size(miner, 100));
            let counts = [(it.difficulty, it.shares().len() as u64)];
            let seen = rate(&counts, it.window_s, 0.95).unwrap();
            let truth = it.per_s * it.difficulty.work();
            covered += u32::from(seen.low_h_per_s <= truth && truth <= seen.high_h_per_s);
            trials += 1;
            // Each miner has the same weight, not each share.
            counted += seen.h_per_s / truth;
            expected += 1.0;
        }
    }
    let coverage = f64::from(covered) / f64::from(trials);
    assert!((0.93..=0.97).contains(&coverage), "{coverage}");
    let bias = counted / expected - 1.0;
    assert!(bias.abs() < 0.01, "{bias}");
}

#[test]
fn a_difficulty_that_follows_the_shares_leaves_the_rate_unbiased() {
    let (mut covered, mut sum) = (0, 0.0);
    let trials = 400;
    for seed in 0..trials {
        // Two stretches; the second has the difficulty that the first one's luck gave it.
        let mut first = Miner::new(seed, 200.0);
        let hash_rate = first.per_s * first.difficulty.work();
        let count = first.shares().len() as u64;
        let mut second = Miner::new(seed + 10_000, 1.0);
        second.difficulty = first.difficulty.doubled(if count > 200 { 1 } else { -1 });
        second.per_s = hash_rate / second.difficulty.work();
        let counts = [
            (first.difficulty, count),
            (second.difficulty, second.shares().len() as u64),
        ];
        let seen = rate(&counts, first.window_s + second.window_s, 0.95).unwrap();
        covered += u32::from(seen.low_h_per_s <= hash_rate && hash_rate <= seen.high_h_per_s);
        sum += seen.h_per_s / hash_rate;
    }
    assert!((sum / trials as f64 - 1.0).abs() < 0.01, "{sum}");
    let coverage = f64::from(covered) / trials as f64;
    assert!((0.93..=0.98).contains(&coverage), "{coverage}");
}

#[test]
fn honest_miners_raise_an_alarm_in_one_of_a_hundred_windows() {
    let trials = 1000;
    let mut alarmed = Vec::new();
    for seed in 0..trials {
        let mut miner = Miner::new(seed, size(seed % 100, 100));
        let shares = miner.shares();
        alarmed.extend(alarms(&miner.examine(&shares)));
    }
    // Up to 10 are expected; more than 20 have a chance of 2 in 1000.
    assert!(alarmed.len() <= 20, "{alarmed:?}");
}

/// An honest run of about 1500 shares, as `change` alters it.
fn liar(seed: u64, change: impl Fn(&mut Miner, Vec<Proven>) -> Vec<Proven>) -> Vec<Finding> {
    let mut miner = Miner::new(seed, 1500.0);
    let shares = miner.shares();
    let shares = change(&mut miner, shares);
    miner.examine(&shares)
}

fn found(findings: &[Finding], test: Test) -> &Finding {
    let found = findings
        .iter()
        .find(|finding| finding.test == test)
        .unwrap();
    assert!(found.is_alarm, "{found:?}");
    found
}

#[test]
fn a_floor_above_the_difficulty_is_found_with_its_recount() {
    for seed in 0..20 {
        let findings = liar(seed, |_, mut shares| {
            shares.retain(|it| it.fraction <= 0.5);
            shares
        });
        let floor = found(&findings, Test::Floor);
        assert_eq!(floor.recount, Some(512.0), "{floor:?}");
        assert!(
            floor
                .sentence
                .contains("between the difficulty sent, 256, and 512.0: ")
        );
    }
}

#[test]
fn a_floor_that_is_no_power_of_two_is_found_too() {
    let findings = liar(7, |_, mut shares| {
        shares.retain(|it| it.fraction <= 256.0 / 300.0);
        shares
    });
    let recount = found(&findings, Test::Floor).recount.unwrap();
    assert!((recount / 300.0 - 1.0).abs() < 0.01, "{recount}");
}

#[test]
fn withheld_blocks_are_found_and_shares_withheld_at_random_only_lower_the_rate() {
    let findings = liar(1, |_, mut shares| {
        shares.retain(|it| it.fraction > 0.02);
        shares
    });
    found(&findings, Test::Best);
    let mut rates = 0.0;
    for seed in 0..20 {
        let mut miner = Miner::new(seed, 5000.0);
        let all = miner.shares().len() as u64;
        let mut kept = miner.shares();
        kept.retain(|_| uniform(&mut miner.random) > 0.03);
        let of = |n: u64| rate(&[(miner.difficulty, n)], miner.window_s, 0.95).unwrap();
        rates += of(kept.len() as u64).h_per_s / of(all).h_per_s / 20.0;
    }
    assert!((rates - 0.97).abs() < 0.01, "{rates}");
}

#[test]
fn fee_slices_and_outages_are_found() {
    for seed in 0..10 {
        // Half a minute of every ten.
        let findings = liar(seed, |miner, mut shares| {
            miner.window_s = 3000.0;
            shares.retain(|it| it.share.time_s < 3000.0 && it.share.time_s % 600.0 > 30.0);
            shares
        });
        let alarms = alarms(&findings);
        assert!(alarms.contains(&Test::Gap), "{findings:?}");
    }
    // Short slices take more shares to see.
    let mut miner = Miner::new(3, 20_000.0);
    miner.window_s = 3600.0;
    let mut shares = miner.shares();
    shares.retain(|it| it.share.time_s % 60.0 > 2.0);
    let period = miner.examine(&shares);
    assert!(
        found(&period, Test::Period)
            .sentence
            .contains("period is 60.0 s")
    );
}

#[test]
fn two_machines_on_one_name_are_found() {
    let two = |connection: u32, offset: u64| {
        liar(4, move |miner, mut shares| {
            let other = Miner::new(5, 1500.0).shares();
            shares.extend(other.into_iter().map(|mut it| {
                it.share.connection = connection;
                // It counts at another pace.
                it.share.extranonce2 = offset + it.share.extranonce2 * 23 / 10;
                it
            }));
            shares.retain(|it| it.share.time_s < miner.window_s);
            shares.sort_by(|a, b| a.share.time_s.total_cmp(&b.share.time_s));
            shares
        })
    };
    let by_connection = two(2, 0);
    assert!(
        found(&by_connection, Test::Connections)
            .sentence
            .contains("2 connections")
    );
    // A proxy gives each machine behind it its own range.
    found(&two(1, 1 << 56), Test::Order);
}

#[test]
fn a_reconnect_is_no_second_machine() {
    let findings = liar(6, |miner, mut shares| {
        for it in &mut shares {
            it.share.connection = 1 + u32::from(it.share.time_s > 0.5 * miner.window_s);
        }
        shares
    });
    assert_eq!(alarms(&findings), []);
    let sentence = |test| findings.iter().find(|it| it.test == test).unwrap();
    assert!(
        sentence(Test::Connections)
            .sentence
            .contains("one after the other")
    );
}

#[test]
fn shares_of_another_difficulty_are_found_and_garbage_is_not() {
    let mut miner = Miner::new(8, 500.0);
    let shares = miner.shares();
    let above = |fraction: f64| Proven {
        fraction,
        ..shares[0]
    };
    let other = examine(&shares, &[above(1.7), above(1e9)], 0.0, miner.window_s);
    let finding = found(&other, Test::OtherDifficulty);
    assert!(finding.sentence.contains("1 of "), "{finding:?}");
    let garbage: Vec<Proven> = (0..100).map(|i| above(1e11 / f64::from(i + 1))).collect();
    assert_eq!(alarms(&examine(&shares, &garbage, 0.0, miner.window_s)), []);
}
