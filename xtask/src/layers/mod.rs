//! `cargo xtask layers`: checks the imports of crates and files against [`rules::RULES`].
//!
//! The tests of a file, dev-dependencies and `tests/` are left out: they may import
//! anything. An import is a `use` line or a path in code. It refers to the file that
//! defines the name, through the `pub use` lines between. A module that declares another,
//! or re-exports its names by `pub use`, does not depend on it by that.

mod circles;
mod manifest;
mod rules;
mod scan;
mod tree;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use perwatt_tools::shell::root;

use self::circles::{Circle, Graph};
use self::rules::{Layered, RULES, Rules};
use self::tree::{Found, Tree};

/// The file with the rules.
const TABLE: &str = "xtask/src/layers/rules.rs";

/// A violation of a rule.
struct Fault {
    file: PathBuf,
    line: usize,
    what: String,
    remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            what,
            remedy,
        } = self;
        write!(f, "{}:{line}: {what}\n  remedy: {remedy}", file.display())
    }
}

/// Checks the workspace; fails when a rule is broken.
pub fn layers() -> anyhow::Result<()> {
    let faults = faults(&root(), &RULES)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    let count = faults.len();
    ensure!(count == 0, "{count} breaks of the rules in {TABLE}");
    Ok(())
}

/// The violations of the rules in a workspace.
fn faults(workspace: &Path, rules: &Rules) -> anyhow::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let entries = std::fs::read_dir(workspace.join("crates")).context("no crates")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<anyhow::Result<Vec<String>>>()?;
    names.sort();
    for name in names {
        let folder = Path::new("crates").join(&name);
        let file = folder.join("Cargo.toml");
        let manifest = std::fs::read_to_string(workspace.join(&file));
        let manifest = manifest.with_context(|| format!("cannot read {}", file.display()))?;
        let order = CrateOrder::of(&name, rules);
        if order.group.is_none() {
            faults.push(Fault {
                file: file.clone(),
                line: 1,
                what: format!("the crate {name} is in no group"),
                remedy: format!("add it to one in {TABLE}"),
            });
        }
        for (line, other) in manifest::dependencies(&manifest) {
            let imported = format!("perwatt-{other}");
            faults.extend(order.fault(&file, line, &imported, &other));
        }
        for root in ["src/lib.rs", "src/main.rs"] {
            let root = folder.join(root);
            if workspace.join(&root).is_file() {
                let tree = Tree::read(workspace, &root)?;
                faults.extend(in_crate(&name, &tree, rules, &order));
            }
        }
    }
    Ok(faults)
}

/// The violations in the files of a crate.
fn in_crate(name: &str, tree: &Tree, rules: &Rules, order: &CrateOrder<'_>) -> Vec<Fault> {
    let imports = tree.imports();
    let mut faults = Vec::new();
    for found in &imports {
        let other = found.path[0].strip_prefix("perwatt_");
        if let Some(other) = other.map(|other| other.replace('_', "-")) {
            let file = &tree.files[found.file];
            faults.extend(order.fault(file, found.line, &found.text, &other));
        }
    }
    let layered = rules.layered.iter().find(|layered| layered.name == name);
    faults.extend(
        layered
            .into_iter()
            .flat_map(|rule| layers_of(rule, tree, &imports)),
    );
    faults.extend(never(name, tree, &imports, rules));
    if rules.no_circles.contains(&name) {
        faults.extend(circles_of(name, tree, &imports));
    }
    faults
}

/// The position of a crate among the others.
struct CrateOrder<'a> {
    name: &'a str,
    rules: &'a Rules,
    group: Option<usize>,
}

impl<'a> CrateOrder<'a> {
    fn of(name: &'a str, rules: &'a Rules) -> Self {
        Self {
            name,
            rules,
            group: rules.group(name),
        }
    }

    fn fault(&self, file: &Path, line: usize, imported: &str, other: &str) -> Option<Fault> {
        let (own, its) = (self.group?, self.rules.group(other)?);
        (its >= own).then(|| Fault {
            file: file.to_owned(),
            line,
            what: format!(
                "{} imports {imported}, but the crate {other} does not stand before it",
                self.name
            ),
            remedy: format!(
                "move what both need into a crate before both, or what needs {other} after it"
            ),
        })
    }
}

