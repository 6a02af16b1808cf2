//! From arguments to sessions: files, directories, and what could not be read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use perwatt_record::brief::{self, Brief};
use perwatt_record::check::{Copies, check};
use perwatt_record::{archive, file, threads};
use rayon::prelude::*;
use serde::Serialize;
use thiserror::Error;

use crate::criterion;
use crate::intern::Interner;
use crate::session::{Row, Session};

/// Up to so many bytes every record is checked in full: it takes about a second.
const CHECKED_BYTES: u64 = 48 << 20;

/// Part of the name of the files that `perwatt selfcheck` writes.
pub const SELFCHECK: &str = "_selfcheck";

/// One argument: a file or a directory of records, with or without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The name given to it.
    pub label: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

impl Input {
    /// `PATH` or `LABEL=PATH`. What exists as it stands is a path, even with a `=`
    /// in its name.
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            Some((label, path)) if !label.is_empty() && !Path::new(text).exists() => Self {
                label: Some(label.to_owned()),
                path: path.into(),
            },
            _ => Self {
                label: None,
                path: text.into(),
            },
        }
    }
}

/// An input that was looked into.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name, if it was given one.
    pub label: Option<String>,
    /// Whether it is a directory.
    pub directory: bool,
    /// Indices into the sessions.
    pub sessions: Vec<usize>,
}

/// A file that takes no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
    /// What kind of reason it is.
    pub kind: SkippedKind,
}

/// Why a file takes no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkippedKind {
    /// Another file holds the same session, and as much or more of it.
    Duplicate,
    /// It cannot be read, or is no record.
    Unreadable,
    /// It is a record, and its figures do not stand up.
    Unverified,
}

/// What of the records was verified before they were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checked {
    /// Everything that `perwatt check` looks at.
    InFull,
    /// Rates were derived again from the work series; digests, shares and joules
    /// were not looked at.
    Rates,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Loaded {
    /// One for each input.
    pub groups: Vec<Group>,
    /// All sessions, in the order of the inputs and paths.
    pub sessions: Vec<Session>,
    /// Sessions in which a machine was compared with itself, found beside the
    /// inputs or among them.
    pub selfchecks: Vec<Session>,
    /// Files that take no part.
    pub skipped: Vec<Skipped>,
    /// What was verified.
    pub checked: Checked,
}

/// Why nothing was read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The path leads nowhere.
    #[error("{path}: {cause}; give a result file, a directory of them, or LABEL=PATH")]
    Path {
        /// The path.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// Reads all inputs. With `in_full` every record is checked as `perwatt check` does,
/// without it only where that takes no time to speak of.
///
/// # Errors
/// [`LoadError`]: an input that does not exist. Files that cannot be read are named
/// in [`Loaded::skipped`].
pub fn load(inputs: &[Input], in_full: bool) -> Result<Loaded, LoadError> {
    let mut paths: Vec<Vec<PathBuf>> = Vec::new();
    let mut directories = Vec::new();
    for input in inputs {
        let fail = |cause| LoadError::Path {
            path: input.path.clone(),
            cause,
        };
        paths.push(archive::files(&input.path).map_err(fail)?);
        directories.push(input.path.is_dir());
    }
    let in_full = in_full || takes_no_time(paths.iter().flatten());
    let interner = Interner::default();
    let flat: Vec<PathBuf> = paths.iter().flatten().cloned().collect();
    let mut read = read_all(&flat, in_full, &interner).into_iter();
    let mut loaded = Loaded {
        groups: Vec::new(),
        sessions: Vec::new(),
        selfchecks: Vec::new(),
        skipped: Vec::new(),
        checked: match in_full {
            true => Checked::InFull,
            false => Checked::Rates,
        },
    };
    for ((input, directory), paths) in inputs.iter().zip(directories).zip(&paths) {
        let mut found = Vec::new();
        for _ in paths {
            match read.next() {
                Some(Ok(session)) => found.push(session),
                Some(Err(skipped)) => loaded.skipped.push(skipped),
                None => {}
            }
        }
        if paths.is_empty() {
            loaded.skipped.push(Skipped {
                path: input.path.clone(),
                reason: "no result file is in this directory".into(),
                kind: SkippedKind::Unreadable,
            });
        }
        let (selfchecks, mut found): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|session| session.selfcheck && directory);
        loaded.selfchecks.extend(selfchecks);
        loaded
            .selfchecks
            .extend(found.iter().filter(|session| session.selfcheck).cloned());
        drop_duplicates(&mut found, &mut loaded.skipped);
        let first = loaded.sessions.len();
        loaded.sessions.extend(found);
        loaded.groups.push(Group {
            label: input.label.clone(),
            directory,
            sessions: (first..loaded.sessions.len()).collect(),
        });
    }
    refuse_copies(&mut loaded);
    selfchecks_beside(inputs, &mut loaded, &interner);
    Ok(loaded)
}

