//! The ranges of a session's numbers, which come from options or from a record that is
//! resumed.

use std::ops::RangeInclusive;

use perwatt_matmul::Shape;
use perwatt_record::schema::{Config, Entry};
use perwatt_record::suite::LONGEST_WINDOW_S;

use super::error::PlanError;
use crate::device::CPU;

/// The shortest window: a process cannot measure shorter times.
const MIN_SECONDS: f64 = 0.001;

/// The most rounds.
const MAX_ROUNDS: u32 = 10_000;

fn out_of_range(option: &'static str, value: impl ToString, range: String) -> PlanError {
    PlanError::OutOfRange {
        option,
        value: value.to_string(),
        range,
    }
}

/// Checks the settings of a session.
pub fn check_config(config: &Config) -> Result<(), PlanError> {
    let protocol = &config.protocol;
    let check = |ok: bool, option, value: f64, range: String| match ok {
        true => Ok(()),
        false => Err(out_of_range(option, value, range)),
    };
    let in_range = |option, value: f64, range: RangeInclusive<f64>, words: String| {
        check(range.contains(&value), option, value, words)
    };
    let (window, any) = (MIN_SECONDS..=LONGEST_WINDOW_S, 0.0..=LONGEST_WINDOW_S);
    let words = format!("seconds from {MIN_SECONDS} to {LONGEST_WINDOW_S}");
    in_range(
        "--seconds",
        protocol.window_s,
        window.clone(),
        words.clone(),
    )?;
    in_range("--timeout", protocol.stall_timeout_s, window, words)?;
    // Absent is a valid choice here, unlike a window of zero length.
    let words = format!("0 for none, or seconds up to {LONGEST_WINDOW_S}");
    in_range("--idle", protocol.idle_s, any.clone(), words)?;
    let error = protocol.energy_error_rel;
    let words = "a percentage from 0.001 to 50".into();
    check(
        (1e-5..=0.5).contains(&error),
        "--energy-error",
        100.0 * error,
        words,
    )?;
    // A suite's values are valid; a record may contain any.
    let longest = protocol.warmup_max_s;
    let words = format!("seconds up to {LONGEST_WINDOW_S}");
    in_range("the longest warm-up", longest, any, words)?;
    let words = format!("seconds up to the longest warm-up, {longest}");
    in_range(
        "the shortest warm-up",
        protocol.warmup_min_s,
        0.0..=longest,
        words,
    )?;
    let settle = protocol.settle_s;
    let words = format!("seconds up to {LONGEST_WINDOW_S}");
    in_range("the time to settle", settle, 0.0..=LONGEST_WINDOW_S, words)?;
    let words = "a fraction above 0 and at most 1".into();
    let tolerance = protocol.steady_tolerance;
    let ok = tolerance > 0.0 && tolerance <= 1.0;
    check(ok, "the tolerance of a steady rate", tolerance, words)?;
    match (1..=MAX_ROUNDS).contains(&config.rounds) {
        true => Ok(()),
        false => Err(out_of_range(
            "--rounds",
            config.rounds,
            format!("a number from 1 to {MAX_ROUNDS}; 6 or more give an interval"),
        )),
    }
}

/// Checks a number of threads against the number of CPUs.
pub(crate) fn check_threads(count: u32, cpus: usize, pinned: bool) -> Result<(), PlanError> {
    let cpus = u32::try_from(cpus).unwrap_or(u32::MAX);
    // More threads than CPUs may be intended; far more are probably a typing error.
    let most = cpus.max(1).saturating_mul(4);
    let range = match (count == 0 || count > most, pinned && count > cpus) {
        (false, false) => return Ok(()),
        (true, _) => format!("a number from 1 to {most}, four times the usable CPUs"),
        (false, true) => format!("at most {cpus} with --pin, one for each usable CPU"),
    };
    Err(out_of_range("--threads", count, range))
}

/// Checks that an entry's arrays or matrices fit into this machine's memory, as those of a
/// plan made here do.
pub(crate) fn check_size(entry: &Entry, memory_bytes: Option<u64>) -> Result<(), PlanError> {
    let Some(memory) = memory_bytes.filter(|_| entry.device == CPU) else {
        return Ok(());
    };
    let params = &entry.workload.params;
    let range = || format!("one that fits into {memory} bytes of memory");
    if let Some(text) = params.get("shape") {
        let shape: Result<Shape, _> = text.parse();
        if shape.and_then(|shape| shape.fits(memory)).is_err() {
            return Err(out_of_range("the shape", text, range()));
        }
    }
    if let Some(text) = params.get("array_bytes") {
        // The largest kernel has three arrays.
        let bytes: Option<u64> = text.parse().ok();
        if bytes.is_none_or(|bytes| bytes.saturating_mul(3) > memory) {
            return Err(out_of_range("the array size", text, range()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::suite::Suite;

    #[test]
    fn every_suite_is_in_range_and_what_no_option_takes_is_not() {
        let config = |suite: Suite| Config {
            suite: suite.name().into(),
            rounds: suite.rounds(),
            protocol: suite.protocol(),
            selfcheck: false,
            cards_at_once: None,
        };
        for suite in Suite::ALL {
            check_config(&config(suite)).unwrap();
        }
        let refused = |change: fn(&mut Config), part: &str| {
            let mut config = config(Suite::Quick);
            change(&mut config);
            let message = check_config(&config).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        };
        refused(|c| c.rounds = u32::MAX, "--rounds 4294967295");
        refused(|c| c.rounds = 0, "--rounds 0");
        refused(|c| c.protocol.window_s = 1e9, "--seconds 1000000000");
        refused(|c| c.protocol.stall_timeout_s = -1.0, "--timeout -1");
        refused(|c| c.protocol.idle_s = f64::NAN, "--idle NaN");
        refused(|c| c.protocol.energy_error_rel = 0.0, "--energy-error 0");
        refused(|c| c.protocol.warmup_max_s = 1e9, "longest warm-up");
        refused(|c| c.protocol.warmup_min_s = 10.0, "shortest warm-up 10");
        refused(|c| c.protocol.steady_tolerance = 2.0, "steady rate 2");
    }

    #[test]
    fn threads_are_held_to_the_cpus() {
        check_threads(8, 2, false).unwrap();
        check_threads(2, 2, true).unwrap();
        check_threads(4, 0, false).unwrap();
        for (count, pinned, part) in [
            (0, false, "from 1 to 8"),
            (9, false, "from 1 to 8"),
            (100_000, true, "from 1 to 8"),
            (3, true, "at most 2 with --pin"),
        ] {
            let message = check_threads(count, 2, pinned).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
