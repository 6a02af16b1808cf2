//! Hostile surroundings: streams that cannot be written, clocks with any setting, no memory
//! for a thread, and obstacles in place of the lock.

#![cfg(target_os = "linux")]

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::libraries::library;
use crate::processes::{closed_pipe, code, full};
use crate::records::{HASHES, PRODUCTS, edited, read, unfinished};
use crate::sandbox::{Sandbox, TINY, ended, has, printed_path, stderr, through_shell};

/// Checks that the only record of a sandbox is complete and verified.
fn assert_complete(sandbox: &Sandbox) {
    let files = sandbox.result_files();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(read(&files[0]).complete);
    sandbox.about("check", &files[0]).code(0);
}

#[test]
fn progress_that_nobody_can_be_told_does_not_end_a_session() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(TINY);
    assert_eq!(code(command.stdout(Stdio::null()).stderr(full())), Some(0));
    assert_complete(&sandbox);

    let sandbox = Sandbox::new();
    let silent = "exec \"$0\" \"$@\" 2>&- >&-";
    let mut shell = through_shell(silent, &sandbox.command(TINY));
    assert_eq!(code(&mut shell), Some(0));
    assert_complete(&sandbox);
}

#[test]
fn a_result_that_cannot_be_printed_is_an_error_and_is_archived() {
    let sandbox = Sandbox::new();
    let assert = {
        let mut command = sandbox.command(TINY);
        command.stdout(full());
        command.stderr(Stdio::piped());
        command.output().unwrap()
    };
    let errors = String::from_utf8(assert.stderr).unwrap();
    assert_eq!(assert.status.code(), Some(2), "{errors}");
    has!(errors, "the record itself is safe in");
    assert_complete(&sandbox);
    let path = sandbox.result_files().remove(0);
    for verb in ["show", "check", "export", "history"] {
        let mut command = sandbox.command([verb.as_ref(), path.as_os_str()]);
        let found = code(command.stdout(full()).stderr(full()));
        let expected = if verb == "history" { 3 } else { 2 };
        assert_eq!(found, Some(expected), "{verb}");
    }
    for verb in ["--help", "--version", "schema", "man"] {
        let mut command = sandbox.command([verb]);
        let found = code(command.stdout(full()).stderr(full()));
        assert_eq!(found, Some(2), "{verb}");
        let mut command = sandbox.command([verb]);
        assert_eq!(code(command.stdout(closed_pipe())), Some(0), "{verb}");
    }
}

#[test]
fn a_verdict_survives_a_reader_that_leaves() {
    let sandbox = Sandbox::new();
    let good = sandbox.file("good.json", &*HASHES);
    let edit = |d: &mut Value| d["session"]["label"] = "better".into();
    let bad = sandbox.file("bad.json", edited(&HASHES, edit));
    let begun = sandbox.file("begun.json", unfinished(&HASHES, |_| {}));
    for format in ["text", "json"] {
        for (files, expected) in [
            (vec![&good], 0),
            (vec![&bad], 4),
            (vec![&begun], 1),
            (vec![&good, &bad, &begun], 4),
        ] {
            for out in [closed_pipe(), full().into()] {
                let mut command = sandbox.command(["check", "--format", format]);
                let found = code(command.args(&files).stdout(out).stderr(Stdio::null()));
                // A full disk turns success into an error and leaves other exit codes.
                let allowed = if expected == 0 { [0, 2] } else { [expected; 2] };
                let ok = allowed.contains(&found.unwrap());
                assert!(ok, "{format} {files:?}: {found:?}");
            }
        }
    }
    let edit = |d: &mut Value| d["summary"][0]["rate_per_s"]["median"] = 1.0.into();
    let bad = sandbox.file("wrong.json", edited(&HASHES, edit));
    for verb in ["compare", "history", "export", "report"] {
        let mut command = sandbox.command([verb.as_ref(), good.as_os_str(), bad.as_os_str()]);
        let open = code(command.stdout(Stdio::null()).stderr(Stdio::null()));
        let mut command = sandbox.command([verb.as_ref(), good.as_os_str(), bad.as_os_str()]);
        let closed = code(command.stdout(closed_pipe()).stderr(Stdio::null()));
        assert_eq!(closed, open, "{verb}");
        assert_ne!(closed, Some(0), "{verb}");
    }
}

