//! `perwatt show`: an archived result, or what criterion measured, as a table or as
//! the JSON it is.

use std::io::Write;

use perwatt_record::check::check;
use perwatt_record::criterion;
use perwatt_record::file::{self, ReadError};

use crate::args::{Format, ShowArgs};
use crate::exit::{Coded, Exit};
use crate::output::{self, standing, stdout, summary, tell};

pub fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let bytes = file::bytes(&args.file).map_err(read_error)?;
    let (wrong, table) = match file::parse(&args.file, &bytes) {
        Ok(loaded) => (
            check(&loaded).first_broken(),
            summary::render(&loaded.record),
        ),
        Err(ReadError::CriterionArchive { path }) => {
            let loaded = criterion::parse(&path, &bytes).map_err(read_error)?;
            let table = output::criterion::render(&loaded.archive);
            (criterion::check(&loaded).first_broken(), table)
        }
        Err(error) => return Err(read_error(error)),
    };
    let warning = wrong.map(|wrong| standing::shown(&args.file, &wrong));
    match args.format {
        // The document rather than the types: what this build does not know of
        // a newer file is shown too. It is shown as it is, so the warning stands apart.
        Format::Json => {
            output::json(&serde_json::from_slice::<serde_json::Value>(&bytes)?)?;
            if let Some(warning) = warning {
                tell!("{warning}");
            }
        }
        Format::Text => {
            let mut out = stdout();
            if let Some(warning) = warning {
                writeln!(out, "{warning}")?;
            }
            write!(out, "{table}")?;
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
