//! `perwatt show`: an archived result, or what criterion measured, as a table or as
//! the JSON it is.

use std::io::Write;

use perwatt_record::criterion;
use perwatt_record::file::{self, ReadError};

use crate::args::{Format, ShowArgs};
use crate::exit::{Coded, Exit};
use crate::output::{self, summary};

pub fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let bytes = file::bytes(&args.file).map_err(read_error)?;
    let (edited, table) = match file::parse(&args.file, &bytes) {
        Ok(file::Loaded { record, digest }) => (record.digest != digest, summary::render(&record)),
        Err(ReadError::CriterionArchive { path }) => {
            let loaded = criterion::parse(&path, &bytes).map_err(read_error)?;
            let table = output::criterion::render(&loaded.archive);
            (loaded.archive.digest != loaded.digest, table)
        }
        Err(error) => return Err(read_error(error)),
    };
    match args.format {
        // The document rather than the types: what this build does not know of
        // a newer file is shown too.
        Format::Json => output::json(&serde_json::from_slice::<serde_json::Value>(&bytes)?)?,
        Format::Text => {
            let mut out = anstream::stdout().lock();
            write!(out, "{table}")?;
            if edited {
                writeln!(
                    out,
                    "WARNING: this file was edited after it was written; see perwatt check"
                )?;
            }
        }
    }
    Ok(Exit::Done)
}

/// A damaged record fails verification; an unreadable file is an I/O error.
pub fn read_error(error: ReadError) -> anyhow::Error {
    let exit = if error.is_damage() {
        Exit::Unverified
    } else {
        Exit::Usage
    };
    Coded {
        exit,
        error: error.into(),
    }
    .into()
}
