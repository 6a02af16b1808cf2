//! The three suites: how many rounds, how long.

use std::fmt;
use std::str::FromStr;

use perwatt_power::{MeterInfo, Provenance};
use perwatt_record::schema::{Config, Protocol};

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

/// What a session is likely to take: warm-up rarely needs its longest, and a
/// worker takes about half a second to prepare its inputs and check its result.
/// With meters, the machine is watched idle before and after.
pub fn estimate_s(config: &Config, entries: usize, meters: &[MeterInfo]) -> f64 {
    let protocol = &config.protocol;
    let warmup_s = (protocol.warmup_min_s + protocol.warmup_max_s) / 2.0;
    let run_s = protocol.window_s + warmup_s + 0.5;
    let idle_s = match measures_idle(meters) {
        true => 2.0 * protocol.idle_s,
        false => 0.0,
    };
    f64::from(config.rounds) * entries as f64 * run_s + idle_s
}

/// Whether any of these meters can tell idle power: a stated power cannot.
pub fn measures_idle(meters: &[MeterInfo]) -> bool {
    meters.iter().any(|meter| {
        matches!(
            meter.provenance,
            Provenance::Counter | Provenance::PowerSamples
        )
    })
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

    #[test]
    fn a_quick_session_of_ten_entries_stays_under_three_minutes() {
        let config = Config {
            suite: "quick".into(),
            rounds: Suite::Quick.rounds(),
            protocol: Suite::Quick.protocol(),
            selfcheck: false,
        };
        assert!(estimate_s(&config, 10, &[]) < 180.0);
    }
}
