//! Formatting of figures: four significant digits and a unit with an SI prefix.

use perwatt_record::schema::Unit;

/// SI prefixes and their exponents of ten, largest first.
const PREFIXES: [(i32, &str); 10] = [
    (18, "E"),
    (15, "P"),
    (12, "T"),
    (9, "G"),
    (6, "M"),
    (3, "k"),
    (0, ""),
    (-3, "m"),
    (-6, "\u{b5}"),
    (-9, "n"),
];

/// The text for a figure that is not a finite number. Measurements are finite, but sums and
/// quotients of the values in a file may not be.
pub const NOT_MEASURED: &str = "not measured";

/// The scale of a row: every figure in it uses the same prefix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    factor: f64,
    prefix: &'static str,
}

impl Scale {
    /// The scale without a prefix.
    pub const UNIT: Self = Self {
        factor: 1.0,
        prefix: "",
    };

    /// The scale in which `value` lies between 1 and 1000, if one exists.
    pub fn of(value: f64) -> Self {
        let size = value.abs();
        let (exponent, prefix) = PREFIXES
            .into_iter()
            .find(|(exponent, _)| size >= 10f64.powi(*exponent))
            .unwrap_or(if size > 0.0 {
                PREFIXES[PREFIXES.len() - 1]
            } else {
                (0, "")
            });
        Self {
            factor: 10f64.powi(exponent),
            prefix,
        }
    }

    /// A figure without its unit.
    pub fn number(self, value: f64) -> String {
        significant(value / self.factor)
    }

    /// A figure with its unit: `57.31 MH/s`.
    pub fn figure(self, value: f64, unit: &str) -> String {
        match value.is_finite() {
            true => format!("{} {}", self.number(value), self.unit(unit))
                .trim_end()
                .to_owned(),
            false => NOT_MEASURED.into(),
        }
    }

    /// A figure without its unit and without trailing zeros, for an axis.
    pub fn short(self, value: f64) -> String {
        trimmed(&format!("{:.3}", value / self.factor))
    }

    /// The unit with its prefix: `MH/s`.
    pub fn unit(self, unit: &str) -> String {
        format!("{}{unit}", self.prefix)
    }
}

/// A figure with four significant digits; in exponential form below 1e-9 and from 1e15 on.
pub fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    // Rounded first: 9.9996 has four digits as 10.00.
    let rounded = format!("{value:.3e}").parse::<f64>();
    match rounded.unwrap_or(value).abs().log10().floor() {
        _ if !value.is_finite() => NOT_MEASURED.into(),
        digits if (-9.0..15.0).contains(&digits) => fixed(value, (3.0 - digits).max(0.0) as usize),
        _ => format!("{value:.3e}"),
    }
}

/// A figure with a given number of decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    match value.is_finite() {
        true => format!("{value:.decimals$}"),
        false => NOT_MEASURED.into(),
    }
}

/// A share in percent with a given number of decimals: `3.1 %`.
pub fn percent(share: f64, decimals: usize) -> String {
    match 100.0 * share {
        p if p.is_finite() => format!("{} %", fixed(p, decimals)),
        _ => NOT_MEASURED.into(),
    }
}

/// A number with up to four significant digits and its scale: `12.34 M`, `4.295 bn`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => NOT_MEASURED.into(),
        0.0 => "0".into(),
        s if s >= 1e4 => {
            let scale = Scale::of(value);
            let unit = scale.unit("").replace('G', "bn");
            format!("{} {unit}", trimmed(&scale.number(value)))
        }
        s if s < 1e-3 => format!("{value:.1e}"),
        _ => trimmed(&significant(value)),
    }
}

/// A sum of money: `$12.34M`, `-$3.1M`.
pub fn dollars(usd: f64) -> String {
    if !usd.is_finite() {
        return NOT_MEASURED.into();
    }
    let sign = if usd < 0.0 { "-" } else { "" };
    format!("{sign}${}", number(usd.abs()).replace(' ', ""))
}

/// A number with its unit, money as [`dollars`] writes it: `12 months`, `$46.93/PH/day`.
pub fn with_unit(value: f64, unit: &str) -> String {
    match unit.strip_prefix('$') {
        Some(per) => format!("{}{per}", dollars(value)),
        None => format!("{} {unit}", number(value)).trim_end().to_owned(),
    }
}

/// A number with its unit as [`with_unit`], all its digits as they are given.
pub fn written(digits: &str, unit: &str) -> String {
    let Some(per) = unit.strip_prefix('$') else {
        return format!("{digits} {unit}").trim_end().to_owned();
    };
    match digits.strip_prefix('-') {
        Some(digits) => format!("-${digits}{per}"),
        None => format!("${digits}{per}"),
    }
}

