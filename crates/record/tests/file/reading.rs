//! Reading of records, damaged records and other files.

use std::fs;
use std::path::Path;

use perwatt_record::check::check;
use perwatt_record::file::{Loaded, MAX_BYTES, parse, read};
use perwatt_record::schema::SCHEMA_MINOR;
use perwatt_record::{ReadError, Record, criterion, digest, light};
use serde_json::{Value, json};

use crate::common::*;

fn parse_value(value: &Value) -> Result<Loaded, ReadError> {
    parse(Path::new("some.json"), value.to_string().as_bytes())
}

fn document() -> Value {
    serde_json::to_value(honest()).unwrap()
}

/// The errors that both readers report for these bytes.
fn errors(name: &str, bytes: &[u8]) -> [ReadError; 2] {
    let path = Path::new(name);
    [
        parse(path, bytes).unwrap_err(),
        light::parse(path, bytes).unwrap_err(),
    ]
}

#[test]
fn a_file_is_laid_out_for_people() {
    let text = String::from_utf8(honest().to_bytes().unwrap()).unwrap();
    assert!(text.starts_with("{\n  \"schema\": {\n    \"name\": \"perwatt-record\""));
    assert!(text.ends_with("}\n"));
    // Each series takes one line, however long.
    assert!(
        text.lines()
            .any(|line| line.trim_start().starts_with("\"work\": [["))
    );
}

#[test]
fn unreadable_files_are_told_from_damaged_ones() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.json");
    let error = read(&missing).unwrap_err();
    assert!(matches!(error, ReadError::Io(_)));
    assert!(!error.is_damage());
    assert!(error.to_string().contains("missing.json"), "{error}");
    assert!(matches!(read(dir.path()).unwrap_err(), ReadError::Io(_)));

    let empty = dir.path().join("empty.json");
    fs::write(&empty, "").unwrap();
    let error = read(&empty).unwrap_err();
    assert!(matches!(error, ReadError::NotARecord { .. }));
    assert!(error.to_string().contains("empty.json"), "{error}");
    assert!(error.to_string().contains("it is empty"), "{error}");
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_files_of_the_kernel_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket.json");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, named) in [
        (socket.as_path(), "a socket"),
        (Path::new("/dev/zero"), "a device"),
        #[cfg(target_os = "linux")]
        (Path::new("/proc/self/maps"), "/proc"),
    ] {
        for error in [
            read(path).unwrap_err(),
            light::read(path).unwrap_err(),
            criterion::read(path).unwrap_err(),
        ] {
            assert!(matches!(error, ReadError::NotAFile { .. }), "{error}");
            assert!(!error.is_damage());
            let text = error.to_string();
            assert!(text.contains(named) && text.contains("give that"), "{text}");
        }
    }
}

#[test]
fn a_file_cut_short_is_damaged() {
    let bytes = honest().to_bytes().unwrap();
    let beginning = 1..100;
    let all = beginning.chain((997..bytes.len() - 1).step_by(997));
    for length in all.chain([bytes.len() - 2]) {
        let error = parse(Path::new("cut.json"), &bytes[..length]).unwrap_err();
        assert!(
            matches!(error, ReadError::NotJson { .. }),
            "{length}: {error}"
        );
    }
}

