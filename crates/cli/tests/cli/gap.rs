//! Output and exit codes of `perwatt gap`.

use std::path::{Path, PathBuf};

use perwatt_power::Provenance;
use perwatt_record::fixture::{Made, counter, crashed, derive_again, ten_around};
use serde_json::Value;

use crate::sandbox::{Sandbox, flat, has, stderr, stdout};

/// A session of ten runs of a product, at 100 W by a counter.
fn made(id: u64, rate: f64) -> Made {
    let mut made = Made::one("made up", id, &ten_around(rate));
    made.meter = Some(counter("rapl", Some(0.03)));
    made
}

fn put(sandbox: &Sandbox, name: &str, made: &Made) -> PathBuf {
    sandbox.file(name, made.record().to_bytes().unwrap())
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
    for part in [
        "against Bitmain Antminer S21 XP",
        "270 TH/s, 3645 W at the wall, 13.50 J/TH",
        "0 FLOP",
        "devices per ASIC",
        "J/TH: not measured: ",
        "re-run at once, on the machine as it is",
        "NVIDIA H100 SXM5",
        "its own roofline",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("times the ASIC's"));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn joules_give_ratios_with_their_boundary() {
    let sandbox = Sandbox::new();
    put(&sandbox, "a.json", &made(1, 1e12));
    let text = sandbox.out(0, ["gap", "a.json"]);
    assert!(text.contains("FLOP/J (package)"), "{text}");
    assert!(text.contains("flatters this device"), "{text}");
    assert!(text.contains(" GFLOP/J"), "{text}");
    assert!(text.contains("beside package"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let json = [
        "gap",
        "a.json",
        "--format",
        "json",
        "--accelerator",
        "h100 sxm5",
    ];
    let json: Value = serde_json::from_str(&sandbox.out(0, json)).unwrap();
    let row = &json["arithmetic"][0];
    assert_eq!(row["against"].as_array().unwrap().len(), 1);
    let times = row["against"][0]["peak"]["is"]["units"]["value"]
        .as_f64()
        .unwrap();
    assert!((times / 67.0 - 1.0).abs() < 0.01, "{times}");
    assert!(row["against"][0]["measured"]["not"].is_string());
    let md = sandbox.out(0, ["gap", "a.json", "--format", "md"]);
    has!(md, "## against", "| accelerator |");
    let page = sandbox.out(0, ["gap", "a.json", "--format", "html"]);
    for part in [
        "<!DOCTYPE html>",
        "<svg",
        "0 FLOP",
        "FLOP/J (package)",
        "NVIDIA H100 SXM5",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn an_estimate_is_called_one() {
    let sandbox = Sandbox::new();
    let mut made = made(1, 1e12);
    let mut meter = counter("guess", None);
    meter.provenance = Provenance::DeviceEstimate;
    made.meter = Some(meter);
    put(&sandbox, "a.json", &made);
    let text = sandbox.out(0, ["gap", "a.json"]);
    assert!(text.contains("an estimate, not a measurement"), "{text}");
    assert!(text.contains("(package, estimate)"), "{text}");
    has!(text, "the scale error of guess is not specified");
}

#[test]
fn several_sessions_speak_of_another_session() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("all")).unwrap();
    for i in 0..3 {
        put(
            &sandbox,
            &format!("all/{i}.json"),
            &made(i, 1e12 * (1.0 + 0.01 * i as f64)),
        );
    }
    let text = sandbox.out(0, ["gap", "all"]);
    assert!(text.contains("as 3 sessions scatter"), "{text}");
}

#[test]
fn unknown_models_and_prices_are_refused_with_what_is_near() {
    let sandbox = Sandbox::new();
    put(&sandbox, "a.json", &made(1, 1e12));
    let errors = |args: &[&str]| {
        let assert = sandbox.perwatt([&["gap", "a.json"], args].concat()).code(2);
        assert_eq!(stdout(&assert), "");
        stderr(&assert)
    };
    let said = errors(&["--asic", "S21 XPP"]);
    has!(said, "nearest are Bitmain Antminer S21 XP");
    let said = errors(&["--accelerator", "H100"]);
    has!(said, "NVIDIA H100 PCIe, NVIDIA H100 SXM5");
    for price in ["-1", "nan", "cheap"] {
        assert!(errors(&["--power-price", price]).contains("not a price"));
    }
    assert!(errors(&["--catalogue", "nowhere.csv"]).contains("nowhere.csv"));
}

#[test]
fn what_cannot_be_used_decides_the_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.perwatt(["gap"]).code(2);
    sandbox.perwatt(["gap", "nowhere.json"]).code(2);
    sandbox.file("junk.json", "{}");
    assert!(
        sandbox
            .err(2, ["gap", "junk.json"])
            .contains("skipped: junk.json")
    );

    let mut forged = made(1, 1e12).record();
    if let Some(measured) = &mut forged.runs[0].measured {
        measured.rate_per_s *= 2.0;
    }
    forged.seal().unwrap();
    sandbox.file("forged.json", forged.to_bytes().unwrap());
    assert!(
        sandbox
            .err(4, ["gap", "forged.json"])
            .contains("not verified")
    );
    // The other files are compared with the catalogue; the exit code reports the forged
    // one.
    put(&sandbox, "a.json", &made(2, 1e12));
    assert!(
        sandbox
            .out(4, ["gap", "a.json", "forged.json"])
            .contains("matmul/f32")
    );

    let mut other = made(3, 1e12).record();
    for run in &mut other.runs {
        run.status = crashed();
    }
    derive_again(&mut other);
    sandbox.file("none.json", other.to_bytes().unwrap());
    assert!(
        sandbox
            .err(3, ["gap", "none.json"])
            .contains("no comparable records")
    );
}

#[test]
fn of_one_record_those_beside_it_tell_how_sessions_differ() {
    let sandbox = Sandbox::new();
    for (i, rate) in [1e12, 1.05e12, 0.97e12].into_iter().enumerate() {
        put(&sandbox, &format!("{i}.json"), &made(i as u64 + 1, rate));
    }
    let text = sandbox.out(0, ["gap", "0.json"]);
    let wanted = "as this and the 2 of this machine beside it scatter";
    assert!(flat(&text).contains(wanted), "{text}");
    // The sessions of all files together give one figure.
    let text = sandbox.out(0, ["gap", "."]);
    assert!(text.contains("as 3 sessions scatter"), "{text}");
}
