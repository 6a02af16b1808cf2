//! Devices, meters and the machine in the output of `list`, `doctor` and `env`.

use serde_json::Value;

use crate::sandbox::{Sandbox, flat, has, items, json, stderr, stdout, word, words};

#[test]
fn list_tells_why_a_thing_cannot_be_used() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, ["list"]);
    let list = sandbox.json(0, ["list", "--format", "json"]);
    let mut kinds = Vec::new();
    for workload in items(&list["workloads"]) {
        kinds.extend(items(&workload["kinds"]).iter().map(word));
        assert!(word(&workload["description"]).len() > 20);
        for backend in items(&workload["backends"]) {
            let name = match word(&backend["device"]) {
                "cpu" => word(&backend["name"]).to_owned(),
                device => format!("{device} {}", word(&backend["name"])),
            };
            let mut lines = text.lines().map(str::trim_start);
            assert!(lines.any(|line| line.starts_with(&name)), "{name}");
            let why = backend["unavailable"].as_str();
            assert_eq!(backend["available"], why.is_none(), "{backend}");
            match why {
                Some(why) => {
                    assert!(why.len() > 10, "{backend}");
                    has!(flat(&text), &flat(&format!("unavailable: {why}")));
                }
                None => assert_ne!(word(&backend["detail"]), "", "{backend}"),
            }
        }
    }
    for kind in words("sha256d matmul/f32 stream/read stream/write stream/triad") {
        assert!(kinds.contains(&kind) && text.contains(kind), "{kind}");
    }
    assert_eq!(list["devices"][0]["name"], "cpu");
    assert!(list["devices"][0]["threads"].as_u64().unwrap() > 0);
    assert_ne!(word(&list["devices"][0]["threads_reason"]), "");

    let meters = items(&list["meters"]);
    assert!(!meters.is_empty());
    for meter in meters {
        match (&meter["available"], &meter["unavailable"]) {
            (info @ Value::Object(_), Value::Null) => assert!(info["id"].is_string()),
            (Value::Null, why @ Value::Object(_)) => {
                assert!(word(&why["detail"]).len() > 10, "{why}");
                has!(text, word(&why["id"]));
            }
            other => panic!("a meter is available or not: {other:?}"),
        }
    }
    assert!(flat(&text).contains("perwatt doctor says why"), "{text}");
}

#[test]
fn doctor_names_every_source_and_why_it_is_absent() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, ["doctor"]);
    let document = sandbox.json(0, ["doctor", "--format", "json"]);
    let ids = |list: &Value, at: &str| -> Vec<String> {
        let id = |one: &Value| one.pointer(at).unwrap().as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(id).collect()
    };
    let available = ids(&document["available"], "/meter/id");
    let absent = ids(&document["unavailable"], "/id");
    #[rustfmt::skip]
    let cases = [
        "rapl", "rapl-perf", "nvml", "amdgpu", "intel-gpu", "battery", "acpi-power", "ina3221",
        "user-watts",
    ];
    for kind in cases {
        let named = |id: &String| id == kind || id.starts_with(&format!("{kind}:"));
        assert!(available.iter().chain(&absent).any(named), "{kind}");
        assert!(text.contains(&format!("  {kind}")), "{kind}: {text}");
    }
    let all = flat(&text);
    for why in document["unavailable"].as_array().unwrap() {
        for key in ["looked_for", "detail"] {
            let said = why[key].as_str().unwrap();
            assert!(said.len() > 5 && all.contains(&flat(said)), "{why}");
        }
        if let Some(fix) = why["fix"].as_str() {
            assert!(all.contains(&flat(fix)), "{why}");
        }
    }
    for usage in ids(&document["on_request"], "/usage") {
        assert!(all.contains(&flat(&usage)), "{usage}");
    }
}

#[test]
fn doctor_reads_what_it_finds() {
    let sandbox = Sandbox::new();
    let args = words("doctor --meter user-watts --watts 65 --format json");
    let document = sandbox.json(0, args);
    let meter = &document["available"][0];
    assert_eq!(meter["power_w"], 65.0);
    assert_eq!(meter["best_grade"], "E");
    assert_eq!(document["available"].as_array().unwrap().len(), 1);
    // A meter that is asked for by name and cannot be read is a finding; one that is not
    // asked for is not.
    let dead = "json=http://127.0.0.1:1/secret,pointer=/p,unit=W,boundary=wall,timeout=2";
    let asked = sandbox.perwatt(["doctor", "--meter", dead]).code(1);
    has!(stdout(&asked), "sources that cannot be read");
    has!(stderr(&asked), "not readable: json=http://127.0.0.1:1");
    assert!(!(stdout(&asked) + &stderr(&asked)).contains("secret"));
    let error = sandbox.err(2, ["doctor", "--meter", "warp"]);
    has!(error, "unknown meter \"warp\"", "rapl");
}

#[test]
fn env_describes_the_machine_and_says_what_it_could_not_read() {
    let sandbox = Sandbox::new();
    let text = sandbox.out(0, ["env"]);
    let env = sandbox.json(0, ["env", "--format", "json"]);
    let key = env["machine"]["key"].as_str().unwrap();
    let hex = key.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(key.len() == 64 && hex, "{key}");
    assert!(text.starts_with("machine key"), "{text}");
    has!(text, &key[..8], env!("CARGO_PKG_VERSION"));
    assert_eq!(env["tool"]["name"], "perwatt");
    for fact in items(&env["host"]["missing"]) {
        let reason = fact["reason"].as_str().or(fact["detail"].as_str());
        assert!(reason.is_some_and(|reason| !reason.is_empty()), "{fact}");
    }
    let again = sandbox.json(0, ["env", "--format", "json"]);
    assert_eq!(again["machine"], env["machine"], "a machine keeps its key");
}

/// Collects all strings in a document.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(map) => map.iter().for_each(|(key, item)| {
            found.push(key);
            strings(item, found);
        }),
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn a_description_of_the_machine_does_not_name_it() {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_str().unwrap().to_lowercase();
    let name = name.split('.').next().unwrap();
    let env = json(&Sandbox::new().perwatt(["env", "--format", "json"]).code(0));
    let mut found = Vec::new();
    strings(&env["host"], &mut found);
    strings(&env["machine"], &mut found);
    assert!(found.len() > 20);
    // The test proves nothing if the machine has the name of its system or hypervisor.
    if words("debian ubuntu fedora linux vm kvm host cpu").contains(&name) {
        eprintln!("skipped: this machine has the telling name {name:?}");
        return;
    }
    for text in found {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
        let named = words.any(|word| word == name);
        assert!(!named, "{text:?} names the machine");
    }
}
