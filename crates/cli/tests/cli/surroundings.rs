//! Hostile surroundings: streams that take nothing, clocks set to anything, no memory
//! for a thread, libraries that crash, and what lies in the way of the lock.

#![cfg(target_os = "linux")]

use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use perwatt_record::schema::{FailureKind, Status};

use crate::records::{HASHES, PRODUCTS, edited, typed, unfinished};
use crate::sandbox::{Sandbox, TINY, ended, printed_path, stderr, stdout};

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe that nobody reads any more.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(command: &mut Command) -> Option<i32> {
    command.stdin(Stdio::null()).status().unwrap().code()
}

/// The one record of a sandbox, whole and complete.
fn assert_complete(sandbox: &Sandbox) {
    let files = sandbox.result_files();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(typed(&std::fs::read(&files[0]).unwrap()).complete);
    sandbox
        .perwatt(["check".as_ref(), files[0].as_os_str()])
        .code(0);
}

#[test]
fn progress_that_nobody_can_be_told_does_not_end_a_session() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(TINY);
    assert_eq!(code(command.stdout(Stdio::null()).stderr(full())), Some(0));
    assert_complete(&sandbox);

    let sandbox = Sandbox::new();
    let mut shell = Command::new("sh");
    let template = sandbox.command(TINY);
    shell
        .args(["-c", "exec \"$0\" \"$@\" 2>&- >&-"])
        .arg(template.get_program())
        .args(template.get_args())
        .current_dir(sandbox.path(""));
    for (name, value) in template.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
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
    assert!(errors.contains("the record itself is safe in"), "{errors}");
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
        assert_eq!(
            code(command.stdout(full()).stderr(full())),
            Some(2),
            "{verb}"
        );
        let mut command = sandbox.command([verb]);
        assert_eq!(code(command.stdout(closed_pipe())), Some(0), "{verb}");
    }
}

#[test]
fn a_verdict_survives_a_reader_that_leaves() {
    let sandbox = Sandbox::new();
    let good = sandbox.file("good.json", &*HASHES);
    let bad = sandbox.file(
        "bad.json",
        edited(&HASHES, |document| {
            document["session"]["label"] = "better".into()
        }),
    );
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
                // A full disk is an error of its own where all is well.
                let allowed = if expected == 0 { [0, 2] } else { [expected; 2] };
                assert!(
                    found.is_some_and(|found| allowed.contains(&found)),
                    "{format} {files:?}: {found:?}"
                );
            }
        }
    }
    let bad = sandbox.file(
        "wrong.json",
        edited(&HASHES, |document| {
            document["summary"][0]["rate_per_s"]["median"] = 1.0.into();
        }),
    );
    for verb in ["compare", "history", "export", "report"] {
        let mut command = sandbox.command([verb.as_ref(), good.as_os_str(), bad.as_os_str()]);
        let open = code(command.stdout(Stdio::null()).stderr(Stdio::null()));
        let mut command = sandbox.command([verb.as_ref(), good.as_os_str(), bad.as_os_str()]);
        let closed = code(command.stdout(closed_pipe()).stderr(Stdio::null()));
        assert_eq!(closed, open, "{verb}");
        assert_ne!(closed, Some(0), "{verb}");
    }
}

/// A shared library made of this source; none without a compiler.
fn library(sandbox: &Sandbox, name: &str, source: &str) -> Option<PathBuf> {
    let input = sandbox.file(&format!("{name}.c"), source);
    let output = sandbox.path(&format!("{name}.so"));
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&output, &input])
        .status();
    match made {
        Ok(status) => assert!(status.success(), "{name} does not compile"),
        Err(error) => {
            println!("skipped: no C compiler ({error})");
            return None;
        }
    }
    Some(output)
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
        assert!(
            errors.contains(part) && errors.contains("et the clock"),
            "{errors}"
        );
        assert!(sandbox.result_files().is_empty());
        at(time, &["check", record.to_str().unwrap()]).code(0);
        at(time, &["env"]).code(0);
    }
    // Odd, and a time all the same.
    let assert = at("5", &TINY).code(0);
    let path = printed_path(&sandbox, &assert);
    let record = typed(&std::fs::read(&path).unwrap());
    assert_eq!(record.session.segments[0].started_unix_s, 5);
    sandbox
        .perwatt(["check".as_ref(), path.as_os_str()])
        .code(0);
}

