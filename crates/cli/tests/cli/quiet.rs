//! A session that waits for other programs.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::records::read;
use crate::sandbox::{Sandbox, has, printed_path, stderr, tiny};

/// Seconds after which the other load ends by itself.
const LOAD_S: &str = "4";

/// A session begins after a load that ends by itself. Where yet other programs keep the
/// machine busy, it begins when the wait is over.
#[test]
fn a_session_waits_for_a_load_that_ends() {
    let sandbox = Sandbox::new();
    // One program in sixteen CPUs is more than a quiet machine has.
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let cpus = stat.lines().filter(|line| line.starts_with("cpu")).count() - 1;
    let spin = || {
        let mut load = Command::new("timeout");
        load.args([LOAD_S, "yes"]).stdout(Stdio::null());
        load.spawn().expect("coreutils")
    };
    let loads: Vec<_> = (0..cpus.div_ceil(16)).map(|_| spin()).collect();
    let ended = std::thread::spawn(|| {
        for mut load in loads {
            load.wait().unwrap();
        }
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
    });
    let run = sandbox.perwatt(tiny(&["--wait-quiet=20", "--meter", "none"]));
    let run = run.code(0);
    has!(
        stderr(&run),
        "waiting for a quiet machine, ",
        "other programs use"
    );
    let ended = ended.join().unwrap();
    let record = read(&printed_path(&sandbox, &run));
    let started_s = u64::from(record.session.segments[0].started_unix_s);
    assert!(started_s >= ended.as_secs(), "{started_s} {ended:?}");
}
