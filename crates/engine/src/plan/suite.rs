//! The estimated length of a session.

use perwatt_power::{MeterInfo, Provenance};
use perwatt_record::schema::{Config, Protocol};

pub use perwatt_record::suite::Suite;

/// The estimated length of a session in seconds: warm-up rarely needs its longest time, and
/// a run takes about half a second to prepare its inputs and check its result. With meters,
/// idle power is measured before and after.
pub fn estimate_s(config: &Config, entries: usize, meters: &[MeterInfo]) -> f64 {
    let protocol = &config.protocol;
    let run_s = protocol.window_s + warmup_s(protocol) + 0.5;
    let idle_s = match measures_idle(meters) {
        true => 2.0 * protocol.idle_s,
        false => 0.0,
    };
    f64::from(config.rounds) * entries as f64 * run_s + idle_s
}

/// The expected warm-up in seconds: between the shortest and the longest, and at least until
/// the meters have settled.
pub(crate) fn warmup_s(protocol: &Protocol) -> f64 {
    let usual_s = (protocol.warmup_min_s + protocol.warmup_max_s) / 2.0;
    usual_s.max(protocol.settle_s)
}

/// True where one of these meters can measure idle power: a stated power cannot.
pub fn measures_idle(meters: &[MeterInfo]) -> bool {
    meters.iter().any(|meter| {
        matches!(
            meter.provenance,
            Provenance::Counter | Provenance::PowerSamples
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_session_of_eleven_entries_stays_under_three_minutes() {
        let config = Config {
            suite: "quick".into(),
            rounds: Suite::Quick.rounds(),
            protocol: Suite::Quick.protocol(),
            selfcheck: false,
            cards_at_once: None,
        };
        assert!(estimate_s(&config, 11, &[]) < 180.0);
    }
}
