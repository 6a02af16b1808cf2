//! Reading of files and directories into sessions.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use perwatt_record::archive;
use perwatt_record::check::Copies;
use perwatt_record::tags::{Wanted, has_all};
use serde::Serialize;
use thiserror::Error;

use crate::duplicates::drop_duplicates;
use crate::intern::Interner;
use crate::nodes::tell_apart;
pub use crate::read::{Skipped, SkippedKind};
use crate::read::{read_all, unverified};
use crate::session::Session;

/// Total size, in bytes, up to which every record is checked in full: that takes about a
/// second.
const CHECKED_BYTES: u64 = 48 << 20;

/// Part of the name of the files that `perwatt selfcheck` writes.
pub const SELFCHECK: &str = "_selfcheck";

/// One argument: a file or a directory of records, with or without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The label, if one was given.
    pub label: Option<String>,
    /// Path of the file or directory.
    pub path: PathBuf,
}

impl Input {
    /// Parses `PATH` or `LABEL=PATH`. A text that is an existing path is a path, even with
    /// a `=` in it.
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

/// An input that was read.
#[derive(Debug, Clone)]
pub struct Group {
    /// The label, if one was given.
    pub label: Option<String>,
    /// The directory's name, where several directories were given without labels.
    pub title: Option<String>,
    /// True if it is a directory.
    pub directory: bool,
    /// Indices into [`Loaded::sessions`].
    pub sessions: Vec<usize>,
}

/// The extent of the verification of the records before they were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checked {
    /// Everything that `perwatt check` verifies.
    InFull,
    /// Rates were derived again from the work series; digests, shares and joules were not
    /// verified.
    Rates,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Loaded {
    /// One group for each input.
    pub groups: Vec<Group>,
    /// All sessions, in the order of the inputs and paths.
    pub sessions: Vec<Session>,
    /// Sessions in which a machine was compared with itself, found beside the
    /// inputs or among them.
    pub selfchecks: Vec<Session>,
    /// Other sessions in the directories of the files: they show how sessions of a machine
    /// scatter, and are compared with nothing.
    pub beside: Vec<Session>,
    /// Files that were left out, with the reasons.
    pub skipped: Vec<Skipped>,
    /// The extent of the verification.
    pub checked: Checked,
}

impl Loaded {
    /// Leaves out the sessions that lack one of these tags, as if they had not been read.
    /// Selfchecks stay: they show the noise of machines, whichever tags those had then.
    pub fn keep_tagged(&mut self, wanted: &[Wanted]) {
        let has = |session: &Session| has_all(&session.tags, wanted);
        self.beside.retain(has);
        let keep: Vec<bool> = self.sessions.iter().map(has).collect();
        self.keep(&keep);
    }

    /// Leaves out the sessions whose place in `keep` is false.
    fn keep(&mut self, keep: &[bool]) {
        // New indices, which count only the sessions that stay.
        let mut kept = 0;
        let places: Vec<Option<usize>> = keep
            .iter()
            .map(|stays| {
                kept += usize::from(*stays);
                stays.then(|| kept - 1)
            })
            .collect();
        for group in &mut self.groups {
            group.sessions = group.sessions.iter().filter_map(|at| places[*at]).collect();
        }
        let mut keep = keep.iter();
        self.sessions.retain(|_| keep.next() == Some(&true));
    }

    /// These sessions as one input, a directory without a label.
    #[must_use]
    pub fn of(mut sessions: Vec<Session>) -> Self {
        tell_apart(&mut sessions);
        Self {
            groups: vec![Group {
                label: None,
                title: None,
                directory: true,
                sessions: (0..sessions.len()).collect(),
            }],
            sessions,
            selfchecks: Vec::new(),
            beside: Vec::new(),
            skipped: Vec::new(),
            checked: Checked::InFull,
        }
    }
}

/// Input errors.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The path does not exist or cannot be read.
    #[error("{path}: {cause}; give a result file, a directory of them, or LABEL=PATH")]
    Path {
        /// The path.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
}

/// Reads all inputs. With `in_full` every record is checked as `perwatt check` does;
/// without it, only if [`takes_no_time`] returns true for the files.
///
/// # Errors
/// [`LoadError`]: an input does not exist. Files that cannot be read are listed in
/// [`Loaded::skipped`].
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
        checked: match in_full {
            true => Checked::InFull,
            false => Checked::Rates,
        },
        ..Loaded::of(Vec::new())
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
            title: None,
            directory,
            sessions: (first..loaded.sessions.len()).collect(),
        });
    }
    refuse_copies(&mut loaded);
    read_beside(inputs, &mut loaded, &interner);
    let Loaded {
        sessions,
        selfchecks,
        beside,
        ..
    } = &mut loaded;
    tell_apart(sessions.iter_mut().chain(selfchecks).chain(beside));
    name_directories(inputs, &mut loaded.groups);
    Ok(loaded)
}

/// Gives groups the names of their directories, if several have no label. Directories that
/// share a name are called by their paths.
fn name_directories(inputs: &[Input], groups: &mut [Group]) {
    let unnamed = |group: &Group| group.directory && group.label.is_none();
    if groups.iter().filter(|group| unnamed(group)).count() < 2 {
        return;
    }
    let name = |path: &Path| {
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = whole.file_name().unwrap_or(whole.as_os_str());
        name.to_string_lossy().into_owned()
    };
    for (input, group) in inputs.iter().zip(groups.iter_mut()) {
        let name = unnamed(group).then(|| name(&input.path));
        group.title = name;
    }
    let titles: Vec<String> = groups
        .iter()
        .filter_map(|group| group.title.clone())
        .collect();
    for (input, group) in inputs.iter().zip(groups) {
        let same = |title: &&String| group.title.as_ref() == Some(*title);
        if titles.iter().filter(same).count() > 1 {
            group.title = Some(input.path.display().to_string());
        }
    }
}

/// True if these files are so small that a check in full takes about a second or less.
pub fn takes_no_time<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> bool {
    let sizes = paths.map(|path| std::fs::metadata(path).map_or(0, |data| data.len()));
    sizes.sum::<u64>() <= CHECKED_BYTES
}

/// Refuses all sessions that were made from one another, originals included.
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
    let keep: Vec<bool> = others.iter().map(Option::is_none).collect();
    loaded.keep(&keep);
}

/// Reads the other sessions in the directories of the inputs that are files, selfchecks
/// apart. One that cannot be read is passed over, because it is not an input.
fn read_beside(inputs: &[Input], loaded: &mut Loaded, interner: &Interner) {
    let mut directories: Vec<&Path> = inputs
        .iter()
        .filter(|input| !input.path.is_dir())
        .filter_map(|input| input.path.parent())
        .collect();
    directories.sort_unstable();
    directories.dedup();
    let mut known: HashSet<String> = loaded.selfchecks.iter().map(|s| s.id.clone()).collect();
    known.extend(loaded.sessions.iter().map(|session| session.id.clone()));
    for dir in directories {
        let dir = match dir.as_os_str().is_empty() {
            true => Path::new("."),
            false => dir,
        };
        let mut paths = archive::files(dir).unwrap_or_default();
        paths.retain(|path| !inputs.iter().any(|input| input.path == *path));
        for session in read_all(&paths, false, interner).into_iter().flatten() {
            if known.insert(session.id.clone()) {
                match session.selfcheck {
                    true => loaded.selfchecks.push(session),
                    false => loaded.beside.push(session),
                }
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
