//! Records of miners in every command that reads records.

use std::path::Path;

use perwatt_record::Record;
use perwatt_record::fixture;
use perwatt_record::fixture::Made;
use perwatt_record::fixture::miner::{MadeMiner, mined};
use perwatt_record::schema::Proof;

use crate::sandbox::{Sandbox, fits_a_screen, flat, has, lacks, words};

fn made(power_w: Option<f64>) -> Record {
    let miner = MadeMiner {
        power_w,
        ..MadeMiner::new("bitaxe")
    };
    mined(5, &[miner], 3, 60)
}

/// A directory with the record of a miner, `m.json`.
fn with(record: &Record) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("m.json", record.to_bytes().unwrap());
    sandbox
}

#[test]
fn show_names_the_miner_and_what_its_shares_say() {
    let mut record = made(Some(15.0));
    for run in &mut record.runs {
        if let Some(Proof::Pool { others, .. }) = &mut run.proof {
            *others = [("low".into(), 2), ("stale".into(), 1)].into();
        }
    }
    fixture::derive_figures(&mut record);
    record.seal().unwrap();
    let sandbox = with(&record);
    let text = sandbox.out(0, ["show", "m.json"]);
    fits_a_screen(&text);
    has!(
        text,
        "counted by ",
        "3 windows of 60 s",
        "asic:bitaxe: made-up/1.0, model not stated, difficulty 5.96"
    );
    has!(flat(&text), "not counted: 6 low, 3 stale", "raise no alarm");
    insta::assert_snapshot!("miner-show", text);
    let said = sandbox.out(0, ["check", "m.json"]);
    let (proven, trusted) = said.split_once("taken on trust").unwrap();
    has!(proven, "asic:bitaxe: ", "tests of the shares");
    has!(
        flat(trusted),
        "miner bitaxe: user agent",
        "is the one that counted"
    );
    let page = sandbox.out(0, ["report", "m.json"]);
    has!(
        page,
        "made-up/1.0, model not stated",
        "6 low, 3 stale",
        "raise no alarm"
    );
}

#[test]
fn a_window_that_falls_silent_is_an_alarm() {
    let mut record = made(None);
    // Every share of one window is dropped but the first: a long time without any.
    if let Some(Proof::Pool { shares, .. }) = &mut record.runs[1].proof {
        shares.truncate(1);
    }
    let first_ms = match &record.runs[1].proof {
        Some(Proof::Pool { shares, .. }) => shares[0].7,
        _ => panic!("no shares"),
    };
    for (t_ns, steps) in &mut record.runs[1].work {
        *steps = u64::from(*t_ns / 1_000_000 >= first_ms);
    }
    fixture::derive_figures(&mut record);
    record.seal().unwrap();
    let sandbox = with(&record);
    for command in ["show", "check", "report"] {
        let text = sandbox.out(0, [command, "m.json"]);
        has!(
            flat(&text),
            "ALARM: asic:bitaxe: the longest time without a share"
        );
        lacks!(text, "raise no alarm");
    }
}

#[test]
fn the_answer_is_of_the_miner() {
    let sandbox = with(&made(Some(15.0)));
    let text = sandbox.out(0, ["answer", "m.json"]);
    fits_a_screen(&text);
    lacks!(text, "this machine");
    has!(text, "miner bitaxe, mining");
    insta::assert_snapshot!("miner-answer", text);
}

#[test]
fn a_measured_miner_is_the_rival() {
    let sandbox = with(&made(Some(15.0)));
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let device = results.join("20261130T172737Z_stated-watts_46dcb2fe_dee4b1.json");
    sandbox.file("d.json", std::fs::read(device).unwrap());
    let text = sandbox.out(0, words("gap d.json --asic m.json"));
    has!(
        text,
        "hashes against miner bitaxe",
        "the ASIC: miner bitaxe",
        "W at the wall"
    );
    has!(
        flat(&text),
        "95 % of the measurement",
        "measured: made-up/1.0, by its shares and plug:bitaxe in m.json"
    );
    let answer = sandbox.out(0, words("answer d.json --asic m.json"));
    has!(answer, "miner bitaxe\u{1d50}");
}

#[test]
fn what_is_no_rival_is_refused() {
    let sandbox = with(&made(None));
    for command in ["gap", "answer"] {
        let said = sandbox.err(3, [command, "m.json", "--asic", "m.json"]);
        has!(said, "m.json has no joules", "perwatt asic --meter METER");
        sandbox.file(
            "d.json",
            Made::one("x", 1, &[1e11]).record().to_bytes().unwrap(),
        );
        let said = sandbox.err(2, [command, "m.json", "--asic", "d.json"]);
        has!(said, "d.json is no session of miners");
        let said = sandbox.err(2, [command, "m.json", "--asic", "none.json"]);
        has!(said, "none.json");
    }
}
