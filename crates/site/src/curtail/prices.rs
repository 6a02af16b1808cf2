//! A series of prices without gaps.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::error::SeriesError;

/// Largest accepted magnitude of a price, so that no sum overflows: the highest price caps
/// of power markets are some ten thousand USD/MWh.
pub const MAX_USD_PER_MWH: f64 = 1e6;
/// Smallest accepted magnitude of a price other than zero. No market has smaller steps, so
/// a smaller price is an error in the file.
pub(super) const LEAST_USD_PER_MWH: f64 = 1e-6;

/// A day, in seconds.
const DAY_S: i64 = 86_400;

/// The price of power in each of consecutive intervals of one length.
///
/// Never empty; prices are finite, and may be negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    first_start_s: i64,
    step_s: i64,
    /// The offset of local clocks from UTC at the beginning of each interval, in seconds.
    offset_s: Vec<i32>,
    usd_per_mwh: Vec<f64>,
}

/// True if intervals may have this length: 5 minutes to a day, and a whole number of them
/// in a day.
pub(super) fn step_is_allowed(step_s: i64) -> bool {
    (300..=DAY_S).contains(&step_s) && DAY_S % step_s == 0
}

impl Prices {
    /// A series whose local clocks never change.
    ///
    /// `first_start_s`: the beginning of the first interval, in seconds since 1970 (UTC).
    /// `step_s`: the length of each, in seconds. `offset_s`: the offset of local clocks
    /// from UTC, in seconds (whole minutes); it only decides the month that an interval
    /// lies in.
    ///
    /// # Errors
    /// [`SeriesError`], with the figure that is wrong.
    pub fn new(
        first_start_s: i64,
        step_s: i64,
        offset_s: i32,
        usd_per_mwh: Vec<f64>,
    ) -> Result<Self, SeriesError> {
        let offsets = vec![offset_s; usd_per_mwh.len()];
        Self::with_offsets(first_start_s, step_s, offsets, usd_per_mwh)
    }

    /// As [`Prices::new`], with one offset for each interval.
    pub(super) fn with_offsets(
        first_start_s: i64,
        step_s: i64,
        offset_s: Vec<i32>,
        usd_per_mwh: Vec<f64>,
    ) -> Result<Self, SeriesError> {
        debug_assert_eq!(offset_s.len(), usd_per_mwh.len());
        if usd_per_mwh.is_empty() {
            return Err(SeriesError::Empty);
        }
        if !step_is_allowed(step_s) {
            return Err(SeriesError::Step { step_s });
        }
        let outside = |price: &f64| price.is_nan() || price.abs() > MAX_USD_PER_MWH;
        if let Some(index) = usd_per_mwh.iter().position(outside) {
            return Err(SeriesError::Price {
                index,
                usd_per_mwh: usd_per_mwh[index],
            });
        }
        let last_start_s = i64::try_from(usd_per_mwh.len() - 1)
            .ok()
            .and_then(|n| n.checked_mul(step_s))
            .and_then(|length_s| length_s.checked_add(first_start_s));
        let in_calendar = |second: i64| Timestamp::from_second(second).is_ok();
        let is_offset = |s: &i32| s % 60 == 0 && Offset::from_seconds(*s).is_ok();
        let odd = offset_s.iter().find(|s| !is_offset(s));
        if odd.is_some() || !in_calendar(first_start_s) || !last_start_s.is_some_and(in_calendar) {
            return Err(SeriesError::Calendar {
                first_start_s,
                offset_s: odd.copied().unwrap_or(offset_s[0]),
            });
        }
        Ok(Self {
            first_start_s,
            step_s,
            offset_s,
            usd_per_mwh,
        })
    }

    /// The prices, in USD/MWh, in order of time.
    pub fn usd_per_mwh(&self) -> &[f64] {
        &self.usd_per_mwh
    }

    /// The number of intervals: one or more.
    pub fn intervals(&self) -> usize {
        self.usd_per_mwh.len()
    }

    /// The length of each interval, in seconds.
    pub fn step_s(&self) -> i64 {
        self.step_s
    }

