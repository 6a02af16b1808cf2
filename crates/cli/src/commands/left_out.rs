//! Exit codes and errors by the files that a command leaves out.

use anyhow::anyhow;
use perwatt_compare::load::{Skipped, SkippedKind};
use perwatt_report::phrases;

use crate::exit::{Coded, Exit};

/// The exit code that the files left out cause.
pub fn exit_of_skipped(all: &[Skipped], keep_going: bool) -> Exit {
    let any = |kind| !keep_going && all.iter().any(|skipped| skipped.kind == kind);
    if any(SkippedKind::Unverified) {
        Exit::Unverified
    } else if any(SkippedKind::Unreadable) {
        Exit::Usage
    } else {
        Exit::Done
    }
}

/// The error of a command that compared nothing. If a file failed verification, the exit
/// code says so.
pub fn not_comparable(why: &str, skipped: &[Skipped]) -> anyhow::Error {
    let unverified = skipped.iter().any(|s| s.kind == SkippedKind::Unverified);
    Coded {
        exit: match unverified {
            true => Exit::Unverified,
            false => Exit::NotComparable,
        },
        error: anyhow!("{why}"),
    }
    .into()
}

/// The error of a command of whose files none is left.
pub fn none_left(skipped: &[Skipped]) -> anyhow::Error {
    let why = phrases::count_left_out(skipped);
    let why = why.unwrap_or_else(|| "there was none".into());
    not_comparable(
        &format!("no record is left ({why}): nothing was compared"),
        skipped,
    )
}
