//! The clock that stamps every work and energy series.
//!
//! On Unix it is `CLOCK_MONOTONIC`, which all processes of one boot share, so that
//! stamps of a worker and of the coordinator are comparable without conversion. Windows
//! has such a clock too (the performance counter), but safe Rust shows only differences
//! of it: there, each process starts to count at its own first call, and a parent hands
//! its reading to the child, which calls [`align`].

use std::time::{SystemTime, UNIX_EPOCH};

/// True if readings of [`monotonic_ns`] by two processes of one boot can be compared
/// without [`align`].
pub const SHARED_BETWEEN_PROCESSES: bool = cfg!(unix);

/// Nanoseconds of a clock that never steps, from an arbitrary origin. On Linux it
/// stands still while the machine is suspended.
#[must_use]
pub fn monotonic_ns() -> u64 {
    imp::monotonic_ns()
}

/// CPU time of this process so far, all threads together, in nanoseconds; `None` where no
/// clock counts it.
#[must_use]
pub fn process_cpu_ns() -> Option<u64> {
    imp::process_cpu_ns()
}

/// Makes [`monotonic_ns`] of this process continue from `now_ns`, the parent's reading
/// at this moment. Does nothing where processes share the clock already. The error is
/// the time that the reading took to arrive, so a child should call this as soon as it
/// has read the figure.
pub fn align(now_ns: u64) {
    imp::align(now_ns);
}

/// The time of day in UTC, RFC 3339 with microseconds, such as
/// `2026-11-24T05:28:19.123456Z`. For labelling; never for measuring.
#[must_use]
pub fn utc_now_rfc3339() -> String {
    rfc3339(SystemTime::now())
}

/// A time in UTC, in the format of [`utc_now_rfc3339`]. A time before 1970 is written
/// as the beginning of 1970, one after 9999 as the end of 9999: RFC 3339 has four
/// digits for the year, and a clock may be set to any value.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    use jiff::Timestamp;
    let time = match time < UNIX_EPOCH {
        true => Timestamp::UNIX_EPOCH,
        false => Timestamp::try_from(time).unwrap_or(Timestamp::MAX),
    };
    format!("{time:.6}")
}

/// The later of `time` and the RFC 3339 time `utc`; `time` if `utc` cannot be parsed.
/// Work that is resumed never ends before it began, even if the clock was set back.
#[must_use]
pub fn not_before(time: SystemTime, utc: &str) -> SystemTime {
    match utc.parse::<jiff::Timestamp>() {
        Ok(earliest) => time.max(SystemTime::try_from(earliest).unwrap_or(time)),
        Err(_) => time,
    }
}

#[cfg(unix)]
mod imp {
    pub(super) fn monotonic_ns() -> u64 {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        // Seconds since boot and a fraction: neither is ever negative.
        now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    }

    pub(super) fn align(_now_ns: u64) {}

    pub(super) fn process_cpu_ns() -> Option<u64> {
        let so_far = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Some(so_far.tv_sec as u64 * 1_000_000_000 + so_far.tv_nsec as u64)
    }
}

#[cfg(not(unix))]
mod imp {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    /// Added to the process's own count, wrapping.
    static OFFSET_NS: AtomicU64 = AtomicU64::new(0);

    fn own_ns() -> u64 {
        ORIGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
    }

    pub(super) fn monotonic_ns() -> u64 {
        own_ns().wrapping_add(OFFSET_NS.load(Ordering::Relaxed))
    }

    pub(super) fn align(now_ns: u64) {
        OFFSET_NS.store(now_ns.wrapping_sub(own_ns()), Ordering::Relaxed);
    }

    pub(super) fn process_cpu_ns() -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_goes_backwards() {
        let mut last = monotonic_ns();
        for _ in 0..10_000 {
            let now = monotonic_ns();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn aligning_keeps_the_clock_monotonic_and_no_earlier_than_the_parent() {
        let parent = monotonic_ns();
        align(parent);
        assert!(monotonic_ns() >= parent);
    }

    #[test]
    fn a_clock_set_to_anything_gives_a_time_that_can_be_read() {
        let seconds = std::time::Duration::from_secs;
        let after = |s| UNIX_EPOCH.checked_add(seconds(s)).unwrap();
        let before = UNIX_EPOCH.checked_sub(seconds(1 << 40)).unwrap();
        for (time, text) in [
            (UNIX_EPOCH, "1970-01-01T00:00:00.000000Z"),
            (before, "1970-01-01T00:00:00.000000Z"),
            (after(1_760_000_000), "2025-10-09T08:53:20.000000Z"),
            // The year 20000, and the last time that the system can represent.
            (after(568_971_820_800), "9999-12-30T22:00:00.999999Z"),
            (after(i64::MAX as u64), "9999-12-30T22:00:00.999999Z"),
        ] {
            let text_of = rfc3339(time);
            assert_eq!(text_of, text);
            assert!(text_of.parse::<jiff::Timestamp>().is_ok());
        }
    }

    #[cfg(unix)]
    #[test]
    fn cpu_time_of_this_process_is_counted() {
        let before = process_cpu_ns().unwrap();
        assert!(process_cpu_ns().unwrap() >= before);
    }

    #[test]
    fn time_of_day_is_rfc3339_in_utc_with_microseconds() {
        let text = utc_now_rfc3339();
        assert_eq!(text.len(), "2026-11-24T05:28:19.123456Z".len(), "{text}");
        assert!(text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
        assert!(text.parse::<jiff::Timestamp>().is_ok());
    }
}
