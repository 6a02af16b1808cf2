//! Bounds on the readings that any machine can have.
//!
//! A meter with a wrong unit can be off by many powers of ten and still report valid
//! numbers; an efficiency computed from one is infinite or zero. Such values are failed
//! readings, whatever the source.

use crate::error::ReadError;
use crate::info::{MeterInfo, Quantity};
use crate::source::{Pace, Source};

/// Least power above 0, in watts: below the resolution of any meter, and a thousandth
/// of the draw of a sleeping microcontroller.
pub const MIN_W: f64 = 1e-6;
/// Largest power, in watts: that of a power station.
pub const MAX_W: f64 = 1e9;
/// Least energy above 0, in joules: below the step of any counter.
pub const MIN_J: f64 = 1e-9;
/// Largest energy, in joules: [`MAX_W`] for a year.
pub const MAX_J: f64 = 3.2e16;

/// Checks `value` as a reading of `quantity` by the meter `what`, and returns it. 0 is
/// accepted; a source for which 0 is impossible must refuse it itself.
///
/// # Errors
/// [`ReadError`] if the value is not finite, below 0, or outside the bounds.
pub fn reading(what: &str, quantity: Quantity, value: f64) -> Result<f64, ReadError> {
    let (least, largest, unit) = match quantity {
        Quantity::PowerW => (MIN_W, MAX_W, "W"),
        Quantity::EnergyJ => (MIN_J, MAX_J, "J"),
    };
    if value == 0.0 {
        // Drops the sign of a negative zero.
        return Ok(0.0);
    }
    // Written so that a NaN is refused too.
    if value >= least && value <= largest {
        return Ok(value);
    }
    Err(ReadError::OutOfBounds {
        path: what.to_owned(),
        text: format!("{value:?} {unit}"),
        bounds: format!("{least:e} to {largest:e} {unit}"),
    })
}

/// A number for a message: in plain digits, or as a power of ten where most digits
/// would be zeros.
pub(crate) fn figure(value: f64) -> String {
    match value == 0.0 || (1e-6..1e16).contains(&value.abs()) {
        true => value.to_string(),
        false => format!("{value:e}"),
    }
}

/// A source whose readings are checked against the bounds.
pub(crate) struct Bounded(pub Box<dyn Source>);

impl Source for Bounded {
    fn info(&self) -> &MeterInfo {
        self.0.info()
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let value = self.0.read()?;
        let info = self.0.info();
        reading(&info.id, info.quantity, value)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        self.0.max_read_interval_s()
    }

    fn pace(&self) -> Pace {
        self.0.pace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_messages_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-2.5, "-2.5"),
            (1e6, "1000000"),
            (1e-306, "1e-306"),
            (-1.25e300, "-1.25e300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(figure(value), text);
        }
        let error = crate::SelectionError::BadWatts { value: 1e-306 };
        assert!(
            error.to_string().starts_with("--watts 1e-306 is"),
            "{error}"
        );
    }

    #[test]
    fn what_no_machine_can_draw_is_no_reading() {
        use Quantity::{EnergyJ, PowerW};
        for value in [0.0, MIN_W, 65.0, MAX_W] {
            assert_eq!(reading("m", PowerW, value), Ok(value));
            assert_eq!(reading("m", EnergyJ, value), Ok(value));
        }
        assert!(reading("m", PowerW, -0.0).is_ok_and(f64::is_sign_positive));
        for value in [
            1e-306,
            f64::MIN_POSITIVE / 4.0,
            1e-12,
            -1.0,
            -1e-306,
            1e30,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            for quantity in [PowerW, EnergyJ] {
                let error = reading("m", quantity, value).unwrap_err().to_string();
                assert!(error.contains("1e-"), "{error}");
            }
        }
        let error = reading("plug", PowerW, 1e-306).unwrap_err().to_string();
        assert_eq!(
            error,
            "plug says 1e-306 W, which no machine draws (1e-6 to 1e9 W); check its unit"
        );
    }
}
