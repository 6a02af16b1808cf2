//! Observation of the machine just before a session: other programs, and settings that
//! keep it from its full speed. A busy machine is refused only with `--require-quiet`.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use perwatt_host::quiet::{CpuCounters, OBSERVATION, Observation};
use perwatt_host::{Obstacle, obstacles};

use crate::args::RunArgs;
use crate::output::tell;
use crate::output::units::duration;

/// Time between two checks for an interrupt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time between two lines of progress of a wait, in seconds.
const PROGRESS_S: f64 = 10.0;

/// The options that concern a busy machine.
pub struct QuietOptions {
    /// `--wait-quiet`, in seconds.
    wait_s: Option<f64>,
    /// `--require-quiet`.
    require: bool,
    /// Threads of CPU runs.
    threads: u32,
}

impl QuietOptions {
    pub fn of(args: &RunArgs, threads: u32) -> Self {
        Self {
            wait_s: args.wait_quiet,
            require: args.require_quiet,
            threads,
        }
    }
}

/// Observes this machine, waits if that was asked for, and returns warnings of what remains;
/// `None` when interrupted. They are for the moment at which the session has begun: one that
/// cannot begin has better things to say.
///
/// # Errors
/// With `--require-quiet`: the machine is not quiet, or that cannot be told.
pub fn prepare(
    options: &QuietOptions,
    interrupt: &AtomicBool,
) -> anyhow::Result<Option<Vec<String>>> {
    let root = Path::new("/");
    let began = Instant::now();
    let mut observe = || observe(root, interrupt);
    let elapsed_s = || began.elapsed().as_secs_f64();
    let lasting = obstacles(root, options.threads);
    let mut say = |line: &str| tell!("{line}");
    judge(options, &mut observe, &elapsed_s, &lasting, &mut say)
}

