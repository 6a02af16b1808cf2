//! Student's t distribution with any positive number of degrees of freedom.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The factor t for which a share `confidence` of the distribution lies between -t and t;
/// `None` for degrees that are not positive or a confidence not strictly between 0 and 1.
pub fn t_factor(confidence: f64, degrees: f64) -> Option<f64> {
    let valid = confidence > 0.0 && confidence < 1.0;
    let t = distribution(degrees).filter(|_| valid)?;
    Some(-t.inverse_cdf(0.5 * (1.0 - confidence)))
}

/// The chance of a value at least as far from 0 as `t`, on either side; `None` for degrees
/// that are not positive or a `t` that is NaN.
pub fn t_p_value(t: f64, degrees: f64) -> Option<f64> {
    let distribution = distribution(degrees).filter(|_| !t.is_nan())?;
    Some((2.0 * distribution.cdf(-t.abs())).min(1.0))
}

fn distribution(degrees: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, degrees)
        .ok()
        .filter(|_| degrees.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_of_the_handbook() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, and R's qt for the
        // fractional degrees.
        for (confidence, degrees, expected) in [
            (0.95, 1.0, 12.706),
            (0.95, 2.0, 4.303),
            (0.95, 10.0, 2.228),
            (0.95, 100.0, 1.984),
            (0.998, 5.0, 5.894),
            (0.95, 1.5, 6.017),
        ] {
            let found = t_factor(confidence, degrees).unwrap();
            assert!((found - expected).abs() < 6e-4, "{degrees}: {found}");
            let p = t_p_value(-found, degrees).unwrap();
            assert!((p - (1.0 - confidence)).abs() < 1e-9, "{degrees}: {p}");
        }
        assert_eq!([t_factor(0.95, 0.0), t_factor(1.0, 3.0)], [None; 2]);
        assert_eq!(
            [t_p_value(f64::NAN, 3.0), t_p_value(1.0, f64::NAN)],
            [None; 2]
        );
        assert_eq!(t_p_value(f64::INFINITY, 3.0), Some(0.0));
    }
}
