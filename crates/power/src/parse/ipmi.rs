//! The output of `ipmitool dcmi power reading`.
//!
//! Facts (ipmitool 1.8.19, `lib/ipmi_dcmi.c`; DCMI 1.5, Get Power Reading): four lines
//! of whole watts, a time stamp, the sampling period, and the state of the measurement.
//! While it is off, the numbers are those of the last measurement. A BMC whose clock
//! was never set gives a time stamp without a line end, so that the sampling period
//! follows on the same line.
//!
//! The period is that of the statistics (minimum, maximum, average), not a time over
//! which the current power is averaged; a statistic that a BMC does not keep is 65535
//! or arbitrary. OpenBMC (`phosphor-host-ipmid`) keeps none: it answers with the
//! current power, the same value for each statistic, a period of 0, and "deactivated".

/// Longest text accepted, in bytes; a real one has about 500.
pub const MAX_TEXT: usize = 1 << 16;

/// One reading.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DcmiReading {
    /// Current power, in watts.
    pub instantaneous_w: f64,
    /// True if the BMC reports its measurement as deactivated and keeps no statistics,
    /// as OpenBMC does while it measures.
    pub without_statistics: bool,
}

/// The reason that a text is not a usable reading.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DcmiError {
    #[error("the power measurement is deactivated; try `ipmitool dcmi power activate`")]
    Deactivated,
    #[error("ipmitool printed no {0:?}")]
    Missing(&'static str),
    #[error("ipmitool printed {0:?}")]
    Malformed(String),
}

const INSTANTANEOUS: &str = "Instantaneous power reading";
/// Found anywhere in a line; the lines of the extremes write it in small letters.
const SAMPLING: &str = "Sampling period:";
const STATE: &str = "Power reading state is";
const STATISTICS: [&str; 3] = [
    "Minimum during sampling period",
    "Maximum during sampling period",
    "Average power reading over sample period",
];

/// Reads the text.
///
/// # Errors
/// [`DcmiError`] unless the text holds a finite power, and the measurement is on, or
/// off in the way of OpenBMC.
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
    let now = || watts(line(INSTANTANEOUS).ok_or(DcmiError::Missing(INSTANTANEOUS))?);
    let without_statistics = match line(STATE) {
        Some("activated") => false,
        Some("deactivated") => {
            let now_w = now().ok();
            let same = |name: &&str| line(name).and_then(|text| watts(text).ok()) == now_w;
            let period = text.split_once(SAMPLING).map(|(_, rest)| rest.trim_start());
            let no_period = period.is_some_and(|rest| {
                let number = rest.split(' ').next().unwrap_or_default();
                number.parse::<u32>() == Ok(0)
            });
            if now_w.is_none_or(|w| w == 0.0) || !no_period || !STATISTICS.iter().all(same) {
                return Err(DcmiError::Deactivated);
            }
            true
        }
        Some(other) => return Err(malformed(other)),
        None => return Err(DcmiError::Missing(STATE)),
    };
    Ok(DcmiReading {
        instantaneous_w: now()?,
        without_statistics,
    })
}

fn malformed(text: &str) -> DcmiError {
    DcmiError::Malformed(text.chars().take(64).collect())
}

/// `220 Watts`: a 16-bit number, whose highest value means "none".
fn watts(text: &str) -> Result<f64, DcmiError> {
    text.strip_suffix("Watts")
        .and_then(|number| number.trim().parse::<u16>().ok())
        .filter(|watts| *watts < u16::MAX)
        .map(f64::from)
        .ok_or_else(|| malformed(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text as ipmitool 1.8.19 prints it.
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
        assert!(!reading.without_statistics);
        let unset = text("220", "00000005 Seconds.", "activated")
            .replace("Tue Nov 24 20:00:00 2026\n", "S+ 00:00:00");
        assert_eq!(dcmi_power(&unset), Ok(reading));
        // A statistic that is not kept does not invalidate the reading.
        for (from, to) in [("90 Watts", "65535 Watts"), ("00000005 Seconds.", "soon")] {
            let text = text("220", "00000005 Seconds.", "activated").replace(from, to);
            assert_eq!(dcmi_power(&text), Ok(reading), "{to}");
        }
    }

    #[test]
    fn openbmc_measures_without_statistics() {
        let openbmc = text("360", "00000000 Seconds.", "deactivated")
            .replace(" 90 W", "360 W")
            .replace("410 W", "360 W")
            .replace("215 W", "360 W");
        let reading = dcmi_power(&openbmc).unwrap();
        assert_eq!(reading.instantaneous_w, 360.0);
        assert!(reading.without_statistics);
        for (from, to) in [
            ("00000000 S", "00000060 S"),
            ("Maximum", "Largest"),
            ("360 W", "0 W"),
        ] {
            let error = dcmi_power(&openbmc.replace(from, to));
            assert_eq!(error, Err(DcmiError::Deactivated), "{to}");
        }
    }

    #[test]
    fn what_is_none() {
        let off = dcmi_power(&text("220", "00000005 Seconds.", "deactivated"));
        assert_eq!(off, Err(DcmiError::Deactivated));
        assert_eq!(dcmi_power(""), Err(DcmiError::Missing(STATE)));
        let wrong = ["-5", "65535", "nan", "5.5", "99999"].map(|watts| (watts, "activated"));
        for (watts, state) in wrong.into_iter().chain([("5", "unsure")]) {
            let error = dcmi_power(&text(watts, "1 Seconds", state)).unwrap_err();
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
            }
        }
    }
}
