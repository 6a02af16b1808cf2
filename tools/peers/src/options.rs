//! The command line.

use std::collections::BTreeSet;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, value_parser};

use crate::affinity;

/// The longest name, so that columns stay narrow.
const MAX_NAME: usize = 20;

/// The program of a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miner {
    CpuminerOpt,
    Minerd,
}

/// A peer as given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    pub miner: Miner,
    pub name: String,
    pub path: String,
}

/// Measures perwatt's search, loops around the sha2 crate, and other programs, one
/// thread of each on one CPU, by turns.
#[derive(Parser, Debug)]
#[command(
    bin_name = "cargo peers",
    after_help = "Example, two builds of one program beside another:\n  \
                  cargo peers --cpuminer sha=PATH/cpuminer-sha --cpuminer avx2=PATH/cpuminer-avx2 --minerd PATH/minerd"
)]
pub struct Options {
    /// cpuminer-opt; repeat it with other NAMEs for other builds of it, or separate them
    /// by commas.
    #[arg(long, value_name = "[NAME=]PATH", value_delimiter = ',')]
    #[arg(env = "PERWATT_CPUMINER", value_parser = |value: &str| given(Miner::CpuminerOpt, value))]
    cpuminer: Vec<Given>,
    /// pooler's cpuminer; as above.
    #[arg(long, value_name = "[NAME=]PATH", value_delimiter = ',')]
    #[arg(env = "PERWATT_MINERD", value_parser = |value: &str| given(Miner::Minerd, value))]
    minerd: Vec<Given>,
    /// Turns of each program.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// Seconds of a turn, 3 to 600.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u64).range(3..=600))]
    pub seconds: u64,
    /// The CPU of all programs [default: the last that may be used].
    #[arg(long, value_parser = cpu)]
    cpu: Option<usize>,
}

impl Options {
    /// Reads the command line and, for peers that it does not name, the environment;
    /// ends the program where they cannot be read.
    pub fn read() -> Self {
        let options = Self::parse();
        if let Some(name) = options.name_of_two() {
            let error = format!("two peers are called {name}: give NAME=PATH with another name");
            let mut command = Self::command();
            command.error(ErrorKind::ValueValidation, error).exit();
        }
        options
    }

    pub fn peers(&self) -> impl Iterator<Item = &Given> {
        self.cpuminer.iter().chain(&self.minerd)
    }

    /// The CPU of all programs; `None` where programs cannot be bound.
    pub fn cpu(&self) -> Option<usize> {
        self.cpu.or_else(|| affinity::allowed().last().copied())
    }

    fn name_of_two(&self) -> Option<&str> {
        let mut seen = BTreeSet::new();
        let mut names = self.peers().map(|peer| &*peer.name);
        names.find(|name| !seen.insert(*name))
    }
}

fn given(miner: Miner, value: &str) -> Result<Given, String> {
    let default = match miner {
        Miner::CpuminerOpt => "cpuminer-opt",
        Miner::Minerd => "minerd",
    };
    let (name, path) = match value.split_once('=') {
        Some((name, path)) if !name.contains('/') => (name, path),
        _ => (default, value),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(plain) {
        return Err(format!(
            "{name:?} is not a name for a peer: letters, digits, - _ and ., {MAX_NAME} at most"
        ));
    }
    if path.is_empty() {
        return Err("it has no path".to_owned());
    }
    Ok(Given {
        miner,
        name: name.to_owned(),
        path: path.to_owned(),
    })
}

fn cpu(value: &str) -> Result<usize, String> {
    let allowed = affinity::allowed();
    if allowed.is_empty() {
        return Err("programs cannot be bound to a CPU on this platform".to_owned());
    }
    let parsed = value.parse().ok().filter(|cpu| allowed.contains(cpu));
    parsed.ok_or_else(|| format!("this process may use the CPUs {allowed:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(["peers"].into_iter().chain(arguments.split_whitespace()))
    }

    #[test]
    fn peers_are_named_or_have_their_usual_name() {
        let line =
            "--cpuminer sha=/a/b,=/c --cpuminer=/x/a=b --minerd ./minerd --rounds 3 --seconds=7";
        let options = read(&line.replace(",=/c", "")).unwrap();
        let names: Vec<_> = options.peers().map(|p| (&*p.name, &*p.path)).collect();
        assert_eq!(names[..2], [("sha", "/a/b"), ("cpuminer-opt", "/x/a=b")]);
        assert_eq!(names[2..], [("minerd", "./minerd")]);
        assert_eq!((options.rounds, options.seconds), (3, 7));
        assert_eq!(options.minerd[0].miner, Miner::Minerd);
        assert_eq!(options.name_of_two(), None);
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains("is not a name"), "{error}");
        let same = read("--cpuminer /a,/b").unwrap();
        assert_eq!(same.name_of_two(), Some("cpuminer-opt"));
    }

    #[test]
    fn bad_flags_are_refused_with_the_value() {
        for (line, shown) in [
            ("--rounds 0", "'0'"),
            ("--seconds 2", "'2'"),
            ("--cpu 99999", "99999"),
            ("--cpuminer a=", "a="),
            ("--minerd a!b=/c", "a!b"),
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(
                error.contains(shown) || cfg!(not(target_os = "linux")),
                "{line}: {error}"
            );
        }
    }
}
