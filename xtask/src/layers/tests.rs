//! The rules, applied to small trees.

use super::*;

const SMALL: Rules = Rules {
    crates: &["low side", "high"],
    no_circles: "high",
    layered: "high",
    layers: &["device probe", "plan"],
    never: &[("high/plan", "std::process", "give it as data")],
};

/// The files of a tree that follows the rules, each after its name.
const GREEN: &str = "
=low/Cargo.toml [package]\nname = \"perwatt-low\"\n[dev-dependencies]\nperwatt-high.workspace = true
=low/src/lib.rs pub struct Low;\n#[cfg(test)] use perwatt_high::High;
=high/Cargo.toml [dependencies]\nperwatt-low.workspace = true\n[dev-dependencies.perwatt-high]
=high/src/lib.rs mod device;\nmod plan;\npub use plan::Plan;
=high/src/device/mod.rs mod ask;\nmod cache;\npub use ask::ask;\npub struct Shared;
=high/src/device/ask.rs use super::Shared;\nuse super::cache::keep;\npub fn ask() {}
=high/src/device/cache.rs pub fn keep() { std::process::id(); }
=high/src/stray.rs fn f() {}
=high/src/plan.rs use perwatt_low::Low; use crate::device::{self, Shared};
pub struct Plan; fn f() { device::ask(); Kind::A; }";

/// The violations in that tree when a file is replaced.
fn said(file: &str, text: &str) -> anyhow::Result<Vec<String>> {
    let dir = tempfile::tempdir()?;
    let green = GREEN.split("\n=").filter_map(|entry| entry.split_once(' '));
    for (path, text) in green.chain([(file, text)]) {
        let path = dir.path().join("crates").join(path);
        std::fs::create_dir_all(path.parent().unwrap())?;
        std::fs::write(path, text)?;
    }
    faults(dir.path(), &SMALL)
}

/// Checks that a file has one fault at a line, which says `expected`.
#[track_caller]
fn red(file: &str, text: &str, line: usize, expected: &str) {
    let said = said(file, text).unwrap();
    assert_eq!(
        said,
        [format!("crates/{file}:{line}: {expected}")],
        "{text}"
    );
}

#[test]
fn a_crate_that_depends_on_a_later_one_is_red() {
    for (manifest, line, name) in [
        (
            "[dependencies]\n\nperwatt-high = { path = \"../high\" }",
            3,
            "high",
        ),
        (
            "[target.'cfg(unix)'.build-dependencies]\nperwatt-high.workspace = true",
            2,
            "high",
        ),
        ("[dependencies.perwatt-side]\nworkspace = true", 1, "side"),
    ] {
        let expected = format!(
            "low imports perwatt-{name}, but the crate {name} does not stand before it
  remedy: move what both need into a crate before both, or what needs {name} after it"
        );
        red("low/Cargo.toml", manifest, line, &expected);
    }
}

#[test]
fn an_unknown_crate_or_module_is_red() {
    let remedy = "remedy: add it to one in xtask/src/layers/rules.rs";
    red(
        "new/Cargo.toml",
        "",
        1,
        &format!("the crate new is in no group\n  {remedy}"),
    );
    let path = "high/src/lib.rs";
    let expected = format!("the module stray is in no layer of high\n  {remedy}");
    red(path, "mod device;\n\nmod stray;", 3, &expected);
    let error = said(path, "\nmod gone;").unwrap_err().to_string();
    let expected = "crates/high/src/lib.rs:2: there is no file of `mod gone;`";
    assert_eq!(error, expected);
    let all: Vec<&str> = RULES
        .crates
        .iter()
        .flat_map(|group| group.split(' '))
        .collect();
    assert_eq!(
        BTreeSet::from_iter(&all).len(),
        all.len(),
        "a crate has one place"
    );
}

