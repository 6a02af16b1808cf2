//! Checks of figures before they enter a formula.

use thiserror::Error;

/// A figure outside the range that a formula allows.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum InputError {
    /// Zero, negative, infinite or NaN, where a figure must be above zero.
    #[error("{what} is {value}; give a finite number above 0")]
    NotPositive {
        /// The figure, with its unit.
        what: &'static str,
        /// The value given.
        value: f64,
    },
    /// Negative, infinite or NaN, where a figure must be zero or above.
    #[error("{what} is {value}; give a finite number of at least 0")]
    Negative {
        /// The figure, with its unit.
        what: &'static str,
        /// The value given.
        value: f64,
    },
    /// Not a share of a whole.
    #[error("{what} is {value}; give a share from 0 to 1, such as 0.36 for 36 %")]
    NotShare {
        /// The figure.
        what: &'static str,
        /// The value given.
        value: f64,
    },
    /// A share of 1, where something must be left.
    #[error("{what} is {value}; give a share from 0 to below 1: of the whole nothing is left")]
    Whole {
        /// The figure.
        what: &'static str,
        /// The value given.
        value: f64,
    },
}

/// `value` if it is finite and above 0.
///
/// # Errors
/// [`InputError::NotPositive`], which names `what`.
pub fn positive(what: &'static str, value: f64) -> Result<f64, InputError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(InputError::NotPositive { what, value })
    }
}

/// `value` if it is finite and at least 0.
///
/// # Errors
/// [`InputError::Negative`], which names `what`.
pub fn not_negative(what: &'static str, value: f64) -> Result<f64, InputError> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(InputError::Negative { what, value })
    }
}

/// `value` if it lies from 0 to 1.
///
/// # Errors
/// [`InputError::NotShare`], which names `what`.
pub fn share(what: &'static str, value: f64) -> Result<f64, InputError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(InputError::NotShare { what, value })
    }
}

/// `value` if it lies from 0 to below 1.
///
/// # Errors
/// [`InputError::NotShare`] or, for 1, [`InputError::Whole`].
pub fn share_below_one(what: &'static str, value: f64) -> Result<f64, InputError> {
    match share(what, value)? {
        1.0 => Err(InputError::Whole { what, value }),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_takes_its_range_and_no_more() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
            assert!(positive("a rate", bad).is_err());
            assert!(not_negative("a rate", bad).is_err());
            assert!(share("a share", bad).is_err());
            assert!(share_below_one("a share", bad).is_err());
        }
        assert!(positive("a rate", 0.0).is_err() && positive("a rate", 1e-300).is_ok());
        assert_eq!(not_negative("a rate", 0.0), Ok(0.0));
        assert_eq!(
            (share("a share", 0.0), share("a share", 1.0)),
            (Ok(0.0), Ok(1.0))
        );
        assert!(share("a share", 1.0 + f64::EPSILON).is_err());
    }

    #[test]
    fn messages_name_the_figure_and_the_remedy() {
        let text = positive("the hashprice in $/PH/day", -3.0)
            .unwrap_err()
            .to_string();
        assert_eq!(
            text,
            "the hashprice in $/PH/day is -3; give a finite number above 0"
        );
        let text = share_below_one("the pool's fee", 1.0)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("the pool's fee is 1") && text.contains("below 1"),
            "{text}"
        );
    }
}
