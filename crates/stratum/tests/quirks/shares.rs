//! Rows 29 to 38, 40, 43, 44 and 51: what is submitted.

use perwatt_stratum::share::Class;
use serde_json::{Value, json};

use crate::pool::Pool;
use crate::{Row, play};

/// A submission with one parameter replaced.
fn with(parameters: &Value, at: usize, value: &str) -> Value {
    let mut parameters = parameters.clone();
    parameters[at] = json!(value);
    parameters
}

/// A submission with the letters of one parameter in upper case.
fn upper(parameters: &Value, at: usize) -> Value {
    with(
        parameters,
        at,
        &parameters[at].as_str().unwrap().to_uppercase(),
    )
}

fn configured(pool: &Pool, mask: &str) -> (crate::pool::Miner, crate::pool::Job) {
    let mut miner = pool.miner();
    let roll = json!([["version-rolling"], {"version-rolling.mask": mask}]);
    miner.result("mining.configure", roll);
    let job = miner.login("w");
    (miner, job)
}

#[test]
fn version_bits() {
    let outside: fn(&Pool) = |pool| {
        let (mut miner, job) = configured(pool, "ffffffff");
        for bits in [0x0000_0001, 0x2000_0000, 0xe000_0000, 0x0000_1000] {
            assert_eq!(miner.submit(job.rolled(1, bits)), 20);
        }
        assert_eq!(miner.submit(job.rolled(1, 0x1fff_e000)), 0);
    };
    let narrow: fn(&Pool) = |pool| {
        let (mut miner, job) = configured(pool, "00c00000");
        assert_eq!(miner.submit(job.rolled(1, 0x1fff_e000)), 20);
        assert_eq!(miner.submit(job.rolled(1, 0x0080_0000)), 0);
    };
    play(&[
        Row {
            number: 29,
            about: "bits outside of the mask",
            script: outside,
            counts: &[(Class::Ok, 1), (Class::BadVersion, 4)],
        },
        Row {
            number: 30,
            about: "bits outside of a narrower mask",
            script: narrow,
            counts: &[(Class::Ok, 1), (Class::BadVersion, 1)],
        },
    ]);
}

#[test]
fn digits() {
    let extranonce2: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let share = job.share(0xabcd);
        for wrong in [
            "",
            "abcd",
            "00000000000abcd",
            "00000000000000abcd",
            "000000000000abcg",
        ] {
            assert_eq!(miner.submit(with(&share, 2, wrong)), 20);
        }
        assert_eq!(miner.submit(upper(&share, 2)), 0);
    };
    let disguised: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let share = job.share(0xabcd_ef01);
        assert_eq!(miner.submit(share.clone()), 0);
        for at in 1..5 {
            assert_eq!(miner.submit(upper(&share, at)), 22);
        }
        let number = share[4].as_str().unwrap();
        let bare = with(
            &share,
            4,
            &format!("{:x}", u32::from_str_radix(number, 16).unwrap()),
        );
        assert_eq!(miner.submit(bare), 22);
        assert_eq!(miner.submit(with(&share, 0, "another")), 22);
        let mut sixth = share.clone();
        sixth.as_array_mut().unwrap().push(json!("00000000"));
        assert_eq!(miner.submit(sixth), 22);
        for junk in [
            format!("{number} "),
            format!("0x{number}"),
            format!("{number}\u{0}"),
        ] {
            assert_eq!(miner.submit(with(&share, 4, &junk)), 20);
        }
    };
    let long: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let share = job.share(1);
        let nonce = share[4].as_str().unwrap();
        assert_eq!(miner.submit(with(&share, 4, &format!("{nonce}00"))), 20);
        assert_eq!(miner.submit(with(&share, 4, &format!("00{nonce}"))), 20);
        assert_eq!(miner.submit(json!(["w", job.id()])), 20);
        assert_eq!(miner.submit(json!({"job": job.id()})), 20);
    };
    play(&[
        Row {
            number: 31,
            about: "extranonce2 of all lengths",
            script: extranonce2,
            counts: &[(Class::Ok, 1), (Class::Malformed, 5)],
        },
        Row {
            number: 32,
            about: "duplicates in disguise (and 51: they never count)",
            script: disguised,
            counts: &[(Class::Ok, 1), (Class::Duplicate, 7), (Class::Malformed, 3)],
        },
        Row {
            number: 33,
            about: "long nonces, and parameters left out",
            script: long,
            counts: &[(Class::Malformed, 4)],
        },
    ]);
}

