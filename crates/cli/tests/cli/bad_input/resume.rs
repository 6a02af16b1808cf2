//! What `perwatt run --resume` refuses, and leaves untouched.

use super::*;

fn resume(path: &Path) -> [&OsStr; 3] {
    ["run".as_ref(), "--resume".as_ref(), path.as_os_str()]
}

/// Refuses to resume and leaves the file and its directory as they were.
fn refused_and_untouched(name: &str, bytes: &[u8], code: i32, says: &[&str]) {
    let sandbox = Sandbox::new();
    let path = sandbox.file(name, bytes);
    let before = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    refused(&sandbox, resume(&path), code, &[says, &[name]].concat());
    assert!(std::fs::read(&path).unwrap() == bytes, "{name} was changed");
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        before,
        "{name}"
    );
}

#[test]
fn a_file_that_is_missing() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("absent.json");
    refused(
        &sandbox,
        resume(&path),
        2,
        &["absent.json", "check the path"],
    );
    assert!(!path.exists());
}

#[test]
fn a_record_that_is_complete() {
    refused_and_untouched("done.json", &HASHES, 2, &["complete", "nothing to resume"]);
}

#[test]
fn a_file_that_is_no_record() {
    refused_and_untouched("other.json", b"{\"a\": 1}", 2, &["not a perwatt record"]);
    refused_and_untouched("text.json", b"hello", 2, &["not a perwatt record"]);
    refused_and_untouched("empty.json", b"", 2, &["it is empty", "copy"]);
    let half = &HASHES[..HASHES.len() / 2];
    refused_and_untouched("half.json", half, 4, &["damaged", "copy"]);
}

#[test]
fn a_record_that_was_edited() {
    let bytes = unfinished(&HASHES, |_| {});
    let bytes = edited(&bytes, |document| {
        document["session"]["label"] = "better".into()
    });
    refused_and_untouched("edited.json", &bytes, 4, &["digest", "edited"]);
}

#[test]
fn a_record_of_another_build() {
    let bytes = unfinished(&PRODUCTS, |record| record.tool.version = "0.0.9".into());
    refused_and_untouched("old.json", &bytes, 3, &["0.0.9", "build", "new session"]);
}

#[test]
fn a_record_of_another_machine() {
    let key = "0".repeat(64);
    let bytes = unfinished(&PRODUCTS, |record| record.machine.key = key.clone());
    refused_and_untouched("theirs.json", &bytes, 3, &[&key, "machine", "new session"]);
}

#[test]
fn a_record_with_other_meters() {
    let bytes = unfinished(&HASHES, |_| {});
    refused_and_untouched("watts.json", &bytes, 3, &["meters", "user-watts"]);
}

#[test]
fn together_with_a_plan() {
    let sandbox = Sandbox::new();
    for (option, value) in [
        ("--rounds", "3"),
        ("--label", "x"),
        ("--out", "elsewhere"),
        ("--suite", "full"),
    ] {
        let args = ["run", "--resume", "f.json", option, value];
        refused(
            &sandbox,
            args,
            2,
            &["--resume", option, "cannot be used with"],
        );
    }
}
