//! Outlier detection by Tukey's fences.

use crate::summary::quantile;

/// Smallest sample in which outliers are sought.
const FEWEST: usize = 4;

/// Severity of an outlier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outlier {
    /// More than 1.5 interquartile ranges beyond a quartile.
    Mild,
    /// More than 3 interquartile ranges beyond a quartile.
    Severe,
}

/// Flags the values beyond Tukey's fences (Exploratory Data Analysis, 1977), in the order
/// given. Outliers are to be reported, never dropped.
///
/// `None` for fewer than four values or one that is not finite.
pub fn tukey(values: &[f64]) -> Option<Vec<Option<Outlier>>> {
    if values.len() < FEWEST {
        return None;
    }
    let (low, high) = (quantile(values, 0.25)?, quantile(values, 0.75)?);
    let range = high - low;
    let of = |value: &f64| {
        let beyond = (low - value).max(value - high);
        if beyond > 3.0 * range {
            Some(Outlier::Severe)
        } else if beyond > 1.5 * range {
            Some(Outlier::Mild)
        } else {
            None
        }
    };
    Some(values.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fences() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 30.0];
        let found = tukey(&values).unwrap();
        assert_eq!(&found[..6], &[None; 6]);
        assert_eq!(found[6], Some(Outlier::Severe));
        assert_eq!(tukey(&[1.0, 2.0, 3.0]), None);
        assert_eq!(tukey(&[5.0; 6]).unwrap(), [None; 6]);
        // Quartiles 2 and 4: the fence is at 7.
        let mild = tukey(&[1.0, 2.0, 3.0, 4.0, 7.5]).unwrap();
        assert_eq!(mild[4], Some(Outlier::Mild));
    }

    proptest! {
        #[test]
        fn the_middle_half_is_never_out(values in prop::collection::vec(-1e6..1e6_f64, 4..50)) {
            let found = tukey(&values).unwrap();
            let out = found.iter().flatten().count();
            prop_assert!(2 * out <= values.len());
        }

        #[test]
        fn nothing_panics(values: Vec<f64>) {
            prop_assert!(tukey(&values).is_none_or(|found| found.len() == values.len()));
        }
    }
}
