//! `perwatt asic --rehearse`: what a miner speaks, and how long a measurement will take.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use perwatt_engine::pool::Pool;
use perwatt_report::doc::{Block, Item};
use perwatt_stratum::rate::{rate, time_left_s};
use perwatt_stratum::share::Class;
use perwatt_stratum::{What, WorkerCounts};

use crate::args::AsicArgs;
use crate::exit::Exit;
use crate::output::mining::tell_event;
use crate::output::units::{self, counted, duration};
use crate::output::{self, plain, tell};

/// Longest rehearsal, in minutes after the first miner was authorised.
const LONGEST_MIN: f64 = 2.0;
const POLL_INTERVAL: Duration = Duration::from_millis(100);

pub fn run(args: &AsicArgs, pool: &Pool, interrupt: &AtomicBool) -> anyhow::Result<Exit> {
    let length = Duration::from_secs_f64(60.0 * args.minutes.min(LONGEST_MIN));
    tell!(
        "waiting for a miner; then {} of rehearsal",
        duration(length.as_secs_f64())
    );
    let mut began: Option<Instant> = None;
    let mut quirks: Vec<(u32, String)> = Vec::new();
    let mut settled = std::collections::BTreeMap::new();
    while began.is_none_or(|since| since.elapsed() < length) {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(Exit::Interrupted);
        }
        for event in pool.events() {
            tell_event(&event);
            match &event.what {
                What::Authorised { .. } => {
                    began.get_or_insert_with(Instant::now);
                }
                What::Quirk(quirk) => quirks.push((event.connection, quirk.to_string())),
                _ => {}
            }
        }
        // The rate is of the time since the difficulty was found.
        let now_s = pool.server().now_s();
        for (name, counts) in pool.server().workers() {
            if counts.is_settled {
                settled.entry(name).or_insert((now_s, counts));
            } else {
                settled.remove(&name);
            }
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    let now_s = pool.server().now_s();
    let mut blocks = Vec::new();
    for (name, counts) in pool.server().workers() {
        let since = settled.get(&name);
        blocks.push(Block::Sentence(format!("miner {}", plain(&name))));
        let items = miner(&counts, since, now_s);
        blocks.push(Block::Items(items.into_iter().map(Item::new).collect()));
    }
    let heard = quirks
        .into_iter()
        .map(|(connection, text)| Item::new(format!("connection {connection}: {}", plain(&text))));
    let heard: Vec<Item> = heard.collect();
    if !heard.is_empty() {
        blocks.push(Block::Sentence("what it does differently".into()));
        blocks.push(Block::Items(heard));
    }
    output::view(args.format, "rehearsal", &pool_json(pool), || blocks)?;
    Ok(Exit::Done)
}

/// The report on one miner.
fn miner(counts: &WorkerCounts, since: Option<&(f64, WorkerCounts)>, now_s: f64) -> Vec<String> {
    let agent = match counts.user_agent.as_str() {
        "" => "does not name its software".to_owned(),
        agent => format!("says that it is {}", plain(agent)),
    };
    let refused: u64 = Class::ALL
        .iter()
        .filter(|class| class.refusal().is_some())
        .map(|class| counts.of(*class))
        .sum();
    let taken = counts.of(Class::Ok) + counts.of(Class::Late);
    let mut all = vec![
        agent,
        format!(
            "{} taken, {refused} refused, {}",
            counted(taken as usize, "share", "shares"),
            counted(counts.connections as usize, "connection", "connections")
        ),
    ];
    let Some(((began_s, before), now)) = since.zip(counts.difficulty) else {
        all.push(match counts.difficulty {
            Some(difficulty) => {
                format!("its difficulty is not found yet, now {difficulty}: rehearse again")
            }
            None => "it took no work".into(),
        });
        return all;
    };
    let window_s = now_s - began_s;
    let shares = counts.shares_since(Some(before));
    all.push(format!("bears difficulty {now}"));
    let Some(seen) = rate(&shares, window_s, 0.95).filter(|seen| seen.shares > 0) else {
        all.push("no share since its difficulty was found: rehearse again".into());
        return all;
    };
    let h_per_s = |value| units::rate(value, perwatt_record::schema::Unit::Hash);
    all.push(format!(
        "{} by {} shares in {} (95 %: {} to {})",
        h_per_s(seen.h_per_s),
        seen.shares,
        duration(window_s),
        h_per_s(seen.low_h_per_s),
        h_per_s(seen.high_h_per_s),
    ));
    for percent in [3.0, 1.0] {
        if let Some(left_s) = time_left_s(&shares, window_s, now, percent / 100.0, 0.95) {
            all.push(format!(
                "±{percent} % takes {} at this rate of shares",
                duration(left_s + window_s)
            ));
        }
    }
    all
}

/// The counts as JSON.
fn pool_json(pool: &Pool) -> serde_json::Value {
    let workers = pool.server().workers();
    let each = workers.into_iter().map(|(name, counts)| {
        let classes = Class::ALL.map(|class| (class.name().to_owned(), counts.of(class).into()));
        serde_json::json!({
            "worker": name,
            "user_agent": counts.user_agent,
            "difficulty": counts.difficulty.map(perwatt_stratum::difficulty::Difficulty::value),
            "is_settled": counts.is_settled,
            "connections": counts.connections,
            "submissions": serde_json::Map::from_iter(classes),
        })
    });
    each.collect()
}
