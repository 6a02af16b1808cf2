//! Sessions of miners: a small miner mines on the pool that the program is.

#![cfg(target_os = "linux")]

mod miner;
mod pool;

use std::net::TcpListener;
use std::time::Duration;

use perwatt_record::schema::Status;
use rustix::process::Signal;

use crate::processes::{check, read, signal};
use crate::records::{PRODUCTS, unfinished};
use crate::sandbox::{Sandbox, fits_a_screen, flat, has, lacks, words};
use miner::{Miner, PASSWORD};
use pool::Pool;

#[test]
fn a_session_of_one_miner_is_a_record_as_others_are() {
    let sandbox = Sandbox::new();
    let pool = Pool::start(
        &sandbox,
        "--windows 2 --watts 20 --model S21 --transcript lines.txt",
    );
    let miner = Miner::start(&pool.address(), "rig");
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    has!(
        ended.stderr,
        "miner \"rig\", software \"cpuminer/test\"",
        "window 2: asic:rig"
    );
    has!(
        ended.stdout,
        "sha256d",
        "asic:rig",
        "energy by user-watts: 20.00 W"
    );
    fits_a_screen(&ended.stdout.replace(sandbox.path("").to_str().unwrap(), ""));
    let path = ended.record(&sandbox);
    has!(check(&sandbox, &path, 0), "\nverified\n");
    let record = read(&path);
    assert_eq!(record.plan.asics[0].model.as_deref(), Some("S21"));
    assert!(record.summary[0].verified && record.runs.len() == 2);

    let path = path.to_str().unwrap();
    let shown = sandbox.out(0, ["show", path]);
    has!(shown, "asic:rig", "J/TH");
    fits_a_screen(&shown);
    has!(sandbox.out(0, ["export", path]), "asic:rig");
    has!(sandbox.out(0, ["report", path]), "asic:rig");
    let lines = std::fs::read_to_string(sandbox.path("lines.txt")).unwrap();
    has!(lines, "mining.submit", "mining.notify", "cpuminer/test");
    let bytes = std::fs::read_to_string(path).unwrap();
    for text in [&lines, &bytes, &ended.stdout, &ended.stderr, &shown] {
        lacks!(text, PASSWORD);
    }
}

#[test]
fn two_miners_have_a_row_each_and_their_sum() {
    let sandbox = Sandbox::new();
    let pool = Pool::start(&sandbox, "--windows 1 --miners 2 --watts 20");
    let address = pool.address();
    let miners = ["one", "two"].map(|name| Miner::start(&address, name));
    let ended = pool.end();
    drop(miners);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let path = ended.record(&sandbox);
    has!(check(&sandbox, &path, 0), "\nverified\n");
    let record = read(&path);
    let names: Vec<&str> = record
        .plan
        .entries
        .iter()
        .map(|of| of.device.as_str())
        .collect();
    assert_eq!(names, ["asic:one", "asic:two", "asic:all"]);
    let steps = |entry| {
        let run = record.runs.iter().find(|run| run.entry == entry).unwrap();
        run.measured.as_ref().unwrap().steps
    };
    // Windows of different rows end some microseconds apart.
    assert!(
        steps(2).abs_diff(steps(0) + steps(1)) <= 1,
        "{} {} {}",
        steps(0),
        steps(1),
        steps(2)
    );
    has!(ended.stdout, "asic:one", "asic:two", "asic:all");
    let path = path.to_str().unwrap();
    let compared = sandbox.out(0, ["compare", path, "--by", "device"]);
    has!(compared, "asic:one (baseline)", "rate in H/s");
    fits_a_screen(&compared);
}

#[test]
fn an_interrupted_session_keeps_its_windows_and_goes_on() {
    let sandbox = Sandbox::new();
    let pool = Pool::start(&sandbox, "--windows 2");
    let address = pool.address();
    let miner = Miner::start(&address, "rig");
    pool.wait_for("window 1: ");
    signal(pool.id(), Signal::INT);
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    has!(
        flat(&(ended.stdout.clone() + &ended.stderr)),
        "perwatt asic --listen 127.0.0.1:0 --resume"
    );
    let path = ended.record(&sandbox);
    let before = read(&path);
    assert_eq!((before.complete, before.runs.len()), (false, 1));
    check(&sandbox, &path, 1);

    let listen = words("asic --listen 127.0.0.1:0 --warmup 0 --resume");
    let pool = Pool::run(&sandbox, [&listen[..], &[path.to_str().unwrap()]].concat());
    let miner = Miner::start(&pool.address(), "rig");
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    has!(check(&sandbox, &path, 0), "\nverified\n");
    let after = read(&path);
    assert_eq!((after.complete, after.runs.len()), (true, 2));
    assert_eq!(after.runs[0], before.runs[0]);
    assert_eq!(after.session.segments.len(), 2);

    let again = sandbox.err(2, [&listen[..], &[path.to_str().unwrap()]].concat());
    has!(again, "is complete");
}

