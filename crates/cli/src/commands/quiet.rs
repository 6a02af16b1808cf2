//! What is looked at just before a session: whether other programs use the machine, and
//! what else keeps it from its full speed. Nothing is refused unless that is asked for.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use perwatt_host::quiet::{Glance, LOOK, Look};
use perwatt_host::{Obstacle, obstacles};

use crate::args::RunArgs;
use crate::output::tell;
use crate::output::units::duration;

/// Time between two checks for an interrupt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time between two lines of progress of a wait, in seconds.
const PROGRESS_S: f64 = 10.0;

/// What the user asked for.
pub struct Asked {
    /// `--wait-quiet`, in seconds.
    wait_s: Option<f64>,
    /// `--require-quiet`.
    require: bool,
    /// Threads of CPU runs.
    threads: u32,
}

impl Asked {
    pub fn of(args: &RunArgs, threads: u32) -> Self {
        Self {
            wait_s: args.wait_quiet,
            require: args.require_quiet,
            threads,
        }
    }
}

/// Looks at this machine, waits if that was asked for, and returns warnings of what remains;
/// `None` when interrupted. They are for the moment at which the session has begun: one that
/// cannot begin has better things to say.
///
/// # Errors
/// With `--require-quiet`: the machine is not quiet, or that cannot be told.
pub fn prepare(asked: &Asked, interrupt: &AtomicBool) -> anyhow::Result<Option<Vec<String>>> {
    let root = Path::new("/");
    let began = Instant::now();
    let mut look = || look(root, interrupt);
    let elapsed_s = || began.elapsed().as_secs_f64();
    let lasting = obstacles(root, asked.threads);
    let mut say = |line: &str| tell!("{line}");
    judge(asked, &mut look, &elapsed_s, &lasting, &mut say)
}

/// A look of [`LOOK`]; `Ok(None)` when interrupted.
fn look(root: &Path, interrupt: &AtomicBool) -> Result<Option<Look>, String> {
    let before = Glance::read(root)?;
    let began = Instant::now();
    while began.elapsed() < LOOK {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(None);
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    Ok(Some(Glance::read(root)?.since(&before, root)))
}

/// As [`prepare`], with these looks, this clock and these obstacles that do not pass by
/// themselves.
fn judge(
    asked: &Asked,
    look: &mut dyn FnMut() -> Result<Option<Look>, String>,
    elapsed_s: &dyn Fn() -> f64,
    lasting: &[Obstacle],
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Option<Vec<String>>> {
    let warning = |obstacle: &Obstacle| format!("warning: {obstacle}");
    let mut warnings: Vec<String> = lasting.iter().map(warning).collect();
    let mut told_s = f64::NEG_INFINITY;
    loop {
        let seen = match look() {
            Ok(Some(seen)) => seen,
            Ok(None) => return Ok(None),
            Err(reason) => {
                ensure!(
                    !asked.require,
                    "whether this machine is quiet cannot be told: {reason}; leave out --require-quiet to measure all the same"
                );
                if asked.wait_s.is_some() {
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
        let left_s = asked.wait_s.map(|wait_s| wait_s - waited_s);
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
        let waited = match asked.wait_s {
            Some(wait_s) => format!(" after {}", duration(wait_s)),
            None => String::new(),
        };
        if asked.require {
            let all: Vec<String> = busy.iter().map(Obstacle::to_string).collect();
            anyhow::bail!("the machine is not quiet{waited}: {}", all.join("; "));
        }
        if asked.wait_s.is_some() {
            warnings.push(format!(
                "warning: the machine is not quiet{waited}; measuring all the same (--require-quiet refuses)"
            ));
        }
        warnings.extend(busy.iter().map(warning));
        return Ok(Some(warnings));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const QUIET: Look = Look {
        cpus: 2,
        others: 0.0,
        stolen: 0.0,
        throttled: 0.0,
        load_average: Some(0.1),
    };
    const BUSY: Look = Look {
        others: 0.95,
        load_average: Some(2.0),
        ..QUIET
    };

    fn asked(wait_s: Option<f64>, require: bool) -> Asked {
        Asked {
            wait_s,
            require,
            threads: 2,
        }
    }

    /// The lines that are printed and the outcome, where the looks are these, each of one
    /// second, and the last one goes on for ever.
    fn said(asked: &Asked, looks: &[Look]) -> (Vec<String>, Result<(), String>) {
        let (count, mut lines) = (Cell::new(0), Vec::new());
        let mut look = || {
            let at = count.get();
            count.set(at + 1);
            Ok(Some(looks[at.min(looks.len() - 1)]))
        };
        let elapsed_s = || count.get() as f64;
        let mut say = |line: &str| lines.push(line.to_owned());
        let outcome = judge(asked, &mut look, &elapsed_s, &[], &mut say);
        let outcome = outcome.map(|warnings| lines.extend(warnings.unwrap()));
        (lines, outcome.map_err(|error| error.to_string()))
    }

    #[test]
    fn a_quiet_machine_is_not_mentioned() {
        for asked in [
            asked(None, false),
            asked(Some(5.0), false),
            asked(None, true),
        ] {
            assert_eq!(said(&asked, &[QUIET]), (Vec::new(), Ok(())));
        }
    }

    #[test]
    fn a_busy_machine_is_measured_with_a_warning_or_refused_if_asked() {
        let (lines, outcome) = said(&asked(None, false), &[BUSY]);
        let warning = "warning: other programs use 1.90 of 2 CPUs, load average 2.0: end them, or wait for them (--wait-quiet)";
        assert_eq!((lines, outcome), (vec![warning.to_owned()], Ok(())));
        let (lines, outcome) = said(&asked(None, true), &[BUSY]);
        assert!(lines.is_empty());
        let refusal = outcome.unwrap_err();
        assert!(
            refusal.starts_with("the machine is not quiet: other programs use"),
            "{refusal}"
        );
    }

    #[test]
    fn a_wait_ends_with_the_load_or_at_its_limit() {
        let (lines, outcome) = said(&asked(Some(60.0), true), &[BUSY, BUSY, BUSY, QUIET]);
        assert_eq!(outcome, Ok(()));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("waiting for a quiet machine, "),
            "{lines:?}"
        );

        let (lines, outcome) = said(&asked(Some(25.0), false), &[BUSY]);
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

        let (_, outcome) = said(&asked(Some(25.0), true), &[BUSY]);
        assert!(outcome.unwrap_err().contains("not quiet after 25 s: "));
    }

    #[test]
    fn what_cannot_be_told_is_refused_only_if_quiet_is_required() {
        let of = |asked: &Asked| {
            let mut look = || Err("/proc/stat does not exist".to_owned());
            let outcome = judge(asked, &mut look, &|| 0.0, &[], &mut |_| {});
            outcome.map_err(|error| error.to_string())
        };
        assert_eq!(of(&asked(None, false)), Ok(Some(Vec::new())));
        let lines = of(&asked(Some(9.0), false)).unwrap().unwrap();
        assert!(lines[0].contains("cannot be told"), "{lines:?}");
        assert!(
            of(&asked(None, true))
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
        let of = |look: Option<Look>| {
            let mut look = || Ok(look);
            judge(
                &asked(None, true),
                &mut look,
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
