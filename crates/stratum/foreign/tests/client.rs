//! The crate `stratum` as a client, and the crate `bitcoin` for headers, hashes and targets:
//! what the pool sends must be work in their eyes, and what they find must count.

use std::time::{Duration, Instant};

use bitcoin::block::{self, Header};
use bitcoin::{CompactTarget, Target};
use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::rate::rate;
use perwatt_stratum::share::Class;
use perwatt_stratum::{Config, Event, Quirk, Server, Steering, What};
use std::sync::mpsc::Receiver;
use stratum::client::{Client, ClientError, Event as Sent, EventReceiver};
use stratum::{Extranonce, Nonce, Notify, Version, merkle_root};

const NAME: &str = "tb1qkrrl75qekv9ree0g2qt49j8vdynsvlc4kuctrc.rig";
/// About 65,537 hashes a share.
const EXPONENT: i32 = -16;

fn pool() -> (Server, Receiver<Event>) {
    let mut config = Config::new("127.0.0.1:0".parse().unwrap(), "00ff", Instant::now());
    config.steering = Steering::Fixed(Difficulty::power_of_two(EXPONENT));
    Server::start(config).unwrap()
}

struct Rig {
    client: Client,
    events: EventReceiver,
    extranonce1: Extranonce,
    notify: Notify,
    target: Target,
}

impl Rig {
    async fn new(server: &Server) -> Self {
        let address = server.address().to_string();
        let patience = Duration::from_secs(30);
        let client = Client::new(
            address,
            NAME.parse().unwrap(),
            None,
            "para/0.6".into(),
            patience,
        );
        let mut events = client.connect().await.unwrap();
        let mask = "ffffffff".parse().unwrap();
        let (granted, ..) = client
            .configure(vec!["version-rolling".into()], Some(mask))
            .await
            .unwrap();
        assert!(granted.version_rolling);
        assert_eq!(
            granted.version_rolling_mask,
            Some("1fffe000".parse().unwrap())
        );
        let (subscribed, ..) = client.subscribe().await.unwrap();
        assert_eq!(subscribed.enonce2_size, 8);
        client.authorize().await.unwrap();
        let Sent::SetDifficulty(difficulty) = events.recv().await.unwrap() else {
            panic!("a difficulty comes before the job");
        };
        // The client rounds a fraction to 1 over a whole number: 1/65535, 15 ppm harder.
        let rounded = difficulty.as_f64() / 2f64.powi(EXPONENT);
        assert!((1.0..1.0001).contains(&rounded), "{rounded}");
        let Sent::Notify(notify) = events.recv().await.unwrap() else {
            panic!("a job comes after the difficulty");
        };
        assert!(notify.clean_jobs);
        Self {
            client,
            events,
            extranonce1: subscribed.enonce1,
            notify,
            target: difficulty.to_target(),
        }
    }

    fn header(&self, extranonce2: &Extranonce, bits: i32) -> Header {
        let Notify {
            coinb1,
            coinb2,
            merkle_branches,
            ..
        } = &self.notify;
        let root = merkle_root(
            coinb1,
            coinb2,
            &self.extranonce1,
            extranonce2,
            merkle_branches,
        );
        let version = self.notify.version.0.to_consensus() | bits;
        Header {
            version: block::Version::from_consensus(version),
            prev_blockhash: self.notify.prevhash.clone().into(),
            merkle_root: root.unwrap().into(),
            time: self.notify.ntime.into(),
            bits: CompactTarget::from(self.notify.nbits),
            nonce: 0,
        }
    }

    /// Hashes nonces from 0 and submits what is found; returns the answers' errors.
    async fn mine(&self, extranonce2: u64, bits: i32, hashes: u32) -> Vec<Option<ClientError>> {
        let extranonce2 = Extranonce::from_bytes(&extranonce2.to_be_bytes());
        let mut header = self.header(&extranonce2, bits);
        let mut answers = Vec::new();
        for nonce in 0..hashes {
            header.nonce = nonce;
            if self.target.is_met_by(header.block_hash()) {
                let (id, time) = (self.notify.job_id, self.notify.ntime);
                let bits = Some(Version::from(bits));
                let share = (extranonce2.clone(), Nonce::from(nonce));
                let sent = self.client.submit(id, share.0, time, share.1, bits).await;
                answers.push(sent.err());
            }
        }
        answers
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

#[test]
fn a_known_number_of_hashes_lies_in_the_interval() {
    run(async {
        let (server, events) = pool();
        let rig = Rig::new(&server).await;
        server.freeze();
        let (before, began_s) = (server.workers(), server.now_s());
        // A fifth of a second of pause after each stretch: a throttled miner.
        let stretches = 5;
        let hashes_each = 600_000;
        for (extranonce2, bits) in [
            (0, 0),
            (1, 0x0000_2000),
            (2, 0x1fff_e000),
            (3, 0),
            (u64::MAX, 0),
        ] {
            let answers = rig.mine(extranonce2, bits, hashes_each).await;
            assert!(answers.iter().all(Option::is_none), "{answers:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let window_s = server.now_s() - began_s;
        let workers = server.workers();
        let shares = workers[NAME].shares_since(before.get(NAME));
        // About 46 shares; the interval is wide, so that the test does not fail by chance.
        let seen = rate(&shares, window_s, 1.0 - 1e-6).unwrap();
        let truth = f64::from(stretches * hashes_each) / window_s;
        assert!(
            seen.low_h_per_s < truth && truth < seen.high_h_per_s,
            "{truth} {seen:?}"
        );
        assert!(seen.is_exact && seen.shares > 10);
        let classes = workers[NAME].classes;
        assert_eq!(classes.iter().sum::<u64>(), workers[NAME].of(Class::Ok));
        let quirks = events
            .try_iter()
            .filter(|event| matches!(event.what, What::Quirk(_)));
        assert_eq!(quirks.count(), 0);
    });
}

#[test]
fn a_miner_that_comes_back_gets_other_work() {
    run(async {
        let (server, events) = pool();
        let mut first = Rig::new(&server).await;
        let answers = first.mine(0, 0, 500_000).await;
        assert!(answers.iter().all(Option::is_none) && !answers.is_empty());
        // The same again: duplicates.
        let again = first.mine(0, 0, 500_000).await;
        assert!(again.iter().all(Option::is_some) && again.len() == answers.len());
        first.client.disconnect().await;
        assert!(matches!(first.events.recv().await, Ok(Sent::Disconnected)));
        let second = Rig::new(&server).await;
        assert_ne!(second.extranonce1, first.extranonce1);
        assert_ne!(second.notify.job_id, first.notify.job_id);
        assert_eq!(second.notify.prevhash, first.notify.prevhash);
        // The shares of the connection before are nothing here.
        first.client = second.client.clone();
        let old = first.mine(0, 0, 500_000).await;
        assert!(old.iter().all(Option::is_some) && old.len() == answers.len());
        let found = second.mine(0, 0, 500_000).await;
        assert!(found.iter().all(Option::is_none));
        let counts = &server.workers()[NAME];
        let expected = [answers.len() + found.len(), again.len(), old.len()];
        let classes = [Class::Ok, Class::Duplicate, Class::UnknownJob];
        assert_eq!(classes.map(|class| counts.of(class) as usize), expected);
        assert_eq!(counts.connections, 2);
        let shared = |event: &Event| matches!(event.what, What::Quirk(Quirk::NameShared { .. }));
        assert!(!events.try_iter().any(|event| shared(&event)));
    });
}
