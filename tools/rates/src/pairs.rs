//! Verdicts between sessions of one machine that were really run.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use perwatt_compare::load::Group;
use perwatt_compare::{Input, Loaded, Options, compare, load};
use perwatt_record::archive;

/// Counts of verdicts by their words, over all figures of all pairs.
pub type Verdicts = BTreeMap<&'static str, u64>;

/// The verdicts between all pairs of blocks of `size` sessions of an archive, in the order
/// of their files. The other sessions of the archive show the scatter.
///
/// # Errors
/// A file cannot be read or was refused, or the archive has fewer than two blocks.
pub fn verdicts(directory: &Path, size: usize) -> anyhow::Result<Verdicts> {
    let files = archive::files(directory)
        .with_context(|| format!("cannot read {}", directory.display()))?;
    let inputs: Vec<Input> = files
        .into_iter()
        .map(|path| Input { label: None, path })
        .collect();
    let all = load(&inputs, true)?;
    if let Some(skipped) = all.skipped.first() {
        anyhow::bail!("{}: {}", skipped.path.display(), skipped.reason);
    }
    let places: Vec<usize> = (0..all.sessions.len()).collect();
    let blocks: Vec<&[usize]> = places.chunks_exact(size).collect();
    anyhow::ensure!(
        blocks.len() > 1,
        "{} has {} sessions; two blocks of {size} are the least",
        directory.display(),
        all.sessions.len()
    );
    let mut found = Verdicts::new();
    for (i, a) in blocks.iter().enumerate() {
        for b in &blocks[i + 1..] {
            let comparison = compare(&pair(&all, a, b), &Options::default())?;
            for compared in comparison.compared() {
                *found.entry(compared.verdict.word()).or_default() += 1;
            }
        }
    }
    Ok(found)
}

/// Two blocks as two inputs; the other sessions lie beside them.
fn pair(all: &Loaded, a: &[usize], b: &[usize]) -> Loaded {
    let pick = |keep: &dyn Fn(&usize) -> bool| {
        let kept = (0..all.sessions.len()).filter(keep);
        kept.map(|s| all.sessions[s].clone()).collect::<Vec<_>>()
    };
    let inside = |s: &usize| a.contains(s) || b.contains(s);
    let group = |label: &str, sessions: std::ops::Range<usize>| Group {
        label: Some(label.into()),
        title: None,
        directory: true,
        sessions: sessions.collect(),
    };
    Loaded {
        groups: vec![
            group("A", 0..a.len()),
            group("B", a.len()..a.len() + b.len()),
        ],
        beside: pick(&|s| !inside(s)),
        ..Loaded::of(pick(&inside))
    }
}
