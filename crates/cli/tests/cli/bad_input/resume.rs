//! Refusals of `perwatt run --resume`, which leave the file untouched.

use perwatt_host::MachineKey;
use perwatt_record::commitment;

use super::*;
use crate::records::typed;

fn resume(path: &Path) -> [&OsStr; 3] {
    ["run".as_ref(), "--resume".as_ref(), path.as_os_str()]
}

/// Checks that resuming is refused and that the file and its directory stay unchanged.
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
    let bytes = unfinished(&PRODUCTS, |record| {
        record.tool.version = "0.0.9".into();
        record.session.id = commitment::id(record).unwrap();
    });
    refused_and_untouched("old.json", &bytes, 3, &["0.0.9", "build", "new session"]);
}

#[test]
fn a_record_of_another_machine() {
    let mut key = String::new();
    let bytes = unfinished(&PRODUCTS, |record| {
        record.host.cpu.model = Some("another".into());
        record.machine = MachineKey::of(&record.host);
        record.session.id = commitment::id(record).unwrap();
        key.clone_from(&record.machine.key);
    });
    refused_and_untouched("theirs.json", &bytes, 3, &[&key, "machine", "new session"]);
}

#[test]
fn a_record_of_a_twin() {
    if typed(&PRODUCTS).host.specimen.is_none() {
        println!("skipped: this machine has no machine id");
        return;
    }
    let twin = "0".repeat(32);
    let bytes = unfinished(&PRODUCTS, |record| {
        record.host.specimen = Some(twin.clone());
    });
    let says = ["another machine of the same model", &twin, "new session"];
    refused_and_untouched("twin.json", &bytes, 3, &says);
}

#[test]
fn a_record_with_other_meters() {
    let bytes = unfinished(&PRODUCTS, |record| {
        let meter = perwatt_record::fixture::counter("plug", None);
        record.meters.push(meter);
    });
    refused_and_untouched("plug.json", &bytes, 3, &["meters", "plug", "none"]);
}

/// A record cannot be resumed on fewer CPUs, with or without a requested number of threads.
#[cfg(target_os = "linux")]
#[test]
fn a_record_that_was_begun_on_more_cpus() {
    let allowed = perwatt_host::cpus::allowed(Path::new("/")).cpus;
    let taskset = std::process::Command::new("taskset").arg("-V").output();
    if allowed.len() < 2 || taskset.is_err() {
        println!("skipped: one CPU, or no taskset");
        return;
    }
    let sandbox = Sandbox::new();
    let path = sandbox.file("more.json", unfinished(&PRODUCTS, |_| {}));
    let usual = sandbox.command(resume(&path));
    let mut command = std::process::Command::new("taskset");
    command.args(["-c", &allowed[0].to_string()]);
    command.arg(usual.get_program()).args(usual.get_args());
    command.current_dir(sandbox.path(""));
    for (name, value) in usual.get_envs().filter_map(|(n, v)| Some((n, v?))) {
        command.env(name, value);
    }
    let errors = stderr(&crate::sandbox::ended(command).code(3));
    has!(errors, "set of usable CPUs");
}

#[test]
fn together_with_a_plan() {
    for (option, value) in [
        ("--rounds", "3"),
        ("--label", "x"),
        ("--node", "n01"),
        ("--out", "elsewhere"),
        ("--suite", "full"),
    ] {
        misused(
            &["run", "--resume", "f.json", option, value],
            &["--resume", option, "cannot be used with"],
        );
    }
}
