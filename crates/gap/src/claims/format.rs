//! Figures as sentences have them: few digits, commas between thousands, no zeros that say
//! nothing. (Tables have four digits on an SI scale instead, so that columns line up.)

/// Three significant digits, thousands apart by commas, without zeros that say nothing:
/// `18,200`, `1.45`, `0.17`.
pub fn short(value: f64) -> String {
    significant(value, 3)
}

/// So many significant digits, at least one, in the same form.
pub fn significant(value: f64, digits: u32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    let last = digits.max(1) as i32 - 1;
    if magnitude > last {
        let step = 10f64.powi(magnitude - last);
        return apart(&format!("{:.0}", (value / step).round() * step));
    }
    let decimals = (last - magnitude) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    apart(text)
}

/// Every digit there is, thousands apart by commas: for figures that were given.
pub fn full(value: f64) -> String {
    apart(&format!("{value}"))
}

/// A share in per cent: `36.2 %`.
pub fn per_cent(share: f64) -> String {
    format!("{} %", short(share * 100.0))
}

/// Commas between the thousands of the part before the decimal point.
fn apart(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.trim_start_matches('-');
    let mut out = whole[..whole.len() - digits.len()].to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_no_empty_ones() {
        for (value, text) in [
            (18_202.0, "18,200"),
            (1_380.0, "1,380"),
            (1_450_000.0, "1,450,000"),
            (394.2, "394"),
            (25.0, "25"),
            (100.0, "100"),
            (16.4588, "16.5"),
            (0.166_67, "0.167"),
            (0.1, "0.1"),
            (0.097_22, "0.0972"),
            (-1234.0, "-1,230"),
            (0.0, "0"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(significant(120.833, 4), "120.8");
        assert_eq!(significant(18_202.0, 4), "18,200");
        assert_eq!(significant(1275.5, 5), "1,275.5");
        assert_eq!(significant(999.99, 3), "1,000");
    }

    #[test]
    fn every_digit_of_what_was_given() {
        assert_eq!(full(20_999_999.976_9), "20,999,999.9769");
        assert_eq!(full(8.7e9), "8,700,000,000");
        assert_eq!(full(40.58), "40.58");
        assert_eq!(full(-999.5), "-999.5");
        assert_eq!(per_cent(0.754), "75.4 %");
    }
}
