//! The libraries of GPU vendors, with a stand-in for driver and library: from the list of
//! devices to a record, and every fault by its reason and exit code.

#![cfg(target_os = "linux")]

#[path = "../../../vendor/tests/fixtures/machine.rs"]
mod machine;

mod finding;

use std::path::Path;
use std::process::Command;

use machine::{Build, Machine};
use perwatt_record::schema::FailureKind;
use serde_json::Value;

use crate::processes;
use crate::records::document;
use crate::sandbox::{
    Sandbox, ended, flat, has, items, json, lacks, printed_path, stderr, stdout, word, words,
};

/// A command on a machine whose only GPU is the stand-in's.
fn command<'a>(
    sandbox: &Sandbox,
    build: Build,
    machine: &Machine,
    args: impl IntoIterator<Item = &'a str>,
) -> Command {
    let mut command = sandbox.command(args);
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(name, sandbox.path("no-such-driver.json"));
    }
    let names = match build {
        Build::Amd => ["PERWATT_LIBAMDHIP", "PERWATT_HIPBLASLT"],
        Build::Nvidia | Build::Old => ["PERWATT_LIBCUDA", "PERWATT_CUBLASLT"],
    };
    for name in names {
        command.env(name, &machine.library);
    }
    command
}

fn backend(build: Build) -> &'static str {
    match build {
        Build::Amd => "hipblaslt",
        Build::Nvidia | Build::Old => "cublaslt",
    }
}

/// The arguments of a short run of these products.
fn run(build: Build, products: &[&'static str]) -> Vec<&'static str> {
    let mut args = words("run --device gpu:0 --rounds 1 --seconds 0.2 --backend");
    args.push(backend(build));
    args.extend(products.iter().flat_map(|one| ["--workload", one]));
    args
}

const PRODUCTS: [&str; 6] = [
    "matmul/bf16:64x48x80",
    "matmul/f16-f32:48x80x112",
    "matmul/tf32:40x24x56",
    "matmul/fp8:64x48x80",
    "matmul/fp8-f32:48x80x112",
    "matmul/i8:64x48x80",
];

#[test]
fn an_acceptance_judges_products_by_what_others_measured() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "");
    let args = words("gpu-acceptance --rounds 1 --seconds 0.2 --workload matmul/bf16:64x48x80");
    let judged = ended(command(&sandbox, Build::Nvidia, &machine, args)).code(1);
    let text = flat(&stdout(&judged));
    has!(
        text,
        "its shaders are not checked",
        "IMPLAUSIBLE: below half of it",
        "others: sustained rate of H200 SXM"
    );
}

#[test]
fn two_cards_are_measured_alone_and_at_once() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "cards 2\n");
    let args = words("gpu-acceptance --rounds 1 --seconds 0.2 --workload matmul/bf16:64x48x80");
    let accepted = ended(command(&sandbox, Build::Nvidia, &machine, args)).code(1);
    let text = flat(&stdout(&accepted));
    let (_, at_once) = text
        .split_once("each card alone, and all at the same time")
        .unwrap();
    has!(at_once, "gpu:0", "gpu:1");
    lacks!(at_once, "not measured");
    let files = sandbox.result_files().into_iter();
    let records = files.map(|path| document(&std::fs::read(path).unwrap()));
    let records: Vec<Value> = records.collect();
    let at_once = records
        .iter()
        .filter(|record| record["config"]["cards_at_once"] == 2);
    assert_eq!((records.len(), at_once.count()), (3, 2));
}

#[test]
fn a_card_without_vulkan_is_measured_by_its_vendors_library() {
    for (build, version, cards) in [
        (Build::Nvidia, "cuBLASLt 13.0.1", "cuda"),
        (Build::Amd, "hipBLASLt 1.1.2", "hip"),
    ] {
        let sandbox = Sandbox::new();
        let machine = Machine::new(build, "");
        let of = |args: Vec<&'static str>| ended(command(&sandbox, build, &machine, args));

        let list = json(&of(words("list --format json")).code(0));
        let gpu = &items(&list["devices"])[1];
        assert_eq!(gpu["model"], "Stand-in H200");
        assert_eq!(
            (word(&gpu["name"]), word(&gpu["interface"])),
            ("gpu:0", cards)
        );
        let found = items(&list["libraries"]).iter();
        let found: Vec<&Value> = found.filter(|one| one["available"] == true).collect();
        assert_eq!(found.len(), 1);
        has!(word(&found[0]["detail"]), version);
        has!(flat(&stdout(&of(words("list")).code(0))), version);

        let ran = of(run(build, &PRODUCTS)).code(0);
        let path = printed_path(&sandbox, &ran);
        sandbox.about("check", &path).code(0);
        let record = document(&std::fs::read(&path).unwrap());
        assert_eq!(record["plan"]["gpus"][0], *gpu);
        let entries = items(&record["plan"]["entries"]);
        assert_eq!(entries.len(), PRODUCTS.len());
        for entry in entries {
            has!(
                word(&entry["backend_detail"]),
                version,
                "(TN), D ",
                "ECC on"
            );
            // The third of eight cannot run.
            let variant = word(&entry["variant"]);
            has!(variant, "algorithm ", " of 7, workspace ", " MiB");
            assert_eq!(entry["backend_warning"], Value::Null);
        }
        for row in items(&record["summary"]) {
            assert_eq!(row["verified"], true, "{row}");
        }
        for run in items(&record["runs"]) {
            assert!(run["proof"]["probes"].as_u64() > Some(0), "{run}");
            assert!(run["device_time"]["kernel_s"].as_f64() > Some(0.0));
        }
    }
}

