//! Prices from a CSV file.

use std::io::Read;
use std::path::Path;

use perwatt_host::files;

use super::error::{ReadCause, ReadError};
use super::prices::Prices;
use super::rows::Rows;
use super::{order, time};

/// The largest file that is read: room for a price every five minutes for fifteen years.
const MAX_BYTES: u64 = 1 << 26;

/// Options for reading a file of prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The column with the beginning of each interval.
    pub time_column: String,
    /// The column with the price, in USD/MWh unless its name says otherwise.
    pub price_column: String,
    /// The IANA name of the time zone of times without an offset, and of the months
    /// that intervals lie in; without it such times are refused, and months are those
    /// of the offsets in the file.
    pub timezone: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            time_column: "start".into(),
            price_column: "usd_per_mwh".into(),
            timezone: None,
        }
    }
}

impl Prices {
    /// Reads a CSV file: a header, then one row for each interval in order of time. Lines
    /// that begin with `#` are comments; other columns are ignored, except those of a unit
    /// or a currency.
    ///
    /// # Errors
    /// [`ReadError`], which names the file and, for a fault in it, the line, column and
    /// value. Nothing is filled in, sorted or left out.
    pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let read = files::read(path, MAX_BYTES).map_err(ReadCause::from);
        Self::named(&path.display().to_string(), read, options)
    }

    /// As [`Prices::read`], from any reader; `file` is its name in errors.
    ///
    /// # Errors
    /// As [`Prices::read`].
    pub fn from_reader(
        reader: impl Read,
        file: &str,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        let read = reader.take(MAX_BYTES).read_to_end(&mut bytes);
        Self::named(file, read.map(|_| bytes).map_err(ReadCause::from), options)
    }

    fn named(
        file: &str,
        bytes: Result<Vec<u8>, ReadCause>,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let prices = bytes.and_then(|bytes| parse(&bytes, options));
        prices.map_err(|cause| ReadError {
            file: file.to_owned(),
            cause: Box::new(cause),
        })
    }
}