#[test]
fn a_layer_that_imports_a_later_one_is_red() {
    for (text, import) in [
        ("use crate::plan::Plan;", "crate::plan::Plan"),
        ("use super::super::plan;", "super::super::plan"),
        (
            "pub use crate::{x::{Y, Z}, plan::Plan as P};",
            "crate::plan::Plan",
        ),
        ("pub(super) use crate::plan::{self, };", "crate::plan"),
        ("use super::super::plan::*;", "super::super::plan"),
        // Re-exported by the root.
        ("fn f<'a>(_: &'a crate::Plan) {}", "crate::Plan"),
        (
            "fn f() { log!(\"{}\", crate::plan::f()); }",
            "crate::plan::f",
        ),
        (
            "#[arg(parser = crate::plan::f)] struct A;",
            "crate::plan::f",
        ),
        (
            "#[cfg(test)] fn f<A, B>() -> A { A }\nuse crate::plan as p;",
            "crate::plan",
        ),
        ("#[cfg(not(test))] use crate::Plan;", "crate::Plan"),
    ] {
        let said = said("high/src/device/cache.rs", &format!("\n{text}")).unwrap();
        let breaks: Vec<&String> = said.iter().filter(|s| s.contains("layer")).collect();
        let line = text.lines().count() + 1;
        let expected = format!(
            "crates/high/src/device/cache.rs:{line}: the layer device imports {import} of the layer plan, which stands after it
  remedy: move what both need into the layer device or before it, or have the layer plan pass it as an argument"
        );
        assert_eq!(breaks, [&expected], "{text}");
    }
}

#[test]
fn code_for_tests_and_text_import_nothing() {
    for text in [
        "",
        "#[cfg(test)] use crate::plan::{Plan, B};",
        "#[cfg(test)] #[derive(Debug)] pub struct T<A, B> { a: crate::Plan }",
        "#[cfg(all(test, unix))] const N: [u8; 2] = { crate::Plan };",
        "#[cfg(test)] mod tests { use crate::plan::Plan; }",
        "#[test] fn t() { crate::plan::f() }",
        "#![cfg(test)] fn f() {} use crate::plan::Plan;",
        "/// [`crate::Plan`]\nconst C: &str = \"\\\"crate::Plan\"; // crate::Plan",
        "/* crate::Plan */ const C: (char, &str) = ('\"', r#\"\"crate::Plan\"#);",
    ] {
        let text = format!("{text}\npub fn keep() {{}}");
        assert_eq!(
            said("high/src/device/cache.rs", &text).unwrap(),
            [""; 0],
            "{text}"
        );
    }
}

#[test]
fn a_forbidden_name_is_red() {
    let path = "high/src/plan.rs";
    let expected =
        |name: &str| format!("high/plan names {name}, of std::process\n  remedy: give it as data");
    // A name that comes from an import is reported at the import.
    let import = "\nuse std::process;\nfn f() { process::id(); }";
    red(path, import, 2, &expected("std::process"));
    red(
        path,
        "\nfn f() { std::process::id(); }",
        2,
        &expected("std::process::id"),
    );
    assert_eq!(said(path, "use std::processes::X;").unwrap(), [""; 0]);
}

#[test]
fn files_that_import_each_other_are_red() {
    let cache = "use super::Shared;\nuse crate::device::ask;\npub fn keep() {}";
    let said = said("high/src/device/cache.rs", cache).unwrap();
    assert_eq!(
        said,
        [
            "crates/high/src/device/ask.rs:2: 2 files of high import each other in a circle:
  crates/high/src/device/ask.rs:2 imports super::cache::keep of crates/high/src/device/cache.rs
  crates/high/src/device/cache.rs:2 imports crate::device::ask of crates/high/src/device/ask.rs
  remedy: move what both ends of one of these imports need into a file that imports neither"
        ]
    );
    // A folder's `mod.rs` that uses the definitions of its files.
    let device = "mod ask;\nmod cache;\npub use ask::ask;\npub struct Shared;\nfn f() { ask(); }";
    red(
        "high/src/device/mod.rs",
        device,
        3,
        "2 files of high import each other in a circle:
  crates/high/src/device/mod.rs:3 imports ask::ask of crates/high/src/device/ask.rs
  crates/high/src/device/ask.rs:1 imports super::Shared of crates/high/src/device/mod.rs
  remedy: move what both ends of one of these imports need into a file that imports neither",
    );
}
