//! Grades of energy figures by their trustworthiness, in one letter.

use crate::info::{Boundary, MeterInfo, Provenance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Grade of an energy figure: by its boundary, its origin, and the duration and number
/// of the readings.
///
/// A is what SPECpower asks of a power analyzer, B what MLPerf Training Power
/// asks of a meter (5 % at one reading a second, 60 readings). Both are of
/// alternating current at the wall. No reading inside the machine is better than
/// C, however steady it is: its boundary misses what a site pays for.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug,
)]
pub enum Grade {
    /// At the wall, 1 % or better, 600 s or more, 60 readings or more.
    A,
    /// At the wall, 5 % or better, 60 readings or more.
    B,
    /// An energy counter of a device, or one at the wall that misses B.
    C,
    /// Sampled power of a device, or sampled at the wall and missing B.
    D,
    /// An estimate, a data sheet, or a figure that a person typed.
    E,
}

/// Relative scale error that grade A allows, at coverage factor 2.
const A_GAIN_REL: f64 = 0.01;
/// Shortest window of grade A, in seconds.
const A_WINDOW_S: f64 = 600.0;
/// Relative scale error that grade B allows, at coverage factor 2.
const B_GAIN_REL: f64 = 0.05;
/// The number of readings that grades A and B need.
const MIN_READINGS: u64 = 60;

impl Grade {
    /// The grade of a figure by this meter over `window_s` seconds that hold
    /// `readings` different readings.
    pub fn of(info: &MeterInfo, window_s: f64, readings: u64) -> Self {
        let measured = matches!(
            info.provenance,
            Provenance::Counter | Provenance::PowerSamples
        );
        if !measured {
            return Self::E;
        }
        let within = |limit: f64| info.gain_uncertainty_rel.is_some_and(|gain| gain <= limit);
        if info.boundary == Boundary::Wall && readings >= MIN_READINGS {
            if within(A_GAIN_REL) && window_s >= A_WINDOW_S {
                return Self::A;
            }
            if within(B_GAIN_REL) {
                return Self::B;
            }
        }
        match info.provenance {
            Provenance::Counter => Self::C,
            _ => Self::D,
        }
    }

    /// The best grade that this meter can reach in a window that is long enough.
    pub fn best(info: &MeterInfo) -> Self {
        Self::of(info, f64::INFINITY, u64::MAX)
    }
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::{Covers, Quantity};

    fn meter(boundary: Boundary, provenance: Provenance, gain: Option<f64>) -> MeterInfo {
        MeterInfo {
            provenance,
            gain_uncertainty_rel: gain,
            ..MeterInfo::new("m", "", Covers::Machine, boundary, Quantity::PowerW)
        }
    }

    #[test]
    fn each_letter_has_its_conditions() {
        use Provenance::{Counter, DeviceEstimate, Nameplate, PowerSamples, User};
        let wall = |gain| meter(Boundary::Wall, PowerSamples, gain);
        #[rustfmt::skip]
        let cases = [
            (wall(Some(0.01)), 600.0, 600, Grade::A),
            (wall(Some(0.01)), 599.0, 599, Grade::B),
            (wall(Some(0.01)), 600.0, 59, Grade::D),
            (wall(Some(0.02)), 600.0, 600, Grade::B),
            (wall(Some(0.05)), 60.0, 60, Grade::B),
            (wall(Some(0.06)), 6000.0, 6000, Grade::D),
            (wall(None), 6000.0, 6000, Grade::D),
            (meter(Boundary::Wall, Counter, None), 10.0, 10, Grade::C),
            (meter(Boundary::Package, Counter, Some(0.001)), 6e3, 6000, Grade::C),
            (meter(Boundary::PsuIn, PowerSamples, Some(0.01)), 6e3, 6000, Grade::D),
            (meter(Boundary::Wall, User, Some(0.01)), 6e3, 6000, Grade::E),
            (meter(Boundary::Wall, Nameplate, Some(0.01)), 6e3, 6000, Grade::E),
            (meter(Boundary::DcIn, DeviceEstimate, Some(0.01)), 6e3, 6000, Grade::E),
        ];
        for (info, window_s, readings, grade) in cases {
            assert_eq!(Grade::of(&info, window_s, readings), grade, "{info:?}");
        }
        assert_eq!(Grade::best(&wall(Some(0.01))), Grade::A);
        assert!(Grade::A < Grade::E);
    }
}
