//! Rows 16, 17 and 45: names of users and of software.

use perwatt_stratum::{Quirk, What};
use serde_json::json;

use crate::handshake::{OK, mine};
use crate::pool::Pool;
use crate::{Row, play};

#[test]
fn users() {
    let empty: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.subscribe(json!([]));
        miner.result("mining.authorize", json!(["", ""]));
        mine(&mut miner);
        assert_eq!(pool.counts(""), OK);
        for parameters in [json!([]), json!([null]), json!({})] {
            assert_eq!(miner.result("mining.authorize", parameters), json!(true));
        }
        assert_eq!(pool.quirks(), [Quirk::OtherUser { user: "w".into() }]);
    };
    let other: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        let job = miner.login("w");
        let mut share = job.share(1);
        share[0] = json!("bc1q.rig");
        assert_eq!(miner.submit(share), 0);
        miner.authorize("second");
        let told = [
            Quirk::OtherUser {
                user: "bc1q.rig".into(),
            },
            Quirk::SecondName {
                user: "second".into(),
            },
        ];
        assert_eq!(pool.quirks(), told);
    };
    let forged: fn(&Pool) = |pool| {
        let mut miner = pool.miner();
        miner.subscribe(json!(["\u{1b}[2J".to_owned() + &"x".repeat(10_000)]));
        miner.authorize("w");
        mine(&mut miner);
        let named = pool.told().into_iter().find_map(|what| match what {
            What::Authorised { user_agent, .. } => Some(user_agent),
            _ => None,
        });
        let named = named.unwrap();
        assert_eq!(named.chars().count(), 128);
        assert!(named.starts_with("\u{fffd}[2Jx"));
    };
    play(&[
        Row {
            number: 16,
            about: "no user, no password",
            script: empty,
            counts: &[],
        },
        Row {
            number: 17,
            about: "another user in submit, and 49",
            script: other,
            counts: OK,
        },
        Row {
            number: 45,
            about: "forged names",
            script: forged,
            counts: OK,
        },
    ]);
}
