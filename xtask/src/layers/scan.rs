//! The imports of a source file: `use` lines, paths in code, and modules. Code for tests is
//! left out.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as written: `crate::plan::Facts` has three segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub line: usize,
    pub segments: Vec<String>,
}

/// A name that a `use` line brings in.
#[derive(Debug, PartialEq, Eq)]
pub struct Import {
    /// The name; `*` for all names of a module.
    pub name: String,
    /// True for `pub use`: other files may import the name from here.
    pub is_reexport: bool,
    pub from: Written,
}

/// A declared module.
#[derive(Debug)]
pub struct Declared {
    pub name: String,
    pub line: usize,
    /// The contents of `mod x { … }`; `None` for `mod x;`, a module with a file of its
    /// own.
    pub body: Option<Scanned>,
}

/// The parts of a module that matter for imports.
#[derive(Debug, Default)]
pub struct Scanned {
    pub modules: Vec<Declared>,
    pub imports: Vec<Import>,
    /// Paths in code, of two segments or more.
    pub paths: Vec<Written>,
    /// Single names in code.
    pub words: BTreeSet<String>,
}

/// Scans the text of a file.
pub fn scan(text: &str) -> anyhow::Result<Scanned> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|error| anyhow::anyhow!("it is not Rust: {error}"))?;
    let mut scanned = Scanned::default();
    scanned.module(tokens);
    Ok(scanned)
}

impl Scanned {
    fn module(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            at = self.step(&trees, at);
        }
    }

    /// Reads the item at `at`; returns the position after it.
    fn step(&mut self, trees: &[TokenTree], at: usize) -> usize {
        if let Some((attribute, after)) = attribute(trees, at) {
            if !is_for_tests(attribute.stream()) {
                self.module(attribute.stream());
                return after;
            }
            return match is(trees, at + 1, '!') {
                true => trees.len(),
                false => after_item(trees, after),
            };
        }
        match &trees[at] {
            TokenTree::Group(group) => {
                self.module(group.stream());
                at + 1
            }
            TokenTree::Ident(word) if *word == "mod" => self.declaration(trees, at),
            // Not the `use<'a>` of a type.
            TokenTree::Ident(word) if *word == "use" && !is(trees, at + 1, '<') => {
                let end = (at..trees.len()).find(|end| is(trees, *end, ';'));
                let end = end.unwrap_or(trees.len());
                let is_reexport = follows_pub(trees, at);
                self.import(&trees[at + 1..end], &[], is_reexport);
                end
            }
            TokenTree::Ident(_) => self.path(trees, at),
            _ => at + 1,
        }
    }

    fn declaration(&mut self, trees: &[TokenTree], at: usize) -> usize {
        let Some(TokenTree::Ident(name)) = trees.get(at + 1) else {
            return at + 1;
        };
        let body = match trees.get(at + 2) {
            Some(TokenTree::Group(body)) => {
                let mut inner = Self::default();
                inner.module(body.stream());
                Some(inner)
            }
            _ => None,
        };
        self.modules.push(Declared {
            name: name.to_string(),
            line: line_of(&trees[at]),
            body,
        });
        at + 3
    }

    /// Reads the tree of a `use` line, or a branch of it below `prefix`.
    fn import(&mut self, tree: &[TokenTree], prefix: &[String], is_reexport: bool) {
        let mut segments = prefix.to_vec();
        let mut name = None;
        let mut line = 0;
        let mut trees = tree.iter();
        while let Some(tree) = trees.next() {
            line = line_of(tree);
            match tree {
                TokenTree::Group(branches) => {
                    let branches: Vec<TokenTree> = branches.stream().into_iter().collect();
                    for branch in branches.split(|tree| is_punct(tree, ',')) {
                        self.import(branch, &segments, is_reexport);
                    }
                    return;
                }
                TokenTree::Ident(word) if *word == "as" => {
                    name = trees.next().map(ToString::to_string)
                }
                // In `{self, …}`, `self` is the prefix.
                TokenTree::Ident(word) if *word == "self" && !segments.is_empty() => {}
                TokenTree::Ident(word) => segments.push(word.to_string()),
                tree if is_punct(tree, '*') => name = Some("*".to_owned()),
                _ => {}
            }
        }
        if let Some(last) = segments.last().filter(|_| line > 0) {
            self.imports.push(Import {
                name: name.unwrap_or_else(|| last.clone()),
                is_reexport,
                from: Written { line, segments },
            });
        }
    }

    fn path(&mut self, trees: &[TokenTree], at: usize) -> usize {
        let line = line_of(&trees[at]);
        let mut segments = vec![trees[at].to_string()];
        let mut after = at + 1;
        while is(trees, after, ':')
            && is(trees, after + 1, ':')
            && let Some(TokenTree::Ident(segment)) = trees.get(after + 2)
        {
            segments.push(segment.to_string());
            after += 3;
        }
        let goes_on = at > 1 && is(trees, at - 1, ':') && is(trees, at - 2, ':');
        let is_member = at > 0 && is(trees, at - 1, '.');
        if goes_on || is_member {
            return after;
        }
        if segments.len() == 1 {
            self.words.extend(segments);
        } else {
            self.paths.push(Written { line, segments });
        }
        after
    }
}

/// The attribute that begins at `at`, and the position after it.
fn attribute(trees: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    if !is(trees, at, '#') {
        return None;
    }
    let group = match is(trees, at + 1, '!') {
        true => at + 2,
        false => at + 1,
    };
    match trees.get(group)? {
        TokenTree::Group(found) if found.delimiter() == Delimiter::Bracket => {
            Some((found, group + 1))
        }
        _ => None,
    }
}

