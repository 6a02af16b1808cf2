//! Tests of the documentation: each shell block that can run here is run and its output
//! compared with the page, and links are checked.
//!
//! With `PERWATT_UPDATE_DOCS=1` the pages are rewritten with the current output.

mod blocks;
mod links;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::sandbox::{Sandbox, ended, stderr, stdout};
use blocks::{Block, Rule};

/// The number of blocks in all pages that are marked as not run, so that a change of it is
/// noticed.
const NOT_RUN: usize = 12;

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace")
}

/// Markdown files of the repository, relative to its root.
fn pages() -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str());
            if path.is_dir() {
                let skipped = name.is_none_or(|name| name.starts_with('.') || name == "target");
                open.extend((!skipped).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let page = path.strip_prefix(&root).expect("a path below the root");
                found.push(page.to_str().expect("a name in UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).expect("a page")
}

/// A scratch directory with the archived sessions, like a reader's checkout.
fn checkout() -> Sandbox {
    let sandbox = Sandbox::new();
    for dir in ["results", "results/reruns"] {
        std::fs::create_dir(sandbox.path(dir)).expect("a directory");
        for entry in std::fs::read_dir(root().join(dir)).expect("the archive") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let name = path.file_name().expect("a file has a name");
                std::fs::copy(&path, sandbox.path(dir).join(name)).expect("a copy");
            }
        }
    }
    sandbox
}

/// Runs a page's blocks in order and returns the page with their output, where output is
/// compared.
fn rerun(page: &str, text: &str, blocks: &[Block]) -> String {
    let sandbox = checkout();
    let lines: Vec<&str> = text.lines().collect();
    let mut printed = String::new();
    let mut copied = 0;
    let run = blocks.iter().filter(|block| block.rule != Rule::NotRun);
    for (block, step) in run.flat_map(|block| block.steps.iter().map(move |step| (block, step))) {
        let done = ended(sandbox.shell(&step.command));
        assert!(
            done.get_output().status.success(),
            "{page}, line {}: {}\n{}",
            block.line + 1,
            step.command,
            stderr(&done)
        );
        if block.rule == Rule::Exact {
            for line in &lines[copied..step.output.start] {
                writeln!(printed, "{line}").expect("a string");
            }
            printed.push_str(&stdout(&done));
            copied = step.output.end;
        }
    }
    for line in &lines[copied..] {
        writeln!(printed, "{line}").expect("a string");
    }
    printed
}

#[test]
fn every_block_prints_what_its_page_shows() {
    let update = std::env::var_os("PERWATT_UPDATE_DOCS").is_some();
    let mut not_run = 0;
    for page in pages() {
        let text = read(&page);
        let blocks = blocks::blocks(&text);
        not_run += blocks.iter().filter(|b| b.rule == Rule::NotRun).count();
        if blocks.iter().all(|block| block.rule == Rule::NotRun) {
            continue;
        }
        let printed = rerun(&page, &text, &blocks);
        if update {
            std::fs::write(root().join(&page), printed).expect("a page that can be written");
        } else {
            assert!(printed == text, "{}", difference(&page, &text, &printed));
        }
    }
    assert_eq!(not_run, NOT_RUN, "blocks that are marked as not run");
}

/// The first line in which a page and the output differ.
fn difference(page: &str, text: &str, printed: &str) -> String {
    let mut pairs = (1..).zip(text.lines().zip(printed.lines()));
    let (at, shown, found) = match pairs.find(|(_, (shown, found))| shown != found) {
        Some((at, (shown, found))) => (at, shown, found),
        None => (text.lines().count().min(printed.lines().count()), "", ""),
    };
    format!(
        "{page}, line {at}, shows\n  {shown}\nand the program prints\n  {found}\n\
         PERWATT_UPDATE_DOCS=1 rewrites the pages"
    )
}

#[test]
fn no_link_is_dead_and_every_file_named_is_there() {
    let pages = pages().into_iter();
    let faults: Vec<String> = pages
        .flat_map(|page| links::faults(&root(), &page, &read(&page)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_readme_fits_on_a_few_screens() {
    assert!(read("README.md").lines().count() <= 150);
}
