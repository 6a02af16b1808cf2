//! The ASIC that hashes are compared with: of the catalogue, or a measured one.

use std::path::Path;

use perwatt_gap::catalogue::{MeasuredAsic, RivalError};
use perwatt_record::file;

use super::show::read_error;
use crate::exit::{Coded, Exit};

/// The model that `--asic` names, and the miner where it names a record.
///
/// # Errors
/// The record cannot be read, fails its check, or has no joules of a miner.
pub fn of(asic: Option<&str>) -> anyhow::Result<(Option<&str>, Option<MeasuredAsic>)> {
    let is_record = |text: &&str| Path::new(text).extension().is_some_and(|of| of == "json");
    let Some(name) = asic.filter(is_record) else {
        return Ok((asic, None));
    };
    let loaded = file::read(Path::new(name)).map_err(read_error)?;
    let found = MeasuredAsic::of(&loaded, name).map_err(|error| {
        let exit = match error {
            RivalError::NotMiners { .. } => Exit::Usage,
            RivalError::NotVerified { .. } => Exit::Unverified,
            RivalError::NoJoules { .. } => Exit::NotComparable,
        };
        let error = error.into();
        anyhow::Error::from(Coded { exit, error })
    })?;
    Ok((None, Some(found)))
}