/// True for the attribute `test`, and for a `cfg` that requires it.
fn is_for_tests(attribute: TokenStream) -> bool {
    let trees: Vec<TokenTree> = attribute.into_iter().collect();
    match &trees[..] {
        [TokenTree::Ident(word)] => *word == "test",
        [TokenTree::Ident(word), TokenTree::Group(asked)] => {
            *word == "cfg" && asks_for_test(asked.stream())
        }
        _ => false,
    }
}

fn asks_for_test(condition: TokenStream) -> bool {
    let trees: Vec<TokenTree> = condition.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Ident(word) => *word == "test",
        TokenTree::Group(group) => {
            let is_not = at > 0 && trees[at - 1].to_string() == "not";
            !is_not && asks_for_test(group.stream())
        }
        _ => false,
    })
}

/// The position after the item, statement, arm or field at `at`.
fn after_item(trees: &[TokenTree], mut at: usize) -> usize {
    let mut is_item = false;
    while let Some(tree) = trees.get(at) {
        if let Some((_, after)) = attribute(trees, at) {
            at = after;
            continue;
        }
        at += 1;
        match tree {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                // Braces do not end these.
                if !is_item && ["use", "const", "static", "type", "let"].contains(&&word[..]) {
                    let ends = |end: &usize| is(trees, *end, ';') || is_fn(trees, *end);
                    if let Some(end) = (at..trees.len()).find(ends) {
                        at = end;
                    }
                }
                is_item |= ["fn", "impl", "struct", "enum", "trait", "mod"].contains(&&word[..]);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            tree if is_punct(tree, ';') => break,
            tree if is_punct(tree, ',') && !is_item => break,
            _ => {}
        }
    }
    at
}

fn is_fn(trees: &[TokenTree], at: usize) -> bool {
    matches!(trees.get(at), Some(TokenTree::Ident(word)) if *word == "fn")
}

fn follows_pub(trees: &[TokenTree], at: usize) -> bool {
    let word = |at: usize| matches!(trees.get(at), Some(TokenTree::Ident(w)) if *w == "pub");
    let before = at.checked_sub(1);
    let is_restricted = |at: usize| {
        matches!(&trees[at], TokenTree::Group(_)) && at.checked_sub(1).is_some_and(word)
    };
    before.is_some_and(|at| word(at) || is_restricted(at))
}

fn is(trees: &[TokenTree], at: usize, punct: char) -> bool {
    trees.get(at).is_some_and(|tree| is_punct(tree, punct))
}

fn is_punct(tree: &TokenTree, punct: char) -> bool {
    matches!(tree, TokenTree::Punct(found) if found.as_char() == punct)
}

fn line_of(tree: &TokenTree) -> usize {
    tree.span().start().line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let scanned = scan(text).unwrap();
        let imports = scanned.imports.iter().map(|import| &import.from);
        let all = imports.chain(&scanned.paths);
        all.map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn use_lines_are_taken_apart() {
        let text = "use crate::a::{self, B, c::{D as E, *}};\npub(crate) use x::Y;\nuse std::io;";
        let scanned = scan(text).unwrap();
        let imports = scanned.imports.iter().map(|import| {
            let path = import.from.segments.join("::");
            (&*import.name, path, import.from.line, import.is_reexport)
        });
        let expected = [
            ("a", "crate::a", 1, false),
            ("B", "crate::a::B", 1, false),
            ("E", "crate::a::c::D", 1, false),
            ("*", "crate::a::c", 1, false),
            ("Y", "x::Y", 2, true),
            ("io", "std::io", 3, false),
        ];
        let expected = expected.map(|(name, path, line, re)| (name, path.to_owned(), line, re));
        assert_eq!(imports.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn paths_are_found_in_code_macros_and_attributes() {
        let text = "#[arg(value_parser = crate::args::size)] struct A;
            fn f(x: super::B) -> impl Sized + use<'_> { format!(\"{}\", words::short::<u8>(x.a)) }
            // crate::comment::X
            /// [`crate::link::Y`]
            const C: &str = \"crate::text::Z\";";
        assert_eq!(
            paths(text),
            ["crate::args::size", "super::B", "words::short"]
        );
        let scanned = scan(text).unwrap();
        assert!(scanned.words.contains("A") && !scanned.words.contains("a"));
    }

    #[test]
    fn tests_are_passed_over() {
        let text = "#[cfg(test)] use crate::a::{A, B};
            #[cfg(test)] #[derive(Debug)] pub struct T<A, B> { a: crate::b::C }
            #[cfg(all(test, unix))] const N: [u8; 2] = { crate::b::N };
            #[cfg(test)] pub(crate) const fn f<A, B>(a: crate::b::F) { }
            #[cfg(test)] mod tests { use crate::c::D; }
            #[cfg(not(test))] use crate::d::E;
            struct S { #[cfg(test)] t: crate::e::F, u: crate::f::G }";
        assert_eq!(paths(text), ["crate::d::E", "crate::f::G"]);
        assert!(scan(text).unwrap().modules.is_empty());
        assert_eq!(paths("#![cfg(test)] use crate::a::B;"), [""; 0]);
    }

    #[test]
    fn modules_are_in_files_or_within() {
        let scanned = scan("mod a;\n#[cfg(unix)] pub mod b;\nmod c { use super::X; }").unwrap();
        let [a, b, c] = &scanned.modules[..] else {
            panic!("{scanned:?}")
        };
        assert_eq!((&a.name[..], a.line, &b.name[..], b.line), ("a", 1, "b", 2));
        assert!(a.body.is_none() && b.body.is_none());
        let imports = &c.body.as_ref().unwrap().imports;
        assert_eq!(imports[0].from.segments, ["super", "X"]);
        assert!(scan("fn {").is_err());
    }
}
