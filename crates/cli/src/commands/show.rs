//! `perwatt show`: an archived result or criterion's measurements, as text or as the
//! original JSON.

use perwatt_record::check::check;
use perwatt_record::criterion;
use perwatt_record::file::{self, ReadError};

use perwatt_report::doc::Block;
use perwatt_report::views::session;

use crate::args::{ShowArgs, ViewFormat};
use crate::exit::{Coded, Exit};
use crate::output::{self, plain, standing, summary, tell};

pub fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let bytes = file::bytes(&args.file).map_err(read_error)?;
    let (wrong, mut blocks) = match file::parse(&args.file, &bytes) {
        Ok(loaded) => {
            let mut blocks = summary::blocks(&loaded.record);
            if args.plot.plot {
                blocks.extend(session::plots(&loaded.record));
            }
            (check(&loaded).first_broken(), blocks)
        }
        Err(ReadError::CriterionArchive { path }) => {
            let loaded = criterion::parse(&path, &bytes).map_err(read_error)?;
            let blocks = output::criterion::blocks(&loaded.archive);
            (criterion::check(&loaded).first_broken(), blocks)
        }
        Err(error) => return Err(read_error(error)),
    };
    let warning = wrong.map(|wrong| standing::shown(&args.file, &wrong));
    if args.output.format == ViewFormat::Json {
        // The document is printed instead of the parsed types, so that fields of a newer
        // file that this build does not know are included. It is printed unchanged, so the
        // warning is separate.
        output::json(&serde_json::from_slice::<serde_json::Value>(&bytes)?)?;
        if let Some(warning) = warning {
            tell!("{}", plain(&warning));
        }
    } else {
        if let Some(warning) = warning {
            blocks.insert(0, Block::Warning(warning));
        }
        let name = args.file.file_name().unwrap_or_default();
        let title = format!("perwatt: {}", name.to_string_lossy());
        output::view_with(args.output.format, &args.plot, &title, &(), || blocks)?;
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
