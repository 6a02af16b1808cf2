//! Machines of one model in comparisons and histories.

use serde_json::Value;

use crate::compare::made;
use crate::sandbox::{Sandbox, has, lacks, words};

/// Twelve sessions of twelve identical nodes in `rack`, and another of each in `again`.
fn twelve_nodes(sandbox: &Sandbox) {
    for i in 0..12 {
        let mut made = made("quick", i, 4e11);
        made.specimen = Some(format!("{i:08x}{:024x}", 7));
        made.node = Some(format!("n{i:02}"));
        made.started_unix_s += 3600 * i as u32;
        sandbox.put(&format!("rack/{i:02}.json"), &made.record());
        (made.id, made.started_unix_s) = (i + 100, made.started_unix_s + 86_400);
        sandbox.put(&format!("again/{i:02}.json"), &made.record());
    }
}

/// The labels of the columns of a comparison.
fn columns(comparison: &Value) -> Vec<&str> {
    let columns = comparison["columns"].as_array().unwrap().iter();
    columns.map(|of| of["label"].as_str().unwrap()).collect()
}

#[test]
fn twelve_identical_nodes_are_columns_or_one_model_as_asked() {
    let sandbox = Sandbox::new();
    twelve_nodes(&sandbox);
    let names: Vec<String> = (0..12).map(|i| format!("n{i:02}")).collect();
    let of = |args: &str| sandbox.json(0, words(&format!("compare {args} --format json")));
    for (args, by, sessions) in [
        ("rack", "input", 1),
        ("rack --by node", "node", 1),
        ("rack again --by node", "node", 2),
        ("rack again --by machine", "node", 2),
    ] {
        let comparison = of(args);
        assert_eq!(comparison["by"], by, "{args}");
        assert_eq!(columns(&comparison), names, "{args}");
        assert_eq!(comparison["columns"][3]["sessions"], sessions, "{args}");
        assert_eq!(comparison["columns"][3]["nodes"][0], "n03", "{args}");
    }
    let one = sandbox.json(3, words("compare rack again --by model --format json"));
    assert_eq!(columns(&one), ["Example CPU, 8 cores"]);
    assert_eq!(one["columns"][0]["nodes"].as_array().unwrap().len(), 12);
    let text = sandbox.out(3, words("compare rack --by model"));
    has!(text, "12 nodes", "12 sessions");

    let pooled = of("old=rack new=again");
    assert_eq!(columns(&pooled), ["old", "new"]);
    let both = of("rack again");
    assert_eq!(columns(&both).len(), 24);
    assert!(columns(&both).contains(&"again n07"));
}

#[test]
fn labels_make_columns_when_asked() {
    let sandbox = Sandbox::new();
    for (label, id) in [("before", 1), ("after", 2), ("before", 3)] {
        sandbox.put(&format!("d/{id}.json"), &made(label, id, 4e11).record());
    }
    // All of one machine, as far as the records tell.
    sandbox.ends(3, ["compare", "d"]);
    let found = sandbox.json(0, words("compare d --by label --format json"));
    assert_eq!(columns(&found), ["before", "after"]);
    has!(
        sandbox.err(2, words("compare d --by colour")),
        "node",
        "model",
        "label",
        "session"
    );
}

#[test]
fn each_of_twelve_identical_nodes_has_its_own_history() {
    let sandbox = Sandbox::new();
    twelve_nodes(&sandbox);
    let text = sandbox.out(0, ["history", "rack", "again"]);
    let headings: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("Example"))
        .collect();
    assert_eq!(headings.len(), 12, "{text}");
    has!(headings[7], "Example CPU, 8 cores, node n07, ");
    let one = sandbox.out(0, words("history rack again --machine n07"));
    let headings = one.lines().filter(|line| line.starts_with("Example"));
    assert_eq!(headings.count(), 1, "{one}");
    lacks!(one, "n06");
}
