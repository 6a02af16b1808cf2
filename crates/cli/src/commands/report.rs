//! `perwatt report`: records, and their comparison, as one page.

use std::io::Write;
use std::path::{Path, PathBuf};

use perwatt_compare::load::{Skipped, SkippedKind};
use perwatt_compare::{Comparison, Input, Loaded, Options, compare};
use perwatt_record::archive;
use perwatt_record::check::check;
use perwatt_record::file::{self, ReadError};
use perwatt_record::tags::{Wanted, has_all};
use perwatt_report::{Beside, Named, render};

use super::left_out::{exit_of_skipped, not_comparable};
use super::{new_file, sessions};
use crate::args::ReportArgs;
use crate::exit::{Exit, answered};
use crate::output::{standing, stdout};

/// The largest number of records that are shown in full; of more, a page has a row each and
/// their comparison.
const MOST: usize = 8;

pub fn report(args: &ReportArgs) -> anyhow::Result<Exit> {
    let inputs: Vec<Input> = args.inputs.iter().map(|text| Input::parse(text)).collect();
    let wanted = &args.tags.wanted[..];
    let loaded = sessions::read(&inputs, false, wanted)?;
    let mut files = files(&inputs)?;
    files.retain(|(_, path)| may_have(&loaded, path, wanted));
    let in_full = files.len() <= MOST;
    let (records, skipped) = match in_full {
        true => read(&files, wanted),
        false => (Vec::new(), loaded.skipped.clone()),
    };
    standing::tell_skipped(&skipped);
    let options = Options {
        baseline: args.baseline.clone(),
        by: args.by.clone(),
        ..Options::default()
    };
    sessions::check_columns(&loaded, &args.by)?;
    let comparison = compare(&loaded, &options)?;
    let comparison = Some(comparison).filter(|c: &Comparison| c.columns.len() > 1);
    let sessions = if in_full { &[] } else { &loaded.sessions[..] };
    if records.is_empty() && comparison.is_none() && sessions.is_empty() {
        return Err(not_comparable(
            "no result file is left: there is nothing to report",
            &skipped,
        ));
    }
    let gap = super::gap::of_records(&loaded)?;
    let site = match &args.scenario {
        Some(path) => Some(super::site::of_file(path, &[], &[], &Default::default())?),
        None => None,
    };
    let answer = super::answer::without_money(&loaded)?;
    let answer = answer.filter(|answer| answer.machine.others == 0);
    let beside = Beside {
        answer: answer.as_ref(),
        sessions,
        gap: gap.as_ref(),
        site: site.as_ref(),
    };
    let page = render(&records, comparison.as_ref(), beside);
    let written = match new_file::named(args.out.as_deref()) {
        Some(path) => new_file::create(path, |out| Ok(out.write_all(page.as_bytes())?)),
        None => write!(stdout(), "{page}").map_err(anyhow::Error::from),
    };
    answered(exit_of_skipped(&skipped, args.keep_going), written)
}

/// All files of the inputs, each with the label of its input.
fn files(inputs: &[Input]) -> anyhow::Result<Vec<(Option<String>, PathBuf)>> {
    let mut files = Vec::new();
    for input in inputs {
        let paths = archive::files(&input.path)?;
        files.extend(paths.into_iter().map(|path| (input.label.clone(), path)));
    }
    Ok(files)
}

/// True unless the file is of a session that lacks a wanted tag.
fn may_have(loaded: &Loaded, path: &Path, wanted: &[Wanted]) -> bool {
    let mut sessions = loaded.sessions.iter().chain(&loaded.selfchecks);
    match sessions.find(|session| session.path == path) {
        Some(session) => has_all(&session.tags, wanted),
        None => wanted.is_empty() || loaded.skipped.iter().any(|skipped| skipped.path == path),
    }
}

/// Reads the records; those that fail verification are included and marked.
fn read(files: &[(Option<String>, PathBuf)], wanted: &[Wanted]) -> (Vec<Named>, Vec<Skipped>) {
    let mut records = Vec::new();
    let mut skipped = Vec::new();
    for (label, path) in files {
        let skip = |reason: String, kind| Skipped {
            path: path.clone(),
            reason,
            kind,
        };
        match file::read(path) {
            Ok(loaded) if !has_all(&loaded.record.session.tags, wanted) => {}
            Ok(loaded) => {
                let wrong = check(&loaded).first_broken();
                if let Some(wrong) = &wrong {
                    skipped.push(skip(
                        format!("not verified: {wrong}"),
                        SkippedKind::Unverified,
                    ));
                }
                let record = loaded.record;
                records.push(Named {
                    label: label
                        .clone()
                        .unwrap_or_else(|| record.session.label.clone()),
                    file: name(path),
                    wrong,
                    record,
                });
            }
            // A criterion archive has no runs to show; it is part of the comparison.
            Err(ReadError::CriterionArchive { .. }) => {}
            Err(error) => skipped.push(skip(error.to_string(), SkippedKind::Unreadable)),
        }
    }
    (records, skipped)
}

/// The name of a file without its directory, which is private to the author of the page.
fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}