/// Imports of later layers.
fn layers_of(rule: &Layered, tree: &Tree, imports: &[Found]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (module, line) in tree.top() {
        if rule.layer(module).is_none() {
            faults.push(Fault {
                file: tree.files[0].clone(),
                line,
                what: format!("the module {module} is in no layer of {}", rule.name),
                remedy: format!("add it to one in {TABLE}"),
            });
        }
    }
    for found in imports.iter().filter(|found| !found.is_repeat) {
        let layer = |path: &[String]| rule.layer(path.first()?);
        let its = match &found.path[..] {
            [root, path @ ..] if root == "crate" => layer(path),
            _ => None,
        };
        let (Some(own), Some(its)) = (layer(&found.module), its) else {
            continue;
        };
        if its > own {
            let (own, its) = (rule.layers[own].name, rule.layers[its].name);
            faults.push(Fault {
                file: tree.files[found.file].clone(),
                line: found.line,
                what: format!(
                    "the layer {own} imports {} of the layer {its}, which stands after it",
                    found.text
                ),
                remedy: format!(
                    "move what both need into the layer {own} or before it, or have the layer {its} pass it as an argument"
                ),
            });
        }
    }
    faults
}

/// Names in parts of the tree where they must not appear.
fn never(name: &str, tree: &Tree, imports: &[Found], rules: &Rules) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in rules.never {
        let (of, module) = match rule.within.split_once('/') {
            Some((of, module)) => (of, Some(module)),
            None => (rule.within, None),
        };
        if of != name {
            continue;
        }
        for found in imports.iter().filter(|found| !found.is_repeat) {
            let top = found.module.first().map(String::as_str);
            let path = found.path.join("::");
            let begins = |name: &&&str| {
                let rest = path.strip_prefix(**name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            };
            if (module.is_none() || module == top)
                && let Some(forbidden) = rule.names.iter().find(begins)
            {
                faults.push(Fault {
                    file: tree.files[found.file].clone(),
                    line: found.line,
                    what: format!("{} names {}, of {forbidden}", rule.within, found.text),
                    remedy: rule.remedy.to_owned(),
                });
            }
        }
    }
    faults
}

/// Import cycles of files.
fn circles_of(name: &str, tree: &Tree, imports: &[Found]) -> Vec<Fault> {
    let mut graph = Graph::new();
    for found in imports.iter().filter(|found| !found.is_handed_on) {
        if let Some(definer) = found.definer.filter(|definer| *definer != found.file) {
            graph.entry(found.file).or_default().insert(definer);
        }
    }
    let shown = |file: usize| tree.files[file].display();
    let fault = |Circle { nodes, shortest }: Circle| {
        let next = shortest.iter().cycle().skip(1);
        let steps = shortest.iter().zip(next).filter_map(|(&file, &next)| {
            let is_step = |f: &&Found| f.file == file && f.definer == Some(next) && !f.is_handed_on;
            imports.iter().find(is_step)
        });
        let steps: Vec<&Found> = steps.collect();
        let line = steps.first().map_or(1, |found| found.line);
        let way = steps.iter().map(|found| {
            let definer = found.definer.unwrap_or(found.file);
            format!(
                "\n  {}:{} imports {} of {}",
                shown(found.file),
                found.line,
                found.text,
                shown(definer)
            )
        });
        let files: BTreeSet<String> = nodes.iter().map(|node| shown(*node).to_string()).collect();
        Fault {
            file: tree.files[shortest[0]].clone(),
            line,
            what: format!(
                "{} files of {name} import each other in a circle: {}; the shortest way round:{}",
                files.len(),
                Vec::from_iter(files).join(", "),
                way.collect::<String>()
            ),
            remedy:
                "move what both ends of one of these imports need into a file that imports neither"
                    .to_owned(),
        }
    };
    circles::circles(&graph).into_iter().map(fault).collect()
}

#[cfg(test)]
mod tests;