/// The tokens of a model, with an algorithm for each of its products; and the choice is
/// remembered.
#[test]
fn a_models_pass_has_an_algorithm_for_each_product() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "");
    let args = run(Build::Nvidia, &["matmul/bf16:llama8b-1of16-prefill8"]);
    let of = |args| ended(command(&sandbox, Build::Nvidia, &machine, args)).code(0);
    let first = of(args.clone());
    has!(flat(&stdout(&first)), "tokens/s of llama8b-1of16-prefill8");
    let read = |path: &Path| document(&std::fs::read(path).unwrap());
    let record = read(&printed_path(&sandbox, &first));
    let variant = record["plan"]["entries"][0]["variant"].clone();
    assert_eq!(word(&variant).matches('+').count(), 4, "{variant}");
    let cache = sandbox.path("cache").join("gpu-tuning.json");
    let found = std::fs::read(&cache).unwrap();
    let record = read(&printed_path(&sandbox, &of(args)));
    assert_eq!(record["plan"]["entries"][0]["variant"], variant);
    assert_eq!(std::fs::read(&cache).unwrap(), found);
}

#[test]
fn suites_have_what_the_card_has() {
    let planned = |settings: &str, suite: &'static str| {
        let sandbox = Sandbox::new();
        let machine = Machine::new(Build::Nvidia, &format!("memory 80000000000\n{settings}"));
        let mut args = words("run --device gpu:0 --dry-run --format json --suite");
        args.push(suite);
        let plan = json(&ended(command(&sandbox, Build::Nvidia, &machine, args)).code(0));
        let entries = items(&plan["entries"]).iter();
        let ids = entries.map(|entry| word(&entry["id"]).replace("/gpu:0/cublaslt", ""));
        Vec::from_iter(ids)
    };
    let square = "8192x8192x8192";
    let of = |kind: &str, shape: &str| format!("matmul/{kind}/{shape}");
    assert_eq!(
        planned("", "quick"),
        [of("bf16", square), of("fp8", square)]
    );
    let ampere = "major 8\nminor 0\n";
    assert_eq!(planned(ampere, "quick"), [of("bf16", square)]);
    let ada = "major 8\nminor 9\n";
    let small = "square-4096";
    assert_eq!(planned(ada, "quick"), [of("bf16", small), of("fp8", small)]);
    assert_eq!(
        planned("", "standard"),
        [
            of("f16-f32", square),
            of("bf16", square),
            of("bf16", "llama8b-prefill512"),
            of("tf32", square),
            of("fp8", square),
            of("fp8", "llama8b-prefill512"),
            of("fp8-f32", square),
            of("i8", square),
        ]
    );
}

#[test]
fn what_a_card_or_a_library_lacks_is_said_before_anything_runs() {
    for (settings, product, parts) in [
        (
            "major 8\nminor 0\n",
            "matmul/fp8:64x48x80",
            &[
                "capability 8.0 has no matrix arithmetic in fp8",
                "8.9 and later",
            ][..],
        ),
        ("", "matmul/fp8:64x48x81", &["multiples of 16", "64x48x81"]),
        (
            "memory 1000000\n",
            "matmul/bf16:512x512x512",
            &["1000000", "gpu:0"],
        ),
        (
            "fault no-device\n",
            PRODUCTS[0],
            &["finds no GPU", "PERWATT_LIBCUDA"],
        ),
        ("driver 12040\n", PRODUCTS[0], &["driver is of CUDA 12"]),
        (
            "fault exits\n",
            PRODUCTS[0],
            &["ended with exit code 7", "PERWATT_CUBLASLT"],
        ),
    ] {
        let sandbox = Sandbox::new();
        let machine = Machine::new(Build::Nvidia, settings);
        let args = run(Build::Nvidia, &[product]);
        let refused = ended(command(&sandbox, Build::Nvidia, &machine, args)).code(2);
        let text = flat(&stderr(&refused));
        for part in parts {
            has!(text, part);
        }
        assert!(sandbox.result_files().is_empty());
    }
}