/// Whether these files can be checked in full in no time to speak of.
pub fn takes_no_time<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> bool {
    let sizes = paths.map(|path| std::fs::metadata(path).map_or(0, |data| data.len()));
    sizes.sum::<u64>() <= CHECKED_BYTES
}

fn read_all(
    paths: &[PathBuf],
    in_full: bool,
    interner: &Interner,
) -> Vec<Result<Session, Skipped>> {
    threads::prepare();
    paths
        .par_iter()
        .with_max_len(1)
        .map(|path| match in_full {
            true => read_in_full(path, interner),
            false => read_brief(path, interner),
        })
        .collect()
}

fn read_in_full(path: &Path, interner: &Interner) -> Result<Session, Skipped> {
    let loaded = match file::read(path) {
        Ok(loaded) => loaded,
        Err(error) => return other_kind(path, &error, interner),
    };
    if let Some(wrong) = check(&loaded).first_broken() {
        return Err(unverified(path, &wrong));
    }
    Ok(Session::of(path, &loaded.record, interner))
}

fn read_brief(path: &Path, interner: &Interner) -> Result<Session, Skipped> {
    let Brief {
        record,
        contradiction,
    } = match brief::read(path) {
        Ok(brief) => brief,
        Err(error) => return other_kind(path, &error, interner),
    };
    match contradiction {
        Some(wrong) => Err(unverified(path, &wrong)),
        None => Ok(Session::of(path, &record, interner)),
    }
}

/// What is no record may be what criterion measured.
fn other_kind(
    path: &Path,
    error: &file::ReadError,
    interner: &Interner,
) -> Result<Session, Skipped> {
    if !matches!(error, file::ReadError::CriterionArchive { .. }) {
        return Err(unreadable(path, error));
    }
    let Ok(loaded) = perwatt_record::criterion::read(path) else {
        return Err(unreadable(path, error));
    };
    match perwatt_record::criterion::check(&loaded).first_broken() {
        Some(wrong) => Err(unverified(path, &wrong)),
        None => Ok(criterion::session(path, &loaded.archive, interner)),
    }
}

fn unverified(path: &Path, wrong: &str) -> Skipped {
    Skipped {
        path: path.to_owned(),
        reason: format!("not verified: {wrong}"),
        kind: SkippedKind::Unverified,
    }
}

fn unreadable(path: &Path, error: &file::ReadError) -> Skipped {
    Skipped {
        path: path.to_owned(),
        reason: error.to_string(),
        kind: SkippedKind::Unreadable,
    }
}

/// Of files of one session the one that holds most stays: a session that was
/// finished later, or to which a meter was joined, is in two.
fn drop_duplicates(found: &mut Vec<Session>, skipped: &mut Vec<Skipped>) {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&i| {
        let session = &found[i];
        (
            std::cmp::Reverse((session.runs, session.meters)),
            session.path.clone(),
        )
    });
    let mut kept: HashMap<&str, usize> = HashMap::new();
    let mut reasons: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for i in order {
        let first = *kept.entry(&found[i].id).or_insert(i);
        if first == i {
            continue;
        }
        // Files of one session hold the same figures of the same runs.
        let wrong = contradict(&found[first], &found[i]).then(|| {
            let path = |i: usize| found[i].path.display().to_string();
            let (a, b) = (path(first), path(i));
            reasons.insert(
                first,
                Some(format!("{b} has other figures of the same runs")),
            );
            format!("{a} has other figures of the same runs")
        });
        reasons.insert(i, wrong);
    }
    let mut index = 0;
    found.retain(|session| {
        let reason = reasons.remove(&index);
        index += 1;
        let keep = reason.is_none();
        if let Some(Some(wrong)) = reason {
            skipped.push(unverified(&session.path, &wrong));
        } else if !keep {
            skipped.push(Skipped {
                path: session.path.clone(),
                reason: format!("session {} is in another file too", short(&session.id)),
                kind: SkippedKind::Duplicate,
            });
        }
        keep
    });
}