/// A stack of 128 TiB stands for a machine without memory for one of 2 MiB.
#[test]
fn without_memory_for_a_thread_commands_end_in_an_error() {
    let sandbox = Sandbox::new();
    let header = "00".repeat(76) + "00000000";
    let search = [
        "search",
        &header,
        "--target",
        &"f".repeat(64),
        "--nonces",
        "0..=9",
    ];
    for args in [&TINY[..], &search[..], &["gpu-acceptance"][..]] {
        let mut command = sandbox.command(args);
        command.env("RUST_MIN_STACK", (1_u64 << 47).to_string());
        let assert = ended(command).code(2);
        assert!(stderr(&assert).contains("error: "), "{}", stderr(&assert));
    }
    assert!(sandbox.result_files().is_empty());

    // What reads and compares does it on the one thread that there is.
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

const SGEMM: &str = "
void cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    BEGIN
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int l = 0; l < k; l++) sum += a[i * lda + l] * b[l * ldb + j];
            c[i * ldc + j] = sum;
        }
    END
}
";

fn multiplying(begin: &str, end: &str) -> String {
    let body = SGEMM.replace("BEGIN", begin).replace("END", end);
    format!("#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n{body}")
}

fn at_load(what: &str) -> String {
    let good = multiplying("", "");
    format!("{good}\n__attribute__((constructor)) static void begin(void) {{ {what} }}")
}

/// A product of CBLAS with this library; `extra` follows on the command line.
fn cblas(sandbox: &Sandbox, library: &PathBuf, extra: &[&str]) -> assert_cmd::assert::Assert {
    let args = [
        "run",
        "--workload",
        "matmul/f32:64x64x64",
        "--backend",
        "cblas",
        "--device",
        "cpu",
        "--rounds",
        "1",
        "--seconds",
        "0.2",
        "--threads",
        "1",
    ];
    let mut command = sandbox.command([&args, extra].concat());
    command.env("PERWATT_CBLAS", library);
    ended(command)
}

#[test]
fn a_library_that_crashes_hangs_or_exits_does_so_in_a_worker() {
    let cases = [
        (
            "segv",
            at_load("*(volatile int *)8 = 1;"),
            "ended by signal 11 when it was loaded",
        ),
        ("abort", at_load("abort();"), "ended by signal 6"),
        ("exit", at_load("_exit(0);"), "ended with exit code 0"),
        ("exit-7", at_load("exit(7);"), "ended with exit code 7"),
        ("loop", at_load("for (;;) pause();"), "hung for 15 s"),
        ("hang", multiplying("for (;;);", ""), "hung for 15 s"),
        (
            "call",
            multiplying("", "*(volatile int *)8 = 1;"),
            "ended by signal 11",
        ),
        (
            "said",
            at_load("fprintf(stderr, \"no licence\\n\"); _exit(3);"),
            "no licence",
        ),
    ];
    std::thread::scope(|scope| {
        for (name, source, part) in cases {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let Some(library) = library(&sandbox, name, &source) else {
                    return;
                };
                let errors = stderr(&cblas(&sandbox, &library, &["--dry-run"]).code(2));
                for part in ["cblas", "PERWATT_CBLAS names", name, part, "one that works"] {
                    assert!(errors.contains(part), "{name}: no {part:?} in {errors}");
                }
                assert!(sandbox.result_files().is_empty());
            });
        }
    });
}

