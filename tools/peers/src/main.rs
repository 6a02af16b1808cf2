//! `cargo peers`: perwatt's search beside other programs and loops around the `sha2` crate,
//! one thread of each on one CPU, by turns in one run, so that other load on the machine
//! affects all of them.
//!
//! Every rate printed here was measured in the run that prints it.

#![forbid(unsafe_code)]

mod affinity;
mod options;
mod parse;
mod report;
mod run;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use perwatt_tools::shell;

use crate::options::Options;
use crate::report::{Contestant, Kind, Report};
use crate::run::Peer;

fn main() -> ExitCode {
    shell::exit_code(peers(&Options::read()))
}

/// Builds, measures and prints; fails at the end when a peer that was asked for
/// gave no rates.
fn peers(options: &Options) -> anyhow::Result<()> {
    let hardware = build(None, "")?;
    let software = build(Some("sha2-soft"), "--cfg sha2_backend=\"soft\"")?;
    let mut failed = Vec::new();
    let mut peers = Vec::new();
    for given in options.peers() {
        match Peer::examine(given) {
            Ok(peer) => peers.push(peer),
            Err(why) => failed.push(leave_out(&given.name, &why)),
        }
    }

    let mut contestants: Vec<Contestant> = Vec::new();
    for round in 1..=options.rounds {
        eprintln!(
            "round {round} of {}: perwatt and sha2, {} s",
            options.rounds, options.seconds
        );
        add(&mut contestants, ours(&hardware, options, "")?);
        add(&mut contestants, ours(&software, options, "-soft")?);
        peers.retain(|peer| {
            eprintln!("round {round} of {}: {}", options.rounds, peer.name());
            match peer.measure(options.seconds, options.cpu()) {
                Ok(measured) => {
                    add(&mut contestants, vec![measured]);
                    true
                }
                Err(why) => {
                    failed.push(leave_out(peer.name(), &why));
                    contestants.retain(|contestant| contestant.name != peer.name());
                    false
                }
            }
        });
    }
    let report = Report {
        contestants: &contestants,
        peers: &peers.iter().map(Peer::describe).collect::<Vec<_>>(),
        options,
    };
    print!("{}", report.text());
    if !failed.is_empty() {
        bail!("no rates of {}", failed.join(", "));
    }
    Ok(())
}

fn leave_out(name: &str, why: &anyhow::Error) -> String {
    eprintln!("{name} is left out: {why:#}");
    name.to_owned()
}

/// Adds a round's samples to those of the earlier rounds.
fn add(contestants: &mut Vec<Contestant>, round: Vec<Contestant>) {
    for new in round {
        match contestants.iter_mut().find(|old| old.name == new.name) {
            Some(old) => old.samples.extend(new.samples),
            None => contestants.push(new),
        }
    }
}

/// The optimised example, built with extra flags in a folder of its own below
/// the target directory.
fn build(folder: Option<&str>, flags: &str) -> anyhow::Result<PathBuf> {
    // A relative path is relative to this directory, and cargo is started in the root.
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(given) => std::env::current_dir()?.join(given),
        None => shell::root().join("target"),
    };
    let target = folder.map_or(target.clone(), |folder| target.join(folder));
    let mut cargo = shell::line(
        "cargo build --quiet --release --locked -p perwatt-sha256d --example rates --target-dir",
    );
    cargo.arg(&target);
    if !flags.is_empty() {
        let given = std::env::var("RUSTFLAGS").unwrap_or_default();
        cargo.env("RUSTFLAGS", format!("{given} {flags}").trim());
    }
    shell::run(cargo)?;
    let name = format!("rates{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release/examples").join(name))
}

/// Runs one round of the example. With `suffix`, which marks the build with `sha2`'s
/// software code, only the loops around that crate.
fn ours(program: &Path, options: &Options, suffix: &str) -> anyhow::Result<Vec<Contestant>> {
    let time = Duration::from_secs(options.seconds);
    let prefix = if suffix.is_empty() { "" } else { "sha2" };
    let lines = run::example(program, time, options.cpu(), prefix)?;
    let mut contestants = Vec::new();
    for line in lines.lines() {
        let (name, sample) = parse::window(line)
            .with_context(|| format!("{} printed {line:?}", program.display()))?;
        let kind = match name.starts_with("sha2") {
            true => Kind::Loop,
            false => Kind::Backend,
        };
        let name = match name.split_once('-') {
            Some((sha2, rest)) if kind == Kind::Loop => format!("{sha2}{suffix}-{rest}"),
            _ if kind == Kind::Loop => format!("{name}{suffix}"),
            _ => name.to_owned(),
        };
        let samples = vec![sample];
        let contestant = Contestant {
            name,
            kind,
            samples,
        };
        add(&mut contestants, vec![contestant]);
    }
    Ok(contestants)
}
