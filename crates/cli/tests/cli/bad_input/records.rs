//! Refusals of the commands that read records.

use super::*;

/// Checks that `show` and `check`, the latter in both formats, refuse the file with `code`.
fn unreadable(sandbox: &Sandbox, path: &Path, code: i32, says: &[&str]) {
    let name = path.file_name().unwrap().to_str().unwrap();
    for verb in ["show", "check"] {
        refused(
            sandbox,
            [verb.as_ref(), path.as_os_str()],
            code,
            &[says, &[name]].concat(),
        );
    }
    let args = ["check".as_ref(), "--format=json".as_ref(), path.as_os_str()];
    let report = sandbox.json(code, args);
    let error = report[0]["error"]
        .as_str()
        .expect("the report has the error");
    assert!(says.iter().all(|part| error.contains(part)), "{error}");
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = Sandbox::new();
    unreadable(
        &sandbox,
        &sandbox.path("absent.json"),
        2,
        &["cannot read", "check the path"],
    );
    unreadable(&sandbox, &sandbox.path("tmp"), 2, &["cannot read"]);
}

#[test]
fn files_that_are_damaged() {
    let sandbox = Sandbox::new();
    let half = &HASHES[..HASHES.len() / 2];
    let mut spoiled = HASHES.clone();
    spoiled[40] = 0xff;
    let text = String::from_utf8(HASHES.clone()).unwrap();
    let twice = text.replacen("\"runs\":", "\"runs\": [], \"runs\":", 1);
    let cases: [(&str, &[u8], &str); 4] = [
        ("half.json", half, "EOF"),
        ("spoiled.json", &spoiled, "unicode"),
        ("tail.json", &[HASHES.as_slice(), b"}"].concat(), "trailing"),
        ("twice.json", twice.as_bytes(), "the key \"runs\" twice"),
    ];
    for (name, bytes, why) in cases {
        let path = sandbox.file(name, bytes);
        unreadable(
            &sandbox,
            &path,
            4,
            &["is damaged", "restore it from a copy", why],
        );
    }
}