#[test]
fn what_was_never_a_record_is_not_called_damaged() {
    let garbage: Vec<u8> = (0..5000u32).map(|i| ((i * 7919) >> 3) as u8).collect();
    let record = honest().to_bytes().unwrap();
    let wide: Vec<u8> = record.iter().flat_map(|byte| [*byte, 0]).collect();
    #[rustfmt::skip]
    let cases: [(&[u8], &str); 10] = [
        (&garbage, "binary"),
        (b"", "it is empty"),
        (b"hello", "not a JSON object"),
        (b"<html><body>404</body></html>", "HTML"),
        (b"\x1f\x8b\x08\x00\x00", "decompress it first"),
        (&wide, "UTF-16"),
        (&[b"\xef\xbb\xbf", record.as_slice()].concat(), "byte order mark"),
        (b"{\"results\": [", "not JSON"),
        (b"{'schema': 1}", "not JSON"),
        (br#"{"schema": {"name": "hyperfine"}, "x": ["#, "schema.name"),
    ];
    for (bytes, said) in cases {
        for error in errors("other", bytes) {
            assert!(matches!(error, ReadError::NotARecord { .. }), "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}

#[test]
fn what_is_in_a_record_twice_is_refused_by_name() {
    let text = String::from_utf8(honest().to_bytes().unwrap()).unwrap();
    for (key, again) in [
        ("complete", "\"complete\": false, \"complete\":"),
        ("runs", "\"runs\": [], \"runs\":"),
        ("rate_per_s", "\"rate_per_s\": 1.5, \"rate_per_s\":"),
        ("shape", "\"shape\": \"1x1x1\", \"shape\":"),
        ("runs", "\"ru\\u006es\": [], \"runs\":"),
        (
            "later",
            "\"later\": {\"later\": 1}, \"later\": 2, \"complete\":",
        ),
    ] {
        let field = again.rsplit(' ').next().unwrap();
        let doubled = text.replacen(field, again, 1);
        assert_ne!(doubled, text, "{key}");
        for error in errors("twice.json", doubled.as_bytes()) {
            assert!(error.is_damage(), "{error}");
            let named = format!("twice.json is damaged: it has the key \"{key}\" twice");
            assert!(error.to_string().starts_with(&named), "{error}");
        }
    }
}

#[test]
fn records_whose_keys_were_sorted_are_read() {
    let mut sorted = document();
    sorted.sort_all_objects();
    let text = serde_json::to_string(&sorted).unwrap();
    assert!(text.starts_with("{\"channels\""));
    assert!(!check(&parse(Path::new("sorted.json"), text.as_bytes()).unwrap()).failed());
    assert!(light::parse(Path::new("sorted.json"), text.as_bytes()).is_ok());
}

#[test]
fn small_values_without_number_are_refused_before_they_fill_memory() {
    let text = String::from_utf8(honest().to_bytes().unwrap()).unwrap();
    for one in ["0,", "{},", "[0,0],", "{\"a\":0},", "\"\","] {
        let many = one.repeat((8 << 20) / one.len());
        for field in ["later", "note", "samples"] {
            let added = format!("{{\"{field}\": [{many}0],");
            let text = text.replacen('{', &added, 1);
            for error in errors("heavy.json", text.as_bytes()) {
                let said = error.to_string();
                assert!(
                    said.contains("small values") || said.contains("first 8192"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn more_than_any_session_has_is_refused() {
    let long = "x".repeat(10_000);
    type Edit<'a> = &'a dyn Fn(&mut Record);
    #[rustfmt::skip]
    let cases: [(&str, Edit); 6] = [
        ("300 meters", &|r| r.meters = vec![r.meters[0].clone(); 300]),
        ("5000 entries", &|r| { r.plan.entries = vec![r.plan.entries[0].clone(); 5000] }),
        ("5000 rows", &|r| { r.summary = vec![r.summary[0].clone(); 5000] }),
        ("5000 segments", &|r| { r.session.segments = vec![r.session.segments[0].clone(); 5000] }),
        ("names of", &|r| r.session.label = long.clone()),
        ("names of", &|r| {
            let params = &mut r.plan.entries[0].workload.params;
            params.insert("shape".into(), long.clone());
        }),
    ];
    for (named, edit) in cases {
        let mut record = honest();
        edit(&mut record);
        let bytes = record.to_bytes().unwrap();
        for error in errors("many.json", &bytes) {
            let said = error.to_string();
            assert!(said.contains("is not a perwatt record"), "{said}");
            assert!(said.contains(named), "{said}");
        }
    }
}

#[test]
fn what_spoils_a_record_is_damage() {
    let mut bytes = honest().to_bytes().unwrap();
    bytes.extend_from_slice(b"{}");
    assert!(matches!(
        parse(Path::new("tail"), &bytes),
        Err(ReadError::NotJson { .. })
    ));
    let quoted = bytes.iter().position(|b| *b == b'-').unwrap();
    bytes[quoted] = 0xff;
    assert!(matches!(
        parse(Path::new("utf8"), &bytes),
        Err(ReadError::NotJson { .. })
    ));
}

#[test]
fn json_of_another_kind_is_not_a_record() {
    let others = [
        json!({}),
        json!([]),
        json!(null),
        json!(7),
        json!({ "schema": "perwatt-record" }),
        json!({ "schema": { "name": "hyperfine", "major": 1, "minor": 0 } }),
        json!({ "schema": { "name": 1 } }),
    ];
    for other in others {
        let error = parse_value(&other).unwrap_err();
        assert!(
            matches!(error, ReadError::NotARecord { .. }),
            "{other}: {error}"
        );
        assert!(!error.is_damage());
    }
}

#[test]
fn another_major_version_is_refused_by_name() {
    for (major, minor, named) in [
        (json!(2), json!(3), "2.3"),
        (json!(0), json!(9), "0.9"),
        (json!("1"), json!(0), "\"1\""),
    ] {
        let mut document = document();
        document["schema"]["major"] = major;
        document["schema"]["minor"] = minor;
        let error = parse_value(&document).unwrap_err();
        assert!(matches!(error, ReadError::OtherMajor { .. }), "{error}");
        let remedy = format!("use a perwatt that writes {named}");
        assert!(error.to_string().contains(&remedy), "{error}");
    }
    let mut document = document();
    document["schema"].as_object_mut().unwrap().remove("major");
    assert!(matches!(
        parse_value(&document),
        Err(ReadError::OtherMajor { .. })
    ));
}

#[test]
fn a_newer_minor_version_is_read_and_its_seal_covers_what_it_adds() {
    let mut document = document();
    document["schema"]["minor"] = json!(SCHEMA_MINOR + 1);
    document["weather"] = json!({ "inlet_c": 21.5 });
    document["runs"][0]["fan_rpm"] = json!([1200, 1300]);
    document["digest"] = json!(digest::of_document(&document).unwrap());
    let report = check(&parse_value(&document).unwrap());
    assert!(!report.failed(), "{report:#?}");

    document["weather"]["inlet_c"] = json!(11.5);
    assert!(check(&parse_value(&document).unwrap()).failed());
}

#[test]
fn fields_that_do_not_fit_are_named() {
    let cases: [(&str, Value, &str); 6] = [
        ("/complete", json!("yes"), "boolean"),
        ("/runs/0/entry", json!(-1), "-1"),
        ("/runs/0/entry", json!(4_294_967_296u64), "4294967296"),
        ("/runs/0/work/0/1", json!(1.5), "1.5"),
        ("/runs/0/status", json!({ "state": "splendid" }), "splendid"),
        ("/plan/entries/0/unit", json!("kWh"), "kWh"),
    ];
    for (at, value, named) in cases {
        let mut document = document();
        *document.pointer_mut(at).unwrap() = value;
        let error = parse_value(&document).unwrap_err();
        assert!(matches!(error, ReadError::Shape { .. }), "{at}: {error}");
        assert!(
            error.is_damage() && error.to_string().contains(named),
            "{at}: {error}"
        );
    }
    let fields: Vec<String> = document().as_object().unwrap().keys().cloned().collect();
    // Fields of later minor versions may be missing.
    for field in fields
        .iter()
        .filter(|f| !["schema", "channels", "idle", "joined"].contains(&f.as_str()))
    {
        let mut document = document();
        document.as_object_mut().unwrap().remove(field);
        let error = parse_value(&document).unwrap_err();
        assert!(
            error.to_string().contains(field.as_str()),
            "{field}: {error}"
        );
    }
}

#[test]
fn numbers_that_overflow_are_errors() {
    let text = String::from_utf8(honest().to_bytes().unwrap()).unwrap();
    for number in [
        "99999999999999999999999999",
        "1e999",
        "-3",
        "0x10",
        "NaN",
        "Infinity",
    ] {
        let changed = text.replacen("\"seed\": 42", &format!("\"seed\": {number}"), 1);
        assert_ne!(changed, text);
        assert!(
            parse(Path::new("n.json"), changed.as_bytes())
                .unwrap_err()
                .is_damage(),
            "{number}"
        );
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
    let record = String::from_utf8(honest().to_bytes().unwrap()).unwrap();
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let error = parse(Path::new("deep.json"), text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::NotARecord { .. }), "{error}");
        let within = record.replacen("\"complete\"", &format!("\"later\": {text}"), 1);
        let error = parse(Path::new("deep.json"), within.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::NotJson { .. }), "{error}");
        assert!(light::parse(Path::new("deep.json"), within.as_bytes()).is_err());
    }
}

#[test]
fn a_huge_file_is_refused_by_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.json");
    fs::File::create(&path)
        .unwrap()
        .set_len(MAX_BYTES + 1)
        .unwrap();
    let error = read(&path).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("huge.json"));
}
