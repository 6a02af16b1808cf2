//! The three suites: how many rounds, how long. What a record says of its suite is held
//! against them.

use std::fmt;
use std::str::FromStr;

use crate::schema::Protocol;

/// How much time a session takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Suite {
    /// A first look: some three minutes on a small machine.
    #[default]
    Quick,
    /// Results to compare: ten rounds, windows of five seconds.
    Standard,
    /// Everything: every backend and shape, windows of ten seconds.
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

    /// Runs of each entry. Six is the fewest that give a 95 % interval of the
    /// median; with ten on each side thousands of comparisons can be told apart.
    pub fn rounds(self) -> u32 {
        match self {
            Self::Quick => 6,
            Self::Standard | Self::Full => 10,
        }
    }

    /// The timing rules.
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