/// Whether two files of one session have different figures of one run.
fn contradict(a: &Session, b: &Session) -> bool {
    a.rows.iter().any(|row| {
        let same = |other: &&Row| (&other.key, other.metric) == (&row.key, row.metric);
        b.rows.iter().filter(same).any(|other| {
            let of = |round| other.values.iter().find(|(at, _)| *at == round);
            row.values
                .iter()
                .any(|(round, value)| of(*round).is_some_and(|(_, found)| found != value))
        })
    })
}

/// Refuses sessions that were made from one another, all of them.
fn refuse_copies(loaded: &mut Loaded) {
    let mut copies = Copies::default();
    for session in &loaded.sessions {
        copies.add(&session.id, session.fingerprints.iter().copied());
    }
    let others: Vec<Option<usize>> = copies.others().collect();
    for (session, other) in loaded.sessions.iter().zip(&others) {
        if let Some(other) = other {
            let other = loaded.sessions[*other].path.display().to_string();
            let refused = unverified(&session.path, &Copies::reason(&other));
            loaded.skipped.push(refused);
        }
    }
    // Indices count the sessions that stay.
    let mut kept = 0;
    let places: Vec<Option<usize>> = (0..loaded.sessions.len())
        .map(|at| {
            let stays = others[at].is_none();
            kept += usize::from(stays);
            stays.then(|| kept - 1)
        })
        .collect();
    for group in &mut loaded.groups {
        group.sessions = group.sessions.iter().filter_map(|at| places[*at]).collect();
    }
    let mut places = places.iter();
    loaded
        .sessions
        .retain(|_| places.next().is_some_and(Option::is_some));
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Selfchecks lie beside the records they speak for; only files named as such are
/// opened. One that cannot be read is no input and is passed over.
fn selfchecks_beside(inputs: &[Input], loaded: &mut Loaded, interner: &Interner) {
    let mut directories: Vec<PathBuf> = inputs
        .iter()
        .filter_map(|input| match input.path.is_dir() {
            true => None,
            false => Some(
                input
                    .path
                    .parent()
                    .filter(|dir| !dir.as_os_str().is_empty())
                    .unwrap_or(Path::new("."))
                    .to_owned(),
            ),
        })
        .collect();
    directories.sort_unstable();
    directories.dedup();
    let mut known: HashSet<String> = loaded.selfchecks.iter().map(|s| s.id.clone()).collect();
    for dir in directories {
        let Ok(entries) = std::fs::read_dir(dir) else {
            continue;
        };
        let mut paths: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.contains(SELFCHECK) && name.ends_with(".json")
            })
            .collect();
        paths.sort_unstable();
        for session in read_all(&paths, false, interner).into_iter().flatten() {
            if session.selfcheck && known.insert(session.id.clone()) {
                loaded.selfchecks.push(session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stands_before_the_first_equals_sign() {
        let input = Input::parse("new=a/b=c.json");
        assert_eq!(input.label.as_deref(), Some("new"));
        assert_eq!(input.path, Path::new("a/b=c.json"));
        assert_eq!(Input::parse("a.json").label, None);
        assert_eq!(Input::parse("=a.json").label, None);
    }

    #[test]
    fn a_path_with_an_equals_sign_that_exists_is_a_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x=y");
        std::fs::create_dir(&path).unwrap();
        let text = path.to_str().unwrap();
        assert_eq!(Input::parse(text).path, path);
        assert_eq!(Input::parse(text).label, None);
    }

    #[test]
    fn an_empty_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = load(&[Input::parse(dir.path().to_str().unwrap())], false).unwrap();
        assert!(loaded.sessions.is_empty());
        assert!(loaded.skipped[0].reason.contains("no result file"));
        assert!(load(&[Input::parse("/nowhere/at/all")], false).is_err());
    }
}
