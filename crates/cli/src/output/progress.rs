//! Progress on standard error: a bar on a terminal, plain lines elsewhere. The
//! bar is redrawn at most twice a second, because drawing costs energy on the
//! machine under test.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perwatt_engine::plan::estimate_s;
use perwatt_engine::session::Observer;
use perwatt_record::schema::{Entry, Run, Status};
use perwatt_record::{Record, WriteError};

use super::screen::stderr_is_terminal;
use super::units::{counted, duration, rate};
use super::{plain, tell};

/// Redraws per second.
const REDRAW_HZ: u8 = 2;

/// Progress of a session on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    planned: usize,
    already: usize,
    done: usize,
    entries: usize,
    rounds: u32,
    last_tick: Instant,
}

impl Progress {
    /// Progress with a bar if standard error is a terminal that can show one.
    pub fn new() -> Self {
        let capable = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bar = (stderr_is_terminal() && capable).then(|| {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAW_HZ))
        });
        let now = Instant::now();
        Self {
            bar,
            began: now,
            planned: 0,
            already: 0,
            done: 0,
            entries: 0,
            rounds: 0,
            last_tick: now,
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => tell!("{line}"),
        }
    }

    fn show_bar(&self) {
        if let Some(bar) = &self.bar {
            bar.set_length(self.planned as u64);
            bar.set_position(self.done as u64);
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
    }

    fn left(&self) -> String {
        let here = self.done.saturating_sub(self.already);
        if here == 0 {
            return String::new();
        }
        let each = self.began.elapsed().as_secs_f64() / here as f64;
        format!(
            "about {} left",
            duration(each * self.planned.saturating_sub(self.done) as f64)
        )
    }
}

impl Observer for Progress {
    fn started(&mut self, record: &Record, path: &Path) {
        self.entries = record.plan.entries.len();
        self.rounds = record.config.rounds;
        self.planned = self.entries * self.rounds as usize;
        self.already = record.runs.len();
        self.done = self.already;
        let share = self.planned.saturating_sub(self.done) as f64 / self.planned.max(1) as f64;
        self.say(&format!(
            "{} of {}, about {}; writing {}",
            counted(self.rounds as usize, "round", "rounds"),
            counted(self.entries, "entry", "entries"),
            duration(estimate_s(&record.config, self.entries, &record.meters) * share),
            plain(&path.display().to_string())
        ));
        self.show_bar();
    }

    fn trial_started(&mut self, record: &Record) {
        self.entries = record.plan.entries.len();
        (self.planned, self.done, self.already) = (self.entries, 0, 0);
        self.say(&format!(
            "a trial round of {} first, about {}",
            counted(self.entries, "entry", "entries"),
            duration(estimate_s(&record.config, self.entries, &[]))
        ));
        self.show_bar();
    }

    fn idle_started(&mut self, seconds: f64) {
        let line = format!("measuring the idle baseline, {}", duration(seconds));
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None => self.say(&line),
        }
        // The estimate of the remaining time counts only the runs, and not this idle time.
        let now = Instant::now();
        let idle = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.began = now.checked_add(idle).unwrap_or(now);
    }

    fn run_started(&mut self, entry: &Entry, round: u32) {
        if let Some(bar) = &self.bar {
            let left = self.left();
            bar.set_message(format!("round {}, {}  {left}", round + 1, plain(&entry.id)));
        }
    }

    fn tick(&mut self) {
        if let Some(bar) = &self.bar
            && self.last_tick.elapsed() >= Duration::from_millis(1000 / u64::from(REDRAW_HZ))
        {
            self.last_tick = Instant::now();
            bar.tick();
        }
    }

    fn run_ended(&mut self, entry: &Entry, run: &Run) {
        self.done += 1;
        if let Status::Failed(failure) = &run.status {
            self.say(&format!(
                "round {}: {} FAILED: {}",
                run.round + 1,
                plain(&entry.id),
                plain(&failure.message)
            ));
        }
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done as u64);
                if self.done == self.planned {
                    bar.finish_and_clear();
                }
            }
            None => {
                let figure = run
                    .measured
                    .as_ref()
                    .map_or("no figure".into(), |measured| {
                        rate(measured.rate_per_s, entry.unit)
                    });
                let (done, planned, left) = (self.done, self.planned, self.left());
                tell!("[{done}/{planned}] {}  {figure}  {left}", plain(&entry.id));
            }
        }
    }

    fn write_failed(&mut self, error: &WriteError) {
        let error = plain(&error.to_string());
        self.say(&format!(
            "warning: {error}. Measuring goes on; the next round tries again"
        ));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
