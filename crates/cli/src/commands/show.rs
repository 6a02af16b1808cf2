//! `perwatt show`: an archived result as a table or as the JSON it is.

use std::io::Write;

use perwatt_record::file;

use crate::args::{Format, ShowArgs};
use crate::exit::{Coded, Exit};
use crate::output::{self, summary};

pub fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let loaded = file::read(&args.file).map_err(read_error)?;
    match args.format {
        // The document rather than the types: what this build does not know of
        // a newer record is shown too.
        Format::Json => output::json(&loaded.document)?,
        Format::Text => {
            let mut out = anstream::stdout().lock();
            write!(out, "{}", summary::render(&loaded.record))?;
            if perwatt_record::digest::of(&loaded.document) != loaded.record.digest {
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
pub fn read_error(error: file::ReadError) -> anyhow::Error {
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