    /// The length of each interval, in hours.
    pub fn step_h(&self) -> f64 {
        self.step_s as f64 / 3600.0
    }

    /// The length of the series, in hours.
    pub fn hours(&self) -> f64 {
        self.intervals() as f64 * self.step_h()
    }

    /// The length of the series, in days of 24 hours.
    pub fn days(&self) -> f64 {
        self.hours() / 24.0
    }

    /// The beginning of interval `index`, in seconds since 1970 (UTC).
    pub fn start_s(&self, index: usize) -> i64 {
        self.first_start_s + index as i64 * self.step_s
    }

    /// The beginning of interval `index`, as RFC 3339 in local time with its offset; `None`
    /// beyond the end.
    pub fn start(&self, index: usize) -> Option<String> {
        let offset_s = *self.offset_s.get(index)?;
        Some(rfc3339(self.start_s(index), offset_s))
    }

    /// The year and the month, from 1, of local clocks at the beginning of interval
    /// `index`; `None` beyond the end.
    pub fn month(&self, index: usize) -> Option<(i16, i8)> {
        let offset = Offset::from_seconds(*self.offset_s.get(index)?).ok()?;
        let time = Timestamp::from_second(self.start_s(index)).ok()?;
        let local = offset.to_datetime(time);
        Some((local.year(), local.month()))
    }

    /// The text of a file that [`Prices::read`] reads back as an equal series, if the
    /// series has two intervals or more.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("start,usd_per_mwh\n");
        for (index, (price, offset_s)) in self.usd_per_mwh.iter().zip(&self.offset_s).enumerate() {
            let start = rfc3339(self.start_s(index), *offset_s);
            text.push_str(&format!("{start},{price}\n"));
        }
        text
    }
}

/// Formats a moment, in seconds since 1970, in local time with its offset from UTC.
pub(super) fn rfc3339(second: i64, offset_s: i32) -> String {
    match (
        Timestamp::from_second(second),
        Offset::from_seconds(offset_s),
    ) {
        (Ok(time), Ok(offset)) => time.display_with_offset(offset).to_string(),
        _ => format!("{second} s since 1970"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_series() {
        let new =
            |step_s, offset_s, prices: &[f64]| Prices::new(0, step_s, offset_s, prices.into());
        assert_eq!(new(3600, 0, &[]), Err(SeriesError::Empty));
        for step_s in [0, -3600, 60, 299, 420, 86_401, 172_800] {
            assert_eq!(new(step_s, 0, &[1.0]), Err(SeriesError::Step { step_s }));
        }
        for price in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1.1e6] {
            let error = new(3600, 0, &[1.0, price]).unwrap_err();
            assert!(
                matches!(error, SeriesError::Price { index: 1, .. }),
                "{error}"
            );
        }
        for offset_s in [90, i32::MAX, i32::MIN, 26 * 3600] {
            let error = new(3600, offset_s, &[1.0]).unwrap_err();
            assert!(matches!(error, SeriesError::Calendar { .. }), "{error}");
        }
        for first in [i64::MAX, i64::MIN, 300_000_000_000] {
            let error = Prices::new(first, 3600, 0, vec![1.0]).unwrap_err();
            assert!(error.to_string().contains(&first.to_string()), "{error}");
        }
    }

    #[test]
    fn times_are_those_of_local_clocks() {
        // 2026-01-31T23:00:00-06:00.
        let prices = Prices::new(1_769_922_000, 3600, -6 * 3600, vec![1.0, -2.5]).unwrap();
        assert_eq!(prices.start(0).unwrap(), "2026-01-31T23:00:00-06:00");
        assert_eq!(prices.month(0), Some((2026, 1)));
        assert_eq!(prices.month(1), Some((2026, 2)));
        assert_eq!((prices.month(2), prices.start(2)), (None, None));
        assert_eq!((prices.hours(), prices.days()), (2.0, 1.0 / 12.0));
        assert_eq!(
            prices.to_csv(),
            "start,usd_per_mwh\n2026-01-31T23:00:00-06:00,1\n2026-02-01T00:00:00-06:00,-2.5\n"
        );
    }
}
