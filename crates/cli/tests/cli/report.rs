//! `perwatt report` and `compare --format html`.

use perwatt_record::fixture::Made;

use crate::records::eight_above;
use crate::sandbox::{Sandbox, has, lacks, stderr, stdout};

fn put(sandbox: &Sandbox, name: &str, id: u64, centre: f64) {
    let record = Made::one(name, id, &eight_above(centre)).record();
    sandbox.put(&format!("{name}.json"), &record);
}

#[test]
fn a_page_of_one_and_a_page_of_two() {
    let sandbox = Sandbox::new();
    put(&sandbox, "old", 1, 4e11);
    put(&sandbox, "new", 2, 5e11);
    let page = sandbox.out(0, ["report", "old.json"]);
    assert!(page.starts_with("<!DOCTYPE html>"));
    has!(page, "Every run", "ONE SECOND BUYS");
    lacks!(page, "id=\"comparison\"");

    let args = ["report", "old.json", "new.json", "--out", "page.html"];
    assert_eq!(sandbox.out(0, args), "");
    let page = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    has!(page, "id=\"comparison\"", ">BETTER HERE<");
    has!(page, "id=\"r0\"", "id=\"r1\"");

    // An existing file is never overwritten.
    let assert = sandbox.perwatt(args).code(2);
    has!(stderr(&assert), "page.html");
    let compared = ["compare", "old.json", "new.json", "--format", "html"];
    let page = sandbox.out(0, compared);
    has!(page, ">BETTER HERE<");
    lacks!(page, "id=\"r0\"");
}

#[test]
fn a_page_of_what_does_not_stand_up_says_so() {
    let sandbox = Sandbox::new();
    put(&sandbox, "old", 1, 4e11);
    let text = std::fs::read_to_string(sandbox.path("old.json")).unwrap();
    let text = text.replace("\"label\": \"old\"", "\"label\": \"other\"");
    sandbox.file("edited.json", text);
    has!(sandbox.out(4, ["report", "edited.json"]), "NOT VERIFIED");
    sandbox.ends(0, ["report", "edited.json", "--keep-going"]);

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
    has!(
        page,
        "The gap to Bitmain Antminer S23 XP Hyd",
        "href=\"#gap\""
    );
    has!(page, "id=\"site\"", "20 MW mining site");
    let page = sandbox.out(0, ["report", archived]);
    has!(page, "id=\"gap\"");
    lacks!(page, "id=\"site\"");
    let args = ["report", archived, "--scenario", "nowhere.toml"];
    assert_eq!(sandbox.out(2, args), "");
}

#[test]
fn a_page_of_many_records_has_a_row_for_each() {
    let sandbox = Sandbox::new();
    let reruns = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reruns");
    let page = sandbox.out(0, ["report", reruns.to_str().unwrap()]);
    has!(page, "id=\"sessions\"", "12 sessions", "ONE SECOND BUYS");
    has!(
        page,
        "<title>Intel(R) Xeon(R) Processor, 2 cores, guest \u{b7} 2026-11-27</title>"
    );
    assert_eq!(page.matches("2026-11-27 06:1").count(), 12);
    lacks!(page, "id=\"r0\"", "id=\"details\"");
}
