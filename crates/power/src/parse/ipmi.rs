//! What `ipmitool dcmi power reading` prints.
//!
//! Facts (ipmitool 1.8.19, `lib/ipmi_dcmi.c`; DCMI 1.5, Get Power Reading): four
//! lines of whole watts, a time stamp, the sampling period, and whether the
//! measurement is on. While it is off the numbers are whatever was there last.
//! A BMC whose clock was never set has a time stamp without the line's end, so
//! that the sampling period follows on the same line.

/// Longest text read, in bytes; the real one has about 500.
pub const MAX_TEXT: usize = 1 << 16;

/// The numbers of one reading.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DcmiReading {
    /// Power now, in watts.
    pub instantaneous_w: f64,
    /// Smallest since statistics began, in watts.
    pub minimum_w: Option<f64>,
    /// Largest since statistics began, in watts.
    pub maximum_w: Option<f64>,
    /// Mean over the sampling period, in watts.
    pub average_w: Option<f64>,
    /// The sampling period in seconds.
    pub sampling_s: Option<f64>,
}

/// A text that is no usable reading.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum DcmiError {
    /// The measurement is off.
    #[error("the power measurement is deactivated; activate it in the BMC")]
    Deactivated,
    /// A line that every reading has is not there.
    #[error("ipmitool printed no {0:?}")]
    Missing(&'static str),
    /// A line holds something else than it should.
    #[error("ipmitool printed {0:?}")]
    Malformed(String),
}

const INSTANTANEOUS: &str = "Instantaneous power reading";
/// Anywhere in a line; the lines of the extremes write it small.
const SAMPLING: &str = "Sampling period:";
const STATE: &str = "Power reading state is";

/// Reads the text.
///
/// # Errors
/// [`DcmiError`] unless it holds a finite power that is measured, and the
/// measurement is on.
pub fn dcmi_power(text: &str) -> Result<DcmiReading, DcmiError> {
    if text.len() > MAX_TEXT {
        return Err(DcmiError::Malformed("too much".into()));
    }
    let line = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim())
    };
    match line(STATE) {
        Some("activated") => {}
        Some("deactivated") => return Err(DcmiError::Deactivated),
        Some(other) => return Err(malformed(other)),
        None => return Err(DcmiError::Missing(STATE)),
    }
    let watts = |name: &str| line(name).map(watts).transpose();
    Ok(DcmiReading {
        instantaneous_w: watts(INSTANTANEOUS)?.ok_or(DcmiError::Missing(INSTANTANEOUS))?,
        minimum_w: watts("Minimum during sampling period")?,
        maximum_w: watts("Maximum during sampling period")?,
        average_w: watts("Average power reading over sample period")?,
        sampling_s: text
            .split_once(SAMPLING)
            .map(|(_, rest)| seconds(rest.lines().next().unwrap_or_default().trim()))
            .transpose()?,
    })
}

fn malformed(text: &str) -> DcmiError {
    DcmiError::Malformed(text.chars().take(64).collect())
}

/// `220 Watts`: sixteen bits, of which the highest value means none.
fn watts(text: &str) -> Result<f64, DcmiError> {
    text.strip_suffix("Watts")
        .and_then(|number| number.trim().parse::<u16>().ok())
        .filter(|watts| *watts < u16::MAX)
        .map(f64::from)
        .ok_or_else(|| malformed(text))
}

/// `00000005 Seconds.`
fn seconds(text: &str) -> Result<f64, DcmiError> {
    let (number, unit) = text
        .trim_end_matches('.')
        .trim()
        .split_once(' ')
        .ok_or_else(|| malformed(text))?;
    let scale = match unit.trim().to_ascii_lowercase().trim_end_matches('s') {
        "millisecond" => 1e-3,
        "second" => 1.0,
        "minute" => 60.0,
        "hour" => 3600.0,
        "day" => 86400.0,
        _ => return Err(malformed(text)),
    };
    match number.parse::<u32>() {
        Ok(number) => Ok(f64::from(number) * scale),
        Err(_) => Err(malformed(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As ipmitool 1.8.19 prints it.
    fn text(watts: &str, period: &str, state: &str) -> String {
        format!(
            "\n    Instantaneous power reading:              {watts:>8} Watts\n    \
             Minimum during sampling period:                 90 Watts\n    \
             Maximum during sampling period:                410 Watts\n    \
             Average power reading over sample period:      215 Watts\n    \
             IPMI timestamp:                           Tue Nov 24 20:00:00 2026\n    \
             Sampling period:                          {period}\n    \
             Power reading state is:                   {state}\n\n\n"
        )
    }

    #[test]
    fn a_reading() {
        let reading = dcmi_power(&text("220", "00000005 Seconds.", "activated")).unwrap();
        assert_eq!(reading.instantaneous_w, 220.0);
        assert_eq!(reading.minimum_w, Some(90.0));
        assert_eq!(reading.maximum_w, Some(410.0));
        assert_eq!(reading.average_w, Some(215.0));
        assert_eq!(reading.sampling_s, Some(5.0));
        let unset = text("220", "00000005 Seconds.", "activated")
            .replace("Tue Nov 24 20:00:00 2026\n", "S+ 00:00:00");
        assert_eq!(dcmi_power(&unset), Ok(reading));
        let minutes = dcmi_power(&text("1", "00000002 Minutes.", "activated")).unwrap();
        assert_eq!(minutes.sampling_s, Some(120.0));
    }

    #[test]
    fn what_is_none() {
        let off = dcmi_power(&text("220", "00000005 Seconds.", "deactivated"));
        assert_eq!(off, Err(DcmiError::Deactivated));
        assert_eq!(dcmi_power(""), Err(DcmiError::Missing(STATE)));
        for (watts, period, state) in [
            ("-5", "1 Seconds", "activated"),
            ("65535", "1 Seconds", "activated"),
            ("nan", "1 Seconds", "activated"),
            ("5.5", "1 Seconds", "activated"),
            ("99999", "1 Seconds", "activated"),
            ("5", "soon", "activated"),
            ("5", "1 Moons", "activated"),
            ("5", "1 Seconds", "unsure"),
        ] {
            let error = dcmi_power(&text(watts, period, state)).unwrap_err();
            assert!(matches!(error, DcmiError::Malformed(_)), "{error}");
        }
        let whole = text("220", "00000005 Seconds.", "activated");
        let cut = whole.replace("Instantaneous", "Instant");
        assert_eq!(dcmi_power(&cut), Err(DcmiError::Missing(INSTANTANEOUS)));
    }

    proptest! {
        #[test]
        fn any_text_is_a_power_or_an_error(watts in "\\PC{0,9}", period in "\\PC{0,12}") {
            if let Ok(reading) = dcmi_power(&text(&watts, &period, "activated")) {
                prop_assert!((0.0..65535.0).contains(&reading.instantaneous_w));
                prop_assert!(reading.sampling_s.is_none_or(|s| s >= 0.0 && s.is_finite()));
            }
        }
    }
}
