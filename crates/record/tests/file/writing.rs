//! Writing and naming of files.

use std::fs;
use std::path::Path;

use perwatt_record::check::check;
use perwatt_record::file::read;
use perwatt_record::{Record, RecordFile, WriteError};

use crate::common::*;
use crate::names_in;

#[test]
fn what_was_written_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = honest();
    let file = RecordFile::create(dir.path(), &mut record).unwrap();
    let loaded = read(file.path()).unwrap();
    assert_eq!(loaded.record, record);
    assert_eq!(names_in(dir.path()), [record.file_name()]);
    let report = check(&loaded);
    assert!(!report.failed() && !report.incomplete(), "{report:#?}");
}

#[test]
fn create_makes_directories_and_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let nested = dir.path().join("a/b/c");
    let mut record = honest();
    let path = RecordFile::create(&nested, &mut record)
        .unwrap()
        .path()
        .to_owned();
    let before = fs::read(&path).unwrap();

    let mut other = incomplete(1);
    let error = RecordFile::create(&nested, &mut other).unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }));
    assert!(error.to_string().contains("--out"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names_in(&nested), [record.file_name()]);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = RecordFile::create(&file.join("below"), &mut honest()).unwrap_err();
    assert!(matches!(error, WriteError::Directory { .. }), "{error}");
    assert!(error.to_string().contains("below"));
}

#[test]
fn update_replaces_the_whole_content() {
    let dir = tempfile::tempdir().unwrap();
    let file = RecordFile::create(dir.path(), &mut incomplete(3)).unwrap();
    let mut record = honest();
    file.update(&mut record).unwrap();
    assert_eq!(read(file.path()).unwrap().record, record);
    assert_eq!(names_in(dir.path()), [record.file_name()]);
}

#[test]
fn a_failed_update_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let file = RecordFile::create(&out, &mut incomplete(3)).unwrap();

    // The target cannot be replaced because it is a directory with content.
    let path = file.path().to_owned();
    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir_all(path.join("x")).unwrap();
    let error = file.update(&mut honest()).unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }));
    assert_eq!(names_in(&out), [honest().file_name()]);
    fs::remove_dir_all(&path).unwrap();
    fs::write(&path, &kept).unwrap();

    // The directory is moved away with the old content in it.
    let moved = dir.path().join("moved");
    fs::rename(&out, &moved).unwrap();
    fs::write(&out, "a file where the directory was").unwrap();
    file.update(&mut honest()).unwrap_err();
    assert_eq!(
        fs::read(moved.join(path.file_name().unwrap())).unwrap(),
        kept
    );
    assert_eq!(names_in(&moved), [honest().file_name()]);
    assert_eq!(names_in(dir.path()).len(), 2);
}

#[test]
fn a_record_that_would_not_be_read_back_does_not_replace_the_last_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = RecordFile::create(dir.path(), &mut honest()).unwrap();
    let kept = fs::read(file.path()).unwrap();
    let changes: [fn(&mut Record); 3] = [
        // Written as null, which no reader accepts as a number.
        |record| record.runs[0].energy[0].samples[0].1 = f64::INFINITY,
        // Written as null, which is read as absent.
        |record| record.meters[0].quantum_j = Some(f64::NAN),
        |record| record.summary[0].rate_per_s.as_mut().unwrap().low = Some(f64::INFINITY),
    ];
    for change in changes {
        let mut record = honest();
        change(&mut record);
        let error = file.update(&mut record).unwrap_err();
        assert!(matches!(error, WriteError::Unreadable { .. }), "{error}");
        assert_eq!(fs::read(file.path()).unwrap(), kept);
        let other = dir.path().join("other");
        RecordFile::create(&other, &mut record).unwrap_err();
        assert!(names_in(&other).is_empty());
    }
    assert_eq!(names_in(dir.path()), [honest().file_name(), "other".into()]);
}

/// Temporary files of a process that was killed while it wrote.
#[test]
fn leftovers_of_the_same_record_alone_go_when_it_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "a.json",
        ".perwatt-a-x1Y2z3.tmp",
        ".perwatt-a-b-x1Y2z3.tmp",
        ".perwatt-x1Y2z3.tmp",
    ] {
        fs::write(dir.path().join(name), "half").unwrap();
    }
    RecordFile::open(dir.path().join("a.json"));
    assert_eq!(
        names_in(dir.path()),
        [".perwatt-a-b-x1Y2z3.tmp", ".perwatt-x1Y2z3.tmp", "a.json"]
    );
    // Names of the greatest length that a file system allows are handled.
    let long = dir.path().join(format!("{}.json", "\u{4e16}".repeat(83)));
    RecordFile::open(long.clone())
        .update(&mut honest())
        .unwrap();
    assert_eq!(read(&long).unwrap().record, honest());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_new_record_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (out, target) = (dir.path().join("out"), dir.path().join("target"));
    fs::create_dir(&out).unwrap();
    let link = out.join(honest().file_name());
    std::os::unix::fs::symlink(&target, link).unwrap();
    RecordFile::create(&out, &mut honest()).unwrap_err();
    assert!(!target.exists());
}

#[cfg(unix)]
#[test]
fn archives_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = RecordFile::create(dir.path(), &mut honest()).unwrap();
    let mode = fs::metadata(file.path()).unwrap().permissions().mode();
    // The other bits depend on the user's umask.
    assert_eq!(mode & 0o600, 0o600);
    assert_eq!(mode & 0o111, 0);
}

fn named(change: impl Fn(&mut Record)) -> String {
    let mut record = honest();
    change(&mut record);
    record.file_name()
}

#[test]
fn a_name_tells_time_label_machine_and_session() {
    let record = honest();
    let key = &record.machine.key[..8];
    assert_eq!(
        record.file_name(),
        format!(
            "20251009T085320Z_rack-7_{key}_{}.json",
            &record.session.id[..6]
        )
    );
    assert_ne!(
        record.file_name(),
        named(|r| r.session.id = "fedcba9876543210".into())
    );
    assert_ne!(
        record.file_name(),
        named(|r| r.machine.key = "f".repeat(64))
    );
}

#[test]
fn hostile_names_stay_in_their_directory() {
    #[rustfmt::skip]
    let hostile = [
        "../../x", "/etc/passwd", "..\\..\\x", "a\0b", "a\nb", "ü\u{202e}日本", "", ".", "..",
        "C:\\x", "con", "a b;rm -rf ~", "*?<>|\"",
    ];
    let long = "x".repeat(4000);
    for text in hostile.into_iter().chain([long.as_str()]) {
        let edits: [&dyn Fn(&mut Record); 4] = [
            &|r| r.session.label = text.into(),
            &|r| r.session.id = text.into(),
            &|r| r.machine.key = text.into(),
            &|r| r.session.segments[0].started_utc = text.into(),
        ];
        for edit in edits {
            let name = named(edit);
            assert!(name.len() <= 100, "{name:?}");
            let harmless = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            assert!(name.chars().all(harmless), "{text:?} gives {name:?}");
            let parts: Vec<_> = Path::new(&name).components().collect();
            assert!(
                matches!(parts[..], [std::path::Component::Normal(_)]),
                "{name:?}"
            );
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let mut record = honest();
    record.session.label = "../../x".into();
    RecordFile::create(&out, &mut record).unwrap();
    assert_eq!(names_in(dir.path()), ["out"]);
    assert_eq!(names_in(&out).len(), 1);
    named(|r| r.session.segments.clear());
}