#[test]
fn files_that_never_were_records() {
    let sandbox = Sandbox::new();
    let noise: Vec<u8> = (0..5000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let wide: Vec<u8> = HASHES.iter().flat_map(|byte| [*byte, 0]).collect();
    let cases: [(&str, &[u8], &str); 4] = [
        ("empty.json", b"", "it is empty"),
        ("noise.json", &noise, "binary"),
        ("wide.json", &wide, "save it as UTF-8"),
        ("other.json", b"{\"results\": [1, 2", "not JSON"),
    ];
    for (name, bytes, why) in cases {
        let path = sandbox.file(name, bytes);
        unreadable(&sandbox, &path, 2, &["is not a perwatt record", why]);
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_at_once() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("g/f/new")).unwrap();
    for pipe in ["pipe.json", "g/f/new/sample.json"] {
        let made = std::process::Command::new("mkfifo")
            .arg(sandbox.path(pipe))
            .status();
        assert!(made.unwrap().success());
    }
    let id = br#"{"group_id": "g", "full_id": "g", "title": "g"}"#;
    sandbox.file("g/f/new/benchmark.json", id);
    for file in ["pipe.json", "/dev/zero", "/dev/null"] {
        unreadable(&sandbox, Path::new(file), 2, &["cannot read", "give that"]);
    }
    for args in [
        &["compare", "pipe.json"][..],
        &["gap", "pipe.json"],
        &["history", "pipe.json"],
        &["report", "pipe.json"],
        &["export", "pipe.json"],
        &["run", "--resume", "pipe.json"],
        &["join", "pipe.json", "--meter", "csv=log.csv,boundary=wall"],
        &["import-criterion", "g"],
    ] {
        let assert = sandbox.perwatt(args);
        assert_ne!(assert.get_output().status.code(), Some(0), "{args:?}");
        let said = stderr(&assert);
        assert!(said.contains("it is a pipe"), "{args:?}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn directories_that_link_to_themselves_are_read_once() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("d/a/b")).unwrap();
    for (link, to) in [("d/up", "."), ("d/a/up", ".."), ("d/a/b/top", "../..")] {
        std::os::unix::fs::symlink(to, sandbox.path(link)).unwrap();
    }
    sandbox.file("d/a/b/one.json", &*HASHES);
    let assert = sandbox
        .perwatt(["export", "d", "--format", "ndjson"])
        .code(0);
    let paths = stdout(&assert);
    assert!(paths.lines().all(|line| line.contains("d/a/b/one.json")));
    sandbox.ends(2, ["import-criterion", "d"]);
}

#[test]
fn more_threads_than_any_machine_has_are_not_started() {
    let sandbox = Sandbox::new();
    sandbox.file("one.json", &*HASHES);
    for asked in ["5000000", "18446744073709551616", "0", "-3", "many"] {
        let mut command = sandbox.command(["export", "one.json"]);
        command.env("RAYON_NUM_THREADS", asked);
        crate::sandbox::ended(command).code(0);
    }
    let mut command = sandbox.command(TINY);
    command.env("RAYON_NUM_THREADS", "5000000");
    crate::sandbox::ended(command).code(0);
}

/// Parsed into a JSON tree, the record would take 90 times its size.
#[cfg(target_os = "linux")]
#[test]
fn a_record_of_small_objects_is_refused_in_little_memory() {
    let sandbox = Sandbox::new();
    let text = String::from_utf8(HASHES.clone()).unwrap();
    let objects = "{\"a\":0},".repeat(2 << 20);
    let swollen = text.replacen(
        "\"runs\":",
        &format!("\"later\": [{objects}0], \"runs\":"),
        1,
    );
    sandbox.file("swollen.json", swollen);
    for verb in ["check", "show", "export", "compare"] {
        let mut command = std::process::Command::new("sh");
        command.current_dir(sandbox.path("")).args([
            "-c",
            "ulimit -v 400000; exec \"$0\" \"$1\" swollen.json",
            env!("CARGO_BIN_EXE_perwatt"),
            verb,
        ]);
        let assert = crate::sandbox::ended(command);
        let said = stderr(&assert);
        assert!(said.contains("small values"), "{verb}: {said}");
    }
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let sandbox = Sandbox::new();
    let good = sandbox.file("good.json", &*HASHES);
    let bad = sandbox.file("bad.json", &HASHES[..HASHES.len() / 2]);
    let absent = sandbox.path("absent.json");
    let args = [
        "check".as_ref(),
        bad.as_os_str(),
        absent.as_os_str(),
        good.as_os_str(),
    ];
    let assert = sandbox.perwatt(args).code(4);
    assert!(stdout(&assert).contains("good.json") && stdout(&assert).ends_with("verified\n"));
    has!(stderr(&assert), "bad.json", "absent.json");
}

#[test]
fn a_record_cannot_move_the_cursor() {
    let sandbox = Sandbox::new();
    let hostile = "\u{1b}[2J\u{1b}[35m\u{1b}]0;owned\u{7}\r\n\u{9b}31m";
    let bytes = resealed(&HASHES, |document| {
        document["session"]["label"] = hostile.into();
        document["session"]["note"] = hostile.into();
        document["host"]["cpu"]["model"] = hostile.into();
        document["plan"]["entries"][0]["id"] = hostile.into();
        document["plan"]["entries"][0]["backend"] = hostile.into();
        document["plan"]["entries"][0]["workload"]["name"] = hostile.into();
        document["plan"]["skipped"] =
            serde_json::json!([{ "what": hostile, "reason": hostile, "fix": hostile }]);
        document["meters"][0]["id"] = hostile.into();
    });
    let forged = sandbox.file("forged.json", bytes);
    let bytes = resealed(&HASHES, |document| {
        document["runs"][0]["status"]["state"] = hostile.into()
    });
    let misshapen = sandbox.file("misshapen.json", bytes);
    for verb in ["show", "check"] {
        for path in [&forged, &misshapen] {
            let mut command = sandbox.command([verb.as_ref(), path.as_os_str()]);
            // Colours are written as on a terminal: those of the program itself.
            command.env("CLICOLOR_FORCE", "1");
            let assert = crate::sandbox::ended(command);
            let text = stdout(&assert) + &stderr(&assert);
            let text = ["[0m", "[1m", "[31m", "[32m", "[33m"]
                .iter()
                .fold(text, |text, code| {
                    text.replace(&format!("\u{1b}{code}"), "")
                });
            let moves = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(moves), "{verb} {}: {text:?}", path.display());
        }
    }
}
