//! Comparison of loaded sessions.

use std::collections::BTreeSet;

use crate::column::{self, By, Layout};
use crate::error::CompareError;
use crate::grid;
use crate::key::Field;
use crate::load::Loaded;
use crate::model::{Column, Comparison, Differs, SchemaId};
use crate::noise::Floors;
use crate::options::Options;
use crate::{notes, price, table};

/// Compares every column with the baseline's column.
///
/// # Errors
/// [`CompareError`]: an option is out of range, or names an unknown column or field.
pub fn compare(loaded: &Loaded, options: &Options) -> Result<Comparison, CompareError> {
    let allowed = validate(options)?;
    let layout = column::lay_out(loaded, &options.by, |row| {
        options.filters.iter().all(|filter| filter.keeps(row))
    });
    let baseline = match &options.baseline {
        None => 0,
        Some(asked) => layout
            .columns
            .iter()
            .position(|column| column.label == *asked)
            .ok_or_else(|| CompareError::Baseline {
                asked: asked.clone(),
                known: labels(&layout).join(", "),
            })?,
    };
    let grid = grid::arrange(&loaded.sessions, &layout, &options.by, baseline, &allowed);
    let floors = Floors::of(&loaded.selfchecks);
    let build = table::build(loaded, &layout, &grid, &floors, baseline, options, &allowed);

    let differs = differs(loaded, &layout);
    let columns: Vec<Column> = (0..layout.columns.len())
        .map(|i| describe(loaded, &layout, i))
        .collect();
    let mut all_notes = build.notes;
    for (column, of) in columns.iter().zip(&layout.columns) {
        let sessions = of.sessions.iter().map(|&s| &loaded.sessions[s]);
        all_notes.extend(price::note(&column.label, sessions));
    }
    for (i, other) in columns.iter().enumerate() {
        let base = &columns[baseline];
        let one_machine = base.specimens.len() == 1 && base.specimens == other.specimens;
        let of_sessions = !matches!(options.by, By::Device | By::Backend);
        if i != baseline && one_machine && of_sessions {
            let known = [baseline, i]
                .iter()
                .all(|&column| is_known(loaded, &layout, column));
            let between = [(baseline, &*base.label), (i, &*other.label)];
            all_notes.push(notes::attribution(between, known, &differs));
        }
    }
    Ok(Comparison {
        schema: SchemaId::default(),
        by: options.by.clone(),
        baseline,
        checked: loaded.checked,
        margin: options.margin,
        family: build.family,
        columns,
        tables: build.tables,
        unmatched: build.unmatched,
        differs,
        not_like_for_like: build.not_like_for_like,
        skipped: loaded.skipped.clone(),
        notes: all_notes,
    })
}

/// Checks the margin and alpha, and parses the fields that may differ.
pub(crate) fn validate(options: &Options) -> Result<Vec<Field>, CompareError> {
    let Options { margin, alpha, .. } = *options;
    if !(0.0..1.0).contains(&margin) {
        return Err(CompareError::Margin { value: margin });
    }
    if !(alpha > 0.0 && alpha < 0.5) {
        return Err(CompareError::Alpha { value: alpha });
    }
    let field = |name: &String| {
        Field::find(name).ok_or_else(|| CompareError::Field {
            field: name.clone(),
            known: Field::known(),
        })
    };
    options.allow_differ.iter().map(field).collect()
}

fn labels(layout: &Layout) -> Vec<String> {
    let labels = layout.columns.iter().map(|column| column.label.clone());
    labels.collect()
}

fn describe(loaded: &Loaded, layout: &Layout, column: usize) -> Column {
    let of = &layout.columns[column];
    let sessions = || of.sessions.iter().map(|&s| &loaded.sessions[s]);
    let set = |texts: BTreeSet<String>| -> Vec<String> { texts.into_iter().collect() };
    let devices = layout
        .places
        .iter()
        .filter(|[c, ..]| *c == column)
        .map(|[_, s, r]| loaded.sessions[*s].rows[*r].device_model.to_string());
    Column {
        label: of.label.clone(),
        machines: set(sessions().map(|s| s.machine_name.to_string()).collect()),
        machine_keys: set(sessions().map(|s| s.machine.to_string()).collect()),
        specimens: set(sessions().map(|s| s.specimen.to_string()).collect()),
        nodes: set(sessions()
            .flat_map(|s| &s.node)
            .map(|node| node.to_string())
            .collect()),
        stated: price::stated(sessions()),
        devices: set(devices.collect()),
        sessions: of.sessions.len(),
        first_utc: sessions()
            .map(|s| s.started_utc.clone())
            .min()
            .unwrap_or_default(),
        last_utc: sessions()
            .map(|s| s.started_utc.clone())
            .max()
            .unwrap_or_default(),
        files: sessions().map(|s| s.path.clone()).collect(),
    }
}

/// True if the machines of a column's sessions are known, and not only their models.
fn is_known(loaded: &Loaded, layout: &Layout, column: usize) -> bool {
    let mut sessions = layout.columns[column].sessions.iter();
    sessions.all(|&s| loaded.sessions[s].known)
}

/// Fields of the sessions' context that are not the same in every column.
fn differs(loaded: &Loaded, layout: &Layout) -> Vec<Differs> {
    let contexts: Vec<Vec<_>> = layout
        .columns
        .iter()
        .map(|column| {
            let mut all: Vec<_> = column
                .sessions
                .iter()
                .map(|&s| &loaded.sessions[s].context)
                .collect();
            all.sort_unstable();
            all.dedup();
            all
        })
        .collect();
    let names: BTreeSet<&String> = contexts
        .iter()
        .flatten()
        .flat_map(|context| context.keys())
        .collect();
    names
        .into_iter()
        .filter_map(|field| {
            let values: Vec<Vec<String>> = contexts
                .iter()
                .map(|column| {
                    let all: BTreeSet<&String> = column
                        .iter()
                        .filter_map(|context| context.get(field))
                        .collect();
                    all.into_iter().cloned().collect()
                })
                .collect();
            values
                .windows(2)
                .any(|pair| pair[0] != pair[1])
                .then(|| Differs {
                    field: field.clone(),
                    values,
                })
        })
        .collect()
}