#[test]
fn fields() {
    let swapped: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let swap = |extranonce2: u64| {
            let share = job.share(extranonce2);
            let nonce = share[4].as_str().unwrap().to_owned();
            with(&with(&share, 4, share[3].as_str().unwrap()), 3, &nonce)
        };
        let wrong = (0..)
            .map(swap)
            .find(|swapped| !job.is_share(swapped))
            .unwrap();
        assert_eq!(miner.submit(wrong), 23);
        let mut other = pool.miner();
        let theirs = other.login("other");
        assert_eq!(miner.submit(theirs.share(1)), 21);
        for id in [
            "",
            "zzz",
            "0",
            "ffffffff",
            "0xc01490b3b0_184",
            &"0".repeat(1000),
        ] {
            assert_eq!(miner.submit(with(&job.share(1), 1, id)), 21);
        }
    };
    let ntime: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let at = |late_s: i64| job.at(1, (i64::from(job.ntime()) + late_s) as u32);
        for late_s in [-1, 7201, 100_000_000] {
            assert_eq!(miner.submit(at(late_s)), 0);
        }
        for late_s in [0, 1, 7000, 7200] {
            assert_eq!(miner.submit(at(late_s)), 0);
        }
    };
    play(&[
        Row {
            number: 34,
            about: "fields exchanged, and jobs of others",
            script: swapped,
            counts: &[(Class::Low, 1), (Class::UnknownJob, 7)],
        },
        Row {
            number: 35,
            about: "times before the job's and far after it",
            script: ntime,
            counts: &[(Class::Ok, 4), (Class::BadTime, 3)],
        },
    ]);
}

#[test]
fn withdrawn_jobs() {
    for (late_s, code, class) in [(10.0, 0, Class::Late), (0.0, 21, Class::Stale)] {
        let pool = Pool::with(|config| config.limits.times.late_s = late_s);
        let mut miner = pool.miner();
        let old = miner.login("w");
        miner.result("mining.configure", json!([["version-rolling"]]));
        let new = miner.job();
        // Row 36.
        assert_eq!(miner.submit(old.share(1)), code);
        assert_eq!(miner.submit(new.share(1)), 0);
        assert_eq!(pool.counts("w"), [(Class::Ok, 1), (class, 1)]);
    }
}

#[test]
fn reconnection() {
    let again: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let old = miner.login("w");
        assert_eq!(miner.submit(old.share(1)), 0);
        drop(miner);
        let mut miner = pool.miner();
        let mut job = miner.login("w");
        assert_ne!(job.extranonce1, old.extranonce1);
        for extranonce2 in 1..4 {
            assert_eq!(miner.submit(old.share(extranonce2)), 21);
        }
        let own = job.clone();
        job.extranonce1 = old.extranonce1;
        let stale = (0..).map(|en2| job.share(en2));
        let stale = stale
            .into_iter()
            .find(|share| !own.is_share(share))
            .unwrap();
        assert_eq!(miner.submit(stale), 23);
        assert_eq!(miner.submit(own.share(9)), 0);
    };
    let garbage: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        for extranonce2 in 0..100 {
            assert_eq!(miner.submit(job.low(extranonce2)), 23);
        }
        assert_eq!(miner.submit(job.share(1)), 0);
        assert!(pool.quirks().is_empty());
    };
    let early: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let parameters = json!(["w", "1", "0000000000000000", "00000000", "00000000"]);
        assert_eq!(miner.submit(parameters.clone()), 25);
        miner.authorize("w");
        assert_eq!(miner.submit(parameters), 25);
    };
    play(&[
        Row {
            number: 37,
            about: "shares of the connection before, and 38: its extranonce1",
            script: again,
            counts: &[(Class::Ok, 2), (Class::Low, 1), (Class::UnknownJob, 3)],
        },
        Row {
            number: 40,
            about: "garbage, and 44: nobody is sent away for it",
            script: garbage,
            counts: &[(Class::Ok, 1), (Class::Low, 100)],
        },
        Row {
            number: 43,
            about: "shares before a subscription; all errors are arrays of three",
            script: early,
            counts: &[(Class::UnknownJob, 1)],
        },
    ]);
}