/// Observes the machine for [`OBSERVATION`]; `Ok(None)` when interrupted.
fn observe(root: &Path, interrupt: &AtomicBool) -> Result<Option<Observation>, String> {
    let before = CpuCounters::read(root)?;
    let began = Instant::now();
    while began.elapsed() < OBSERVATION {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(None);
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    Ok(Some(CpuCounters::read(root)?.since(&before, root)))
}

/// As [`prepare`], with these observations, this clock and these obstacles that do not pass by
/// themselves.
fn judge(
    options: &QuietOptions,
    observe: &mut dyn FnMut() -> Result<Option<Observation>, String>,
    elapsed_s: &dyn Fn() -> f64,
    lasting: &[Obstacle],
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Option<Vec<String>>> {
    let warning = |obstacle: &Obstacle| format!("warning: {obstacle}");
    let mut warnings: Vec<String> = lasting.iter().map(warning).collect();
    let mut told_s = f64::NEG_INFINITY;
    loop {
        let seen = match observe() {
            Ok(Some(seen)) => seen,
            Ok(None) => return Ok(None),
            Err(reason) => {
                ensure!(
                    !options.require,
                    "whether this machine is quiet cannot be told: {reason}; leave out --require-quiet to measure all the same"
                );
                if options.wait_s.is_some() {
                    warnings.push(format!(
                        "warning: whether this machine is quiet cannot be told: {reason}; not waiting"
                    ));
                }
                return Ok(Some(warnings));
            }
        };
        let busy = seen.obstacles();
        let Some(first) = busy.first() else {
            warnings.extend(seen.idle_load().as_ref().map(warning));
            return Ok(Some(warnings));
        };
        let waited_s = elapsed_s();
        let left_s = options.wait_s.map(|wait_s| wait_s - waited_s);
        if let Some(left_s) = left_s.filter(|left_s| *left_s > 0.0) {
            if waited_s - told_s >= PROGRESS_S {
                told_s = waited_s;
                say(&format!(
                    "waiting for a quiet machine, {} at most: {}",
                    duration(left_s),
                    first.what
                ));
            }
            continue;
        }
        let waited = match options.wait_s {
            Some(wait_s) => format!(" after {}", duration(wait_s)),
            None => String::new(),
        };
        // After a wait in vain the advice to wait helps no more.
        let said = |obstacle: &Obstacle| match options.wait_s {
            Some(_) => obstacle.what.clone(),
            None => obstacle.to_string(),
        };
        if options.require {
            let all: Vec<String> = busy.iter().map(said).collect();
            let longer = match options.wait_s {
                Some(_) => "; end them, wait longer (--wait-quiet=S), or leave out --require-quiet",
                None => "",
            };
            anyhow::bail!(
                "the machine is not quiet{waited}: {}{longer}",
                all.join("; ")
            );
        }
        if options.wait_s.is_some() {
            warnings.push(format!(
                "warning: the machine is not quiet{waited}; measuring all the same (--require-quiet refuses)"
            ));
        }
        warnings.extend(
            busy.iter()
                .map(|obstacle| format!("warning: {}", said(obstacle))),
        );
        return Ok(Some(warnings));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const QUIET: Observation = Observation {
        cpus: 2,
        others: 0.0,
        stolen: 0.0,
        throttled: 0.0,
        load_average: Some(0.1),
    };
    const BUSY: Observation = Observation {
        others: 0.95,
        load_average: Some(2.0),
        ..QUIET
    };

    fn options(wait_s: Option<f64>, require: bool) -> QuietOptions {
        QuietOptions {
            wait_s,
            require,
            threads: 2,
        }
    }

    /// The lines that are printed and the outcome, where the observations are these, each of one
    /// second, and the last one goes on for ever.
    fn said(
        options: &QuietOptions,
        observations: &[Observation],
    ) -> (Vec<String>, Result<(), String>) {
        let (count, mut lines) = (Cell::new(0), Vec::new());
        let mut observe = || {
            let at = count.get();
            count.set(at + 1);
            Ok(Some(observations[at.min(observations.len() - 1)]))
        };
        let elapsed_s = || count.get() as f64;
        let mut say = |line: &str| lines.push(line.to_owned());
        let outcome = judge(options, &mut observe, &elapsed_s, &[], &mut say);
        let outcome = outcome.map(|warnings| lines.extend(warnings.unwrap()));
        (lines, outcome.map_err(|error| error.to_string()))
    }

    #[test]
    fn a_quiet_machine_is_not_mentioned() {
        for options in [
            options(None, false),
            options(Some(5.0), false),
            options(None, true),
        ] {
            assert_eq!(said(&options, &[QUIET]), (Vec::new(), Ok(())));
        }
    }

    #[test]
    fn a_busy_machine_is_measured_with_a_warning_or_refused_if_asked() {
        let (lines, outcome) = said(&options(None, false), &[BUSY]);
        let warning = "warning: other programs use 1.90 of 2 CPUs, load average 2.0: end them, or wait for them (--wait-quiet)";
        assert_eq!((lines, outcome), (vec![warning.to_owned()], Ok(())));
        let (lines, outcome) = said(&options(None, true), &[BUSY]);
        assert!(lines.is_empty());
        let refusal = outcome.unwrap_err();
        assert!(
            refusal.starts_with("the machine is not quiet: other programs use"),
            "{refusal}"
        );
    }

    #[test]
    fn a_wait_ends_with_the_load_or_at_its_limit() {
        let (lines, outcome) = said(&options(Some(60.0), true), &[BUSY, BUSY, BUSY, QUIET]);
        assert_eq!(outcome, Ok(()));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("waiting for a quiet machine, "),
            "{lines:?}"
        );

        let (lines, outcome) = said(&options(Some(25.0), false), &[BUSY]);
        assert_eq!(outcome, Ok(()));
        let waits = lines.iter().filter(|line| line.starts_with("waiting"));
        assert_eq!(waits.count(), 3, "one in ten seconds: {lines:?}");
        assert!(
            lines[3].contains("not quiet after 25 s; measuring all the same"),
            "{lines:?}"
        );
        assert!(
            lines[4].starts_with("warning: other programs use"),
            "{lines:?}"
        );

        let (_, outcome) = said(&options(Some(25.0), true), &[BUSY]);
        let refusal = outcome.unwrap_err();
        assert!(refusal.contains("not quiet after 25 s: "), "{refusal}");
        assert!(!refusal.contains("(--wait-quiet)"), "{refusal}");
        assert!(
            refusal.contains("wait longer (--wait-quiet=S)"),
            "{refusal}"
        );
    }

    #[test]
    fn what_cannot_be_told_is_refused_only_if_quiet_is_required() {
        let of = |options: &QuietOptions| {
            let mut observe = || Err("/proc/stat does not exist".to_owned());
            let outcome = judge(options, &mut observe, &|| 0.0, &[], &mut |_| {});
            outcome.map_err(|error| error.to_string())
        };
        assert_eq!(of(&options(None, false)), Ok(Some(Vec::new())));
        let lines = of(&options(Some(9.0), false)).unwrap().unwrap();
        assert!(lines[0].contains("cannot be told"), "{lines:?}");
        assert!(
            of(&options(None, true))
                .unwrap_err()
                .contains("/proc/stat does not exist")
        );
    }

    #[test]
    fn lasting_obstacles_are_named_and_an_interrupt_ends_the_look() {
        let lasting = [Obstacle {
            what: "a cap".into(),
            remedy: "lift it".into(),
        }];
        let of = |observe: Option<Observation>| {
            let mut observe = || Ok(observe);
            judge(
                &options(None, true),
                &mut observe,
                &|| 0.0,
                &lasting,
                &mut |_| {},
            )
            .unwrap()
        };
        assert_eq!(of(None), None);
        let warnings = vec!["warning: a cap: lift it".to_owned()];
        assert_eq!(of(Some(QUIET)), Some(warnings));
    }
}
