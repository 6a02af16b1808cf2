//! Tests of honesty of a record's miners, by their shares alone.

use std::collections::BTreeMap;

use perwatt_stratum::share::Proven;
use perwatt_stratum::trust::{FALSE_ALARM, Finding, Test, examine};

use super::{exact, stored, works};
use crate::schema::{Asic, Proof, Record, Status};

/// A sentence about the shares of a miner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// True if the shares are not those of one honest machine.
    pub is_alarm: bool,
    /// The sentence, without a full stop.
    pub text: String,
}

/// The findings on each miner: its alarms, or that there are none.
pub fn told(record: &Record) -> Vec<Told> {
    let miners = record.plan.asics.iter();
    let miners = miners.filter(|asic| asic.members.is_empty());
    miners.flat_map(|asic| of_miner(record, asic)).collect()
}

fn of_miner(record: &Record, asic: &Asic) -> Vec<Told> {
    let (shares, time_s) = shares(record, asic);
    if shares.is_empty() {
        return Vec::new();
    }
    let found = findings(&shares, time_s);
    let alarms: Vec<Told> = (found.iter().filter(|of| of.is_alarm))
        .map(|of| Told {
            is_alarm: true,
            text: format!("ALARM: {}: {}{}", asic.name, of.sentence, recount(of, asic)),
        })
        .collect();
    if !alarms.is_empty() {
        return alarms;
    }
    // A test that had too few shares, or nothing to look at, has p = 1.
    let text = match found.iter().filter(|of| of.p < 1.0).count() {
        0 => format!("{}: too few shares to test them", asic.name),
        n => format!(
            "{}: {n} tests of the shares raise no alarm; one honest machine raises any in at most {} % of sessions",
            asic.name,
            100.0 * FALSE_ALARM
        ),
    };
    vec![Told {
        is_alarm: false,
        text,
    }]
}

/// The outcome of every test that a record allows: it counts submissions that do not count
/// and does not hold them.
fn findings(shares: &[Proven], time_s: f64) -> Vec<Finding> {
    let mut found = examine(shares, &[], 0.0, time_s);
    found.retain(|of| of.test != Test::OtherDifficulty);
    found
}

/// The rate by the difficulty that the shares stand for, where it is another.
fn recount(of: &Finding, asic: &Asic) -> String {
    of.recount.map_or_else(String::new, |difficulty| {
        format!(
            "; so recounted it is {:.4} times the rate in this record, which stays as it was counted",
            difficulty / asic.difficulty
        )
    })
}

/// The shares of a miner in all good windows, one window put behind the other, and the
/// seconds of all.
fn shares(record: &Record, asic: &Asic) -> (Vec<Proven>, f64) {
    let is_of = |entry: u32| {
        let entry = record.plan.entries.get(entry as usize);
        entry.is_some_and(|entry| entry.device == asic.name)
    };
    let runs = record.runs.iter();
    let mut runs: Vec<_> = runs
        .filter(|run| run.status == Status::Ok && is_of(run.entry))
        .collect();
    runs.sort_by_key(|run| run.round);
    let (mut all, mut time_ms) = (Vec::new(), 0u64);
    let Ok(difficulty) = exact(asic) else {
        return (all, 0.0);
    };
    // A resumed session numbers its connections from the start.
    let mut connections = BTreeMap::new();
    for run in runs {
        let (Some(Proof::Pool { jobs, shares, .. }), [(begin_ns, _), .., (end_ns, _)]) =
            (&run.proof, run.work.as_slice())
        else {
            continue;
        };
        let (begin_ms, end_ms) = (begin_ns / 1_000_000, end_ns / 1_000_000);
        let works = works(record, asic, difficulty, jobs);
        let within = shares
            .iter()
            .filter(|of| (begin_ms..=end_ms).contains(&of.7));
        for kept in within {
            let work = works.get(&kept.0);
            let Some((work, mut share)) = work.and_then(|work| Some((work, stored(kept, work)?)))
            else {
                continue;
            };
            let fraction = difficulty.fraction(&share.hash(work));
            let next = connections.len() as u32;
            let known = connections.entry((run.segment, share.connection));
            share.connection = *known.or_insert(next);
            share.time_s = (time_ms as f64 + (kept.7 - begin_ms) as f64) * 1e-3;
            all.push(Proven {
                share,
                difficulty,
                fraction,
            });
        }
        time_ms = time_ms.saturating_add(end_ms.saturating_sub(begin_ms));
    }
    (all, time_ms as f64 * 1e-3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::miner::{MadeMiner, mined};

    fn honest() -> Record {
        mined(7, &[MadeMiner::new("bitaxe")], 2, 60)
    }

    #[test]
    fn an_honest_miner_raises_no_alarm_and_no_shares_say_nothing() {
        let mut record = honest();
        let [told] = &told(&record)[..] else {
            panic!("one line");
        };
        assert!(!told.is_alarm, "{told:?}");
        assert!(told.text.starts_with("asic:bitaxe: "), "{told:?}");
        assert!(told.text.contains("tests of the shares raise no alarm"));
        record.runs.clear();
        assert_eq!(super::told(&record), []);
    }

    #[test]
    fn windows_follow_each_other_without_the_time_between_them() {
        let record = honest();
        let (shares, time_s) = shares(&record, &record.plan.asics[0]);
        assert!((119.9..120.1).contains(&time_s), "{time_s}");
        assert!(shares.is_sorted_by_key(|of| of.share.time_s));
        assert!(shares.last().is_some_and(|of| of.share.time_s <= time_s));
        assert!(
            shares
                .iter()
                .all(|of| of.fraction > 0.0 && of.fraction <= 1.0)
        );
    }

    #[test]
    fn a_higher_floor_is_an_alarm_with_its_recount() {
        let mut record = honest();
        let (shares, _) = shares(&record, &record.plan.asics[0]);
        let mut high = shares.iter().map(|of| of.fraction <= 0.5);
        for run in &mut record.runs {
            if let Some(Proof::Pool { shares, .. }) = &mut run.proof {
                shares.retain(|_| high.next().unwrap_or(false));
            }
        }
        let told = told(&record);
        let floor = told.iter().find(|told| told.text.contains("recounted"));
        let floor = floor.expect("an alarm on the floor");
        assert!(
            floor.is_alarm && floor.text.contains("it is 2.0000 times the rate"),
            "{floor:?}"
        );
    }
}
