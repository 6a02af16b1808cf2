//! Whether counts of events scatter more than chance has it.

use statrs::function::gamma::gamma_ur;

/// The probability that counts of one Poisson rate scatter as much as these. Each is a count
/// with its exposure, the time over which it was counted. It is the upper tail of the index
/// of dispersion, chi-squared with one degree of freedom fewer than there are counts.
///
/// `None` for fewer than two counts, no event at all, or an exposure that is not positive
/// and finite.
pub fn dispersion_chance(counts: &[(u64, f64)]) -> Option<f64> {
    let valid = counts
        .iter()
        .all(|(_, time)| *time > 0.0 && time.is_finite());
    let events: f64 = counts.iter().map(|(count, _)| *count as f64).sum();
    if !valid || counts.len() < 2 || events == 0.0 {
        return None;
    }
    let rate = events / counts.iter().map(|(_, time)| time).sum::<f64>();
    let squares = counts.iter().map(|(count, time)| {
        let expected = rate * time;
        (*count as f64 - expected).powi(2) / expected
    });
    let index: f64 = squares.sum();
    let shape = 0.5 * (counts.len() - 1) as f64;
    Some(if index > 0.0 {
        gamma_ur(shape, 0.5 * index)
    } else {
        1.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_chi_squared() {
        // 95 % points of chi-squared with 1 and 4 degrees of freedom: 3.841 and 9.488.
        let apart = |by: f64| [(1_000_000 + by as u64, 1.0), (1_000_000 - by as u64, 1.0)];
        let chance = dispersion_chance(&apart((3.841_459f64 * 5e5).sqrt())).unwrap();
        assert!((chance - 0.05).abs() < 1e-3, "{chance}");
        assert_eq!(
            dispersion_chance(&[(100, 2.0), (50, 1.0), (200, 4.0)]),
            Some(1.0)
        );
        let spread = [
            (9_000, 1.0),
            (9_400, 1.0),
            (9_200, 1.0),
            (9_800, 1.0),
            (9_600, 1.0),
        ];
        assert!(dispersion_chance(&spread).unwrap() < 1e-6);
    }

    #[test]
    fn nothing_to_compare_has_no_chance() {
        for counts in [
            &[][..],
            &[(5, 1.0)],
            &[(0, 1.0), (0, 1.0)],
            &[(1, 0.0), (2, 1.0)],
            &[(1, f64::NAN), (2, 1.0)],
        ] {
            assert_eq!(dispersion_chance(counts), None);
        }
    }
}
