//! Output and exit codes of `perwatt gap`.

use std::path::{Path, PathBuf};

use perwatt_power::Provenance;
use perwatt_record::fixture::{
    Made, MadeEntry, card, counter, crashed, derive_again, product, ten_around,
};
use perwatt_record::work::Matmul;
use serde_json::Value;

use crate::sandbox::{Sandbox, fits_a_screen, flat, has, items, lacks, stderr, stdout};

/// A session of ten runs of a product, at 100 W by a counter.
fn made(id: u64, rate: f64) -> Made {
    let mut made = Made::one("made up", id, &ten_around(rate));
    made.meter = Some(counter("rapl", Some(0.03)));
    made
}

/// An archived record of a virtual machine, without a meter.
fn archived() -> PathBuf {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    results.join("20261124T075805Z_emerald-rapids-vm_46dcb2fe_667795.json")
}

#[test]
fn the_archive_has_rate_ratios_only_and_says_why() {
    let sandbox = Sandbox::new();
    // Alone: sessions of the same machine beside it would tell how sessions differ.
    sandbox.file("alone.json", std::fs::read(archived()).unwrap());
    let assert = sandbox.perwatt(["gap", "alone.json"]).code(0);
    assert_eq!(stderr(&assert), "");
    let text = stdout(&assert);
    has!(
        text,
        "hashes against Bitmain Antminer S23 XP Hyd",
        "memory traffic against an accelerator",
        "NVIDIA H200 NVL",
        "600 TH/s, 5340 W at the wall, 8.900 J/TH",
        "0 FLOP",
        "devices per ASIC",
        "J/TH: not measured: ",
        "re-run at once, on the machine as it is",
        "NVIDIA H100 SXM5",
        "its own roofline"
    );
    let ai = "not measured: f32 is not the format that models are run in; fix: measure \
              matmul/bf16 by oneDNN: pip install onednn-cpu-gomp";
    assert!(flat(&text).contains(ai), "{text}");
    lacks!(text, "times the ASIC's");
    let first = text.lines().next().unwrap();
    has!(first, "Intel(R) Xeon(R) Processor", "2026-11-24", " runs");
    fits_a_screen(&text);
}

#[test]
fn joules_give_ratios_with_their_boundary() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made(1, 1e12).record());
    let text = sandbox.out(0, ["gap", "a.json"]);
    has!(
        text,
        "per joule (package)",
        "J/TFLOP",
        "flatters this device"
    );
    has!(text, " GFLOP/J", "beside package");
    fits_a_screen(&text);
    let json = [
        "gap",
        "a.json",
        "--format=json",
        "--accelerator",
        "h100 sxm5",
    ];
    let json: Value = sandbox.json(0, json);
    let [against] = items(&json["arithmetic"][0]["against"]) else {
        panic!("not one accelerator: {json}")
    };
    let times = against["peak"]["is"]["units"]["value"].as_f64().unwrap();
    assert!((times / 67.0 - 1.0).abs() < 0.01, "{times}");
    assert!(against["burst"]["not"].is_string());
    assert!(against["sustained"]["not"].is_string());
    let md = sandbox.out(0, ["gap", "a.json", "--format", "md"]);
    has!(md, "## hashes against", "## the ASIC: ", "| accelerator |");
    let page = sandbox.out(0, ["gap", "a.json", "--format", "html"]);
    has!(page, "<!DOCTYPE html>", "<svg", "0 FLOP");
    has!(
        page,
        "<title>Example CPU, 8 cores \u{b7} 2025-10-09</title>"
    );
    has!(page, "per joule (package)", "NVIDIA H100 SXM5");
}

#[test]
fn a_card_is_compared_by_the_library_that_reaches_its_units() {
    let sandbox = Sandbox::new();
    let entry = |work, backend: &str, rate| MadeEntry {
        entry: product(work, "gpu:0", backend),
        rates_per_s: ten_around(rate),
        power_w: 680.0,
    };
    let mut made = made(1, 1e12);
    made.gpus = vec![card("gpu:0", "NVIDIA H200")];
    made.entries = vec![entry(Matmul::F16F32, "wgsl-coop", 60e12)];
    sandbox.put("shaders.json", &made.record());
    let text = sandbox.out(3, ["gap", "shaders.json"]);
    let why = "not measured: reached by shaders; this card's matrix units need CUDA";
    assert!(flat(&text).contains(why), "{text}");
    has!(text, "pip install nvidia-cublas");

    made.entries.push(entry(Matmul::Bf16, "cublaslt", 755e12));
    sandbox.put("both.json", &made.record());
    let text = sandbox.out(0, ["gap", "both.json", "--accelerator", "H200 SXM"]);
    fits_a_screen(&text);
    has!(text, "matmul/bf16/square-2048 by cublaslt");
    let row = |what: &str| text.lines().find(|line| line.contains(what)).unwrap();
    has!(row("sustained"), "755.0 TFLOP/s", "1.00");
    has!(row("burst"), "850.0 TFLOP/s");
    has!(row("  peak  "), "989.0 TFLOP/s");
    let mut on_cpu = entry(Matmul::F16F32, "onednn", 1e12);
    on_cpu.entry = product(Matmul::F16F32, "cpu", "onednn");
    made.entries = vec![on_cpu, entry(Matmul::F16F32, "wgsl-coop", 60e12)];
    sandbox.put("mixed.json", &made.record());
    let by_device = stdout(&sandbox.perwatt(["compare", "--by", "device", "mixed.json"]));
    assert!(flat(&by_device).contains(why), "{by_device}");
    lacks!(by_device, "60.00 TFLOP/s");
    let page = sandbox.out(0, ["report", "shaders.json"]);
    has!(page, "AI figure, gpu:0", "reached by shaders");
}

