//! Fast reading of many records for their figures: everything except the shares and the
//! series of meters and channels.
//!
//! The omitted parts are most of a file, and the rest holds every figure of a table. The
//! rate of each good run is derived again from its work series, and every rule of
//! [`crate::check`] that needs only these parts is applied, so an edited figure is noticed.
//! The digest, the shares and the joules are not checked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::error::ReadError;
use crate::file;
use crate::schema::{Proof, Record, Run, Status};
use crate::skim::skim;
use crate::{bounds, check, derive, kind, series};

/// Relative difference allowed between rates on the machine that wrote and on this one.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// A record without its shares and without the series of meters and channels.
#[derive(Debug, Clone)]
pub struct LightRecord {
    /// The record. Proofs name their method and hold no shares, and `energy` and `state` of
    /// every run are empty: it cannot be checked, nor can figures be derived from it.
    pub record: Record,
    /// The first figure that contradicts the work series, or the first broken rule, in
    /// words.
    pub contradiction: Option<String>,
}

/// Reads the parts of a record that hold its figures.
///
/// # Errors
/// Those of [`file::read`].
pub fn read(path: &Path) -> Result<LightRecord, ReadError> {
    thread_local! {
        /// One buffer for all files of a thread: a new one for each file costs page faults.
        static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BYTES.with_borrow_mut(|bytes| {
        file::read_into(path, bytes)?;
        parse(path, bytes)
    })
}

/// Like [`read`], for bytes that were read from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<LightRecord, ReadError> {
    file::judge_kind(path, bytes)?;
    let mut record = match cut(path, bytes)? {
        Some(record) => record,
        // The full parser reports the position of the error in the file.
        None => file::parse(path, bytes)?.record,
    };
    leave_out(&mut record);
    let contradiction = contradiction(&record);
    Ok(LightRecord {
        record,
        contradiction,
    })
}

/// Removes the shares and the series of meters and channels from a record.
pub fn leave_out(record: &mut Record) {
    for run in &mut record.runs {
        run.energy.clear();
        run.state.clear();
        match &mut run.proof {
            Some(Proof::Shares { shares, .. }) => shares.clear(),
            Some(Proof::Pool { shares, .. }) => shares.clear(),
            _ => {}
        }
    }
    for series in record.idle.iter_mut().flat_map(|idle| &mut idle.energy) {
        series.samples.clear();
    }
}

/// Parses the record without its long lists; `None` if that fails.
fn cut(path: &Path, bytes: &[u8]) -> Result<Option<Record>, ReadError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(None);
    };
    if let Some(schema) = kind::schema(bytes) {
        file::judge_value(path, Some(&schema))?;
    }
    let text = series::cut(text);
    if skim(text.as_bytes()).is_err() {
        return Ok(None);
    }
    let Ok(record) = serde_json::from_str::<Record>(&text) else {
        return Ok(None);
    };
    if bounds::judge(&record).is_err() {
        return Ok(None);
    }
    let schema = serde_json::to_value(&record.schema).ok();
    file::judge_value(path, schema.as_ref())?;
    Ok(Some(record))
}

/// The first figure that does not follow from its series, in words.
fn contradiction(record: &Record) -> Option<String> {
    for (i, run) in record.runs.iter().enumerate() {
        let found = match run.status {
            Status::Ok => derive::measure(record, run).map(|m| m.rate_per_s),
            Status::Failed(_) => None,
        };
        let said = run.measured.as_ref().map(|m| m.rate_per_s);
        if !close(said, found) {
            return Some(format!(
                "runs[{i}].measured.rate_per_s does not follow from the work series"
            ));
        }
        if run.status == Status::Ok && run.proof.is_none() {
            return Some(format!("runs[{i}] counts as good and carries no proof"));
        }
    }
    let mut rates: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let mut runs: BTreeMap<u32, Vec<&Run>> = BTreeMap::new();
    for run in record.runs.iter().filter(|run| run.measured.is_some()) {
        runs.entry(run.entry).or_default().push(run);
    }
    for (entry, runs) in runs {
        let counted = derive::pooled(runs).into_iter();
        let counted = counted.filter_map(|run| run.measured.as_ref());
        rates.insert(entry, counted.map(|m| m.rate_per_s).collect());
    }
    let of_rows = record.summary.iter().enumerate().find_map(|(i, row)| {
        let rates = rates.get(&row.entry).map_or(&[][..], Vec::as_slice);
        let found = derive::interval(rates).map(|interval| interval.median);
        let said = row.rate_per_s.as_ref().map(|interval| interval.median);
        (!close(said, found))
            .then(|| format!("summary[{i}].rate_per_s does not follow from the runs"))
    });
    of_rows.or_else(|| check::without_long_series(record))
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= FLOAT_TOLERANCE * a.abs().max(b.abs()),
        (None, None) => true,
        _ => false,
    }
}
