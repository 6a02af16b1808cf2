//! Before the first window: miners connect, their difficulty is found, and they get warm.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use perwatt_engine::plan::Miner;
use perwatt_engine::pool::Pool;
use perwatt_power::{Boundary, Covers, MeterSpec, SpecError};
use perwatt_record::pool::{ALL, worker};
use perwatt_record::schema::Asic;
use perwatt_stratum::WorkerCounts;
use perwatt_stratum::share::Class;

use crate::args::AsicArgs;
use crate::output::mining::tell_event;
use crate::output::units::duration;
use crate::output::{plain, tell};

const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time between two lines that say what is waited for.
const REMIND: Duration = Duration::from_secs(60);

/// Waits until the miners work, and are warm. Returns them; `None` when interrupted.
pub fn run(
    args: &AsicArgs,
    wanted: Option<&[Asic]>,
    pool: &Pool,
    interrupt: &AtomicBool,
) -> anyhow::Result<Option<Vec<Miner>>> {
    let warm_up = Duration::from_secs_f64(args.warmup * 60.0);
    let mut ready_since: Option<Instant> = None;
    let mut reminded = Instant::now();
    loop {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(None);
        }
        for event in pool.events() {
            tell_event(&event);
        }
        let workers = pool.server().workers();
        let working: Vec<_> = workers
            .iter()
            .filter(|(name, counts)| is_working(counts) && is_wanted(name, wanted))
            .collect();
        let count = wanted.map_or(args.miners as usize, |all| {
            all.iter().filter(|asic| asic.members.is_empty()).count()
        });
        if working.len() < count {
            ready_since = None;
        } else {
            let since = match ready_since {
                Some(since) => since,
                None => {
                    let names: Vec<&str> = working.iter().map(|(name, _)| name.as_str()).collect();
                    check_meters(&args.meter, &names)?;
                    tell!(
                        "all miners work; {} of warm-up",
                        duration(warm_up.as_secs_f64())
                    );
                    *ready_since.insert(Instant::now())
                }
            };
            let settled = working.iter().all(|(_, counts)| counts.is_settled);
            if since.elapsed() >= warm_up && settled {
                return Ok(Some(working.into_iter().filter_map(miner(args)).collect()));
            }
        }
        if reminded.elapsed() >= REMIND {
            reminded = Instant::now();
            remind(
                &workers.into_iter().collect::<Vec<_>>(),
                count,
                ready_since,
                warm_up,
            );
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Fails for a meter of a miner that is not among these: its joules would be nobody's.
fn check_meters(meters: &[String], miners: &[&str]) -> Result<(), SpecError> {
    for text in meters {
        let spec: MeterSpec = text.parse()?;
        let Covers::Asic(name) = spec.covers(Boundary::Wall)? else {
            continue;
        };
        let is_sum = miners.len() > 1 && name == worker(ALL);
        if !is_sum && !miners.contains(&name.as_str()) {
            let names: Vec<String> = miners.iter().map(|name| plain(name)).collect();
            return Err(spec.error(format!(
                "covers=asic:{name} names no miner that works here; those that do are: {}. Name \
                 one of them, set the miner's user to {name}, or wait for more with --miners",
                names.join(", ")
            )));
        }
    }
    Ok(())
}

fn is_working(counts: &WorkerCounts) -> bool {
    counts.open > 0 && counts.of(Class::Ok) > 0
}

fn is_wanted(name: &str, wanted: Option<&[Asic]>) -> bool {
    wanted.is_none_or(|all| all.iter().any(|asic| worker(&asic.name) == name))
}

fn miner(args: &AsicArgs) -> impl Fn((&String, &WorkerCounts)) -> Option<Miner> {
    |(name, counts)| {
        Some(Miner {
            worker: name.clone(),
            user_agent: counts.user_agent.clone(),
            model: args.model.clone(),
            difficulty: counts.difficulty?,
        })
    }
}

fn remind(
    workers: &[(String, WorkerCounts)],
    count: usize,
    ready_since: Option<Instant>,
    warm_up: Duration,
) {
    let working = workers
        .iter()
        .filter(|(_, counts)| is_working(counts))
        .count();
    match ready_since {
        None => tell!("waiting: {working} of {count} miners have sent a share"),
        Some(since) => {
            let left = warm_up.saturating_sub(since.elapsed()).as_secs_f64();
            tell!("warming up, {} left", duration(left));
            for (name, counts) in workers.iter().filter(|(_, counts)| !counts.is_settled) {
                let at = counts
                    .difficulty
                    .map_or(String::new(), |of| format!(", now {of}"));
                tell!("  {}: its difficulty is being found{at}", plain(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_covers_miners_that_are_there() {
        let check = |meter: &str, miners: &[&str]| {
            check_meters(&[meter.to_owned()], miners).map_err(|error| error.to_string())
        };
        for meter in [
            "user-watts",
            "shelly=10.0.0.2",
            "shelly=10.0.0.2,covers=asic:one",
        ] {
            assert_eq!(check(meter, &["one"]), Ok(()));
        }
        let sum = "shelly=10.0.0.2,covers=asic:all";
        assert_eq!(check(sum, &["one", "two"]), Ok(()));
        assert!(check(sum, &["one"]).is_err());
        let error = check("shelly=10.0.0.2,covers=asic:onw", &["one", "two"]).unwrap_err();
        for part in ["asic:onw", "one, two", "--miners"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
