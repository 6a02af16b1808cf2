//! Conversion between dates and numbers of days.

use jiff::civil::Date;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub fn read(text: &str) -> Option<f64> {
    let date: Date = text.parse().ok()?;
    let span = EPOCH.until(date).ok()?;
    Some(f64::from(span.get_days()))
}

/// The day as `YYYY-MM-DD`; the number, if it is outside the calendar.
pub fn write(days: f64) -> String {
    let whole = days.round().clamp(-700_000.0, 2_900_000.0) as i32;
    match EPOCH.checked_add(jiff::Span::new().days(whole)) {
        Ok(date) => date.to_string(),
        Err(_) => format!("day {days}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_there_and_back() {
        assert_eq!(read("1970-01-01"), Some(0.0));
        assert_eq!(read("2028-04-13"), Some(21_287.0));
        assert_eq!(write(21_287.0), "2028-04-13");
        assert_eq!(read("2026-02-30"), None);
        assert_eq!(read("tomorrow"), None);
    }
}
