//! Consistency of facts that a record holds in two places: identities and their factors,
//! the command line and the settings, the clocks, a stated power and its series.

use std::fmt::Display;

use perwatt_host::MachineKey;
use perwatt_power::{MeterInfo, Provenance};

use super::clocks;
use crate::commitment;
use crate::cost::Stated;
use crate::node;
use crate::pool;
use crate::schema::{Asic, Record};
use crate::suite::Suite;
use crate::tags::{self, Tag};

/// Id of the meter for a power that the user states, and the end of its description after
/// the number.
const STATED: (&str, &str) = ("user-watts", " W, stated by the user");

/// The commands that measure.
const VERBS: [&str; 3] = ["run", "selfcheck", "gpu-acceptance"];

/// Allowed number of hex digits of a challenge: fewer can be guessed, and SHA-512 has no
/// more.
pub const CHALLENGE_DIGITS: std::ops::RangeInclusive<usize> = 16..=128;

/// Largest number of rounds that the command line accepts.
pub const MOST_ROUNDS: u32 = 10_000;

/// Checks all of these facts.
pub fn check(record: &Record) -> Result<String, String> {
    identities(record)?;
    command_line(record)?;
    devices(record)?;
    clocks::check(record)?;
    stated_power(record)?;
    Ok("identity, settings, clocks".into())
}

fn identities(record: &Record) -> Result<(), String> {
    let found = MachineKey::of(&record.host);
    let said = &record.machine;
    // Another version of the key computes its factors differently.
    if said.version == found.version {
        let mut names = found.factors.keys().chain(said.factors.keys());
        let differs = |name: &&String| said.factors.get(*name) != found.factors.get(*name);
        if let Some(name) = names.find(differs) {
            let text = |key: &MachineKey| {
                let value = key.factors.get(name);
                value.map_or_else(|| "nothing".into(), |value| format!("{value:?}"))
            };
            return Err(format!(
                "machine.factors has {} for {name}, and host gives {}",
                text(said),
                text(&found)
            ));
        }
        same("machine.key", &said.key, "its factors give", &found.key)?;
    }
    challenge(record)?;
    if let Some(name) = &record.session.node {
        node::check(name).map_err(|error| format!("session.node: {error}"))?;
    }
    tags::check(&record.session.tags).map_err(|error| format!("session.tags: {error}"))?;
    let stated = Stated::of(&record.session);
    stated.check().map_err(|error| error.to_string())?;
    if commitment::applies(&record.schema) {
        let found = commitment::id(record).map_err(|error| error.to_string())?;
        same(
            "session.id",
            &record.session.id,
            "what it set out with gives",
            &found,
        )?;
    }
    Ok(())
}

fn same<T: PartialEq + Display>(field: &str, said: T, other: &str, found: T) -> Result<(), String> {
    match said == found {
        true => Ok(()),
        false => Err(format!("{field} is {said}, and {other} {found}")),
    }
}

