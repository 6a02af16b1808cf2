//! The session, the software and the machine in all detail, folded.

use perwatt_host::describe;
use perwatt_record::{Record, pool};

use super::energy;
use crate::doc::{Block, Fact};
use crate::page::Named;
use crate::units::counted;

/// Facts of [`describe`] about the machine itself.
const MACHINE: [&str; 13] = [
    "CPU",
    "identity",
    "topology",
    "caches",
    "ISA",
    "clock",
    "memory",
    "memory modules",
    "board",
    "firmware",
    "specimen",
    "hypervisor",
    "power",
];
/// Facts of [`describe`] about its software; all others are settings.
const SOFTWARE: [&str; 7] = [
    "OS",
    "kernel",
    "boot parameters",
    "C library",
    "page size",
    "clock source",
    "container",
];

/// All details of a record, one folded part for each subject.
pub fn details(named: &Named) -> Vec<Block> {
    let record = &named.record;
    let mut out = Vec::new();
    let skipped = record.plan.skipped.iter().map(|skipped| {
        let fix = skipped.fix.as_ref();
        let fix = fix.map_or(String::new(), |fix| format!("; {fix}"));
        format!("{}: {}{fix}", skipped.what, skipped.reason)
    });
    let skipped: Vec<String> = skipped.collect();
    if !skipped.is_empty() {
        out.push(folded("Not measured", Block::List(skipped)));
    }
    out.extend(energy::details(record));
    out.push(folded("Session and protocol", Block::Facts(session(named))));
    let (mut machine, mut software, mut settings) = (Vec::new(), Vec::new(), Vec::new());
    let mut unread = Vec::new();
    for (name, text) in describe(&record.host) {
        let group = match name.as_str() {
            "not readable" => {
                unread.push(text);
                continue;
            }
            name if MACHINE.contains(&name) => &mut machine,
            name if SOFTWARE.contains(&name) => &mut software,
            _ => &mut settings,
        };
        group.push(Fact::new(name, text));
    }
    machine.push(Fact::new("machine key", &record.machine.key));
    software.push(Fact::new("perwatt", tool(record)));
    let threads = &record.threads;
    let threads = format!("{}, {}", threads.count, threads.reason);
    settings.push(Fact::new("threads", threads));
    let segments = record.session.segments.iter();
    let given = segments.flat_map(|segment| &segment.settings);
    settings.extend(given.map(|(name, value)| Fact::new(name, value)));
    out.push(folded("Settings", Block::Facts(settings)));
    out.push(folded("Software", Block::Facts(software)));
    out.push(folded("Machine", Block::Facts(machine)));
    if !unread.is_empty() {
        out.push(folded(
            "What could not be read of the machine",
            Block::List(unread),
        ));
    }
    out
}

fn folded(title: &str, block: Block) -> Block {
    Block::Details {
        title: title.into(),
        blocks: vec![block],
    }
}

fn session(named: &Named) -> Vec<Fact> {
    let record = &named.record;
    let segments = record.session.segments.iter();
    let segments = segments.map(|segment| {
        let interrupted = match segment.interrupted {
            true => " (interrupted)",
            false => "",
        };
        format!("{}{interrupted}", segment.started_utc)
    });
    let segments: Vec<String> = segments.collect();
    vec![
        Fact::new("Measured", segments.join(", resumed ")),
        Fact::new("Label", &record.session.label),
        Fact::new("Session", &record.session.id),
        Fact::new("File", &named.file),
        Fact::new("Command", record.session.argv.join(" ")),
        Fact::new("Protocol", in_words(record)),
    ]
}

fn in_words(record: &Record) -> String {
    let (suite, protocol) = (&record.config.suite, &record.config.protocol);
    let rounds = record.config.rounds as usize;
    if pool::title(record).is_some() {
        return format!(
            "suite {suite}, {} of {} s that the clock begins and ends, the miners at work throughout",
            counted(rounds, "window", "windows"),
            protocol.window_s
        );
    }
    format!(
        "suite {suite}, {} of {} s after {} to {} s of warm-up, each run a fresh process, order \
         by seed {}",
        counted(rounds, "round", "rounds"),
        protocol.window_s,
        protocol.warmup_min_s,
        protocol.warmup_max_s,
        record.session.seed
    )
}

fn tool(record: &Record) -> String {
    let tool = &record.tool;
    let git = tool.git.as_ref().map_or(String::new(), |git| {
        let dirty = if git.dirty { " with changes" } else { "" };
        format!(", commit {}{dirty}", git.commit)
    });
    format!(
        "{}{git}, {}, {}, {}",
        tool.version, tool.rustc, tool.target, tool.profile
    )
}
