//! `cargo xtask layers`: checks the imports of crates and files against [`RULES`].
//!
//! The tests of a file, dev-dependencies and `tests/` are left out: they may import
//! anything. An import is a `use` line or a path in code. It refers to the file that
//! defines the name, through the `pub use` lines between. A module that declares another,
//! or re-exports its names by `pub use`, does not depend on it by that.

mod rules;
mod scan;
mod tree;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::{Context, ensure};
use perwatt_tools::shell::root;

use self::rules::{RULES, Rules, has, place};
use self::scan::Import;
use self::tree::{Found, Tree};

/// The file with the rules.
const TABLE: &str = "xtask/src/layers/rules.rs";

/// Checks the workspace; fails when a rule is broken.
pub fn layers() -> anyhow::Result<()> {
    let faults = faults(&root(), &RULES)?;
    let (count, all) = (faults.len(), faults.join("\n"));
    ensure!(count == 0, "{count} breaks of the rules in {TABLE}\n{all}");
    Ok(())
}

/// The violations of the rules in a workspace.
fn faults(workspace: &Path, rules: &Rules) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    let entries = std::fs::read_dir(workspace.join("crates")).context("no crates")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    for name in names.collect::<anyhow::Result<BTreeSet<String>>>()? {
        let folder = Path::new("crates").join(&name);
        let file = folder.join("Cargo.toml");
        let manifest = std::fs::read_to_string(workspace.join(&file));
        let manifest = manifest.with_context(|| format!("cannot read {}", file.display()))?;
        let own = place(rules.crates, &name);
        if own.is_none() {
            let what = format!("the crate {name} is in no group");
            faults.push(fault(&file, 1, &what, &format!("add it to one in {TABLE}")));
        }
        for (line, other) in dependencies(&manifest) {
            let both = own.zip(place(rules.crates, other));
            if both.is_some_and(|(own, its)| its >= own) {
                let what = format!(
                    "{name} imports perwatt-{other}, but the crate {other} does not stand before it"
                );
                let remedy = format!(
                    "move what both need into a crate before both, or what needs {other} after it"
                );
                faults.push(fault(&file, line, &what, &remedy));
            }
        }
        for root in ["src/lib.rs", "src/main.rs"].map(|root| folder.join(root)) {
            if workspace.join(&root).is_file() {
                faults.extend(in_crate(&name, &Tree::read(workspace, &root)?, rules));
            }
        }
    }
    Ok(faults)
}

fn fault(file: &Path, line: usize, what: &str, remedy: &str) -> String {
    format!("{}:{line}: {what}\n  remedy: {remedy}", file.display())
}

/// Lines of a `Cargo.toml` that depend on a crate of the workspace, each with the directory
/// of that crate; dependencies of tests only are left out.
fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_for_tests = false;
    manifest.lines().enumerate().filter_map(move |(at, line)| {
        if line.starts_with('[') {
            is_for_tests = line.contains("dev-dependencies");
        }
        let mut words = line.split(['.', '=', ' ', ']']);
        let name = words.find_map(|word| word.strip_prefix("perwatt-"))?;
        (!is_for_tests).then_some((at + 1, name))
    })
}

/// The violations in the files of a crate.
fn in_crate(name: &str, tree: &Tree, rules: &Rules) -> Vec<String> {
    let imports: Vec<Found<'_>> = tree.imports().collect();
    let mut faults = Vec::new();
    let is_layered = rules.layered == name;
    let root = &tree.0["crate"];
    for (module, line) in root.modules.iter().filter(|_| is_layered) {
        if place(rules.layers, module).is_none() {
            let what = format!("the module {module} is in no layer of {name}");
            let remedy = format!("add it to one in {TABLE}");
            faults.push(fault(&root.file, *line, &what, &remedy));
        }
    }
    for found in imports.iter().filter(|found| !found.is_repeat) {
        let text = &found.import.path;
        let mut say = |what: &str, remedy: &str| {
            faults.push(fault(&found.scan.file, found.import.line, what, remedy));
        };
        let [own_top, its_top] = [found.module, &found.path].map(top);
        let [own, its] = [own_top, its_top].map(|module| place(rules.layers, module));
        if let Some((own, its)) = own.zip(its).filter(|(own, its)| is_layered && its > own) {
            let [own, its] = [own, its].map(|at| rules.layers[at].split(' ').next().unwrap_or(""));
            let what =
                format!("the layer {own} imports {text} of the layer {its}, which stands after it");
            let remedy = format!(
                "move what both need into the layer {own} or before it, or have the layer {its} pass it as an argument"
            );
            say(&what, &remedy);
        }
        for (within, names, remedy) in rules.never {
            let path = format!("{}::", found.path);
            let is_it = |name: &&str| path.starts_with(&format!("{name}::"));
            if (*within == name || *within == format!("{name}/{own_top}"))
                && let Some(forbidden) = names.split(' ').find(is_it)
            {
                say(&format!("{within} names {text}, of {forbidden}"), remedy);
            }
        }
    }
    if has(rules.no_circles, name) {
        faults.extend(circles(name, &imports));
    }
    faults
}

/// The module of the crate's root that a path belongs to; empty for another crate.
fn top(path: &str) -> &str {
    let below = path.strip_prefix("crate::");
    below.and_then(|path| path.split("::").next()).unwrap_or("")
}

/// The imports of each module, by the module that defines the name.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Found<'a>>>;

/// Files that import each other in a circle: the shortest ways round that share no file.
fn circles(name: &str, imports: &[Found<'_>]) -> Vec<String> {
    let mut graph = Graph::new();
    for found in imports.iter().filter(|found| !found.is_handed_on) {
        if let Some(definer) = found.definer.filter(|definer| *definer != found.module) {
            let imports = graph.entry(found.module).or_default();
            imports.entry(definer).or_insert(found);
        }
    }
    let circles = graph.keys().filter_map(|start| round(&graph, start));
    let mut circles: Vec<_> = circles.collect();
    circles.sort_by_key(Vec::len);
    let mut seen = BTreeSet::new();
    circles.retain(|way| {
        let is_new = !way.iter().any(|step| seen.contains(step.module));
        seen.extend(way.iter().map(|step| step.module).filter(|_| is_new));
        is_new
    });
    let said = circles.iter().map(|way| {
        let steps = way.iter().zip(way.iter().cycle().skip(1));
        let steps = steps.map(|(step, next)| {
            let (file, Import { line, path, .. }) = (step.scan.file.display(), step.import);
            let definer = next.scan.file.display();
            format!("\n  {file}:{line} imports {path} of {definer}")
        });
        let (count, steps) = (way.len(), steps.collect::<String>());
        let what = format!("{count} files of {name} import each other in a circle:{steps}");
        let remedy =
            "move what both ends of one of these imports need into a file that imports neither";
        fault(&way[0].scan.file, way[0].import.line, &what, remedy)
    });
    said.collect()
}

/// The shortest way from a module back to itself.
fn round<'a>(graph: &Graph<'a>, start: &str) -> Option<Vec<&'a Found<'a>>> {
    let mut ways = VecDeque::from([(start, Vec::new())]);
    let mut seen = BTreeSet::new();
    while let Some((module, way)) = ways.pop_front() {
        for (&next, &step) in graph.get(module).into_iter().flatten() {
            let way = [&way[..], &[step]].concat();
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back((next, way));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