/// Ctrl-C is heard while a library hangs.
#[test]
fn a_library_that_hangs_is_not_waited_for_after_an_interrupt() {
    let sandbox = Sandbox::new();
    let Some(library) = library(&sandbox, "loop", &at_load("for (;;) pause();")) else {
        return;
    };
    let mut command = sandbox.command(["run", "--workload", "matmul", "--device", "cpu"]);
    command.env("PERWATT_CBLAS", library);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    crate::faults::wait_for("the worker", || {
        let worker = |pid: &u32| crate::faults::is_worker(*pid);
        crate::faults::children(child.id())
            .iter()
            .any(worker)
            .then_some(())
    });
    let began = std::time::Instant::now();
    crate::faults::signal(child.id(), rustix::process::Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(began.elapsed().as_secs() < 10, "it was waited for");
    assert!(sandbox.result_files().is_empty());
}

#[test]
fn a_broken_library_costs_its_own_rows_alone() {
    let sandbox = Sandbox::new();
    let Some(library) = library(&sandbox, "exit", &at_load("_exit(0);")) else {
        return;
    };
    let mut command = sandbox.command(["list"]);
    command.env("PERWATT_CBLAS", &library);
    let listed = stdout(&ended(command).code(0));
    assert!(listed.contains("ended with exit code 0"), "{listed}");
    assert!(listed.contains("  embedded "), "{listed}");
}

/// What a library prints is no message of its worker, and a product that is wrong only
/// later is found.
#[test]
fn a_library_that_talks_is_heard_and_one_that_errs_is_found_out() {
    let sandbox = Sandbox::new();
    let talks = "printf(\"{\\\"say\\\":\\\"ready\\\"}\\n\"); fflush(stdout);";
    let Some(library) = library(&sandbox, "talks", &multiplying(talks, "")) else {
        return;
    };
    cblas(&sandbox, &library, &[]).code(0);

    let sandbox = Sandbox::new();
    let errs = multiplying("", "if (m == 64) c[0] += 100;");
    let library = self::library(&sandbox, "errs", &errs).unwrap();
    let args = [
        "run",
        "--workload",
        "matmul/f32:64x64x64",
        "--backend",
        "cblas",
        "--device",
        "cpu",
        "--rounds",
        "1",
        "--seconds",
        "0.2",
        "--threads",
        "1",
    ];
    for out in [closed_pipe(), full().into(), Stdio::null()] {
        let mut command = sandbox.command(args);
        command.env("PERWATT_CBLAS", &library).stdout(out);
        assert_eq!(code(command.stderr(Stdio::null())), Some(4));
    }
    let record = typed(&std::fs::read(&sandbox.result_files()[0]).unwrap());
    assert!(
        matches!(&record.runs[0].status, Status::Failed(failure) if failure.kind == FailureKind::Unverified),
        "{:?}",
        record.runs[0].status
    );
}

/// The session that began first goes first, whoever it belongs to.
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
    // Only root may do this, and only where others may look into its directories.
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
    let errors = stderr(&ours.perwatt(TINY).code(0));
    assert!(
        errors.contains(&format!("user {NOBODY} is measuring"))
            && errors.contains(&format!("process {}", first.id())),
        "{errors}"
    );
    assert!(first.try_wait().unwrap().is_some(), "it was not waited for");
}

/// Whatever lies in the lock's place, nothing outside is touched and nothing waits.
#[test]
fn what_lies_in_the_lock_s_place_is_neither_followed_nor_waited_for() {
    let sandbox = Sandbox::new();
    let target = sandbox.path("target");
    // Made by the first session, whether the system has a directory for the user or not.
    let runtime = sandbox.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, Permissions::from_mode(0o700)).unwrap();
    let mut command = sandbox.command(TINY);
    command.env("XDG_RUNTIME_DIR", &runtime);
    ended(command).code(0);
    assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    let made: Vec<PathBuf> = std::fs::read_dir(sandbox.path("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let mode = std::fs::metadata(&made[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let dir = made[0].clone();
    let lock = dir.join("perwatt.lock");
    assert!(lock.is_file());
    std::fs::remove_file(&lock).unwrap();
    symlink(&target, &lock).unwrap();
    let errors = stderr(&sandbox.perwatt(TINY).code(0));
    assert!(
        errors.contains("perwatt.lock") && errors.contains("remove it"),
        "{errors}"
    );
    assert!(!target.exists());

    std::fs::remove_file(&lock).unwrap();
    let made = Command::new("mkfifo").arg(&lock).status().unwrap();
    assert!(made.success());
    let errors = stderr(&sandbox.perwatt(TINY).code(0));
    assert!(errors.contains("not a regular file"), "{errors}");
    std::fs::remove_file(&lock).unwrap();

    // A directory that somebody made first in that name is not used.
    std::fs::set_permissions(&dir, Permissions::from_mode(0o777)).unwrap();
    let errors = stderr(&sandbox.perwatt(TINY).code(0));
    assert!(
        errors.contains("not a directory of yours alone"),
        "{errors}"
    );
}
