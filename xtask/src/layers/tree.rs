//! The files that define the names which the modules of a crate import.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use super::scan::{Import, Scan, scan};

/// An imported name and its definition.
pub struct Found<'a> {
    /// The module that imports it.
    pub module: &'a str,
    pub scan: &'a Scan,
    pub import: &'a Import,
    /// Its path from the crate's root, `crate::plan::Facts`, or from another crate.
    pub path: String,
    /// The module that defines it; `None` for a name of another crate, or for a module
    /// itself: naming a module does not yet use anything in it.
    pub definer: Option<&'a str>,
    /// True if it is re-exported by `pub use` and not used here.
    pub is_handed_on: bool,
    /// True if it is reached through an import of the same file, which is reported too.
    pub is_repeat: bool,
}

/// The modules of a crate that have a file; the root is `crate`.
pub struct Tree(pub BTreeMap<String, Scan>);

/// The largest number of imports that are followed one after another.
const DEPTH: usize = 16;

impl Tree {
    /// Reads the crate whose root is `file`, a path from `workspace`.
    pub fn read(workspace: &Path, file: &Path) -> anyhow::Result<Self> {
        let mut tree = Self(BTreeMap::new());
        let folder = file.parent().context("the root of a crate has no folder")?;
        let mut next = vec![("crate".to_owned(), file.to_owned())];
        while let Some((path, file)) = next.pop() {
            let text = std::fs::read_to_string(workspace.join(&file));
            let text = text.with_context(|| format!("cannot read {}", file.display()))?;
            let scan = scan(file, &text);
            for (name, line) in &scan.modules {
                let path = format!("{path}::{name}");
                let stem = folder.join(path.replace("::", "/").replacen("crate/", "", 1));
                let mut files = [stem.with_extension("rs"), stem.join("mod.rs")].into_iter();
                let found = files.find(|file| workspace.join(file).is_file());
                let file = scan.file.display();
                let found = found
                    .with_context(|| format!("{file}:{line}: there is no file of `mod {name};`"))?;
                next.push((path, found));
            }
            tree.0.insert(path, scan);
        }
        Ok(tree)
    }

    /// All names that the files import, of this crate and of others.
    pub fn imports(&self) -> impl Iterator<Item = Found<'_>> {
        let all = self.0.iter().flat_map(|(module, scan)| {
            scan.imports
                .iter()
                .map(move |import| (module, scan, import))
        });
        all.filter_map(|(module, scan, import)| {
            let (path, definer) = self.resolve(module, &import.path, DEPTH)?;
            let name = import.name.as_deref();
            let glob = self.0.get_key_value(&path).filter(|_| name == Some("*"));
            Some(Found {
                module,
                scan,
                import,
                definer: definer.or(glob.map(|(module, _)| &**module)),
                path,
                is_handed_on: import.is_reexport && name.is_some_and(|n| !scan.words.contains(n)),
                is_repeat: matches!(self.lead(module, &import.path), Some(Some(_))),
            })
        })
    }

    /// The target of a path that is written in a module, and the module that defines it;
    /// `None` for a name that is local to the file, such as `Self::NEW` or `Kind::Cpu`.
    fn resolve(&self, module: &str, path: &str, depth: usize) -> Option<(String, Option<&str>)> {
        let (first, rest) = split(path);
        match first {
            "crate" => self.member("crate", rest, depth),
            "self" => self.member(module, rest, depth),
            "super" => self.member(module, path, depth),
            _ if self.lead(module, path).is_some() => self.member(module, path, depth),
            _ => first
                .starts_with(char::is_lowercase)
                .then(|| (path.to_owned(), None)),
        }
    }

    /// The target of a path that begins in a module.
    fn member(&self, module: &str, path: &str, depth: usize) -> Option<(String, Option<&str>)> {
        match (split(path), self.lead(module, path)) {
            (("", _), _) => Some((module.to_owned(), None)),
            (("super", rest), _) => self.member(module.rsplit_once("::")?.0, rest, depth),
            ((name, rest), Some(None)) => self.member(&format!("{module}::{name}"), rest, depth),
            ((_, rest), Some(Some(import))) => {
                let path = format!("{}::{rest}", import.path);
                self.resolve(module, path.trim_end_matches("::"), depth.checked_sub(1)?)
            }
            (_, None) => Some((
                format!("{module}::{path}"),
                Some(self.0.get_key_value(module)?.0),
            )),
        }
    }

    /// The target of the first name of a path: an import, or `Some(None)` for a module. A
    /// module and a function may have the same name: at the end of a path the function is
    /// meant, within it the module.
    fn lead(&self, module: &str, path: &str) -> Option<Option<&Import>> {
        let (name, rest) = split(path);
        let is_child = self.0.contains_key(&format!("{module}::{name}"));
        // `use toml::toml` refers to another crate.
        let is_it = |import: &&Import| {
            import.name.as_deref() == Some(name) && (is_child || split(&import.path).0 != name)
        };
        let import = self.0.get(module)?.imports.iter().find(is_it).map(Some);
        let child = is_child.then_some(None);
        if rest.is_empty() {
            import.or(child)
        } else {
            child.or(import)
        }
    }
}

/// The first name of a path, and the others.
fn split(path: &str) -> (&str, &str) {
    path.split_once("::").unwrap_or((path, ""))
}
