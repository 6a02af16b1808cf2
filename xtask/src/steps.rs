//! The steps of a command and the time that each took.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The steps done so far, in order.
#[derive(Default)]
pub struct Steps {
    took: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Does a step; fails as it does.
    pub fn step(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        let result = step();
        self.took.push((name, began.elapsed()));
        result
    }

    /// One line for each step and one for the total.
    fn table(&self) -> String {
        let total = self.took.iter().map(|(_, took)| *took).sum();
        let lines = self.took.iter().copied().chain([("all steps", total)]);
        let width = lines.clone().map(|(name, _)| name.len()).max().unwrap_or(0);
        lines
            .map(|(name, took)| format!("{name:<width$} {:>7.1} s\n", took.as_secs_f64()))
            .collect()
    }
}

/// Prints the table also where a step failed: that step is the last one.
impl Drop for Steps {
    fn drop(&mut self) {
        eprint!("\n{}", self.table());
    }
}

/// A step that runs beside others.
pub struct Background(JoinHandle<anyhow::Result<()>>);

impl Background {
    pub fn start(step: fn() -> anyhow::Result<()>) -> Self {
        Self(std::thread::spawn(step))
    }

    /// Waits for the step to end; fails as it does.
    pub fn join(self) -> anyhow::Result<()> {
        let ended = self.0.join();
        ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a step in the background panicked")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_listed_with_what_they_took_all_together() {
        let steps = Steps {
            took: vec![
                ("lints", Duration::from_millis(61_250)),
                ("tests and more", Duration::from_millis(600)),
            ],
        };
        assert_eq!(
            steps.table(),
            "lints             61.2 s\ntests and more     0.6 s\nall steps         61.9 s\n"
        );
    }

    #[test]
    fn a_step_that_fails_is_listed_too() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(())).unwrap();
        let failed = steps.step("two", || anyhow::bail!("no"));
        assert_eq!(failed.unwrap_err().to_string(), "no");
        let names: Vec<&str> = steps.took.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["one", "two"]);
    }
}