/// Words of a library are not taken for a message of its worker.
#[test]
fn a_library_that_talks_is_heard() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "prints cublasLtMatmul\n");
    let args = run(Build::Nvidia, &[PRODUCTS[0]]);
    ended(command(&sandbox, Build::Nvidia, &machine, args)).code(0);
}

/// NVIDIA's switch makes every library of theirs compute f32 where tf32 is asked for.
#[test]
fn tf32_is_not_measured_while_it_is_switched_off() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "");
    let of = |args: Vec<&'static str>, value| {
        let mut command = command(&sandbox, Build::Nvidia, &machine, args);
        command.env("NVIDIA_TF32_OVERRIDE", value);
        ended(command)
    };
    let args = run(Build::Nvidia, &[PRODUCTS[2]]);
    let refused = flat(&stderr(&of(args.clone(), "0").code(2)));
    has!(
        refused,
        "NVIDIA_TF32_OVERRIDE is set to '0'",
        "unset NVIDIA_TF32_OVERRIDE"
    );
    let planned = [&args[..], &["--dry-run"]].concat();
    of(planned, "1").code(0);
    let other = [&run(Build::Nvidia, &[PRODUCTS[0]])[..], &["--dry-run"]].concat();
    of(other, "0").code(0);
}

/// A library that ends or hangs its process costs its own rows alone.
#[test]
fn a_library_that_exits_or_hangs_costs_one_question() {
    std::thread::scope(|scope| {
        for (fault, part) in [
            ("exits", "ended with exit code 7"),
            ("hangs", "hung for 30 s"),
        ] {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let machine = Machine::new(Build::Nvidia, &format!("fault {fault}"));
                let list = command(&sandbox, Build::Nvidia, &machine, ["list"]);
                let listed = flat(&stdout(&ended(list).code(0)));
                has!(listed, part, " embedded ", "hipblaslt");
            });
        }
    });
}

#[test]
fn a_run_that_fails_gives_no_figure() {
    for (fault, kind, code, part) in [
        (
            "no-memory",
            FailureKind::OutOfMemory,
            2,
            "end the program that holds",
        ),
        (
            "taken",
            FailureKind::OutOfMemory,
            2,
            "another process has the GPU",
        ),
        (
            "no-heuristic",
            FailureKind::Refused,
            2,
            "no algorithm for bf16 64x48x80",
        ),
        (
            "not-supported",
            FailureKind::Refused,
            2,
            "does not support bf16",
        ),
        (
            "launch",
            FailureKind::DeviceLost,
            2,
            "status 13 of cuBLASLt",
        ),
        (
            "late",
            FailureKind::DeviceLost,
            2,
            "unspecified launch failure",
        ),
        ("one-wrong", FailureKind::Unverified, 4, "product is wrong"),
        (
            "zeros",
            FailureKind::Unverified,
            4,
            "did not follow its inputs",
        ),
        ("last-block", FailureKind::Unverified, 4, "product"),
        ("layout", FailureKind::Unverified, 4, "product"),
        (
            "stale\nafter 9",
            FailureKind::Unverified,
            4,
            "did not follow its inputs",
        ),
        ("short", FailureKind::Unverified, 4, "product is wrong"),
        ("saturates", FailureKind::Unverified, 4, "product is wrong"),
        (
            "none\ncrashes cublasLtMatmul",
            FailureKind::Crashed,
            2,
            "ended early (signal: 6",
        ),
    ] {
        let sandbox = Sandbox::new();
        let machine = Machine::new(Build::Nvidia, &format!("fault {fault}\n"));
        let product = match fault {
            "short" => "matmul/tf32:64x48x80",
            // Pairs that leave 16 bits are rare: three in a million.
            "saturates" => "matmul/i8:192x192x192",
            _ => PRODUCTS[0],
        };
        let args = run(Build::Nvidia, &[product]);
        let ran = ended(command(&sandbox, Build::Nvidia, &machine, args));
        let text = flat(&stdout(&ran.code(code)));
        let record = processes::read(&sandbox.result_files()[0]);
        processes::failed(&record, kind);
        let run = serde_json::to_string(&record.runs[0]).unwrap();
        has!(run, part);
        lacks!(text, "FLOP/s");
    }
}
