//! `perwatt-rates`: how often comparisons are wrong.

#![forbid(unsafe_code)]

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use perwatt_rates::pairs::verdicts;
use perwatt_rates::rates::{rates, upper_bound};
use perwatt_rates::scenario;

/// Measures the error rates of `perwatt compare`.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulates sessions of known figures. Exit status 1 if more than 5 % of trials
    /// without a difference end in BETTER or WORSE (their upper 95 % bound above 7 %), if
    /// fewer than 93 % of intervals hold the truth, or if fewer than 90 % of planted
    /// differences are found.
    Simulate {
        /// Trials of each scenario.
        #[arg(long, default_value_t = 4000)]
        trials: u64,
        /// Seed of the random numbers.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Smallest difference that matters; 0 leaves the error rate to the statistics.
        #[arg(long, default_value_t = 0.02)]
        margin: f64,
    },
    /// Compares all pairs of sessions of one machine, and of blocks of three.
    Pairs {
        /// The archive.
        #[arg(default_value = "results/reruns")]
        archive: PathBuf,
    },
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    let good = match Args::parse().command {
        Command::Simulate {
            trials,
            seed,
            margin,
        } => simulate(trials, seed, margin),
        Command::Pairs { archive } => {
            for size in [1, 3] {
                let found = verdicts(&archive, size)?;
                let counts: Vec<String> = found
                    .iter()
                    .map(|(word, count)| format!("{word} {count}"))
                    .collect();
                println!("{size} v {size} sessions: {}", counts.join(", "));
            }
            true
        }
    };
    Ok(std::process::ExitCode::from(u8::from(!good)))
}

fn simulate(trials: u64, seed: u64, margin: f64) -> bool {
    println!(
        "{:38} {:>8} {:>7} {:>6} {:>6} {:>9}",
        "scenario", "changes", "bound", "same", "here", "coverage"
    );
    let mut good = true;
    for scenario in scenario::all() {
        let found = rates(&scenario, margin, trials, seed);
        let changes = found.better + found.worse;
        let percent = |count: u64| format!("{:.1} %", 100.0 * count as f64 / trials as f64);
        let bound = upper_bound(changes, trials);
        let right = match scenario.effect_ln == 0.0 {
            true => found.changes() <= 0.05 && bound <= 0.07,
            false => found.changes() >= 0.9,
        };
        let coverage = found.coverage();
        let right = right && coverage.is_none_or(|share| share >= 0.93);
        good &= right;
        println!(
            "{:38} {:>8} {:>7} {:>6} {:>6} {:>9}{}",
            scenario.name,
            percent(changes),
            format!("{:.1} %", 100.0 * bound),
            percent(found.same),
            percent(found.here),
            coverage.map_or_else(|| "-".into(), |share| format!("{:.1} %", 100.0 * share)),
            if right { "" } else { "  <-" },
        );
    }
    good
}
