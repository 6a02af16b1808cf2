//! The length that a window needs for the meters at hand.

use perwatt_power::{Found, MeterInfo, Pace, Provenance, Quantity};
use perwatt_record::derive::EDGES;
use perwatt_record::schema::Protocol;

/// Longest window that perwatt chooses by itself, in seconds: a meter that needs more than
/// ten minutes per run should be requested explicitly.
const MAX_CHOSEN_S: f64 = 600.0;

/// The length of the window at which no measured meter's edges cause a larger relative
/// error than `energy_error_rel`, limited to [`MAX_CHOSEN_S`]; never shorter than the
/// protocol's.
pub(super) fn window_s(protocol: &Protocol, meters: &[Found]) -> f64 {
    let needed_s = meters
        .iter()
        .filter_map(|found| match found {
            Found::Available(source) => Some(needed_s(
                source.info(),
                source.pace(),
                protocol.energy_error_rel,
            )),
            Found::Unavailable(_) => None,
        })
        .fold(0.0, f64::max);
    protocol.window_s.max(needed_s.min(MAX_CHOSEN_S))
}

/// Seconds of window that one meter needs.
fn needed_s(meter: &MeterInfo, pace: Pace, error_rel: f64) -> f64 {
    if !matches!(
        meter.provenance,
        Provenance::Counter | Provenance::PowerSamples
    ) {
        return 0.0;
    }
    let late_s = match (meter.quantity, meter.update_period_s) {
        (Quantity::EnergyJ, Some(period_s)) => period_s.min(pace.interval_s),
        (Quantity::PowerW, Some(period_s)) => period_s.max(pace.interval_s),
        (_, None) => pace.interval_s,
    };
    // Windows begin and end at readings, so one interval is lost.
    EDGES * late_s / error_rel + late_s
}

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_power::{Boundary, Covers};

    fn meter(provenance: Provenance, quantity: Quantity, period_s: Option<f64>) -> MeterInfo {
        MeterInfo {
            provenance,
            update_period_s: period_s,
            ..MeterInfo::new("m", "", Covers::Machine, Boundary::Wall, quantity)
        }
    }

    #[test]
    fn slow_meters_need_long_windows_and_stated_ones_none() {
        let pace = |interval_s| Pace {
            interval_s,
            blocking: false,
        };
        use {
            Provenance::{Counter, PowerSamples, User},
            Quantity::{EnergyJ, PowerW},
        };
        for (meter, pace, needed) in [
            // A GPU's counter of 100 ms, polled at the same interval.
            (meter(Counter, EnergyJ, Some(0.1)), pace(0.1), 8.165 + 0.1),
            // Polling twice as often halves the uncertainty of each update's time.
            (meter(Counter, EnergyJ, Some(0.1)), pace(0.05), 4.082 + 0.05),
            (
                meter(PowerSamples, PowerW, Some(2.0)),
                pace(1.0),
                163.3 + 2.0,
            ),
            (meter(PowerSamples, PowerW, None), pace(1.0), 81.65 + 1.0),
            (meter(User, PowerW, None), pace(1.0), 0.0),
        ] {
            let found = needed_s(&meter, pace, 0.005);
            assert!((found - needed).abs() < 0.01, "{found} is not {needed}");
        }
    }
}
