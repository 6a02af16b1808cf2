//! What the commands that read records refuse.

use super::*;

/// `show` and `check` refuse the file alike, in either format's exit code.
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
    let report = json(&sandbox.perwatt(args).code(code));
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
    let noise: Vec<u8> = (0..5000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut spoiled = HASHES.clone();
    spoiled[40] = 0xff;
    let cases: [(&str, &[u8]); 5] = [
        ("empty.json", b""),
        ("half.json", half),
        ("noise.json", &noise),
        ("spoiled.json", &spoiled),
        ("tail.json", &[HASHES.as_slice(), b"}"].concat()),
    ];
    for (name, bytes) in cases {
        let path = sandbox.file(name, bytes);
        unreadable(
            &sandbox,
            &path,
            4,
            &["is damaged", "restore it from a copy"],
        );
    }
}

#[test]
fn files_of_another_kind() {
    let sandbox = Sandbox::new();
    let reports: [(&str, &str); 5] = [
        ("array.json", "[1, 2]"),
        ("number.json", "42"),
        ("null.json", "null"),
        (
            "other.json",
            "{\"schema\": {\"name\": \"something-else\", \"major\": 1}}",
        ),
        ("flat.json", "{\"schema\": \"perwatt-record\"}"),
    ];
    for (name, text) in reports {
        let path = sandbox.file(name, text);
        unreadable(
            &sandbox,
            &path,
            2,
            &["not a perwatt record", "perwatt-record"],
        );
    }
}

#[test]
fn a_record_of_a_newer_major_version() {
    let sandbox = Sandbox::new();
    let bytes = resealed(&HASHES, |document| document["schema"]["major"] = 2.into());
    let path = sandbox.file("newer.json", bytes);
    unreadable(
        &sandbox,
        &path,
        2,
        &["2.", "major version 1", "use a perwatt that writes"],
    );
}

#[test]
fn a_record_with_a_field_that_does_not_fit() {
    let sandbox = Sandbox::new();
    let bytes = resealed(&HASHES, |document| {
        document["runs"][0]["work"][3][1] = (-5).into()
    });
    unreadable(
        &sandbox,
        &sandbox.file("negative.json", bytes),
        4,
        &["is damaged", "-5"],
    );
    let bytes = resealed(&HASHES, |document| {
        document.as_object_mut().unwrap().remove("config");
    });
    unreadable(
        &sandbox,
        &sandbox.file("partial.json", bytes),
        4,
        &["is damaged", "config"],
    );
}

#[test]
fn a_file_of_a_gigabyte() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("big.json");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    unreadable(&sandbox, &path, 2, &["larger than", "not a perwatt record"]);
}

#[test]
fn a_file_that_nests_too_deeply() {
    let sandbox = Sandbox::new();
    for (name, open) in [("arrays.json", "["), ("objects.json", "{\"a\":")] {
        let path = sandbox.file(name, open.repeat(200_000));
        unreadable(&sandbox, &path, 4, &["is damaged", "recursion limit"]);
    }
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let sandbox = Sandbox::new();
    let good = sandbox.file("good.json", &*HASHES);
    let bad = sandbox.file("bad.json", "x");
    let absent = sandbox.path("absent.json");
    let args = [
        "check".as_ref(),
        bad.as_os_str(),
        absent.as_os_str(),
        good.as_os_str(),
    ];
    let assert = sandbox.perwatt(args).code(4);
    assert!(stdout(&assert).contains("good.json") && stdout(&assert).ends_with("verified\n"));
    assert!(stderr(&assert).contains("bad.json") && stderr(&assert).contains("absent.json"));
}

#[test]
fn a_record_cannot_move_the_cursor() {
    let sandbox = Sandbox::new();
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{9b}31m";
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
            // As on a terminal: nothing is stripped.
            command.env("CLICOLOR_FORCE", "1");
            let assert = crate::sandbox::ended(command);
            let text = stdout(&assert) + &stderr(&assert);
            let moves = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(moves), "{verb} {}: {text:?}", path.display());
        }
    }
}
