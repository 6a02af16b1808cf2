//! Refusals of `perwatt compare`, and the options that allow a comparison nevertheless.

use perwatt_record::Record;
use perwatt_record::fixture::changes::{CHANGES, Change};
use perwatt_record::fixture::{Made, counter, crashed, derive_again};

use crate::sandbox::{Sandbox, has, stderr, stdout};

/// Sets all runs to failed, so that nothing is verified.
fn fail(record: &mut Record) {
    for run in &mut record.runs {
        run.status = crashed();
    }
}

fn record(id: u64) -> Record {
    let mut made = Made::one("x", id, &[4e11, 4.01e11, 4.02e11, 4.01e11, 4.03e11, 4e11]);
    made.meter = Some(counter("rapl", Some(0.01)));
    made.record()
}

#[test]
fn each_key_field_alone_ends_with_3_and_its_name() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &record(1));
    let unverified: (_, _, Change) = ("verified", false, fail);
    for (field, joules_only, change) in CHANGES.into_iter().chain([unverified]) {
        let mut other = record(2);
        change(&mut other);
        derive_again(&mut other);
        sandbox.put("b.json", &other);
        let metric = match joules_only {
            true => "metric=energy",
            false => "metric=.",
        };
        let args = ["compare", "a.json", "b.json", "--filter", metric];
        let assert = sandbox.perwatt(args).code(3);
        has!(stderr(&assert), field);
        has!(stdout(&assert), "N/A");
        if field != "verified" {
            let allowed = [&args[..], &["--allow-differ", field]].concat();
            let allowed = sandbox.out(0, allowed);
            let start = format!("NOT LIKE FOR LIKE: {field}");
            assert!(allowed.starts_with(&start), "{allowed}");
        }
    }
}
