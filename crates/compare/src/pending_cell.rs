//! Cells before they are judged: the sample of each, or the reason that it has none.

use std::collections::BTreeSet;

use crate::column::Layout;
use crate::grid::Grid;
use crate::key::Difference;
use crate::load::Loaded;
use crate::model::Unmatched;
use crate::nearest::Kinds;
use crate::sample::{Sample, pool};
use perwatt_record::work::NotAi;

/// Names of the properties, beside those of the key, that bar a row from comparisons.
pub const VERIFIED: &str = "verified";
/// See [`VERIFIED`].
pub const DISTURBED: &str = "disturbed";

/// A cell before it is judged.
pub enum PendingCell {
    Absent,
    Barred {
        reason: String,
        fields: Vec<Difference>,
        sample: Option<Box<Sample>>,
    },
    Sample(Box<Sample>),
}

impl PendingCell {
    pub fn sample(&self) -> Option<&Sample> {
        match self {
            Self::Absent => None,
            Self::Barred { sample, .. } => sample.as_deref(),
            Self::Sample(sample) => Some(sample),
        }
    }
}

/// Splits the lines into those to be compared with the baseline and those without a
/// counterpart.
pub fn split(layout: &Layout, grid: &Grid, base: usize) -> (Vec<usize>, Vec<Unmatched>) {
    let mut kept = Vec::new();
    let mut unmatched = Vec::new();
    let kinds = Kinds::of(grid, layout);
    // A line that stands in for another one is reported in that one's row, not as
    // unmatched.
    let standing_in: BTreeSet<(usize, usize)> = grid
        .instead
        .iter()
        .map(|((_, column), (line, _))| (*line, *column))
        .collect();
    for (i, line) in grid.lines.iter().enumerate() {
        let has = |column: usize| !line.cells[column].is_empty();
        let columns = 0..layout.columns.len();
        let faces = |column: usize| has(column) || grid.instead.contains_key(&(i, column));
        if has(base)
            && columns
                .clone()
                .any(|column| column != base && faces(column))
        {
            kept.push(i);
            continue;
        }
        let alone: Vec<usize> = columns
            .filter(|&column| has(column) && !standing_in.contains(&(i, column)))
            .collect();
        if !alone.is_empty() {
            unmatched.push(Unmatched {
                metric: line.metric,
                name: line.name.to_string(),
                device: line.device.as_deref().map(str::to_owned),
                nearest: kinds.nearest(i, &alone),
                columns: alone
                    .into_iter()
                    .map(|column| layout.columns[column].label.clone())
                    .collect(),
            });
        }
    }
    (kept, unmatched)
}

/// The draft of a cell: its sample, or the reason that it has none.
pub fn draft(loaded: &Loaded, grid: &Grid, line: usize, column: usize, base: usize) -> PendingCell {
    let of = &grid.lines[line];
    if let Some((instead, fields)) = grid.instead.get(&(line, column)) {
        let named: Vec<&str> = fields.iter().map(|d| d.field.as_str()).collect();
        let other = &grid.lines[*instead];
        let same_unit = of.key.unit() == other.key.unit();
        let sample = pool(&loaded.sessions, &other.cells[column]).ok();
        return PendingCell::Barred {
            reason: format!("{} differs", named.join(", ")),
            fields: fields.clone(),
            sample: sample.filter(|_| same_unit).map(Box::new),
        };
    }
    let places = &of.cells[column];
    if places.is_empty() {
        return PendingCell::Absent;
    }
    if let Some(fields) = mixture(loaded, places) {
        return PendingCell::Barred {
            reason: format!(
                "this column holds figures that differ in {}; compare files instead of directories",
                fields.join(", ")
            ),
            fields: Vec::new(),
            sample: None,
        };
    }
    // Of columns of devices: a card's figure is not that of shaders which miss its units.
    if of.device.is_none()
        && let Some(why) = beyond_shaders(loaded, places)
    {
        return PendingCell::Barred {
            reason: why.in_place("gpu", false),
            fields: Vec::new(),
            sample: None,
        };
    }
    match pool(&loaded.sessions, places) {
        Err(barred) => {
            let disturbed = |&(s, r): &(usize, usize)| loaded.sessions[s].rows[r].disturbed > 0;
            let (field, value) = match places.iter().all(disturbed) {
                true => (DISTURBED, "true"),
                false => (VERIFIED, "false"),
            };
            PendingCell::Barred {
                reason: barred.0.to_string(),
                fields: vec![Difference {
                    field: field.into(),
                    base: None,
                    other: Some(value.into()),
                }],
                sample: None,
            }
        }
        Ok(sample) if column != base => {
            let shared = pool(&loaded.sessions, &of.cells[base])
                .ok()
                .and_then(|other| shared_session(loaded, &sample, &other));
            match shared {
                Some(id) => PendingCell::Barred {
                    reason: format!("the same runs are on both sides: session {id}"),
                    fields: Vec::new(),
                    sample: Some(Box::new(sample)),
                },
                None => PendingCell::Sample(Box::new(sample)),
            }
        }
        Ok(sample) => PendingCell::Sample(Box::new(sample)),
    }
}

/// The reason that none of these rows stands for its device.
fn beyond_shaders(loaded: &Loaded, places: &[(usize, usize)]) -> Option<NotAi> {
    let mut rows = places.iter().map(|&(s, r)| &loaded.sessions[s].rows[r]);
    rows.try_fold(None, |_, row| row.beyond_shaders().map(Some))?
}

/// The fields in which figures of one cell differ; `--allow-differ` makes that possible.
fn mixture(loaded: &Loaded, places: &[(usize, usize)]) -> Option<Vec<String>> {
    let key = |&(s, r): &(usize, usize)| &loaded.sessions[s].rows[r].key;
    let first = key(places.first()?);
    let fields: BTreeSet<String> = places
        .iter()
        .map(key)
        .filter(|other| *other != first)
        .flat_map(|other| first.differences(other))
        .map(|difference| difference.field)
        .collect();
    (!fields.is_empty()).then(|| fields.into_iter().collect())
}

/// The id, shortened, of a session whose runs are in both samples.
fn shared_session(loaded: &Loaded, a: &Sample, b: &Sample) -> Option<String> {
    let runs = |sample: &Sample| -> BTreeSet<(String, String, String)> {
        sample
            .rows
            .iter()
            .map(|&(s, r)| {
                let row = &loaded.sessions[s].rows[r];
                (
                    row.origin.to_string(),
                    row.device.to_string(),
                    row.backend.to_string(),
                )
            })
            .collect()
    };
    let (a, b) = (runs(a), runs(b));
    let shared = a.intersection(&b).next()?;
    let id = shared.0.trim_start_matches("sha256:");
    Some(id.get(..8).unwrap_or(id).to_owned())
}
