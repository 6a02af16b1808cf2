//! The time that the readings of a source look back.

use crate::info::{Boundary, MeterInfo, Provenance, Quantity};
use crate::source::Pace;

/// Seconds that the reading of a server's own controller is assumed to look back: it is
/// smoothed over seconds to minutes.
const CONTROLLER_LOOK_BACK_S: f64 = 10.0;
/// The same of a meter that is asked over a network or through a program: plugs and power
/// strips average over about a second and answer from a copy.
const METER_LOOK_BACK_S: f64 = 2.0;
/// The same of a sensor in the machine.
const SENSOR_LOOK_BACK_S: f64 = 1.0;

impl MeterInfo {
    /// The description with the time that a reading looks back; where neither its maker nor
    /// the user states it, an assumption for meters that are read at this pace, with a note.
    pub fn looking_back(mut self, pace: Pace) -> Self {
        if self.look_back_s.is_some() {
            return self;
        }
        let measured = matches!(
            self.provenance,
            Provenance::Counter | Provenance::PowerSamples | Provenance::DeviceEstimate
        );
        let look_back_s = match (self.quantity, self.averaging_s) {
            (Quantity::EnergyJ, _) => 0.0,
            (Quantity::PowerW, _) if !measured => 0.0,
            (Quantity::PowerW, Some(averaging_s)) => averaging_s,
            (Quantity::PowerW, None) => {
                let assumed_s = match (pace.blocking, self.boundary) {
                    (true, Boundary::PsuIn) => CONTROLLER_LOOK_BACK_S,
                    (true, _) => METER_LOOK_BACK_S,
                    (false, _) => SENSOR_LOOK_BACK_S,
                };
                let stated_by = match pace.blocking {
                    true => "; averaging= and delay= state them",
                    false => "",
                };
                self.notes.push(format!(
                    "what it averages over and its delay are not specified: {assumed_s} s \
                     assumed{stated_by}"
                ));
                assumed_s
            }
        };
        self.look_back_s = Some(look_back_s);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::Covers;

    #[test]
    fn what_nobody_states_is_assumed_and_said() {
        let polled = |interval_s| Pace {
            interval_s,
            blocking: true,
            answer_s: 0.0,
        };
        let of = |boundary, quantity| MeterInfo::new("m", "", Covers::Machine, boundary, quantity);
        let power = |boundary| of(boundary, Quantity::PowerW);
        let averaging = MeterInfo {
            averaging_s: Some(5.0),
            ..power(Boundary::Wall)
        };
        let stated = MeterInfo {
            provenance: Provenance::User,
            ..power(Boundary::Wall)
        };
        let late = MeterInfo {
            look_back_s: Some(0.5),
            ..averaging.clone()
        };
        let counter = of(Boundary::Wall, Quantity::EnergyJ);
        for (info, pace, look_back_s, assumed) in [
            (power(Boundary::PsuIn), polled(2.0), 10.0, true),
            (power(Boundary::Wall), polled(1.0), 2.0, true),
            (power(Boundary::Board), Pace::LOCAL, 1.0, true),
            (averaging, polled(1.0), 5.0, false),
            (late, polled(1.0), 0.5, false),
            (stated, Pace::LOCAL, 0.0, false),
            (counter, polled(1.0), 0.0, false),
        ] {
            let info = info.looking_back(pace);
            assert_eq!(info.look_back_s, Some(look_back_s), "{info:?}");
            assert_eq!(info.notes.len(), usize::from(assumed), "{info:?}");
            // A second time changes nothing.
            assert_eq!(info.clone().looking_back(pace), info);
        }
    }
}
