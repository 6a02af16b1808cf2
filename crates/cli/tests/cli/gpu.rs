//! Sessions on GPUs: hardware ones, software adapters, and machines without any.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::records::document;
use crate::sandbox::{
    Sandbox, ended, flat, has, items, lacks, printed_path, stderr, stdout, word, words,
};

/// One short run of the search on the first GPU.
#[rustfmt::skip]
const HASHING: [&str; 10] = [
    "run", "--workload", "sha256d", "--device", "gpu:0", "--rounds", "1", "--seconds", "0.4",
    "--format=text",
];

/// The GPUs that `list` shows; prints that the test is skipped if there are none.
fn gpus(sandbox: &Sandbox) -> Vec<Value> {
    let list = sandbox.json(0, ["list", "--format", "json"]);
    let devices = items(&list["devices"]).iter();
    let gpus = devices.filter(|device| device["name"] != "cpu");
    let gpus: Vec<Value> = gpus.cloned().collect();
    if gpus.is_empty() {
        eprintln!("skipped: there is no adapter; Debian's mesa-vulkan-drivers has a software one");
    }
    gpus
}

/// A command that runs without GPU drivers.
fn without_drivers<'a>(sandbox: &Sandbox, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = sandbox.command(args);
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(name, sandbox.path("no-such-driver.json"));
    }
    command
}

#[test]
fn a_gpu_is_described_where_it_is_listed() {
    let sandbox = Sandbox::new();
    let text = flat(&sandbox.out(0, ["list"]));
    for gpu in gpus(&sandbox) {
        for field in ["name", "model", "interface"] {
            let value = word(&gpu[field]);
            assert_ne!(value, "", "{field}: {gpu}");
            has!(text, &flat(value));
        }
        let limits = gpu["limits"].as_object().unwrap();
        assert!(limits["max_storage_binding_bytes"].as_u64().unwrap() > 0);
        limits.keys().for_each(|name| has!(text, name));
    }
}

#[test]
fn hashes_on_a_gpu_are_proven_and_the_form_of_the_kernel_is_remembered() {
    let sandbox = Sandbox::new();
    let Some(gpu) = gpus(&sandbox).into_iter().next() else {
        return;
    };
    let first = sandbox.perwatt(HASHING).code(0);
    let path = printed_path(&sandbox, &first);
    sandbox.about("check", &path).code(0);
    let read = |path: &Path| document(&std::fs::read(path).unwrap());
    let record = read(&path);
    assert_eq!(record["plan"]["gpus"][0], gpu);
    let entry = &record["plan"]["entries"][0];
    assert_eq!(entry["device"], "gpu:0");
    let variant = word(&entry["variant"]);
    has!(variant, "or");
    assert!(record["runs"][0]["device_time"]["dispatches"].as_u64() > Some(3));
    assert!(!items(&record["runs"][0]["proof"]["shares"]).is_empty());
    let text = stdout(&first);
    assert!(text.contains("MH/s") || text.contains("GH/s"), "{text}");
    let software = gpu["kind"] == "software";
    assert_eq!(text.contains("software adapter"), software, "{text}");

    // The kernels were tuned once; the result is in the cache.
    let cache = sandbox.path("cache").join("gpu-tuning.json");
    let found = std::fs::read(&cache).unwrap();
    let second = sandbox.perwatt(HASHING).code(0);
    let record = read(&printed_path(&sandbox, &second));
    assert_eq!(record["plan"]["entries"][0]["variant"], variant);
    assert_eq!(std::fs::read(&cache).unwrap(), found);
}

#[test]
fn a_machine_without_a_gpu_says_so() {
    let sandbox = Sandbox::new();
    let list = ended(without_drivers(&sandbox, ["list"])).code(0);
    has!(stdout(&list), "none: no driver");
    for device in ["gpu", "gpu:0", "geforce"] {
        let run = ["run", "--workload", "sha256d", "--device", device];
        let refused = ended(without_drivers(&sandbox, run)).code(2);
        let text = stderr(&refused);
        has!(text, &format!("{device:?}"), "no GPU");
    }
    assert!(sandbox.result_files().is_empty());
    // Backends that need no GPU are still planned.
    let run = ["run", "--workload", "sha256d", "--dry-run"];
    let planned = stdout(&ended(without_drivers(&sandbox, run)).code(0));
    has!(planned, "sha256d/cpu/");
    lacks!(planned, "gpu");
}

#[test]
fn a_device_that_does_not_exist_is_named_with_those_that_do() {
    let sandbox = Sandbox::new();
    let text = sandbox.err(2, words("run --workload sha256d --device gpu:77"));
    has!(text, "\"gpu:77\"", "\"cpu\"");
    for gpu in gpus(&sandbox) {
        has!(text, gpu["model"].as_str().unwrap());
    }
}

/// Products in all formats, a model's pass, and bandwidth, small enough for any adapter.
#[test]
fn every_kind_of_work_on_a_gpu_is_verified() {
    let sandbox = Sandbox::new();
    let Some(gpu) = gpus(&sandbox).into_iter().next() else {
        return;
    };
    let has_half = gpu["features"].as_array().unwrap().contains(&"f16".into());
    let mut kinds = vec![
        "matmul/f32:33x65x129",
        "matmul/i8:33x65x129",
        "gemv/i8:llama8b-1of16-decode1",
        "gemv/f16:1x515x1027",
        "stream/triad",
    ];
    if has_half {
        kinds.extend(["matmul/f16:33x65x129", "matmul/f16-f32:33x65x129"]);
    }
    // Long enough for a software adapter whose CPUs have other work too.
    let mut args = words("run --device gpu:0 --backend wgsl --rounds 1 --seconds 0.5");
    args.extend(kinds.iter().flat_map(|kind| ["--workload", *kind]));
    let run = sandbox.perwatt(args).code(0);
    let path = printed_path(&sandbox, &run);
    sandbox.about("check", &path).code(0);
    let record = document(&std::fs::read(&path).unwrap());
    assert_eq!(items(&record["plan"]["entries"]).len(), kinds.len());
    for row in items(&record["summary"]) {
        assert_eq!(row["verified"], true, "{row}");
    }
    let shown = sandbox.about("show", &path).code(0);
    has!(flat(&stdout(&shown)), "tokens/s of llama8b-1of16-decode1");
}

#[test]
fn acceptance_wants_hardware_or_a_name() {
    let sandbox = Sandbox::new();
    let refused = ended(without_drivers(&sandbox, ["gpu-acceptance"])).code(2);
    has!(stderr(&refused), "no GPU was found");
    let found = gpus(&sandbox);
    if !found.is_empty() && found.iter().all(|gpu| gpu["kind"] == "software") {
        let refused = sandbox.perwatt(["gpu-acceptance"]).code(2);
        has!(stderr(&refused), "--device gpu:0");
    }
}
