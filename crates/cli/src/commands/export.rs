//! `perwatt export`: records as one long table.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use perwatt_compare::load::{Checked, takes_no_time};
use perwatt_record::check::{Copies, check, fingerprints};
use perwatt_record::file::{self, ReadError};
use perwatt_record::tags::has_all;
use perwatt_record::{Record, archive, criterion, light, tidy};
use perwatt_report::phrases;

use super::{new_file, sessions};
use crate::args::{ExportArgs, ViewFormat};
use crate::exit::{Coded, Exit, answered};
use crate::output::screen::exact_stdout;
use crate::output::{cell, plain, screen, tell};

/// The number of files that are read and formatted at once; their text is held in memory
/// until it is written.
const CHUNK: usize = 64;

pub fn export(args: &ExportArgs) -> anyhow::Result<Exit> {
    let paths = paths(&args.paths)?;
    match new_file::named(args.out.as_deref()) {
        Some(out) => new_file::create(out, |out| write(&paths, args, out)),
        None if args.raw && screen::stdout_is_terminal() => bail!(
            "--raw writes text as records have it, and a terminal may obey what stands in it; write to a file with --out FILE, or to a pipe"
        ),
        // The lines were made safe for their format before.
        None => write(&paths, args, BufWriter::new(exact_stdout())),
    }
}

/// All files of the arguments, in their order.
fn paths(given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in given {
        paths.extend(archive::files(path).context("give a result file or a directory of them")?);
    }
    Ok(paths)
}

/// The result of one file: its lines as text, or the reason that it is skipped and its exit
/// code; nothing for a session without the wanted tags.
type Part = Result<Option<Lines>, (Exit, String)>;

/// The lines of one file, and the identification of its session for finding copies.
struct Lines {
    text: Vec<u8>,
    session: String,
    prints: Vec<u64>,
}

fn write(paths: &[PathBuf], args: &ExportArgs, mut out: impl Write) -> anyhow::Result<Exit> {
    let mut worst = Exit::Done;
    let mut written = 0;
    let checked = match args.check || takes_no_time(paths.iter()) {
        true => Checked::InFull,
        false => Checked::Rates,
    };
    let mut copies = Copies::default();
    let mut seen: Vec<&Path> = Vec::new();
    for chunk in paths.chunks(CHUNK) {
        let parts = archive::map(chunk, |path| part(path, checked, args));
        for (path, part) in chunk.iter().zip(parts) {
            let part = part.and_then(|lines| {
                let Some(lines) = lines else {
                    return Ok(None);
                };
                seen.push(path);
                match copies.add(&lines.session, lines.prints) {
                    None => Ok(Some(lines.text)),
                    Some(other) => Err(copied(seen[other])),
                }
            });
            match part {
                Ok(None) => {}
                Ok(Some(text)) => {
                    let first = match written == 0 && args.format == ViewFormat::Csv {
                        true => header()?,
                        false => Vec::new(),
                    };
                    if let Err(error) = out.write_all(&[first, text].concat()) {
                        return answered(worst, Err(error.into()));
                    }
                    written += 1;
                }
                Err((exit, reason)) => {
                    tell!(
                        "skipped: {}: {}",
                        plain(&path.display().to_string()),
                        plain(&reason)
                    );
                    if exit as u8 > worst as u8 && !args.keep_going {
                        worst = exit;
                    }
                }
            }
        }
    }
    if checked == Checked::Rates {
        tell!("note: {}", phrases::checked(checked, &[]));
    }
    let printed = out.flush().map_err(anyhow::Error::from);
    if written == 0 {
        return Err(Coded {
            exit: match worst {
                Exit::Done => Exit::NotComparable,
                worst => worst,
            },
            error: match args.tags.wanted.as_slice() {
                [] => anyhow!("no record is left: nothing was exported"),
                wanted => anyhow!(
                    "no record with {} is left: nothing was exported",
                    sessions::asked(wanted)
                ),
            },
        }
        .into());
    }
    answered(worst, printed)
}

/// The reason for leaving out a file with the runs of an earlier one. Only the later file
/// is left out: the lines of the earlier one are already written, as the table is never
/// held in memory.
fn copied(other: &Path) -> (Exit, String) {
    let other = other.display().to_string();
    let reason = format!(
        "not verified: {}; the lines of {other} do not stand either",
        Copies::reason(&other)
    );
    (Exit::Unverified, reason)
}

fn part(path: &Path, checked: Checked, args: &ExportArgs) -> Part {
    let name = path.display().to_string();
    let (session, prints, lines) = match read(path, checked) {
        Ok((_, Some(wrong))) => return Err((Exit::Unverified, format!("not verified: {wrong}"))),
        Ok((record, None)) if !has_all(&record.session.tags, &args.tags.wanted) => return Ok(None),
        Ok((record, None)) => {
            let prints = record.runs.iter().flat_map(fingerprints).collect();
            let lines = tidy::lines(&name, &record);
            (record.session.id, prints, lines)
        }
        Err(ReadError::CriterionArchive { .. }) if !args.tags.wanted.is_empty() => return Ok(None),
        Err(ReadError::CriterionArchive { .. }) => {
            (String::new(), Vec::new(), of_criterion(path, &name)?)
        }
        Err(error) => return Err((Exit::Usage, error.to_string())),
    };
    let text = text(lines, args).map_err(|error| (Exit::Usage, error.to_string()))?;
    Ok(Some(Lines {
        text,
        session,
        prints,
    }))
}

/// A record and its verification failure, if any.
fn read(path: &Path, checked: Checked) -> Result<(Record, Option<String>), ReadError> {
    match checked {
        Checked::InFull => {
            let loaded = file::read(path)?;
            let wrong = check(&loaded).first_broken();
            Ok((loaded.record, wrong))
        }
        Checked::Rates => {
            let brief = light::read(path)?;
            Ok((brief.record, brief.contradiction))
        }
    }
}

/// The lines of a criterion archive. It is always checked in full: it has no shares, so the
/// check is fast.
fn of_criterion(path: &Path, name: &str) -> Result<Vec<tidy::ExportRow>, (Exit, String)> {
    let loaded = criterion::read(path).map_err(|error| (Exit::Usage, error.to_string()))?;
    match criterion::check(&loaded).first_broken() {
        Some(wrong) => Err((Exit::Unverified, format!("not verified: {wrong}"))),
        None => Ok(criterion::lines(name, &loaded.archive)),
    }
}

fn text(lines: Vec<tidy::ExportRow>, args: &ExportArgs) -> anyhow::Result<Vec<u8>> {
    match args.format {
        ViewFormat::Ndjson => {
            let mut out = screen::json(Vec::new());
            for line in lines {
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
            Ok(out.into_inner())
        }
        _ => {
            let mut writer = csv::WriterBuilder::new()
                .has_headers(false)
                .from_writer(Vec::new());
            for mut line in lines {
                if !args.raw {
                    line.texts_mut().for_each(cell::make_text);
                }
                writer.serialize(line)?;
            }
            writer.into_inner().map_err(|error| anyhow!("{error}"))
        }
    }
}

/// The header line of the CSV: the field names of a line in their order.
fn header() -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(tidy::COLUMNS)?;
    writer.into_inner().map_err(|error| anyhow!("{error}"))
}
