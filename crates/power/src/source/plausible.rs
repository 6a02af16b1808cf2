//! Limits of plausible power for meters outside the machine.

use super::attribute::failed;
use super::meter::believed;
use crate::error::ReadError;
use crate::select::MAX_USER_WATTS;

/// Largest plausible power of a machine's meter, in watts.
pub(super) const MAX_METER_W: f64 = MAX_USER_WATTS;

/// Returns `value` as the power that `what` shows, if it is plausible.
///
/// # Errors
/// [`ReadError`] for values that a running machine cannot draw: zero, negative
/// values, NaN, and values above [`MAX_METER_W`].
pub(super) fn power_w(what: &str, value: f64) -> Result<f64, ReadError> {
    if value == 0.0 {
        let detail = "it reads 0 W, and a running machine draws more; is this its outlet, and is \
                      the load above the meter's smallest step?";
        return Err(failed(what, detail));
    }
    believed(what, value, MAX_METER_W)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_machine_can_draw() {
        assert_eq!(power_w("m", 65.5), Ok(65.5));
        assert_eq!(power_w("m", MAX_METER_W), Ok(MAX_METER_W));
        assert!(power_w("m", -1.0).is_err() && power_w("m", MAX_METER_W * 1.01).is_err());
        let zero = power_w("m", -0.0).unwrap_err().to_string();
        assert!(zero.contains("0 W"), "{zero}");
    }
}
