//! The rules, applied to small trees.

use super::rules::{Layer, Layered, Never, RULES, Rules};
use super::*;

const SMALL: Rules = Rules {
    crates: &[&["low", "side"], &["high"]],
    no_circles: &["high"],
    layered: &[Layered {
        name: "high",
        layers: &[
            Layer {
                name: "first",
                modules: &["device", "probe"],
            },
            Layer {
                name: "second",
                modules: &["plan"],
            },
        ],
    }],
    never: &[Never {
        within: "high/plan",
        names: &["std::process"],
        remedy: "give it as data",
    }],
};

/// A tree that follows the rules: crates `low` and `high`.
const GREEN: &[(&str, &str)] = &[
    (
        "crates/low/Cargo.toml",
        "[dev-dependencies]\nperwatt-high.workspace = true\n",
    ),
    (
        "crates/low/src/lib.rs",
        "pub struct Low;\n#[cfg(test)] use perwatt_high::High;",
    ),
    (
        "crates/high/Cargo.toml",
        "[dependencies]\nperwatt-low.workspace = true\n",
    ),
    (
        "crates/high/src/lib.rs",
        "mod device;\nmod plan;\npub use plan::Plan;",
    ),
    (
        "crates/high/src/device/mod.rs",
        "mod ask;\nmod cache;\npub use ask::ask;\npub struct Shared;\n#[cfg(test)] use crate::plan::Plan;",
    ),
    (
        "crates/high/src/device/ask.rs",
        "use super::Shared;\nuse super::cache::keep;\npub fn ask() {}",
    ),
    (
        "crates/high/src/device/cache.rs",
        "pub fn keep() { std::process::id(); }",
    ),
    (
        "crates/high/src/plan.rs",
        "use perwatt_low::Low;\nuse crate::device::{self, Shared};\npub struct Plan;\nfn f() { device::ask(); Kind::A; }",
    ),
];

/// The violations in that tree when some files are replaced.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in GREEN.iter().chain(files) {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let faults = faults(dir.path(), &SMALL).unwrap();
    faults.iter().map(Fault::to_string).collect()
}

#[track_caller]
fn red(path: &str, text: &str, expected: &[&str]) {
    let said = said(&[(path, text)]);
    assert_eq!(said, expected, "{}", said.join("\n"));
}

#[test]
fn a_tree_that_keeps_the_rules_is_green() {
    assert_eq!(said(&[]), [""; 0]);
}

#[test]
fn a_crate_that_depends_on_a_later_one_is_red() {
    red(
        "crates/low/Cargo.toml",
        "[dependencies]\nanyhow = \"1\"\nperwatt-high = { path = \"../high\" }\n",
        &["crates/low/Cargo.toml:3: low imports perwatt-high, but the crate high does not stand before it
  remedy: move what both need into a crate before both, or what needs high after it"],
    );
    red(
        "crates/low/src/lib.rs",
        "use std::io;\nfn f() { perwatt_side::f(); }",
        &["crates/low/src/lib.rs:2: low imports perwatt_side::f, but the crate side does not stand before it
  remedy: move what both need into a crate before both, or what needs side after it"],
    );
}

#[test]
fn an_unknown_crate_or_module_is_red() {
    red(
        "crates/new/Cargo.toml",
        "",
        &["crates/new/Cargo.toml:1: the crate new is in no group
  remedy: add it to one in xtask/src/layers/rules.rs"],
    );
    red(
        "crates/high/src/lib.rs",
        "mod device;\nmod plan;\n\nmod extra {}",
        &[
            "crates/high/src/lib.rs:4: the module extra is in no layer of high
  remedy: add it to one in xtask/src/layers/rules.rs",
        ],
    );
}

#[test]
fn a_layer_that_imports_a_later_one_is_red() {
    let expected = |import: &str| {
        format!(
            "crates/high/src/device/cache.rs:2: the layer first imports {import} of the layer second, which stands after it
  remedy: move what both need into the layer first or before it, or have the layer second pass it as an argument"
        )
    };
    for (text, import) in [
        ("\nuse crate::plan::Plan;", "crate::plan::Plan"),
        ("\nuse super::super::plan;", "super::super::plan"),
        ("\npub use crate::{plan::Plan as P};", "crate::plan::Plan"),
        // Re-exported by the root.
        ("\nfn f(_: crate::Plan) {}", "crate::Plan"),
        (
            "\nfn f() { log!(\"{}\", crate::plan::f()); }",
            "crate::plan::f",
        ),
    ] {
        let said = said(&[("crates/high/src/device/cache.rs", text)]);
        let breaks: Vec<&String> = said.iter().filter(|s| s.contains("layer")).collect();
        assert_eq!(breaks, [&expected(import)], "{text}");
    }
}

#[test]
fn a_forbidden_name_is_red() {
    let expected = |name: &str| {
        format!(
            "crates/high/src/plan.rs:2: high/plan names {name}, of std::process\n  remedy: give it as data"
        )
    };
    let path = "crates/high/src/plan.rs";
    // A name that comes from an import is reported at the import.
    let import = "\nuse std::process;\nfn f() { process::id(); }";
    red(path, import, &[&*expected("std::process")]);
    let in_code = "\nfn f() { std::process::id(); }";
    red(path, in_code, &[&*expected("std::process::id")]);
    assert_eq!(said(&[(path, "use std::processes::X;")]), [""; 0]);
}

#[test]
fn files_that_import_each_other_are_red() {
    red(
        "crates/high/src/device/cache.rs",
        "use super::Shared;\nuse crate::device::ask;\npub fn keep() {}",
        &["crates/high/src/device/ask.rs:2: 2 files of high import each other in a circle: crates/high/src/device/ask.rs, crates/high/src/device/cache.rs; the shortest way round:
  crates/high/src/device/ask.rs:2 imports super::cache::keep of crates/high/src/device/cache.rs
  crates/high/src/device/cache.rs:2 imports crate::device::ask of crates/high/src/device/ask.rs
  remedy: move what both ends of one of these imports need into a file that imports neither"],
    );
    // A folder's `mod.rs` that uses the definitions of its files.
    red(
        "crates/high/src/device/mod.rs",
        "mod ask;\nmod cache;\npub use ask::ask;\npub struct Shared;\nfn f() { ask(); }",
        &["crates/high/src/device/mod.rs:3: 2 files of high import each other in a circle: crates/high/src/device/ask.rs, crates/high/src/device/mod.rs; the shortest way round:
  crates/high/src/device/mod.rs:3 imports ask::ask of crates/high/src/device/ask.rs
  crates/high/src/device/ask.rs:1 imports super::Shared of crates/high/src/device/mod.rs
  remedy: move what both ends of one of these imports need into a file that imports neither"],
    );
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("crates/low/src");
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(dir.path().join("crates/low/Cargo.toml"), "").unwrap();
    std::fs::write(source.join("lib.rs"), "\nmod gone;").unwrap();
    let error = faults(dir.path(), &SMALL).err().unwrap().to_string();
    assert_eq!(
        error,
        "crates/low/src/lib.rs:2: there is no file of `mod gone;`"
    );
}

#[test]
fn every_crate_of_the_workspace_has_one_place() {
    let all: Vec<&str> = RULES.crates.concat();
    let once: BTreeSet<&&str> = all.iter().collect();
    assert_eq!(once.len(), all.len());
}