/// The text without trailing zeros after a decimal point.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// A rate with its unit: `57.31 MH/s`.
pub fn rate(per_s: f64, unit: Unit) -> String {
    Scale::of(per_s).figure(per_s, &format!("{unit}/s"))
}

/// A number with its noun: `1 entry`, `6 entries`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}

/// The day of a time in RFC 3339.
pub fn day(utc: &str) -> &str {
    utc.get(..10).unwrap_or(utc)
}

/// The days from one time to another: `2026-11-30`, `2026-11-24 to 2026-11-30`.
pub fn days(ends: [&str; 2]) -> String {
    match ends.map(day) {
        [first, last] if first != last => format!("{first} to {last}"),
        [day, _] => day.to_owned(),
    }
}

/// A duration in the usual units: `340 ms`, `1.4 s`, `2 h 03 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "a time that is not known".into();
    }
    if seconds > 0.0 && seconds < 9.95 {
        let scale = Scale::of(seconds);
        let size = seconds / scale.factor;
        let decimals = if size < 9.95 { 1 } else { 0 };
        return format!("{size:.decimals$} {}", scale.unit("s"));
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_stands_before_its_number() {
        assert_eq!(with_unit(46.93, "$/PH/day"), "$46.93/PH/day");
        assert_eq!(with_unit(-8_861_000.0, "$/MW"), "-$8.861M/MW");
        assert_eq!(with_unit(12.0, "months"), "12 months");
        assert_eq!(with_unit(0.5, ""), "0.5");
        assert_eq!(written("-3.50", "$/MWh"), "-$3.50/MWh");
        assert_eq!(written("9000000", "$"), "$9000000");
        assert_eq!(written("0.12", "per year"), "0.12 per year");
    }

    #[test]
    fn four_digits_at_every_size() {
        let cases = [
            (57_312_345.0, "57.31 MH/s"),
            (999.4, "999.4 H/s"),
            (9.9996e6, "10.00 MH/s"),
            (1000.0, "1.000 kH/s"),
            (0.0, "0 H/s"),
            (2.5e20, "250.0 EH/s"),
            (0.012, "12.00 mH/s"),
        ];
        for (value, text) in cases {
            assert_eq!(rate(value, Unit::Hash), text);
        }
    }

    #[test]
    fn numbers_and_money_as_people_write_them() {
        let cases = [
            (0.0, "0", "$0"),
            (0.125, "0.125", "$0.125"),
            (9999.0, "9999", "$9999"),
            (1_449_600.0, "1.45 M", "$1.45M"),
            (12_510_000_000.0, "12.51 bn", "$12.51bn"),
            (-4.29e9, "-4.29 bn", "-$4.29bn"),
            (0.000_912, "9.1e-4", "$9.1e-4"),
        ];
        for (value, plain, money) in cases {
            assert_eq!(
                (number(value), dollars(value)),
                (plain.into(), money.into())
            );
        }
    }

    #[test]
    fn a_row_shares_one_scale() {
        let scale = Scale::of(1.5e9);
        assert_eq!(scale.number(9.9e8), "0.9900");
        assert_eq!(scale.unit("FLOP/s"), "GFLOP/s");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(duration(0.000_012_34), "12 \u{b5}s");
        assert_eq!(duration(0.001_234), "1.2 ms");
        assert_eq!(duration(0.999), "999 ms");
        assert_eq!(duration(1.449), "1.4 s");
        assert_eq!(duration(9.96), "10 s");
        assert_eq!(duration(f64::NAN), "a time that is not known");
        assert_eq!(duration(59.4), "59 s");
        assert_eq!(duration(125.0), "2 min 05 s");
        assert_eq!(duration(7380.0), "2 h 03 min");
    }

    #[test]
    fn no_figure_is_written_that_is_none() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let scale = Scale::of(value);
            for text in [
                significant(value),
                fixed(value, 1),
                percent(value, 1),
                scale.figure(value, "W"),
                scale.figure(1.0, "W"),
                scale.number(value),
                rate(value, Unit::Hash),
                number(value),
                dollars(value),
            ] {
                assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            }
        }
        assert_eq!(significant(1e-306), "1.000e-306");
        assert_eq!(significant(-2.5e300), "-2.500e300");
        assert_eq!(significant(123_456_789.0), "123456789");
        assert_eq!(percent(f64::MAX, 0), NOT_MEASURED);
    }
}
