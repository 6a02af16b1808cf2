//! Progress of a session of miners on standard error.

use std::path::Path;
use std::time::{Duration, Instant};

use perwatt_engine::session::MineObserver;
use perwatt_record::schema::{Asic, Status, Unit};
use perwatt_record::{Record, WriteError, pool};
use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::rate::{rate, time_left_s};
use perwatt_stratum::{Event, What};

use super::units::{counted, duration, rate as rate_text};
use super::{plain, tell};

/// Time between two lines of progress.
const EVERY: Duration = Duration::from_secs(30);

/// Prints what happens on connections, jobs and single shares apart.
pub fn tell_event(event: &Event) {
    let number = event.connection;
    match &event.what {
        What::Connected { peer } => tell!("{number}: {peer} connected"),
        What::TurnedAway { peer } => {
            tell!("warning: {peer} was turned away, because all connections are taken");
        }
        What::Authorised { worker, user_agent } => {
            tell!(
                "{number}: miner {:?}, software {:?}",
                plain(worker),
                plain(user_agent)
            );
        }
        What::Quirk(quirk) => tell!("{number}: {}", plain(&quirk.to_string())),
        What::Disconnected { reason } => tell!("{number}: {}", plain(&reason.to_string())),
        What::Subscribed { .. } | What::Job(_) | What::Share { .. } => {}
    }
}

/// Progress of a session of miners.
pub struct Mining {
    asics: Vec<Asic>,
    window_s: f64,
    windows: u32,
    /// Shares and seconds of each miner in the windows before this one.
    before: Vec<(u64, f64)>,
    told: Instant,
}

impl Mining {
    pub fn new() -> Self {
        Self {
            asics: Vec::new(),
            window_s: 0.0,
            windows: 0,
            before: Vec::new(),
            told: Instant::now(),
        }
    }

    /// The rate of a miner so far, its interval, and the time to narrower ones.
    fn line(&self, at: usize, shares: u64, elapsed_s: f64) -> Option<String> {
        let asic = self.asics.get(at)?;
        let difficulty = Difficulty::exact(asic.difficulty).ok()?;
        let (shares, time_s) = (shares + self.before[at].0, elapsed_s + self.before[at].1);
        let counts = [(difficulty, shares)];
        let seen = rate(&counts, time_s, 0.95).filter(|seen| seen.shares > 0)?;
        let half = (seen.high_h_per_s - seen.low_h_per_s) / 2.0 / seen.h_per_s;
        let left: Vec<String> = [0.03, 0.01]
            .into_iter()
            .filter_map(|goal| {
                let left_s = time_left_s(&counts, time_s, difficulty, goal, 0.95)?;
                (left_s > 0.0).then(|| format!("±{:.0} % in {}", 100.0 * goal, duration(left_s)))
            })
            .collect();
        Some(format!(
            "{} {} ±{:.1} %{}",
            plain(pool::worker(&asic.name)),
            rate_text(seen.h_per_s, Unit::Hash),
            100.0 * half,
            left.iter()
                .map(|text| format!(", {text}"))
                .collect::<String>()
        ))
    }
}

impl MineObserver for Mining {
    fn started(&mut self, record: &Record, path: &Path) {
        let asics = record
            .plan
            .asics
            .iter()
            .filter(|asic| asic.members.is_empty());
        self.asics = asics.cloned().collect();
        self.before = vec![(0, 0.0); self.asics.len()];
        self.window_s = record.config.protocol.window_s;
        self.windows = record.config.rounds;
        for (entry, run) in record.runs.iter().map(|run| (run.entry as usize, run)) {
            if let (Some(before), Some(measured)) = (self.before.get_mut(entry), &run.measured) {
                *before = (before.0 + measured.steps, before.1 + measured.time_s);
            }
        }
        tell!(
            "{} of {}, {}; writing {}",
            counted(self.windows as usize, "window", "windows"),
            duration(self.window_s),
            counted(self.asics.len(), "miner", "miners"),
            plain(&path.display().to_string())
        );
    }

    fn event(&mut self, event: &Event) {
        tell_event(event);
    }

    fn progress(&mut self, round: u32, elapsed_s: f64, shares: &[(String, u64)]) {
        if self.told.elapsed() < EVERY {
            return;
        }
        self.told = Instant::now();
        let left_s = (self.window_s - elapsed_s).max(0.0)
            + f64::from(self.windows - round - 1) * self.window_s;
        for (at, (_, shares)) in shares.iter().enumerate() {
            let line = self.line(at, *shares, elapsed_s);
            let line = line.unwrap_or_else(|| "no share yet".into());
            tell!(
                "[{}/{}] {} left  {line}",
                round + 1,
                self.windows,
                duration(left_s)
            );
        }
    }

    fn window_ended(&mut self, record: &Record, round: u32) {
        for run in record.runs.iter().filter(|run| run.round == round) {
            let Some(entry) = record.plan.entries.get(run.entry as usize) else {
                continue;
            };
            match (&run.status, &run.measured) {
                (Status::Failed(failure), _) => tell!(
                    "window {}: {} FAILED: {}",
                    round + 1,
                    plain(&entry.device),
                    plain(&failure.message)
                ),
                (_, Some(measured)) => {
                    if let Some(before) = self.before.get_mut(run.entry as usize) {
                        *before = (before.0 + measured.steps, before.1 + measured.time_s);
                    }
                    tell!(
                        "window {}: {}  {}",
                        round + 1,
                        plain(&entry.device),
                        rate_text(measured.rate_per_s, entry.unit)
                    );
                }
                _ => {}
            }
        }
    }

    fn write_failed(&mut self, error: &WriteError) {
        let error = plain(&error.to_string());
        tell!("warning: {error}. Measuring goes on; the next window tries again");
    }
}