/// Checks that the settings are those that the command line asked for.
fn command_line(record: &Record) -> Result<(), String> {
    let (config, session) = (&record.config, &record.session);
    let asked = |name: &str| option(&session.argv, name);
    if !(1..=MOST_ROUNDS).contains(&config.rounds) {
        return Err(format!(
            "config.rounds is {}, and a session has 1 to {MOST_ROUNDS}",
            config.rounds
        ));
    }
    let protocol = &config.protocol;
    if !(protocol.window_s > 0.0 && protocol.warmup_min_s <= protocol.warmup_max_s) {
        return Err(format!(
            "config.protocol has windows of {} s and warm-ups from {} to {} s",
            protocol.window_s, protocol.warmup_min_s, protocol.warmup_max_s
        ));
    }
    let pinned = record.threads.pinned_cpus.as_ref();
    if pinned.is_some_and(|cpus| cpus.len() != record.threads.count as usize) {
        return Err(format!(
            "threads.count is {}, and other than as many are pinned",
            record.threads.count
        ));
    }
    // A record that was made by other means has no command line to compare with.
    let Some(verb) = session
        .argv
        .get(1)
        .filter(|verb| VERBS.contains(&verb.as_str()))
    else {
        return Ok(());
    };
    let flags = [
        ("selfcheck", verb == "selfcheck", config.selfcheck),
        (
            "--pin",
            session.argv.iter().any(|arg| arg == "--pin"),
            pinned.is_some(),
        ),
    ];
    if let Some((name, ..)) = flags.iter().find(|(_, asked, said)| asked != said) {
        return Err(format!(
            "the command line and the settings differ on {name}"
        ));
    }
    #[rustfmt::skip]
    let cases = [
        ("--rounds", "config.rounds", f64::from(config.rounds)),
        ("--seconds", "config.protocol.window_s", config.protocol.window_s),
        ("--timeout", "config.protocol.stall_timeout_s", config.protocol.stall_timeout_s),
        ("--idle", "config.protocol.idle_s", config.protocol.idle_s),
        ("--threads", "threads.count", f64::from(record.threads.count)),
    ];
    for (name, field, said) in cases {
        if let Some(value) = asked(name).and_then(|text| text.parse::<f64>().ok()) {
            same(field, said, &format!("{name} asked for"), value)?;
        }
    }
    for (name, field, said) in [
        ("--suite", "config.suite", Some(&config.suite)),
        ("--label", "session.label", Some(&session.label)),
        ("--node", "session.node", session.node.as_ref()),
        ("--note", "session.note", session.note.as_ref()),
    ] {
        if let Some(value) = asked(name) {
            same(
                field,
                said.map_or("", String::as_str),
                &format!("{name} asked for"),
                value,
            )?;
        }
    }
    labels_and_money(record)?;
    if let Some(seed) = asked("--seed").and_then(|text| text.parse::<u64>().ok()) {
        same("session.seed", session.seed, "--seed asked for", seed)?;
    }
    let Ok(suite) = config.suite.parse::<Suite>() else {
        return Ok(());
    };
    let of_suite = format!("suite {suite} has");
    let usual = suite.protocol();
    // selfcheck has its own number of rounds, and a meter may have made windows longer.
    let rounds = asked("--rounds").is_some() || config.selfcheck;
    // One that was named may need longer ones.
    let longer = asked("--meter").is_some() && protocol.window_s > usual.window_s;
    let window = asked("--seconds").is_some() || asked("--energy-error").is_some() || longer;
    #[rustfmt::skip]
    let cases = [
        (rounds, "config.rounds", f64::from(config.rounds), f64::from(suite.rounds())),
        (window, "config.protocol.window_s", protocol.window_s, usual.window_s),
        (false, "config.protocol.warmup_min_s", protocol.warmup_min_s, usual.warmup_min_s),
        (false, "config.protocol.warmup_max_s", protocol.warmup_max_s, usual.warmup_max_s),
        (
            false,
            "config.protocol.steady_tolerance",
            protocol.steady_tolerance,
            usual.steady_tolerance,
        ),
    ];
    for (given, field, said, usual) in cases {
        if !given {
            same(field, said, &of_suite, usual)?;
        }
    }
    Ok(())
}

/// Checks that tags, price and rent are those of the command line.
fn labels_and_money(record: &Record) -> Result<(), String> {
    let session = &record.session;
    let asked = options(&session.argv, "--tag").filter_map(|text| text.parse::<Tag>().ok());
    let asked = tags::collect(asked).map_err(|error| format!("session.argv: {error}"))?;
    if asked != session.tags {
        let differs = |key: &&String| asked.get(*key) != session.tags.get(*key);
        let key = asked.keys().chain(session.tags.keys()).find(differs);
        let key = key.map_or("", String::as_str);
        return Err(format!("the command line and session.tags differ on {key}"));
    }
    for (name, field, said) in [
        ("--price-usd", "session.price_usd", session.price_usd),
        (
            "--rent-usd-per-hour",
            "session.rent_usd_per_h",
            session.rent_usd_per_h,
        ),
    ] {
        let asked = option(&session.argv, name).and_then(|text| text.trim().parse::<f64>().ok());
        if asked != said {
            let text = |of: Option<f64>| of.map_or_else(|| "nothing".into(), |of| of.to_string());
            return Err(format!(
                "{field} is {}, and {name} stated {}",
                text(said),
                text(asked)
            ));
        }
    }
    Ok(())
}

/// Checks that a challenge is one that the command line accepts. It counts only in versions
/// whose id commits to it.
fn challenge(record: &Record) -> Result<(), String> {
    let Some(challenge) = &record.session.challenge else {
        return Ok(());
    };
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let asked = option(&record.session.argv, "--challenge");
    let same = asked.is_none_or(|asked| asked.eq_ignore_ascii_case(challenge));
    let sound = challenge.chars().all(hex) && CHALLENGE_DIGITS.contains(&challenge.len());
    match commitment::applies(&record.schema) && sound && same {
        true => Ok(()),
        false => Err(format!(
            "session.challenge is {challenge:?}, which this session cannot have been given"
        )),
    }
}

