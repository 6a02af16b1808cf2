//! Rows 1 to 15: how connections begin.

use std::io::Write;

use perwatt_stratum::Quirk;
use perwatt_stratum::share::Class;
use serde_json::{Value, json};

use crate::pool::{Miner, Pool};
use crate::{Row, play};

pub const OK: &[(Class, u64)] = &[(Class::Ok, 1)];

pub fn mine(miner: &mut Miner) {
    let job = miner.job();
    assert_eq!(miner.submit(job.share(1)), 0);
}

fn request(id: u32, method: &str, parameters: Value) -> String {
    json!({"id": id, "method": method, "params": parameters}).to_string() + "\n"
}

/// Answers first and in order, then the mask, the difficulty and the job, one of each.
fn check_opening(miner: &mut Miner) {
    let messages: Vec<Value> = (0..6).map(|_| miner.next().unwrap()).collect();
    let ids: Vec<&Value> = messages[..3].iter().map(|m| &m["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(2), &json!(3)]);
    let methods: Vec<&str> = messages[3..]
        .iter()
        .map(|m| m["method"].as_str().unwrap())
        .collect();
    let expected = [
        "mining.set_version_mask",
        "mining.set_difficulty",
        "mining.notify",
    ];
    assert_eq!(methods, expected);
    assert_eq!(messages[5]["params"][8], json!(true));
    let extranonce1 = messages.iter().find_map(|m| m["result"][1].as_str());
    miner.extranonce1 = extranonce1.unwrap().to_owned();
    miner.heard.extend(messages);
}

fn opening() -> String {
    let roll = json!([["version-rolling"], {"version-rolling.mask": "ffffffff"}]);
    request(1, "mining.configure", roll)
        + &request(2, "mining.subscribe", json!(["bitaxe/BM1370/v2.12.2"]))
        + &request(3, "mining.authorize", json!(["w", "x"]))
}

#[test]
fn segments() {
    let whole: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.stream.write_all(opening().as_bytes()).unwrap();
        check_opening(&mut miner);
        mine(&mut miner);
    };
    let pieces: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.stream.set_nodelay(true).unwrap();
        let text = opening().replace('\n', "\r\n");
        for piece in text.as_bytes().chunks(7) {
            miner.stream.write_all(piece).unwrap();
        }
        let mut answers: Vec<Value> = Vec::new();
        while answers.len() < 3 {
            let message = miner.next().unwrap();
            match message["id"].is_null() {
                true => miner.heard.push(message),
                false => answers.push(message),
            }
        }
        miner.extranonce1 = answers[1]["result"][1].as_str().unwrap().to_owned();
        mine(&mut miner);
    };
    let long: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        miner.send(&"x".repeat(100_000));
        miner.send("\u{0}\u{1}{{{");
        let refused = miner.next().unwrap();
        assert_eq!(
            (&refused["id"], &refused["error"][0]),
            (&Value::Null, &json!(20))
        );
        assert_eq!(miner.submit(job.share(1)), 0);
        assert_eq!(pool.quirks(), [Quirk::LongLine, Quirk::Unreadable]);
    };
    play(&[
        Row {
            number: 1,
            about: "three requests in a segment",
            script: whole,
            counts: OK,
        },
        Row {
            number: 14,
            about: "a request in many segments, CRLF",
            script: pieces,
            counts: OK,
        },
        Row {
            number: 1,
            about: "a line above 32 KiB, and binary",
            script: long,
            counts: OK,
        },
    ]);
}

#[test]
fn order_of_requests() {
    let authorise_first: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.authorize("w");
        miner.subscribe(json!([]));
        let job = miner.job();
        let mask = json!([["version-rolling"], {"version-rolling.mask": "1fffe000"}]);
        let granted = miner.result("mining.configure", mask);
        assert_eq!(granted["version-rolling.mask"], json!("1fffe000"));
        assert_eq!(miner.wait("mining.set_version_mask"), json!(["1fffe000"]));
        let next = miner.job();
        assert_ne!(next.id(), job.id());
        assert_eq!(next.notify[8], json!(true));
        assert_eq!(miner.submit(next.rolled(1, 0x0000_6000)), 0);
    };
    let suggest_first: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        for value in [json!([1024]), json!(["0.00015"]), json!([1e-4]), json!([])] {
            assert_eq!(
                miner.result("mining.suggest_difficulty", value),
                json!(true)
            );
        }
        miner.subscribe(json!(["whatsminer/v1.0"]));
        miner.authorize("w");
        mine(&mut miner);
        let text = "null".to_owned();
        assert_eq!(pool.quirks(), [Quirk::UnusableSuggestion { text }]);
    };
    let shapes: fn(&Pool) = |pool| {
        for parameters in [
            json!([]),
            json!(["ua"]),
            json!(["ua", null]),
            json!(["ua", "sid"]),
            json!(["ua", null, "host", 3333]),
            json!([null]),
            json!([5, {}]),
            json!({"a": 1}),
        ] {
            let mut miner = pool.miner();
            miner.subscribe(parameters.clone());
            let first = miner.extranonce1.clone();
            miner.subscribe(parameters);
            assert_eq!(miner.extranonce1, first);
        }
        let mut miner = pool.miner();
        miner.subscribe(json!(["ua", "00000001"]));
        assert_ne!(miner.extranonce1, "00000001");
        miner.authorize("w");
        mine(&mut miner);
    };
    play(&[
        Row {
            number: 2,
            about: "authorize first, configure last",
            script: authorise_first,
            counts: OK,
        },
        Row {
            number: 3,
            about: "suggest_difficulty first (and 27)",
            script: suggest_first,
            counts: OK,
        },
        Row {
            number: 4,
            about: "shapes of subscribe",
            script: shapes,
            counts: OK,
        },
    ]);
}

