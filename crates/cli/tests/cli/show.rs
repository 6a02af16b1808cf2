//! `perwatt show` on real, tiny sessions.

use crate::records::{HASHES, PRODUCTS, document, typed};
use crate::sandbox::{Sandbox, ended, has, json, lacks, stderr, stdout};

#[test]
fn show_has_the_rate_the_verdict_and_the_missing_energy() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("products.json", &*PRODUCTS);
    let text = stdout(&sandbox.about("show", &path).code(0));
    let row = text
        .lines()
        .find(|line| line.contains("64x64x64"))
        .expect("a row");
    has!(row, "FLOP/s", "embedded", "yes");
    assert!(text.contains("a 95 % interval needs 6 runs"), "{text}");
    let record = typed(&PRODUCTS);
    if record.meters.is_empty() {
        assert!(text.contains("energy: not measured\n"), "{text}");
        assert!(!record.meters_unavailable.is_empty());
        for why in &record.meters_unavailable {
            assert!(text.contains(&why.id), "{text}");
            if why.reason == perwatt_power::Reason::NotPermitted {
                assert!(text.contains(&why.detail), "{text}");
            }
        }
        assert!(text.contains("perwatt run --watts N"), "{text}");
    }
}

#[test]
fn show_json_is_the_file_and_fits_the_schema() {
    let sandbox = Sandbox::new();
    let schema = sandbox.json(0, ["schema"]);
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, bytes) in [("hashes.json", &*HASHES), ("products.json", &*PRODUCTS)] {
        let path = sandbox.file(name, bytes);
        let assert = sandbox
            .perwatt(["show".as_ref(), path.as_os_str(), "--format=json".as_ref()])
            .code(0);
        let shown = json(&assert);
        assert_eq!(shown, document(bytes));
        assert_eq!(stderr(&assert), "");
        let errors: Vec<String> = validator
            .iter_errors(&shown)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [""; 0]);
        let mut spoiled = shown;
        spoiled["runs"][0]["round"] = "first".into();
        assert!(!validator.is_valid(&spoiled));
    }
}

#[test]
fn watts_of_the_user_give_energy_marked_as_such() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", &*HASHES);
    let text = stdout(&sandbox.about("show", &path).code(0));
    let line = text
        .lines()
        .find(|line| line.starts_with("energy by user-watts"))
        .expect("a table");
    has!(line, "provenance user", "estimate");
    assert!(text.contains("J/TH") && text.contains("65.00 W"), "{text}");

    let record = typed(&HASHES);
    let meter = record
        .meters
        .iter()
        .position(|meter| meter.id == "user-watts")
        .unwrap() as u32;
    for run in &record.runs {
        let measured = run.measured.as_ref().unwrap();
        let energy = measured
            .energy
            .iter()
            .find(|energy| energy.meter == meter)
            .unwrap();
        assert!((energy.power_w - 65.0).abs() < 1e-9, "{energy:?}");
        assert!(
            (energy.energy_j - 65.0 * energy.time_s).abs() < 1e-6,
            "{energy:?}"
        );
        assert!((energy.energy_per_unit_j * energy.work - energy.energy_j).abs() < 1e-9);
    }
}

#[test]
fn no_colour_where_none_is_wanted() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("record.json", &*HASHES);
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        for verb in ["show", "check"] {
            let mut command = sandbox.command([verb.as_ref(), path.as_os_str()]);
            command.env(name, value);
            lacks!(stdout(&ended(command).code(0)), '\u{1b}');
        }
    }
}
