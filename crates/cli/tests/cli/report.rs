//! `perwatt report` and `compare --format html`.

use perwatt_record::fixture::Made;

use crate::sandbox::{Sandbox, has, stderr, stdout};

fn put(sandbox: &Sandbox, name: &str, id: u64, centre: f64) {
    let rates: Vec<f64> = (0..8)
        .map(|i| centre * (1.0 + 0.001 * f64::from(i)))
        .collect();
    let record = Made::one(name, id, &rates).record();
    sandbox.file(&format!("{name}.json"), record.to_bytes().unwrap());
}

#[test]
fn a_page_of_one_and_a_page_of_two() {
    let sandbox = Sandbox::new();
    put(&sandbox, "old", 1, 4e11);
    put(&sandbox, "new", 2, 5e11);
    let page = sandbox.out(0, ["report", "old.json"]);
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("Every run") && !page.contains("id=\"comparison\""));

    let args = ["report", "old.json", "new.json", "--out", "page.html"];
    assert_eq!(sandbox.out(0, args), "");
    let page = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    assert!(page.contains("id=\"comparison\"") && page.contains(">BETTER<"));
    assert!(page.contains("id=\"r0\"") && page.contains("id=\"r1\""));

    // An existing file is never overwritten.
    let assert = sandbox.perwatt(args).code(2);
    assert!(stderr(&assert).contains("page.html"), "{}", stderr(&assert));
    let compared = ["compare", "old.json", "new.json", "--format", "html"];
    let page = sandbox.out(0, compared);
    assert!(page.contains(">BETTER<") && !page.contains("id=\"r0\""));
}

#[test]
fn a_page_of_what_does_not_stand_up_says_so() {
    let sandbox = Sandbox::new();
    put(&sandbox, "old", 1, 4e11);
    let text = std::fs::read_to_string(sandbox.path("old.json")).unwrap();
    sandbox.file(
        "edited.json",
        text.replace("\"label\": \"old\"", "\"label\": \"other\""),
    );
    assert!(
        sandbox
            .out(4, ["report", "edited.json"])
            .contains("NOT VERIFIED")
    );
    sandbox
        .perwatt(["report", "edited.json", "--keep-going"])
        .code(0);

    sandbox.file("garbage.json", "{");
    let assert = sandbox.perwatt(["report", "old.json", "garbage.json", "--out", "p.html"]);
    assert_eq!(assert.get_output().status.code(), Some(2));
    assert!(sandbox.path("p.html").exists());
    let assert = sandbox.perwatt(["report", "garbage.json"]).code(3);
    has!(stderr(&assert), "nothing to report");
    assert_eq!(stdout(&assert), "");
}

#[test]
fn a_page_of_records_has_their_gap_and_a_scenario_its_site() {
    let sandbox = Sandbox::new();
    let archived = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../results/20261124T075805Z_emerald-rapids-vm_46dcb2fe_667795.json");
    let archived = archived.to_str().unwrap();
    let example = sandbox.out(0, ["site", "--example", "20mw"]);
    let scenario = sandbox.file("s.toml", example.into_bytes());
    let args = ["report", archived, "--scenario", scenario.to_str().unwrap()];
    let page = sandbox.out(0, args);
    for part in [
        "The gap to Bitmain Antminer S21 XP",
        "id=\"site\"",
        "20 MW mining site",
        "href=\"#gap\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = sandbox.out(0, ["report", archived]);
    assert!(page.contains("id=\"gap\"") && !page.contains("id=\"site\""));
    let args = ["report", archived, "--scenario", "nowhere.toml"];
    assert_eq!(sandbox.out(2, args), "");
}
