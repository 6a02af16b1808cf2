//! The modules of a crate, and the files that define the names that they import.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::scan::{self, Declared, Import, Scanned, Written};

/// An imported name and its definition.
#[derive(Debug)]
pub struct Found {
    /// The file that imports it, and its module.
    pub file: usize,
    pub module: Vec<String>,
    pub line: usize,
    /// The path as written.
    pub text: String,
    /// Its path from the crate's root, `crate::plan::Facts`, or from another crate.
    pub path: Vec<String>,
    /// The file that defines it; `None` for a name of another crate, or for a module
    /// itself: naming a module does not yet use anything in it.
    pub definer: Option<usize>,
    /// True if it is re-exported by `pub use` and not used here.
    pub is_handed_on: bool,
    /// True if it is reached through an import of the same file, which is reported too.
    pub is_repeat: bool,
}

/// A crate.
pub struct Tree {
    /// Paths from the root of the workspace.
    pub files: Vec<PathBuf>,
    modules: Vec<Module>,
}

struct Module {
    file: usize,
    /// Its path from the crate's root; empty for the root itself.
    path: Vec<String>,
    /// The line that declares it.
    line: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    imports: Vec<Import>,
    paths: Vec<Written>,
    words: BTreeSet<String>,
}

impl Module {
    fn new(file: usize, path: Vec<String>, line: usize, parent: Option<usize>) -> Self {
        Self {
            file,
            path,
            line,
            parent,
            children: BTreeMap::new(),
            imports: Vec::new(),
            paths: Vec::new(),
            words: BTreeSet::new(),
        }
    }
}

fn scan(workspace: &Path, file: &Path) -> anyhow::Result<Scanned> {
    let text = std::fs::read_to_string(workspace.join(file)).map_err(anyhow::Error::from);
    let scanned = text.and_then(|text| scan::scan(&text));
    scanned.with_context(|| format!("cannot read {}", file.display()))
}

/// The target of a path.
enum End {
    Item { file: usize, path: Vec<String> },
    Module(usize),
    Outside(Vec<String>),
}

/// The largest number of imports that are followed one after another.
const DEPTH: usize = 16;

impl Tree {
    /// Reads the crate whose root is `file`, a path from `workspace`.
    pub fn read(workspace: &Path, file: &Path) -> anyhow::Result<Self> {
        let mut tree = Self {
            files: Vec::new(),
            modules: Vec::new(),
        };
        let folder = file.parent().context("the root of a crate has no folder")?;
        let scanned = scan(workspace, file)?;
        tree.files.push(file.to_owned());
        let root = Module::new(0, Vec::new(), 1, None);
        tree.add(workspace, folder, root, scanned)?;
        Ok(tree)
    }

    /// Adds a module whose own modules are below `folder`; returns its number.
    fn add(
        &mut self,
        workspace: &Path,
        folder: &Path,
        module: Module,
        scanned: Scanned,
    ) -> anyhow::Result<usize> {
        let number = self.modules.len();
        let (file, path) = (module.file, module.path.clone());
        self.modules.push(Module {
            imports: scanned.imports,
            paths: scanned.paths,
            words: scanned.words,
            ..module
        });
        for Declared { name, line, body } in scanned.modules {
            let folder = folder.join(&name);
            let (file, scanned) = match body {
                Some(scanned) => (file, scanned),
                None => {
                    let files = [folder.with_extension("rs"), folder.join("mod.rs")];
                    let found = files.into_iter().find(|f| workspace.join(f).is_file());
                    let found = found.with_context(|| {
                        let declared = self.files[file].display();
                        format!("{declared}:{line}: there is no file of `mod {name};`")
                    })?;
                    let scanned = scan(workspace, &found)?;
                    self.files.push(found);
                    (self.files.len() - 1, scanned)
                }
            };
            let path = [&path[..], std::slice::from_ref(&name)].concat();
            let child = Module::new(file, path, line, Some(number));
            let child = self.add(workspace, &folder, child, scanned)?;
            self.modules[number].children.insert(name, child);
        }
        Ok(number)
    }

