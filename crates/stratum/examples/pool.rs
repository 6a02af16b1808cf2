//! A pool to try a miner on: prints the rate of each worker every few seconds.
//!
//! `cargo run --release -p perwatt-stratum --example pool -- 192.168.1.10:3333 [SECONDS [SHARES_PER_S]]`

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use perwatt_stratum::rate::{rate, time_left_s};
use perwatt_stratum::share::{Class, Proven};
use perwatt_stratum::trust::examine;
use perwatt_stratum::{Config, Server, Steering, What};

/// Between two lines, in seconds.
const PRINT_S: u64 = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:3333".into());
    let seconds: u64 = arguments.next().map_or(Ok(u64::MAX), |text| text.parse())?;
    let per_s: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let started = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let session = format!("{:x}", started.as_nanos());
    let mut config = Config::new(address.parse()?, &session, Instant::now());
    let period_s = 10.0;
    config.steering = Steering::Wanted { per_s, period_s };
    let (server, events) = Server::start(config)?;
    println!("listening on stratum+tcp://{}", server.address());
    // The window begins when every worker has its difficulty.
    let mut window = None;
    let mut submitted: BTreeMap<String, [Vec<Proven>; 2]> = BTreeMap::new();
    let mut end_s = 0.0;
    for _ in 0..seconds.div_ceil(PRINT_S) {
        std::thread::sleep(Duration::from_secs(PRINT_S));
        end_s = server.now_s();
        for event in events.try_iter() {
            match event.what {
                What::Job(_) => {}
                What::Share { worker, judged } => {
                    if let (Some(share), Some(difficulty), Some(fraction)) =
                        (judged.share, judged.difficulty, judged.fraction)
                        && window.is_some()
                    {
                        let proven = Proven {
                            share,
                            difficulty,
                            fraction,
                        };
                        let [counted, low] = submitted.entry(worker).or_default();
                        match judged.class {
                            Class::Ok => counted.push(proven),
                            Class::Low => low.push(proven),
                            _ => {}
                        }
                    }
                }
                What::Quirk(quirk) => println!("{:>4}: {quirk}", event.connection),
                What::Disconnected { reason } => println!("{:>4}: {reason}", event.connection),
                other => println!("{:>4}: {other:?}", event.connection),
            }
        }
        let (now_s, workers) = (server.now_s(), server.workers());
        if window.is_none() && !workers.is_empty() && workers.values().all(|it| it.is_settled) {
            server.freeze();
            println!("the window begins");
            window = Some((workers.clone(), now_s));
        }
        for (name, counts) in &workers {
            let Some((before, began_s)) = &window else {
                println!("{name}: difficulty {:?}, not settled", counts.difficulty);
                continue;
            };
            let (shares, took_s) = (counts.shares_since(before.get(name)), now_s - began_s);
            let (Some(seen), Some(now)) = (rate(&shares, took_s, 0.95), counts.difficulty) else {
                continue;
            };
            let left = time_left_s(&shares, took_s, now, 0.03, 0.95);
            println!(
                "{name}: {:.4e} H/s (95 %: {:.4e} to {:.4e}), {} shares of difficulty {now} in {took_s:.0} s, {} to ± 3 %, refused {}",
                seen.h_per_s,
                seen.low_h_per_s,
                seen.high_h_per_s,
                seen.shares,
                left.map_or("unknown".into(), |left| format!("{left:.0} s")),
                counts.classes[2..].iter().sum::<u64>(),
            );
        }
    }
    for (name, [counted, low]) in submitted {
        let began_s = window.as_ref().map_or(0.0, |(_, began_s)| *began_s);
        for finding in examine(&counted, &low, began_s, end_s) {
            let mark = if finding.is_alarm { "ALARM" } else { "fine" };
            println!("{name}: {mark}: {}", finding.sentence);
        }
    }
    Ok(())
}