#[test]
fn an_estimate_is_called_one() {
    let sandbox = Sandbox::new();
    let mut made = made(1, 1e12);
    let mut meter = counter("guess", None);
    meter.provenance = Provenance::DeviceEstimate;
    made.meter = Some(meter);
    sandbox.put("a.json", &made.record());
    let text = sandbox.out(0, ["gap", "a.json"]);
    has!(
        text,
        "an estimate, not a measurement",
        "(package, estimate)",
        "the scale error of guess is not specified"
    );
}

#[test]
fn several_sessions_speak_of_another_session() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("all")).unwrap();
    for i in 0..3 {
        let rate = 1e12 * (1.0 + 0.01 * i as f64);
        sandbox.put(&format!("all/{i}.json"), &made(i, rate).record());
    }
    let text = sandbox.out(0, ["gap", "all"]);
    has!(text, "as 3 sessions scatter");
}

#[test]
fn unknown_models_and_prices_are_refused_with_what_is_near() {
    let sandbox = Sandbox::new();
    sandbox.put("a.json", &made(1, 1e12).record());
    let errors = |args: &[&str]| {
        let assert = sandbox.perwatt([&["gap", "a.json"], args].concat()).code(2);
        assert_eq!(stdout(&assert), "");
        stderr(&assert)
    };
    let said = errors(&["--asic", "S21 XPP"]);
    has!(said, "nearest are Bitmain Antminer S21 XP");
    let said = errors(&["--accelerator", "H100"]);
    has!(said, "NVIDIA H100 PCIe, NVIDIA H100 SXM5");
    for price in ["-1", "0", "nan", "inf", "1000001", "cheap"] {
        let said = errors(&["--power-price", price]);
        has!(said, "not a price", "at most 1000000");
    }
    sandbox.ends(0, ["gap", "a.json", "--power-price", "1000000"]);
    has!(errors(&["--catalogue", "nowhere.csv"]), "nowhere.csv");
}

#[test]
fn what_cannot_be_used_decides_the_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.ends(2, ["gap"]);
    sandbox.ends(2, ["gap", "nowhere.json"]);
    sandbox.file("junk.json", "{}");
    has!(sandbox.err(2, ["gap", "junk.json"]), "skipped: junk.json");

    let mut forged = made(1, 1e12).record();
    if let Some(measured) = &mut forged.runs[0].measured {
        measured.rate_per_s *= 2.0;
    }
    forged.seal().unwrap();
    sandbox.put("forged.json", &forged);
    has!(sandbox.err(4, ["gap", "forged.json"]), "not verified");
    // The other files are compared with the catalogue; the exit code reports the forged
    // one.
    sandbox.put("a.json", &made(2, 1e12).record());
    let text = sandbox.out(4, ["gap", "a.json", "forged.json"]);
    has!(text, "matmul/f32");

    let mut other = made(3, 1e12).record();
    for run in &mut other.runs {
        run.status = crashed();
    }
    derive_again(&mut other);
    sandbox.put("none.json", &other);
    let errors = sandbox.err(3, ["gap", "none.json"]);
    has!(errors, "no comparable records");
}

#[test]
fn of_one_record_those_beside_it_tell_how_sessions_differ() {
    let sandbox = Sandbox::new();
    for (i, rate) in [1e12, 1.05e12, 0.97e12].into_iter().enumerate() {
        sandbox.put(&format!("{i}.json"), &made(i as u64 + 1, rate).record());
    }
    let text = sandbox.out(0, ["gap", "0.json"]);
    let wanted = "as this and the 2 of this machine beside it scatter";
    assert!(flat(&text).contains(wanted), "{text}");
    // The sessions of all files together give one figure.
    let text = sandbox.out(0, ["gap", "."]);
    has!(text, "as 3 sessions scatter");
}