#[test]
fn identifiers() {
    let script: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        for id in ["7", "\"auth\"", "null", "-1", "1.0", "18446744073709551616"] {
            miner.send(&format!(
                r#"{{"id":{id},"method":"mining.subscribe","params":[]}}"#
            ));
            let line = miner.line();
            assert!(
                line.starts_with(&format!(r#"{{"id":{id},"result":[[["#)),
                "{line}"
            );
        }
        // bfgminer takes the next line for the answer to its subscription.
        miner.send(r#"{"id":null,"method":"mining.suggest_target","params":["00000000ffff"]}"#);
        miner.send(r#"{"id":null,"method":"mining.capabilities","params":[{"notify":[]}]}"#);
        miner.subscribe(json!(["bfgminer/5.5"]));
        assert!(miner.heard.is_empty());
        miner.authorize("w");
        mine(&mut miner);
    };
    play(&[Row {
        number: 5,
        about: "identifiers",
        script,
        counts: OK,
    }]);
}

#[test]
fn configure() {
    let keys: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        for (parameters, expected) in [
            (
                json!([["minimum-difficulty"], {"minimum-difficulty.value": 2048}]),
                json!({"minimum-difficulty": true}),
            ),
            (
                json!([["minimum-difficulty", "version-rolling"], {"minimum-difficulty.value": 2048, "version-rolling.mask": "00c00000", "version-rolling.min-bit-count": 2}]),
                json!({"minimum-difficulty": true, "version-rolling": true, "version-rolling.mask": "00c00000"}),
            ),
            (
                json!([["subscribe-extranonce", "no-such"], {}]),
                json!({"subscribe-extranonce": true, "no-such": false}),
            ),
            (
                json!([["version-rolling"], {"version-rolling.mask": "00000001"}]),
                json!({"version-rolling": false}),
            ),
            (
                json!([["version-rolling"]]),
                json!({"version-rolling": true, "version-rolling.mask": "1fffe000"}),
            ),
            (json!([]), json!({})),
            (json!([5]), json!({})),
        ] {
            assert_eq!(miner.result("mining.configure", parameters), expected);
        }
        miner.login("w");
    };
    let without: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        assert_eq!(miner.submit(job.rolled(1, 0x1000_2000)), 0);
        assert_eq!(pool.quirks(), [Quirk::BitsWithoutConfigure]);
    };
    let five: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.stream.write_all(opening().as_bytes()).unwrap();
        check_opening(&mut miner);
        mine(&mut miner);
        assert_eq!(pool.quirks(), [Quirk::NoBitsAfterConfigure]);
    };
    play(&[
        Row {
            number: 6,
            about: "minimum-difficulty alone (and 7: no other keys)",
            script: keys,
            counts: &[],
        },
        Row {
            number: 8,
            about: "six parameters without configure",
            script: without,
            counts: OK,
        },
        Row {
            number: 9,
            about: "five parameters after configure",
            script: five,
            counts: OK,
        },
    ]);
}

#[test]
fn a_probe_gets_a_job_and_no_mask_before_it_authorises() {
    let pool = Pool::with(|config| config.limits.times.probe_s = 0.02);
    let mut miner = pool.miner();
    let mask = json!([["version-rolling"], {"version-rolling.mask": "ffffffff"}]);
    miner.result("mining.configure", mask);
    miner.subscribe(json!(["Antminer S21+"]));
    // Rows 10 and 15.
    let probe = miner.job();
    let methods: Vec<Value> = miner.settle().iter().map(|m| m["method"].clone()).collect();
    assert_eq!(methods, [json!("mining.set_difficulty")]);
    assert_eq!(miner.submit(probe.share(1)), 24);
    miner.authorize("w");
    assert_eq!(miner.wait("mining.set_version_mask"), json!(["1fffe000"]));
    miner.wait("mining.set_difficulty");
    let job = miner.job();
    assert_eq!(
        (job.id() == probe.id(), &job.notify[8]),
        (false, &json!(true))
    );
    assert_eq!(miner.submit(job.rolled(1, 0)), 0);
    assert_eq!(pool.counts("w"), OK);
}

#[test]
fn other_requests() {
    let script: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        for method in [
            "mining.multi_version",
            "client.get_version",
            "eth_submitWork",
            "",
        ] {
            let answer = miner.ask(method, json!([1]));
            assert_eq!(
                (&answer["result"], &answer["error"][0]),
                (&Value::Null, &json!(20))
            );
        }
        for (method, expected) in [
            ("mining.extranonce.subscribe", json!(true)),
            ("mining.get_transactions", json!([])),
            ("mining.capabilities", json!({})),
            ("mining.suggest_target", json!(true)),
            ("mining.ping", json!("pong")),
        ] {
            assert_eq!(miner.result(method, json!(["ff"])), expected);
        }
        // An answer, and ESP-Miner's way of it, are owed nothing.
        miner.send(r#"{"id":1,"result":"pong","error":null}"#);
        miner.send(r#"{"id":1,"method":"pong","params":[]}"#);
        assert!(
            miner
                .settle()
                .iter()
                .all(|m| m["method"] == "mining.set_difficulty")
        );
        assert_eq!(miner.submit(job.share(1)), 0);
    };
    play(&[Row {
        number: 11,
        about: "multi_version, and 12, 13",
        script,
        counts: OK,
    }]);
}
