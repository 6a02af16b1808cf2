//! The three suites: number of rounds, and timing. The suite that a record names is checked
//! against these values.

use std::fmt;
use std::str::FromStr;

use crate::schema::Protocol;

/// The longest window that `--seconds` takes: a day.
pub const LONGEST_WINDOW_S: f64 = 86_400.0;

/// Preset lengths of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Suite {
    /// A first look: about three minutes on a small machine.
    #[default]
    Quick,
    /// For comparisons: ten rounds, windows of five seconds.
    Standard,
    /// Every backend and shape, windows of ten seconds.
    Full,
}

impl Suite {
    /// Every suite, shortest first.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Full];

    /// The name that `--suite` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// Runs of each entry. Six is the smallest number that gives a 95 % interval of the
    /// median; with ten on each side, thousands of comparisons can be distinguished.
    pub fn rounds(self) -> u32 {
        match self {
            Self::Quick => 6,
            Self::Standard | Self::Full => 10,
        }
    }

    /// The timing rules of the suite: window, warm-up, idle time, in seconds.
    pub fn protocol(self) -> Protocol {
        let (window_s, warmup_min_s, warmup_max_s, idle_s) = match self {
            Self::Quick => (1.0, 0.5, 1.2, 10.0),
            Self::Standard => (5.0, 1.0, 10.0, 60.0),
            Self::Full => (10.0, 2.0, 60.0, 60.0),
        };
        Protocol {
            window_s,
            warmup_min_s,
            warmup_max_s,
            settle_s: 0.0,
            steady_tolerance: 0.03,
            stall_timeout_s: 60.0,
            idle_s,
            energy_error_rel: 0.005,
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Suite {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == text)
            .ok_or_else(|| format!("no suite {text:?}; use quick, standard or full"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for suite in Suite::ALL {
            assert_eq!(suite.name().parse(), Ok(suite));
        }
        assert!("fast".parse::<Suite>().unwrap_err().contains("\"fast\""));
    }
}
