//! A session that begins in a pool that is open.

use std::collections::BTreeMap;

use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::job::Session;
use perwatt_stratum::share::Class;
use perwatt_stratum::{Steering, What};
use serde_json::json;

use crate::pool::Pool;

#[test]
fn its_jobs_withdraw_all_others_and_have_numbers_of_their_own() {
    let pool = Pool::fixed();
    let mut miner = pool.miner();
    let before = miner.login("w");
    assert_eq!(miner.submit(before.share(1)), 0);
    pool.server.freeze();
    pool.server.begin("beef", 1 << 24);
    let after = miner.job();
    assert_eq!((after.id(), &after.notify[8]), ("01000000", &json!(true)));
    // The jobs of two sessions have no header in common.
    assert_ne!(after.notify[1], before.notify[1]);
    assert_ne!(Session::new("beef"), Session::new("00ff"));
    assert_eq!(miner.submit(after.share(2)), 0);
    // Work that was under way is answered well and does not count.
    assert_eq!(miner.submit(before.share(3)), 0);
    assert_eq!(pool.counts("w"), [(Class::Ok, 2), (Class::Late, 1)]);
    let jobs = pool.told().into_iter().filter_map(|what| match what {
        What::Job(job) => Some(job.counter),
        _ => None,
    });
    assert_eq!(jobs.collect::<Vec<_>>(), [1, 1 << 24]);
}

#[test]
fn its_shares_are_found_though_its_numbers_were_used_before() {
    let pool = Pool::fixed();
    let mut miner = pool.miner();
    let before = miner.login("w");
    assert_eq!(before.id(), "00000001");
    pool.server.begin("beef", 1);
    let after = miner.job();
    assert_eq!(after.id(), "00000002");
    assert_eq!(miner.submit(after.share(1)), 0);
    assert_eq!(pool.counts("w"), [(Class::Ok, 1)]);
}

#[test]
fn a_worker_keeps_the_difficulty_that_it_had_before() {
    let had = Difficulty::power_of_two(-22);
    let pool = Pool::with(|config| {
        let (per_s, period_s) = (10.0, 0.01);
        config.steering = Steering::Wanted { per_s, period_s };
        config.difficulties = BTreeMap::from([("w".to_owned(), had)]);
    });
    let mut miner = pool.miner();
    miner.subscribe(json!(["cpuminer/2.5.1"]));
    miner.authorize("w");
    assert_eq!(miner.wait("mining.set_difficulty"), json!([had.value()]));
    miner.settle();
    assert_eq!(pool.server.workers()["w"].difficulty, Some(had));
    assert!(pool.server.workers()["w"].is_settled);
}
