//! Processes killed at random instants, and full disks: no finished round is lost, each
//! file can be read, and the session can be resumed.

#![cfg(target_os = "linux")]

use std::hash::{BuildHasher, Hasher};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Signal;

use crate::processes::{
    Running, check, children, dead, is_worker, read, rescued, resume_with, signal, text, wait_for,
};
use crate::records::typed;
use crate::sandbox::{Sandbox, has, stderr, through_shell};

/// The number of kills, unless PERWATT_KILLS gives another one: a hundred take half an
/// hour.
const KILLS: u64 = 4;
const ROUNDS: u32 = 3;
/// Upper limit of the duration of these sessions, ms.
const LONGEST_MS: u64 = 7000;

/// A meter command that is slow enough to be killed while it runs.
const TOOL: &str = "#!/bin/sh
sleep 0.3
echo
echo '    Instantaneous power reading:                   360 Watts'
echo '    Minimum during sampling period:                300 Watts'
echo '    Maximum during sampling period:                400 Watts'
echo '    Average power reading over sample period:      350 Watts'
echo '    IPMI timestamp:                           Sat Nov 28 10:00:00 2026'
echo '    Sampling period:                          00000001 Seconds.'
echo '    Power reading state is:                   activated'
";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Victim {
    Coordinator,
    Worker,
    Meter,
}

#[test]
fn whatever_is_killed_at_whatever_instant_no_finished_round_is_lost() {
    let kills = std::env::var("PERWATT_KILLS").ok();
    let kills = kills.and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let hasher = std::hash::RandomState::new();
    for nth in 0..kills {
        // With four kills the coordinator is killed twice, a worker and a meter once each.
        let victim = [Victim::Coordinator, Victim::Worker, Victim::Meter][nth as usize % 3];
        let mut drawn = hasher.build_hasher();
        drawn.write_u64(nth);
        let instant = Duration::from_millis(drawn.finish() % LONGEST_MS);
        println!("{victim:?} after {instant:?}");
        strike(victim, instant);
    }
}

fn strike(victim: Victim, instant: Duration) {
    let sandbox = Sandbox::new();
    let tool = sandbox.file("tool", TOOL);
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let meter = format!(
        "ipmi=127.0.0.1,user=a,auth=env:METER_PASSWORD,tool={},interval=1",
        tool.display()
    );
    let meter = ["--meter", &meter];
    let extra = [&meter[..], &["--idle", "0", "--seconds", "0.1"]].concat();
    let mut session = Running::start_with(&sandbox, ROUNDS, &extra);
    let coordinator = session.id();
    // Each of these lines reports the end of a run; a round has one run here.
    let told = AtomicUsize::new(0);
    let progress = BufReader::new(session.child().stderr.take().unwrap());
    let (finished, family, output) = std::thread::scope(|scope| {
        scope.spawn(|| {
            for line in progress.lines().map_while(Result::ok) {
                told.fetch_add(usize::from(line.starts_with('[')), Ordering::SeqCst);
            }
        });
        std::thread::sleep(instant);
        let family = children(coordinator);
        // The run that was reported last may not be on disk yet.
        let finished = told.load(Ordering::SeqCst).saturating_sub(1);
        match victim {
            Victim::Coordinator => signal(coordinator, Signal::KILL),
            Victim::Worker => kill_some(&family, true),
            Victim::Meter => kill_some(&family, false),
        }
        (finished, family, session.end())
    });
    wait_for("children to end", || {
        family.iter().all(|pid| dead(*pid)).then_some(())
    });

    let json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let Some(path) = sandbox.result_files().into_iter().find(json) else {
        // Killed before there was a record.
        assert_eq!((victim, finished), (Victim::Coordinator, 0));
        return;
    };
    let before = read(&path);
    let kept = before.runs.len();
    assert!(kept >= finished, "{kept} of {finished}");
    // The kill may have come after the last write.
    if before.complete {
        check(&sandbox, &path, 0);
    } else {
        assert_eq!(victim, Victim::Coordinator, "{:?}", output.status);
        check(&sandbox, &path, 1);
        let after = resume_with(&sandbox, &path, &meter);
        assert_eq!(after.runs[..before.runs.len()], before.runs[..]);
        assert_eq!(after.runs.len(), ROUNDS as usize);
    }
}

fn kill_some(family: &[u32], worker: bool) {
    for pid in family.iter().filter(|pid| is_worker(**pid) == worker) {
        // The process may have ended by itself.
        let pid = rustix::process::Pid::from_raw((*pid).try_into().unwrap()).unwrap();
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
}

/// The last round that fitted stays on the disk, and the complete record is saved
/// elsewhere.
#[test]
fn a_disk_that_fills_takes_nothing_along() {
    let sandbox = Sandbox::new();
    let disk = sandbox.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "none"])
        .arg(&disk)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: no file system can be mounted here");
        return;
    }
    let _unmounted = Unmount(&disk);
    let session = Running::start(&sandbox, 2, &["--out", "disk"]);
    let path = wait_for("the record", || {
        let mut files = std::fs::read_dir(&disk).unwrap().flatten();
        files.find_map(|file| file.path().extension().is_some().then(|| file.path()))
    });
    session.worker();
    let filler = disk.join("filler");
    std::fs::write(&filler, vec![1; 2 << 20]).unwrap_err();
    let output = session.end();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    has!(errors, "free some space");
    let left = std::fs::read_dir(&disk).unwrap().count();
    assert_eq!(left, 2, "a temporary file is left");
    let rescued = rescued(&sandbox);
    assert_eq!(read(&rescued).runs.len(), 2);
    check(&sandbox, &rescued, 0);

    assert!(!read(&path).complete);
    std::fs::remove_file(&filler).unwrap();
    let args = ["run".as_ref(), "--resume".as_ref(), path.as_os_str()];
    let assert = sandbox.perwatt(args).code(0);
    assert!(read(&path).complete, "{}", stderr(&assert));
    check(&sandbox, &path, 0);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        // An error is ignored: a mount that remains ends with this machine.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// A limit of file sizes ends no process; a record that cannot be written is printed.
#[test]
fn a_limit_of_file_sizes_takes_nothing_along() {
    let sandbox = Sandbox::new();
    let session = Running::start(&sandbox, 1, &[]);
    let first = std::fs::metadata(session.record_path()).unwrap().len();
    session.end();
    std::fs::remove_dir_all(sandbox.results()).unwrap();

    let template = Running::prepared(&sandbox, 2, &["--seconds", "0.4"]);
    // The limit in blocks of 512 bytes: enough for the record without runs, too small for a
    // run.
    let limit = format!("ulimit -f {}; exec \"$0\" \"$@\"", first / 512 + 1);
    let output = through_shell(&limit, &template).output().unwrap();
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    has!(errors, "standard output: keep it");
    assert_eq!(typed(&output.stdout).runs.len(), 2);
    assert!(!read(&sandbox.result_files()[0]).complete);
}
