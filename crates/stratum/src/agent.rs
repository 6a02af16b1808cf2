//! What the name of a miner's software says about a safe first difficulty.
//!
//! The chips of a machine report a nonce only from a difficulty of their own on. Below it a
//! pool would count each share for less work than was done, so it never asks for less. The
//! name may be forged; it decides where the search for a difficulty begins and nothing else.

use crate::difficulty::Difficulty;

/// Where the difficulty of a kind of miner begins, and the lowest one that it gets, both as
/// exponents of 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    first: i32,
    lowest: i32,
}

/// Parts of names in lower case, and what they stand for; the first that matches holds.
const KINDS: [(&[&str], Start); 8] = [
    (&["nerdeko"], start(13, 11)),
    (&["octaxe", "nerdoct", "qx"], start(12, 10)),
    (&["nerdqaxe++"], start(11, 9)),
    (&["nerdqaxe", "qaxe"], start(10, 8)),
    (&["bitaxe", "nerdaxe", "gamma", "lucky"], start(8, 8)),
    (
        &["nerdminer", "nmminer", "leafminer", "sparkminer", "esp32"],
        start(-12, -20),
    ),
    (&["cpuminer", "minerd", "para", "bfgminer"], start(-10, -32)),
    (
        &[
            "antminer",
            "bmminer",
            "whatsminer",
            "btminer",
            "cgminer",
            "avalon",
            "xminer",
            "powerplay",
            "bosminer",
            "braiins",
            "luxminer",
            "vnish",
            "nicehash",
            "mrr",
        ],
        start(14, 8),
    ),
];

/// A miner that nobody knows may be of any speed.
const UNKNOWN: Start = start(8, -32);

const fn start(first: i32, lowest: i32) -> Start {
    Start { first, lowest }
}

impl Start {
    /// Looks a name up.
    pub fn of(user_agent: &str) -> Self {
        let name = user_agent.to_lowercase();
        let kind = KINDS
            .iter()
            .find(|(parts, _)| parts.iter().any(|part| name.contains(part)));
        kind.map_or(UNKNOWN, |(_, start)| *start)
    }

    /// The first difficulty; a suggestion of the miner's goes before the table.
    pub fn first(self, suggested: Option<Difficulty>) -> Difficulty {
        let first = suggested.unwrap_or(Difficulty::power_of_two(self.first));
        first.max(self.lowest())
    }

    /// The lowest difficulty that the miner is given.
    pub fn lowest(self) -> Difficulty {
        Difficulty::power_of_two(self.lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_field() {
        for (name, first, lowest) in [
            ("bitaxe/BM1370/v2.12.2", 8, 8),
            ("NerdQAxe++/BM1370/v1", 11, 9),
            ("NerdQAxe+/BM1368", 10, 8),
            ("NerdMinerV2/1.8", -12, -20),
            ("Antminer S19k Pro/Mon Jan 1", 14, 8),
            ("Antminer S21/", 14, 8),
            ("bmminer/2.0.0.rwglr", 14, 8),
            ("whatsminer/v1.0", 14, 8),
            ("btminer/1", 14, 8),
            ("cgminer/4.11.1", 14, 8),
            ("xminer-1.2", 14, 8),
            ("PowerPlay-BM/1", 14, 8),
            ("bosminer-plus-tuner 0.2", 14, 8),
            ("NiceHash/1.0.0", 14, 8),
            ("cpuminer/2.5.1", -10, -32),
            ("", 8, -32),
            ("é", 8, -32),
        ] {
            let start = Start::of(name);
            assert_eq!(start.first(None), Difficulty::power_of_two(first), "{name}");
            assert_eq!(start.lowest(), Difficulty::power_of_two(lowest), "{name}");
        }
    }

    #[test]
    fn no_suggestion_goes_below_the_chips() {
        let asic = Start::of("Antminer S21");
        let suggested = Difficulty::power_below(0.000_15);
        assert_eq!(asic.first(suggested), Difficulty::power_of_two(8));
        assert_eq!(
            Start::of("NerdMinerV2").first(suggested),
            suggested.unwrap()
        );
    }
}
