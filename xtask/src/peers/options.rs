//! What the user asks for.

use super::affinity;

/// Names of columns stay narrow.
const MAX_NAME: usize = 20;

pub const USAGE: &str = "\
cargo xtask peers [OPTION]...

Measures perwatt's search, loops around the sha2 crate, and other programs, one
thread of each on one CPU, by turns.

  --cpuminer [NAME=]PATH  cpuminer-opt; repeat it with other NAMEs for other builds of it
                          [environment: PERWATT_CPUMINER, several separated by commas]
  --minerd [NAME=]PATH    pooler's cpuminer
                          [environment: PERWATT_MINERD, several separated by commas]
  --rounds N              how often everybody has a turn [default: 5]
  --seconds S             how long each program's turn is, 3 to 600 [default: 5]
  --cpu N                 on which CPU [default: the last that may be used]";

/// Which program a peer is.
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

#[derive(PartialEq, Eq, Debug)]
pub struct Options {
    pub peers: Vec<Given>,
    pub rounds: u32,
    pub seconds: u64,
    /// None where programs cannot be bound.
    pub cpu: Option<usize>,
}

impl Options {
    /// Reads the command line and, for peers of a kind that it does not name,
    /// the environment. `None` when help is asked for.
    pub fn read(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        let mut options = Self {
            peers: Vec::new(),
            rounds: 5,
            seconds: 5,
            cpu: affinity::allowed().last().copied(),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (flag, attached) = match argument.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || {
                attached
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or_else(|| format!("{flag} needs a value"))
            };
            match flag {
                "-h" | "--help" => return Ok(None),
                "--cpuminer" => options.add(Miner::CpuminerOpt, &value()?)?,
                "--minerd" => options.add(Miner::Minerd, &value()?)?,
                "--rounds" => options.rounds = number(flag, &value()?, 1, 1000)? as u32,
                "--seconds" => options.seconds = number(flag, &value()?, 3, 600)?,
                "--cpu" => options.cpu = Some(cpu(&value()?)?),
                _ => return Err(format!("no option {argument:?}")),
            }
        }
        for (miner, variable) in [
            (Miner::CpuminerOpt, "PERWATT_CPUMINER"),
            (Miner::Minerd, "PERWATT_MINERD"),
        ] {
            let given = options.peers.iter().any(|peer| peer.miner == miner);
            if let Some(paths) = environment(variable).filter(|_| !given) {
                for path in paths.split(',') {
                    let added = options.add(miner, path);
                    added.map_err(|error| format!("{variable}: {error}"))?;
                }
            }
        }
        Ok(Some(options))
    }

    fn add(&mut self, miner: Miner, value: &str) -> Result<(), String> {
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
                "{name:?} is no name for a peer: letters, digits, - _ and ., {MAX_NAME} at most"
            ));
        }
        if path.is_empty() {
            return Err(format!("{value:?} has no path"));
        }
        if self.peers.iter().any(|peer| peer.name == name) {
            return Err(format!(
                "two peers are called {name}: give NAME=PATH with another name"
            ));
        }
        self.peers.push(Given {
            miner,
            name: name.to_owned(),
            path: path.to_owned(),
        });
        Ok(())
    }
}

fn number(flag: &str, value: &str, min: u64, max: u64) -> Result<u64, String> {
    let parsed = value.parse().ok().filter(|n| (min..=max).contains(n));
    parsed.ok_or_else(|| format!("{flag} {value:?}: a whole number from {min} to {max} is needed"))
}

fn cpu(value: &str) -> Result<usize, String> {
    let allowed = affinity::allowed();
    if allowed.is_empty() {
        return Err("--cpu: programs cannot be bound to a CPU on this platform".to_owned());
    }
    let parsed = value.parse().ok().filter(|cpu| allowed.contains(cpu));
    parsed.ok_or_else(|| format!("--cpu {value:?}: this process may use the CPUs {allowed:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str, cpuminer: Option<&str>) -> Result<Option<Options>, String> {
        let words = arguments.split_whitespace().map(str::to_owned);
        Options::read(words, |name| {
            (name == "PERWATT_CPUMINER").then(|| cpuminer.map(str::to_owned))?
        })
    }

    fn names(options: &Options) -> Vec<(&str, &str)> {
        let peers = options.peers.iter();
        peers.map(|peer| (&*peer.name, &*peer.path)).collect()
    }

    #[test]
    fn peers_are_named_or_have_their_usual_name() {
        let line = "--cpuminer sha=/a/b --cpuminer=/x/a=b --minerd ./minerd --rounds 3 --seconds=7";
        let options = read(line, Some("other")).unwrap().unwrap();
        assert_eq!(
            names(&options),
            [
                ("sha", "/a/b"),
                ("cpuminer-opt", "/x/a=b"),
                ("minerd", "./minerd")
            ]
        );
        assert_eq!((options.rounds, options.seconds), (3, 7));
        assert_eq!(options.peers[2].miner, Miner::Minerd);
    }

    #[test]
    fn the_environment_stands_in_for_a_flag() {
        let options = read("", Some("a=/1,b=/2")).unwrap().unwrap();
        assert_eq!(names(&options), [("a", "/1"), ("b", "/2")]);
        assert_eq!((options.rounds, options.seconds), (5, 5));
        assert!(read("", None).unwrap().unwrap().peers.is_empty());
        assert!(read("--help", None).unwrap().is_none());
    }

    #[test]
    fn bad_flags_are_refused_with_the_value() {
        for (line, shown) in [
            ("--fast", "--fast"),
            ("--rounds", "--rounds"),
            ("--rounds 0", "\"0\""),
            ("--seconds 2.5", "2.5"),
            ("--cpu 99999", "99999"),
            ("--cpuminer a=", "a="),
            ("--cpuminer /a --cpuminer /b", "cpuminer-opt"),
            ("--minerd a!b=/c", "a!b"),
        ] {
            let error = read(line, None).unwrap_err();
            assert!(
                error.contains(shown) || cfg!(not(target_os = "linux")),
                "{line}: {error}"
            );
        }
    }
}