    /// The modules of the root, each with the line that declares it.
    pub fn top(&self) -> impl Iterator<Item = (&str, usize)> {
        let children = self.modules.first().map(|root| &root.children);
        let children = children.into_iter().flatten();
        children.map(|(name, child)| (&**name, self.modules[*child].line))
    }

    /// All names that the files import, of this crate and of others.
    pub fn imports(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for (number, module) in self.modules.iter().enumerate() {
            for import in &module.imports {
                let is_used = module.words.contains(&import.name);
                let mut import_found = self.found(number, &import.from, import.name == "*");
                if let Some(found) = &mut import_found {
                    found.is_handed_on = import.is_reexport && !is_used;
                }
                found.extend(import_found);
            }
            found.extend(
                module
                    .paths
                    .iter()
                    .filter_map(|path| self.found(number, path, false)),
            );
        }
        found
    }

    fn found(&self, module: usize, written: &Written, is_glob: bool) -> Option<Found> {
        let crate_path = |path: &[String]| [&["crate".to_owned()], path].concat();
        let (path, definer) = match self.resolve(module, &written.segments, DEPTH)? {
            End::Item { file, path } => (crate_path(&path), Some(file)),
            End::Module(found) => {
                let Module { file, path, .. } = &self.modules[found];
                (crate_path(path), is_glob.then_some(*file))
            }
            End::Outside(path) => (path, None),
        };
        Some(Found {
            file: self.modules[module].file,
            module: self.modules[module].path.clone(),
            line: written.line,
            text: written.segments.join("::"),
            path,
            definer,
            is_handed_on: false,
            is_repeat: matches!(self.lead(module, &written.segments), Some(Lead::Import(_))),
        })
    }

    /// The target of a path that is written in a module; `None` for a name that is local to
    /// the file, such as `Self::NEW` or `Kind::Cpu`.
    fn resolve(&self, module: usize, segments: &[String], depth: usize) -> Option<End> {
        let [first, rest @ ..] = segments else {
            return Some(End::Module(module));
        };
        let start = match (&first[..], self.modules[module].parent) {
            ("crate", _) => 0,
            ("self", _) => module,
            ("super", Some(parent)) => parent,
            _ if self.lead(module, segments).is_some() => {
                return self.descend(module, segments, depth);
            }
            (name, _) if name.starts_with(char::is_lowercase) => {
                return Some(End::Outside(segments.to_vec()));
            }
            _ => return None,
        };
        match rest.first().map(String::as_str) {
            Some("super") => self.resolve(start, rest, depth),
            _ => self.descend(start, rest, depth),
        }
    }

    /// The target of a path that begins with a name of the module.
    fn descend(&self, module: usize, segments: &[String], depth: usize) -> Option<End> {
        let [_, rest @ ..] = segments else {
            return Some(End::Module(module));
        };
        match self.lead(module, segments) {
            Some(Lead::Child(child)) => self.descend(child, rest, depth),
            Some(Lead::Import(import)) => {
                let path = [&import.from.segments, rest].concat();
                self.resolve(module, &path, depth.checked_sub(1)?)
            }
            None => {
                let Module { file, path, .. } = &self.modules[module];
                let path = [path, segments].concat();
                Some(End::Item { file: *file, path })
            }
        }
    }

    /// The target of the first of the segments. A module and a function may have the same
    /// name: at the end of a path the function is meant, within it the module.
    fn lead(&self, module: usize, segments: &[String]) -> Option<Lead<'_>> {
        let Module {
            children, imports, ..
        } = &self.modules[module];
        let name = segments.first()?;
        let child = children.get(name);
        // `use toml::toml` refers to another crate.
        let is_it = |import: &&Import| {
            import.name == *name && (child.is_some() || import.from.segments[0] != *name)
        };
        let import = imports.iter().find(is_it).map(Lead::Import);
        let child = child.copied().map(Lead::Child);
        match segments.len() {
            1 => import.or(child),
            _ => child.or(import),
        }
    }
}

/// The target of a name.
enum Lead<'a> {
    Child(usize),
    Import(&'a Import),
}
