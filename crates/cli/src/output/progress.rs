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
use perwatt_report::render::text::width;

use super::screen::{stderr_columns, stderr_is_terminal};
use super::units::{counted, duration, rate};
use super::{plain, tell};

/// The widest bar, in columns.
const BAR: usize = 24;
/// The narrowest bar that is worth its place.
const LEAST_BAR: usize = 6;

/// The line of a session: a bar, the number of runs, the time left, and what is done now. On
/// a narrow terminal the bar gives way first, then the end of what is done.
fn line(columns: usize, [done, planned]: [usize; 2], left: &str, doing: &str) -> String {
    let fixed = format!("{done}/{planned}  {left}");
    let fixed = fixed.trim_end();
    let room = columns.saturating_sub(width(fixed) + 1);
    let cells = room.min(columns / 4).clamp(LEAST_BAR, BAR);
    let bar = match cells <= room {
        true => {
            let full = cells * done.min(planned) / planned.max(1);
            format!("{}{} ", "#".repeat(full), "-".repeat(cells - full))
        }
        false => String::new(),
    };
    let mut out = bar + fixed;
    let end = columns.saturating_sub(width(&out) + 2);
    if end > 0 && !doing.is_empty() {
        out += "  ";
        out.extend(cut(doing, end));
    }
    out
}

/// The beginning of a text that is not wider than this.
fn cut(text: &str, columns: usize) -> impl Iterator<Item = char> {
    let mut used = 0;
    text.chars().take_while(move |c| {
        used += width(c.encode_utf8(&mut [0; 4]));
        used <= columns
    })
}

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
    doing: String,
}

impl Progress {
    /// Progress with a bar if standard error is a terminal that can show one.
    pub fn new() -> Self {
        let capable = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bar = (stderr_is_terminal() && capable).then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(REDRAW_HZ);
            let style = ProgressStyle::with_template("{msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(None, target).with_style(style)
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
            doing: String::new(),
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => tell!("{line}"),
        }
    }

    /// Shows what is going on in the line of the bar.
    fn show(&mut self, doing: String) {
        self.doing = doing;
        self.draw();
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            let (left, columns) = (self.left(), stderr_columns());
            let line = line(columns, [self.done, self.planned], &left, &self.doing);
            bar.set_message(line);
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
        self.show(String::new());
    }

    fn trial_started(&mut self, record: &Record) {
        self.entries = record.plan.entries.len();
        (self.planned, self.done, self.already) = (self.entries, 0, 0);
        self.say(&format!(
            "a trial round of {} first, about {}",
            counted(self.entries, "entry", "entries"),
            duration(estimate_s(&record.config, self.entries, &[]))
        ));
        self.show(String::new());
    }

    fn idle_started(&mut self, seconds: f64) {
        let line = format!("measuring the idle baseline, {}", duration(seconds));
        match &self.bar {
            Some(_) => self.show(line),
            None => self.say(&line),
        }
        // The estimate of the remaining time counts only the runs, and not this idle time.
        let now = Instant::now();
        let idle = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.began = now.checked_add(idle).unwrap_or(now);
    }

    fn run_started(&mut self, entry: &Entry, round: u32) {
        self.show(format!("round {}, {}", round + 1, plain(&entry.id)));
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

#[cfg(test)]
mod tests {
    use super::*;

    const DOING: &str = "round 12, matmul/f32/prefill512-attn-4096x4096/gpu:0/cublaslt";

    #[test]
    fn the_time_left_is_whole_at_every_width() {
        let of = |columns| line(columns, [123, 1200], "about 12 min 03 s left", DOING);
        assert_eq!(
            of(80),
            "##------------------ 123/1200  about 12 min 03 s left  round 12, matmul/f32/pref"
        );
        assert_eq!(of(40), "------- 123/1200  about 12 min 03 s left");
        assert_eq!(of(32), "123/1200  about 12 min 03 s left");
        assert_eq!(line(80, [0, 10], "", "x"), "-------------------- 0/10  x");
    }

    #[test]
    fn no_line_is_cut_by_the_terminal() {
        for columns in 40..200 {
            for (done, planned) in [(0, 0), (0, 10), (7, 10), (9999, 9999)] {
                for seconds in [0.4, 59.0, 3599.0, 1e6] {
                    let left = format!("about {} left", duration(seconds));
                    for doing in ["", DOING, "\u{6f22}\u{5b57}"] {
                        let found = line(columns, [done, planned], &left, doing);
                        assert!(width(&found) <= columns, "{columns}: {found}");
                        assert!(found.contains(&left), "{columns}: {found}");
                    }
                }
            }
        }
    }
}
