//! `perwatt show` on real, tiny sessions.

use crate::records::{HASHES, PRODUCTS, document, typed};
use crate::sandbox::{Sandbox, ended, has, json, lacks, stderr, stdout};

#[test]
fn show_has_the_rate_the_verdict_and_the_missing_energy() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("products.json", &*PRODUCTS);
    let text = stdout(&sandbox.about("show", &path).code(0));
    let row = text.lines().find(|line| line.contains("64x64x64"));
    let row = row.expect("a row");
    has!(row, "FLOP/s", "embedded", "yes");
    has!(text, "a 95 % interval needs 6 runs");
    let record = typed(&PRODUCTS);
    if record.meters.is_empty() {
        has!(text, "energy: not measured\n");
        assert!(!record.meters_unavailable.is_empty());
        for why in &record.meters_unavailable {
            has!(text, &why.id);
            if why.reason == perwatt_power::Reason::NotPermitted {
                has!(text, &why.detail);
            }
        }
        has!(text, "perwatt run --watts N");
    }
}

#[test]
fn show_json_is_the_file_and_fits_the_schema() {
    let sandbox = Sandbox::new();
    let schema = sandbox.json(0, ["schema"]);
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, bytes) in [("hashes.json", &*HASHES), ("products.json", &*PRODUCTS)] {
        let path = sandbox.file(name, bytes);
        let path = path.to_str().unwrap();
        let assert = sandbox.perwatt(["show", path, "--format=json"]).code(0);
        let shown = json(&assert);
        assert_eq!(shown, document(bytes));
        assert_eq!(stderr(&assert), "");
        validator.validate(&shown).unwrap();
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
        .find(|line| line.starts_with("energy by user-watts"));
    let line = line.expect("a table");
    has!(line, "provenance user", "estimate");
    has!(text, "J/TH", "65.00 W");

    let record = typed(&HASHES);
    let mut meters = record.meters.iter();
    let meter = meters.position(|meter| meter.id == "user-watts").unwrap() as u32;
    for run in &record.runs {
        let mut energy = run.measured.as_ref().unwrap().energy.iter();
        let energy = energy.find(|energy| energy.meter == meter).unwrap();
        let expected_j = 65.0 * energy.time_s;
        assert!((energy.power_w - 65.0).abs() < 1e-9, "{energy:?}");
        assert!((energy.energy_j - expected_j).abs() < 1e-6, "{energy:?}");
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
