//! The imports of a source file: `use` lines and paths in code. Comments, strings and code
//! for tests are left out. A module within a file is read as a part of the file's own.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

/// A path in code, such as `crate::plan::Facts`.
#[derive(Debug)]
pub struct Import {
    pub line: usize,
    pub path: String,
    /// The name that a `use` line gives it; `*` for all names of a module.
    pub name: Option<String>,
    /// True for `pub use`: other files may import the name from here.
    pub is_reexport: bool,
}

/// The parts of a file that matter for imports.
#[derive(Debug, Default)]
pub struct Scan {
    pub file: PathBuf,
    pub imports: Vec<Import>,
    /// Single names in code.
    pub words: BTreeSet<String>,
    /// Modules with a file of their own, and the lines that declare them.
    pub modules: Vec<(String, usize)>,
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

static TEXT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r##"(?s)//[^\n]*|/\*.*?\*/|\br"[^"]*"|\br#".*?"#|"(?:\\.|[^"\\])*"|'(?:\\[^']+|\\'|[^'\\])'"##,
    )
});
static FOR_TESTS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"#!?\[(?:test|cfg\([^\]]*\btest\b[^\]]*\))\]"));
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(pub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);|\bmod\s+(\w+)\s*;|(\.|::)?\b([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)",
    )
});

/// Scans the text of a file.
pub fn scan(file: PathBuf, text: &str) -> Scan {
    let lines = |found: &Captures<'_>| "\n".repeat(found[0].matches('\n').count());
    let text = without_tests(&TEXT.replace_all(text, lines));
    let mut scan = Scan {
        file,
        ..Scan::default()
    };
    let (mut line, mut last) = (1, 0);
    for found in ITEM.captures_iter(&text) {
        let at = found.get_match().start();
        line += text[last..at].matches('\n').count();
        last = at;
        let path = found.get(5).map_or("", |path| path.as_str());
        if let Some(tree) = found.get(2) {
            scan.add(tree.as_str(), "", line, found.get(1).is_some());
        } else if let Some(name) = found.get(3) {
            scan.modules.push((name.as_str().to_owned(), line));
        } else if found.get(4).is_some() {
            // A method or a member.
        } else if path.contains("::") {
            scan.push(line, path, None, false);
        } else {
            scan.words.insert(path.to_owned());
        }
    }
    scan
}

impl Scan {
    /// Adds the tree of a `use` line, or a branch of it below `prefix`.
    fn add(&mut self, tree: &str, prefix: &str, line: usize, is_reexport: bool) {
        if let Some((stem, branches)) = tree.split_once('{') {
            let prefix = format!("{prefix}{}", stem.trim());
            let mut depth = 0;
            let branches = branches.split(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth < 0 || c == ',' && depth == 0
            });
            branches.for_each(|branch| self.add(branch, &prefix, line, is_reexport));
        } else if !tree.trim().is_empty() {
            let path = format!("{prefix}{}", tree.trim());
            let (path, name) = path.split_once(" as ").unwrap_or((&path, ""));
            let (stem, last) = path.rsplit_once("::").unwrap_or(("", path));
            // In `{self, …}`, `self` is the prefix.
            let is_stem = matches!(last, "self" | "*");
            let path = if is_stem { stem } else { path };
            let name = match (name, last) {
                ("", "self") => stem.rsplit("::").next().unwrap_or(stem),
                ("", last) => last,
                (name, _) => name,
            };
            self.push(line, path, Some(name), is_reexport);
        }
    }

    fn push(&mut self, line: usize, path: &str, name: Option<&str>, is_reexport: bool) {
        let (path, name) = (path.to_owned(), name.map(str::to_owned));
        let import = Import {
            line,
            path,
            name,
            is_reexport,
        };
        self.imports.push(import);
    }
}

/// The text without what attributes keep for tests.
fn without_tests(mut text: &str) -> String {
    let mut kept = String::new();
    let is_it = |found: &Match<'_>| !found.as_str().contains("not(test");
    while let Some(found) = FOR_TESTS.find_iter(text).find(is_it) {
        let after = &text[found.end()..];
        let is_whole = found.as_str().starts_with("#!");
        let end = if is_whole {
            after.len()
        } else {
            item_end(after)
        };
        let (item, rest) = after.split_at(end);
        kept += &text[..found.start()];
        kept += &"\n".repeat(item.matches('\n').count());
        text = rest;
    }
    kept + text
}

/// The end of the item or statement that begins a text.
fn item_end(text: &str) -> usize {
    let mut depth = 0;
    let ends = |c: char| {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        depth < 0 || depth == 0 && matches!(c, '}' | ';')
    };
    text.find(ends).map_or(text.len(), |at| {
        at + usize::from(!")]".contains(&text[at..at + 1]))
    })
}
