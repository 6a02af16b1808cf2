//! Records that `check` accepts and records that it refuses.

#[path = "../common/mod.rs"]
mod common;
mod edited;
mod edited_work;
mod forged_session;
mod forged_work;

use common::*;
use perwatt_record::Record;
use perwatt_record::check::{CheckReport, Outcome};
use perwatt_record::fixture::crashed;
use perwatt_record::schema::Run;

const DIGEST: &str = "digest of the body";
const STRUCTURE: &str = "structure of the series";
const FACTS: &str = "facts held twice agree";
const SEQUENCE: &str = "one run at a time, in the order of the seed";
const COUNTING: &str = "work counted as defined";
const WINDOWS: &str = "every window the one that the protocol picks";
const PROOFS: &str = "every good run proven, shares re-hashed with sha2";
const FIGURES: &str = "figures of each run, re-derived";
const CEILING: &str = "no rate above what the hardware can do";
const ENOUGH: &str = "shares enough to prove the hashes";
const SUMMARY: &str = "summary, re-derived";
const COMPLETE: &str = "every planned run was tried";

/// The largest `u64` that a double equals.
const LARGEST: u64 = u64::MAX << 11;

/// Multiplies the steps of a run's series.
fn more_steps(run: &mut Run, factor: u64) {
    run.work.iter_mut().for_each(|(_, steps)| *steps *= factor);
}

/// The honest record after an edit by a careful forger, and its check.
fn forged(edit: impl FnOnce(&mut Record)) -> (Record, CheckReport) {
    let mut record = honest();
    edit(&mut record);
    recommit(&mut record);
    rederive(&mut record);
    record.seal().unwrap();
    let report = check_of(&record);
    (record, report)
}

/// Asserts that an edit breaks a rule, and returns the rule's detail.
fn refused(rule: &str, edit: impl FnOnce(&mut Record)) -> String {
    let (_, report) = forged(edit);
    let broken = |line: &&perwatt_record::check::CheckedRule| {
        line.rule == rule && line.outcome == Outcome::Fail
    };
    let line = report.lines.iter().find(broken);
    line.unwrap_or_else(|| panic!("{rule:?} holds: {report:#?}"))
        .detail
        .clone()
}

/// Asserts that an edit fails as it is, and that it still breaks `rule` after the editor
/// seals the record again.
fn rejects(rule: &str, edit: impl Fn(&mut Record)) {
    let mut record = honest();
    edit(&mut record);
    assert_ne!(record, honest(), "the edit changes nothing");
    assert!(
        broken(&check_of(&record)).contains(&DIGEST),
        "the seal does not notice"
    );

    record.seal().unwrap();
    let report = check_of(&record);
    assert!(report.failed(), "accepted after sealing again: {report:#?}");
    assert!(
        broken(&report).contains(&rule),
        "{rule:?} holds: {report:#?}"
    );
    assert!(!report.incomplete());
}

/// Like [`rejects`], for an editor who also derives every figure again.
fn rejects_rederived(rule: &str, edit: impl Fn(&mut Record)) {
    let mut record = honest();
    edit(&mut record);
    rederive(&mut record);
    record.seal().unwrap();
    let report = check_of(&record);
    assert!(
        broken(&report).contains(&rule),
        "{rule:?} holds: {report:#?}"
    );
}