#[test]
fn a_window_that_its_miner_left_has_failed_and_the_next_one_counts() {
    let sandbox = Sandbox::new();
    let pool = Pool::start(&sandbox, "--windows 2");
    let address = pool.address();
    let miner = Miner::start(&address, "rig");
    pool.wait_for("writing ");
    // Past the settling, within the first window.
    std::thread::sleep(Duration::from_secs(2));
    drop(miner);
    pool.wait_for("FAILED");
    let miner = Miner::start(&address, "rig");
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    has!(
        ended.stderr,
        "had left at the end of the window: the miner closed the connection"
    );
    let path = ended.record(&sandbox);
    let record = read(&path);
    assert!(matches!(record.runs[0].status, Status::Failed(_)));
    assert_eq!(record.runs[1].status, Status::Ok);
    check(&sandbox, &path, 0);
    has!(
        flat(&sandbox.out(0, ["show", path.to_str().unwrap()])),
        "had left at the end"
    );
}

#[test]
fn a_meter_of_a_miner_that_is_not_there_is_refused_when_the_miners_are_known() {
    let sandbox = Sandbox::new();
    let meter = "json=http://127.0.0.1:1/,pointer=/p,unit=W,boundary=wall,timeout=1";
    let pool = Pool::start(&sandbox, &format!("--meter {meter},covers=asic:rug"));
    let miner = Miner::start(&pool.address(), "rig");
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    has!(
        ended.stderr,
        "covers=asic:rug names no miner",
        "those that do are: rig"
    );
    assert!(sandbox.result_files().is_empty());
}

#[test]
fn a_rehearsal_says_what_a_measurement_takes_and_archives_nothing() {
    let sandbox = Sandbox::new();
    let pool = Pool::start(&sandbox, "--rehearse");
    let miner = Miner::start(&pool.address(), "rig");
    let ended = pool.end();
    drop(miner);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let said = flat(&ended.stdout);
    has!(
        said,
        "miner rig",
        "says that it is cpuminer/test",
        "bears difficulty",
        "±1 % takes"
    );
    has!(said, " 0 refused, 1 connection");
    fits_a_screen(&ended.stdout);
    lacks!(ended.stdout, PASSWORD);
    assert!(sandbox.result_files().is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_with_its_value() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let record = sandbox.file("products.json", &*PRODUCTS);
    let other = sandbox.file("unfinished.json", unfinished(&PRODUCTS, |_| {}));
    let (record, other) = (record.to_str().unwrap(), other.to_str().unwrap());
    let long = "x".repeat(101);
    for (option, value, part) in [
        ("--listen", "3333", "3333"),
        ("--listen", "192.168.1.10", "192.168.1.10"),
        ("--listen", "rig:3333", "rig:3333"),
        ("--listen", taken.as_str(), taken.as_str()),
        ("--listen", "0.0.0.0:0", "0.0.0.0:0"),
        ("--listen", "8.8.8.8:3333", "8.8.8.8:3333"),
        ("--miners", "0", "0"),
        ("--miners", "65", "65"),
        ("--shares-per-s", "16", "16"),
        ("--shares-per-s", "NaN", "NaN"),
        ("--difficulty", "0", "0"),
        ("--difficulty", "-1", "-1"),
        ("--difficulty", "many", "many"),
        ("--warmup", "-1", "-1"),
        ("--warmup", "inf", "inf"),
        ("--minutes", "0", "0 is not a length"),
        ("--minutes", "1441", "1441"),
        ("--windows", "0", "0"),
        ("--watts", "-5", "-5"),
        ("--watts", "hot", "hot"),
        ("--meter", "warp", "warp"),
        ("--meter", "shelly=h,covers=rig", "covers=rig"),
        ("--challenge", "xyz", "xyz"),
        ("--tag", "site", "site"),
        ("--label", long.as_str(), "101"),
        ("--label", "", "--label"),
        ("--resume", "absent.json", "absent.json"),
        ("--resume", record, "is complete"),
        ("--resume", other, "is no session of miners"),
        ("--format", "xml", "xml"),
    ] {
        let listen = ["asic", "--listen", "127.0.0.1:0"];
        let head = if option == "--listen" {
            &listen[..1]
        } else {
            &listen
        };
        let error = sandbox.err(2, [head, &[option, value]].concat());
        assert!(error.contains(part), "{option} {value}: {error}");
    }
    assert!(sandbox.result_files().is_empty());
}