fn parse(bytes: &[u8], options: &ReadOptions) -> Result<Prices, ReadCause> {
    let zone = match &options.timezone {
        None => None,
        Some(name) => Some(time::zone(name).map_err(|nearest| ReadCause::NoTimezone {
            name: name.clone(),
            nearest,
        })?),
    };
    let zone = zone.as_ref();
    let rows = Rows::read(bytes, options, zone.is_some())?;
    let series = |begin_in_second| {
        let seconds = order::moments(&rows, zone, options, begin_in_second)?;
        Ok((order::step(&rows, &seconds, zone)?, seconds))
    };
    let first: Result<_, ReadCause> = series(false);
    // If the file begins in the repeated hour, the rows after it must decide between its
    // two occurrences.
    let (step_s, seconds) = match order::is_double(&rows[0], zone) {
        false => first?,
        true => match (first, series(true)) {
            (Ok(_), Ok(_)) => {
                return Err(ReadCause::EitherOccurrence {
                    at: rows.at(&rows[0]),
                    timezone: options.timezone.clone().unwrap_or_default(),
                });
            }
            (Err(_), Ok(second)) => second,
            (first, Err(_)) => first?,
        },
    };
    let offsets = rows.iter().zip(&seconds);
    let offsets = offsets.map(|(row, &second)| order::offset_s(row, second, zone));
    let prices = rows.iter().map(|row| row.usd_per_mwh);
    Ok(Prices::with_offsets(
        seconds[0],
        step_s,
        offsets.collect(),
        prices.collect(),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curtail::MAX_USD_PER_MWH;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn read(bytes: &[u8], timezone: Option<&str>) -> Result<Prices, ReadError> {
        let options = ReadOptions {
            timezone: timezone.map(str::to_owned),
            ..ReadOptions::default()
        };
        Prices::from_reader(bytes, "p.csv", &options)
    }

    /// Text that is nearly a file: a valid header, followed by random pieces of a file.
    fn nearly() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("2026-11-01T01:00".to_owned()),
            Just("2026-03-08T02:30:00".to_owned()),
            Just("9999-12-30T22:00:00Z".to_owned()),
            Just("-9999-01-02T01:59:59+00:00".to_owned()),
            (0..72u32).prop_map(|h| format!("2026-10-{:02}T{:02}:00-05:00", 1 + h / 24, h % 24)),
            Just(",".to_owned()),
            Just("\n".to_owned()),
            Just("\r\n".to_owned()),
            Just("#".to_owned()),
            Just("\"".to_owned()),
            any::<f64>().prop_map(|price| price.to_string()),
            (-99..999i32).prop_map(|price| format!(",{price}\n")),
        ];
        prop::collection::vec(piece, 0..24)
            .prop_map(|pieces| format!("start,usd_per_mwh\n{}", pieces.concat()))
    }

    fn any_prices() -> impl Strategy<Value = Prices> {
        let step = prop::sample::select(vec![300, 900, 1800, 3600, 7200, 86_400]);
        let price = prop_oneof![
            -500.0..5000.0f64,
            -MAX_USD_PER_MWH..MAX_USD_PER_MWH,
            Just(-0.0)
        ];
        let prices = prop::collection::vec(price, 2..200);
        (
            -1_000_000_000..4_000_000_000i64,
            step,
            -840..=840i32,
            prices,
        )
            .prop_map(|(first, step_s, offset_min, prices)| {
                Prices::new(first, step_s, offset_min * 60, prices).unwrap()
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, header: bool, zoned: bool) {
            let mut file = if header { b"start,usd_per_mwh\n".to_vec() } else { vec![] };
            file.extend(bytes);
            let read = read(&file, zoned.then_some("America/Chicago"));
            prop_assert!(read.map_or_else(|e| e.to_string().starts_with("p.csv: "), |_| true));
        }

        #[test]
        fn nothing_like_a_file_panics(text in nearly(), zoned: bool) {
            match read(text.as_bytes(), zoned.then_some("America/Chicago")) {
                Ok(prices) => prop_assert!(prices.intervals() >= 2),
                Err(error) => prop_assert!(error.to_string().starts_with("p.csv: line ")),
            }
        }

        #[test]
        fn what_is_written_reads_back_equal(prices in any_prices()) {
            prop_assert_eq!(&read(prices.to_csv().as_bytes(), None).unwrap(), &prices);
            let windows = format!("\u{feff}# made up\r\n{}", prices.to_csv().replace('\n', "\r\n"));
            prop_assert_eq!(&read(windows.as_bytes(), None).unwrap(), &prices);
        }

        /// Local times of a zone, the double hour and the skipped one among them, are
        /// the same series as the moments they stand for.
        #[test]
        fn local_times_read_as_the_moments_they_are(
            day in 0..800i64, rows in 2..400usize, step_s in prop::sample::select(vec![900, 1800, 3600]),
        ) {
            // From midnight UTC, 18 or 19 local time: never in the double hour.
            let first = 1_767_225_600 + day * 86_400;
            let zone = time::zone("America/Chicago").unwrap();
            let mut local = String::from("start,usd_per_mwh\n");
            for i in 0..rows {
                let time = Timestamp::from_second(first + i as i64 * step_s).unwrap();
                local.push_str(&format!("{},{i}\n", zone.to_datetime(time)));
            }
            let prices = read(local.as_bytes(), Some("America/Chicago")).unwrap();
            prop_assert_eq!((prices.start_s(0), prices.step_s()), (first, step_s));
            prop_assert_eq!(prices.intervals(), rows);
            prop_assert_eq!(&read(prices.to_csv().as_bytes(), None).unwrap(), &prices);
        }
    }

    #[test]
    fn lines_are_counted_past_comments_and_empty_lines() {
        for end in ["\n", "\r\n"] {
            let text = "# one\n\n# three\nstart,usd_per_mwh\n\n2026-01-01T00:00Z,1\n# seven\n\
                        2026-01-01T01:00Z,x\n";
            let error = read(text.replace('\n', end).as_bytes(), None).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("line 8, column \"usd_per_mwh\": \"x\""),
                "{error}"
            );
        }
    }
}
