//! Quantiles of Student's t.

/// t(0.975, df) of 1 to 30 degrees of freedom: NIST/SEMATECH e-Handbook of Statistical
/// Methods, 1.3.6.7.2.
const TABLE: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];
/// The 0.975 quantile of the normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// The two-sided 95 % factor for `degrees` degrees of freedom; `None` for 0. Beyond the
/// table it is computed from the first terms of the expansion in 1/df (Abramowitz and
/// Stegun 26.7.5), which are accurate to the table's last digit there.
pub fn t_975(degrees: usize) -> Option<f64> {
    match degrees {
        0 => None,
        1..=30 => Some(TABLE[degrees - 1]),
        _ => {
            let (z, v) = (NORMAL, degrees as f64);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            Some(z + first / v + second / (v * v))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The density integrated from -t to t, by Simpson's rule on a finite range.
    fn within(t: f64, degrees: usize) -> f64 {
        // x = tan(u) turns the whole line into a finite range, and the density up to a
        // factor into cos^(v-1) of the angle with x = sqrt(v) tan(u).
        let v = degrees as f64;
        let of = |end: f64| {
            let steps = 20_000;
            let h = end / f64::from(steps);
            let sum: f64 = (0..=steps)
                .map(|i| {
                    let weight = match i {
                        0 => 1.0,
                        i if i == steps => 1.0,
                        i if i % 2 == 1 => 4.0,
                        _ => 2.0,
                    };
                    weight * (f64::from(i) * h).cos().powf(v - 1.0)
                })
                .sum();
            sum * h / 3.0
        };
        of((t / v.sqrt()).atan()) / of(std::f64::consts::FRAC_PI_2)
    }

    #[test]
    fn each_factor_encloses_95_percent() {
        for degrees in (1..=40).chain([60, 120, 1000]) {
            let found = within(t_975(degrees).unwrap(), degrees);
            assert!((found - 0.95).abs() < 1e-4, "{degrees}: {found}");
        }
        assert_eq!(t_975(0), None);
    }
}