const CLOCK: &str = "
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t) {
    int result = syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME) t->tv_sec = atoll(getenv(\"CLOCK\"));
    return result;
}
";

#[test]
fn a_clock_set_to_anything_ends_no_command_in_a_panic() {
    let sandbox = Sandbox::new();
    let Some(clock) = library(&sandbox, "clock", CLOCK) else {
        return;
    };
    let record = sandbox.file("record.json", &*PRODUCTS);
    let at = |time: &str, args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("LD_PRELOAD", &clock).env("CLOCK", time);
        ended(command)
    };
    let year_20000 = "568971820800";
    for (time, part) in [
        (year_20000, "568971820800 seconds after 1970"),
        ("9223372036854775807", "seconds after 1970"),
        ("-5", "before 1970"),
    ] {
        let assert = at(time, &TINY).code(2);
        let errors = stderr(&assert);
        has!(errors, part, "et the clock");
        assert!(sandbox.result_files().is_empty());
        at(time, &["check", record.to_str().unwrap()]).code(0);
        at(time, &["env"]).code(0);
    }
    // An odd time, but a valid one.
    let assert = at("5", &TINY).code(0);
    let path = printed_path(&sandbox, &assert);
    let record = read(&path);
    assert_eq!(record.session.segments[0].started_unix_s, 5);
    sandbox.about("check", &path).code(0);
}

/// A thread stack of 128 TiB simulates a machine without memory for one of 2 MiB.
#[test]
fn without_memory_for_a_thread_commands_end_in_an_error() {
    let sandbox = Sandbox::new();
    let (header, target) = ("0".repeat(160), "f".repeat(64));
    let search = ["search", &header, "--target", &target, "--nonces", "0..=9"];
    for args in [&TINY[..], &search[..], &["gpu-acceptance"][..]] {
        let mut command = sandbox.command(args);
        command.env("RUST_MIN_STACK", (1_u64 << 47).to_string());
        let assert = ended(command).code(2);
        has!(stderr(&assert), "error: ");
    }
    assert!(sandbox.result_files().is_empty());

    // Commands that read and compare use the only thread that there is.
    for name in ["a.json", "b.json"] {
        sandbox.file(name, &*PRODUCTS);
    }
    for args in [
        &["compare", "a.json", "b.json"][..],
        &["export", "a.json"],
        &["history", "a.json"],
        &["report", "a.json"],
        &["site", "--example", "small"],
    ] {
        let usual = ended(sandbox.command(args)).get_output().status.code();
        let mut command = sandbox.command(args);
        command.env("RUST_MIN_STACK", (1_u64 << 47).to_string());
        assert_eq!(ended(command).get_output().status.code(), usual, "{args:?}");
    }
}

/// The session that began first runs first, for any user.
#[test]
fn another_user_s_session_is_noticed() {
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let (theirs, ours) = (Sandbox::new(), Sandbox::new());
    let first = {
        let mut command = theirs.command(TINY);
        std::fs::set_permissions(theirs.path(""), Permissions::from_mode(0o777)).unwrap();
        std::os::unix::fs::chown(theirs.path("tmp"), Some(NOBODY), None).unwrap_or_default();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.uid(NOBODY).gid(NOBODY).spawn()
    };
    // Only root may do this, and only if other users may read its directories.
    let Ok(mut first) = first else {
        println!("skipped: no process can be started for another user");
        return;
    };
    while theirs.result_files().is_empty() {
        if first.try_wait().unwrap().is_some() {
            println!("skipped: perwatt does not run for another user here");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let errors = ours.err(0, TINY);
    has!(
        errors,
        &format!("user {NOBODY} is measuring"),
        &format!("process {}", first.id())
    );
    assert!(first.try_wait().unwrap().is_some(), "it was not waited for");
}

/// Any file in the lock's place: nothing outside is changed, and nothing blocks.
#[test]
fn what_lies_in_the_lock_s_place_is_neither_followed_nor_waited_for() {
    let sandbox = Sandbox::new();
    let target = sandbox.path("target");
    // The first session creates it, with or without a runtime directory of the user.
    let runtime = sandbox.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, Permissions::from_mode(0o700)).unwrap();
    let mut command = sandbox.command(TINY);
    command.env("XDG_RUNTIME_DIR", &runtime);
    ended(command).code(0);
    assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    let made = sandbox.files_in("tmp");
    assert_eq!(made.len(), 1, "{made:?}");
    let mode = std::fs::metadata(&made[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let dir = made[0].clone();
    let lock = dir.join("perwatt.lock");
    assert!(lock.is_file());
    std::fs::remove_file(&lock).unwrap();
    symlink(&target, &lock).unwrap();
    let errors = sandbox.err(0, TINY);
    has!(errors, "perwatt.lock", "remove it");
    assert!(!target.exists());

    std::fs::remove_file(&lock).unwrap();
    let made = Command::new("mkfifo").arg(&lock).status().unwrap();
    assert!(made.success());
    let errors = sandbox.err(0, TINY);
    has!(errors, "not a regular file");
    std::fs::remove_file(&lock).unwrap();

    // A directory of this name that another user created first is not used.
    std::fs::set_permissions(&dir, Permissions::from_mode(0o777)).unwrap();
    let errors = sandbox.err(0, TINY);
    has!(errors, "not a private directory of yours");
}
