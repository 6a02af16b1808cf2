//! Rows 18 to 24: changes of the difficulty.

use std::collections::HashSet;

use perwatt_stratum::share::Class;
use perwatt_stratum::{Steering, What};
use serde_json::{Value, json};

use crate::pool::{Job, Miner, Pool};

/// Asks for 10 shares a second, with steps every 30 ms; a CPU miner that suggests 2^-24.
fn steered() -> (Pool, Miner, Job) {
    let pool = Pool::with(|config| {
        let (per_s, period_s) = (10.0, 0.03);
        config.steering = Steering::Wanted { per_s, period_s };
    });
    let mut miner = pool.miner();
    miner.result(
        "mining.suggest_difficulty",
        json!([5.960_464_477_539_063e-8]),
    );
    miner.subscribe(json!(["cpuminer/2.5.1"]));
    miner.authorize("w");
    let job = miner.job();
    (pool, miner, job)
}

/// Sends many shares, more than wanted by far.
fn flood(miner: &mut Miner, job: &Job, first: u64) {
    for extranonce2 in first..first + 100 {
        let share = json!({"id": 5, "method": "mining.submit", "params": job.share(extranonce2)});
        miner.send(&share.to_string());
    }
}

/// One difficulty and then one new job that withdraws the others; never two difficulties.
fn check_pairs(messages: &[Value]) -> Vec<f64> {
    let pushed: Vec<&Value> = messages.iter().filter(|m| m["id"].is_null()).collect();
    let mut difficulties = Vec::new();
    let mut ids = HashSet::new();
    for (at, message) in pushed.iter().enumerate() {
        match message["method"].as_str().unwrap() {
            "mining.set_difficulty" => {
                let next = pushed[at + 1];
                assert_eq!(next["method"], "mining.notify");
                assert_eq!(next["params"][8], json!(true), "{next}");
                difficulties.push(message["params"][0].as_f64().unwrap());
            }
            "mining.notify" => assert!(ids.insert(message["params"][0].clone()), "{message}"),
            other => panic!("{other}"),
        }
    }
    difficulties
}

#[test]
fn difficulties_and_jobs_come_in_pairs() {
    // Rows 18, 19, 20 and 23.
    let (pool, mut miner, first) = steered();
    assert_eq!(miner.wait("mining.set_difficulty"), json!([2f64.powi(-24)]));
    flood(&mut miner, &first, 0);
    let mut heard = Vec::new();
    // Up by the flood, and down again without a share (row 24).
    while check_pairs(&heard).len() < 4 {
        heard.extend(miner.next());
        if heard
            .last()
            .is_some_and(|m| m["method"] == "mining.set_difficulty")
        {
            heard.extend(miner.next());
        }
    }
    let course = check_pairs(&heard);
    assert!(course[0] > 2f64.powi(-24), "{course:?}");
    assert!(
        course.windows(2).any(|pair| pair[1] < pair[0]),
        "{course:?}"
    );
    assert!(course.iter().all(|d| d.log2().fract() == 0.0), "{course:?}");
    // A share is judged by the difficulty of its own job (row 21).
    assert_eq!(miner.submit(first.share(1_000_000)), 0);
    let last = pool.told().into_iter().rev().find_map(|what| match what {
        What::Share { judged, .. } => Some(judged),
        _ => None,
    });
    let last = last.unwrap();
    assert_eq!(last.class, Class::Late);
    assert_eq!(last.difficulty.unwrap().value(), 2f64.powi(-24));
    let counts = &pool.server.workers()["w"];
    assert_eq!(counts.of(Class::Ok) + counts.of(Class::Late), 101);
}

#[test]
fn nothing_changes_inside_a_window() {
    // Row 22, and 42: a reconnection inside it.
    let (pool, mut miner, first) = steered();
    pool.server.freeze();
    miner.settle();
    let before = pool.server.workers()["w"].clone();
    flood(&mut miner, &first, 0);
    miner.result("mining.suggest_difficulty", json!([64]));
    let pushed: Vec<Value> = miner
        .settle()
        .into_iter()
        .filter(|m| m["id"].is_null())
        .collect();
    assert!(pushed.is_empty(), "{pushed:?}");
    let difficulty = before.difficulty.unwrap();
    drop(miner);
    let mut miner = pool.miner();
    let job = miner.login("w");
    assert_eq!(
        miner.wait("mining.set_difficulty"),
        json!([difficulty.value()])
    );
    assert_eq!(miner.submit(job.share(1)), 0);
    let after = pool.server.workers()["w"].clone();
    assert_eq!(after.shares_since(Some(&before)), [(difficulty, 101)]);
    assert_eq!((after.connections, after.open), (2, 1));
    // After it the flood has its effect.
    pool.server.thaw();
    miner.wait("mining.set_difficulty");
}

#[test]
fn a_new_job_every_keepalive_withdraws_nothing() {
    let pool = Pool::with(|config| config.limits.times.keepalive_s = 0.02);
    pool.server.freeze();
    let mut miner = pool.miner();
    let mut jobs = vec![miner.login("w")];
    for _ in 0..5 {
        jobs.push(miner.job());
    }
    let ids: HashSet<&str> = jobs.iter().map(Job::id).collect();
    assert_eq!(ids.len(), jobs.len());
    assert!(jobs.iter().all(|job| job.notify[1] == jobs[0].notify[1]));
    assert!(jobs[1..].iter().all(|job| job.notify[8] == json!(false)));
    for job in &jobs {
        assert_eq!(miner.submit(job.share(1)), 0);
    }
    assert_eq!(pool.counts("w"), [(Class::Ok, 6)]);
}

#[test]
fn an_asic_is_never_asked_for_less_than_its_chips_report() {
    // Rows 25 and 27.
    let pool = Pool::with(|config| {
        let (per_s, period_s) = (10.0, 0.01);
        config.steering = Steering::Wanted { per_s, period_s };
        config.limits.times.keepalive_s = 0.02;
    });
    let mut miner = pool.miner();
    miner.subscribe(json!(["bitaxe/BM1370/v2.12.2"]));
    miner.authorize("w");
    for _ in 0..5 {
        miner.result("mining.suggest_difficulty", json!(["0.000150"]));
        miner.job();
    }
    let mut heard = miner.settle();
    heard.retain(|message| message["method"] == "mining.set_difficulty");
    let difficulties: Vec<&Value> = heard.iter().map(|message| &message["params"]).collect();
    assert_eq!(difficulties, [&json!([256])]);
}
