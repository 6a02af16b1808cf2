//! Checks of links between pages and of paths that pages name.

use std::collections::BTreeSet;
use std::path::Path;

/// The first parts of paths that are checked where a page has them in backticks.
const FOLDERS: [&str; 8] = [
    "crates/", "docs/", "benches/", "results/", "shaders/", "tools/", "xtask/", ".ci/",
];

/// Dead links and names of missing files, a line each.
pub fn faults(root: &Path, page: &str, text: &str) -> Vec<String> {
    let prose = prose(text);
    let here = root.join(page);
    let dir = here.parent().expect("a page lies in a directory");
    let links = prose.split("](").skip(1).filter_map(|rest| {
        let (link, _) = rest.split_once(')')?;
        (!link.contains("://")).then_some(link)
    });
    let dead = links.filter_map(|link| {
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let target = match path {
            "" => here.clone(),
            path => dir.join(path),
        };
        if !target.exists() {
            return Some(format!("{page}: {link}: no such file"));
        }
        if anchor.is_empty() {
            return None;
        }
        let text = std::fs::read_to_string(&target).expect("a page that is linked to");
        (!anchors(&text).contains(anchor)).then(|| format!("{page}: {link}: no such heading"))
    });
    let named = prose.split('`').skip(1).step_by(2).filter(|name| {
        FOLDERS.iter().any(|folder| name.starts_with(folder))
            && !name.contains("NAME")
            && !name.contains([' ', '*', '…'])
    });
    let absent = named
        .filter(|name| !root.join(name).exists())
        .map(|name| format!("{page}: `{name}`: no such file"));
    dead.chain(absent).collect()
}

/// The text of a page without its fenced blocks.
fn prose(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !fence && !inside
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchors of a page's headings, as GitHub forms them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter_map(|c| match c {
                ' ' => Some('-'),
                '-' | '_' => Some(c),
                c => c.is_alphanumeric().then_some(c),
            });
            kept.collect()
        })
        .collect()
}

#[test]
fn dead_links_and_absent_files_are_found() {
    let root = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(root.path().join("docs")).expect("a directory");
    let target = "# A page, and `code`\n";
    std::fs::write(root.path().join("docs/b.md"), target).expect("a page");
    let text = "[a](b.md#a-page-and-code) [b](b.md#c) [c](d.md) `docs/b.md` `docs/e.md`\n\
                `docs/NAME.md` https://x.org [x](https://x.org)\n```\n[f](f.md)\n```\n";
    std::fs::write(root.path().join("docs/a.md"), text).expect("a page");
    let expected = [
        "docs/a.md: b.md#c: no such heading",
        "docs/a.md: d.md: no such file",
        "docs/a.md: `docs/e.md`: no such file",
    ];
    assert_eq!(faults(root.path(), "docs/a.md", text), expected);
}