/// The last value of an option.
fn option<'a>(argv: &'a [String], name: &str) -> Option<&'a str> {
    options(argv, name).next_back()
}

/// The values of an option, each given as `--name value` or `--name=value`.
fn options<'a>(argv: &'a [String], name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    let of = move |(at, arg): (usize, &'a String)| match arg.strip_prefix(name)? {
        "" => argv.get(at + 1).map(String::as_str),
        rest => rest.strip_prefix('='),
    };
    argv.iter().enumerate().filter_map(of)
}

fn devices(record: &Record) -> Result<(), String> {
    let gpus = &record.plan.gpus;
    let asics = &record.plan.asics;
    let twice = |(at, asic): (usize, &Asic)| asics[..at].iter().any(|of| of.name == asic.name);
    if asics.iter().enumerate().any(twice) {
        return Err("plan.asics has two miners of one name".into());
    }
    for entry in &record.plan.entries {
        if pool::is_asic(&entry.device) {
            if pool::find(record, &entry.device).is_none() {
                return Err(format!(
                    "{} runs on {:?}, which plan.asics does not list",
                    entry.id, entry.device
                ));
            }
            continue;
        }
        if entry.device != "cpu" && !gpus.iter().any(|gpu| gpu.name == entry.device) {
            return Err(format!(
                "{} runs on {:?}, which plan.gpus does not list",
                entry.id, entry.device
            ));
        }
    }
    let twice = |(at, gpu): (usize, &crate::schema::Gpu)| {
        gpus[..at].iter().any(|other| other.name == gpu.name)
    };
    if gpus.iter().enumerate().any(twice) {
        return Err("plan.gpus has two devices of one name".into());
    }
    match record
        .joined
        .iter()
        .find(|joined| joined.meter as usize >= record.meters.len())
    {
        Some(joined) => Err(format!(
            "joined names meter {}, which is not listed",
            joined.meter
        )),
        None => Ok(()),
    }
}

/// Checks that every sample of a stated power equals the stated number, and that a power
/// stated on the command line is in the record.
fn stated_power(record: &Record) -> Result<(), String> {
    let asked = option(&record.session.argv, "--watts");
    let is_stated =
        |meter: &MeterInfo| meter.id == STATED.0 || meter.description.ends_with(STATED.1);
    if let Some(asked) = asked
        && !record.meters.iter().any(is_stated)
    {
        return Err(format!("--watts stated {asked} W, and no meter holds it"));
    }
    for (index, meter) in (0..).zip(&record.meters) {
        if !is_stated(meter) {
            continue;
        }
        let number = meter.description.strip_suffix(STATED.1);
        let stated = number.and_then(|text| text.parse::<f64>().ok());
        let Some(stated) = stated.filter(|_| meter.provenance == Provenance::User) else {
            return Err(format!(
                "meters[{index}] is a stated power, and its description {:?} and provenance do not say so",
                meter.description
            ));
        };
        if let Some(asked) = asked
            && asked.parse::<f64>() != Ok(stated)
        {
            return Err(format!(
                "meters[{index}] is {stated} W, and --watts stated {asked}"
            ));
        }
        let of_runs = record.runs.iter().flat_map(|run| &run.energy);
        let series = of_runs.chain(record.idle.iter().flat_map(|idle| &idle.energy));
        let mut samples = series
            .filter(|series| series.meter == index)
            .flat_map(|series| &series.samples);
        if let Some((_, value)) = samples.find(|(_, value)| *value != stated) {
            return Err(format!(
                "meters[{index}] is {stated} W, stated by the user, and its series holds {value} W"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_counts_as_it_was_last_given() {
        let argv = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let found = |text: &str| option(&argv(text), "--rounds").map(str::to_owned);
        assert_eq!(found("perwatt run --rounds 3").as_deref(), Some("3"));
        assert_eq!(
            found("perwatt run --rounds=3 --rounds 4").as_deref(),
            Some("4")
        );
        assert_eq!(found("perwatt run --rounds-per 3"), None);
        assert_eq!(found("perwatt run --rounds"), None);
        assert_eq!(found("perwatt run"), None);
    }
}
