//! Assignment of figures to columns.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::load::{Group, Loaded};
use crate::session::{Row, Session};

/// The property that makes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// One argument; for a directory without a label, each machine in it.
    #[default]
    Input,
    /// One machine, in whichever directories its files are.
    Machine,
    /// Each device of each input: CPU against GPU.
    Device,
    /// Each backend of each input.
    Backend,
    /// One session.
    Session,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Machine => "machine",
            Self::Device => "device",
            Self::Backend => "backend",
            Self::Session => "session",
        })
    }
}

/// A column of the comparison.
#[derive(Debug, Clone)]
pub struct Column {
    /// The label, unique among the columns.
    pub label: String,
    /// Indices of the sessions that have figures in it, in ascending order.
    pub sessions: Vec<usize>,
}

/// The columns, and the column of each row of each session.
#[derive(Debug)]
pub struct Layout {
    /// The columns, in order of first appearance.
    pub columns: Vec<Column>,
    /// `[column, session, row]` of every figure, in the order of the sessions.
    pub places: Vec<[usize; 3]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Id {
    group: Option<usize>,
    machine: Option<Arc<str>>,
    session: Option<usize>,
    part: Option<Arc<str>>,
}

/// Assigns the rows of all sessions to columns. Rows for which `keep` returns false are
/// left out.
pub fn lay_out(loaded: &Loaded, by: By, keep: impl Fn(&Row) -> bool) -> Layout {
    let mut ids: HashMap<Id, usize> = HashMap::new();
    let mut order: Vec<Id> = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    let mut places = Vec::new();
    for (g, group) in loaded.groups.iter().enumerate() {
        for &s in &group.sessions {
            let session = &loaded.sessions[s];
            for (r, row) in session.rows.iter().enumerate() {
                if !keep(row) {
                    continue;
                }
                let id = id_of(by, g, group, s, session, row);
                let column = *ids.entry(id.clone()).or_insert_with(|| {
                    order.push(id);
                    columns.push(Column {
                        label: String::new(),
                        sessions: Vec::new(),
                    });
                    columns.len() - 1
                });
                if columns[column].sessions.last() != Some(&s) {
                    columns[column].sessions.push(s);
                }
                places.push([column, s, r]);
            }
        }
    }
    for column in &mut columns {
        column.sessions.sort_unstable();
        column.sessions.dedup();
    }
    name(&mut columns, &order, loaded);
    Layout { columns, places }
}

fn id_of(by: By, g: usize, group: &Group, s: usize, session: &Session, row: &Row) -> Id {
    // In a directory without a label each machine has its own column.
    let each_machine = group.directory && group.label.is_none();
    let mut id = Id {
        group: Some(g),
        machine: each_machine.then(|| Arc::clone(&session.machine)),
        session: None,
        part: None,
    };
    match by {
        By::Input => {}
        By::Machine => {
            id.group = None;
            id.machine = Some(Arc::clone(&session.machine));
        }
        By::Device => id.part = Some(Arc::clone(&row.device)),
        By::Backend => id.part = Some(Arc::clone(&row.backend)),
        By::Session => {
            id.machine = None;
            id.session = Some(s);
        }
    }
    id
}

/// Names each column after the input's label, else after the common label of its sessions,
/// else after its machine; then makes the labels unique.
fn name(columns: &mut [Column], ids: &[Id], loaded: &Loaded) {
    let mut bases: Vec<&Id> = Vec::new();
    for id in ids {
        let alike = |other: &&Id| {
            (other.group, &other.machine, other.session) == (id.group, &id.machine, id.session)
        };
        if !bases.iter().any(alike) {
            bases.push(id);
        }
    }
    for (column, id) in columns.iter_mut().zip(ids) {
        let sessions = column.sessions.iter().map(|&s| &loaded.sessions[s]);
        let given = id.group.and_then(|g| loaded.groups[g].label.clone());
        let mut names: Vec<&str> = sessions.clone().map(|s| s.label.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut machines: Vec<&str> = sessions.map(|s| &*s.machine_name).collect();
        machines.sort_unstable();
        machines.dedup();
        let base = match (given, names.as_slice(), machines.as_slice()) {
            (Some(label), ..) => label,
            (None, [one], _) => (*one).to_owned(),
            (None, _, [machine]) => (*machine).to_owned(),
            (None, _, machines) => format!("{} machines", machines.len()),
        };
        column.label = match &id.part {
            Some(part) if bases.len() == 1 => part.to_string(),
            Some(part) => format!("{base} {part}"),
            None => base,
        };
    }
    make_unique(columns, loaded);
}

/// Adds a suffix to columns that share a label: the machine's key, else the start of the
/// first session, else a number.
fn make_unique(columns: &mut [Column], loaded: &Loaded) {
    let first = |column: &Column| &loaded.sessions[column.sessions[0]];
    for attempt in 0..3 {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for column in columns.iter() {
            *counts.entry(column.label.clone()).or_default() += 1;
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let tails: Vec<Option<String>> = columns
            .iter()
            .map(|column| {
                if counts[&column.label] == 1 {
                    return None;
                }
                let session = first(column);
                Some(match attempt {
                    0 => session.machine.get(..8).unwrap_or("").to_owned(),
                    1 => session.started_utc.get(..19).unwrap_or("").to_owned(),
                    _ => {
                        let n = seen.entry(column.label.clone()).or_default();
                        *n += 1;
                        n.to_string()
                    }
                })
            })
            .collect();
        // A suffix that all columns of one label share does not distinguish them.
        let mut of_name: HashMap<String, Vec<&Option<String>>> = HashMap::new();
        for (column, tail) in columns.iter().zip(&tails) {
            of_name.entry(column.label.clone()).or_default().push(tail);
        }
        let useful: HashMap<String, bool> = of_name
            .into_iter()
            .map(|(label, tails)| (label, tails.windows(2).any(|pair| pair[0] != pair[1])))
            .collect();
        for (column, tail) in columns.iter_mut().zip(&tails) {
            if let Some(tail) = tail
                && useful[&column.label]
            {
                column.label = format!("{} #{tail}", column.label);
            }
        }
    }
}
