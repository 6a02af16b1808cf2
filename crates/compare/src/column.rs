//! Which figures stand in which column.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::load::{Group, Loaded};
use crate::session::{Row, Session};

/// What a column stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// An argument; of a directory without a name, each machine in it.
    #[default]
    Input,
    /// A machine, wherever its files are.
    Machine,
    /// A device of each of those: CPU against GPU.
    Device,
    /// A backend of each of those.
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
    /// Its name, unique.
    pub label: String,
    /// Sessions that have figures in it, in order.
    pub sessions: Vec<usize>,
}

/// Columns, and where each row of each session belongs.
#[derive(Debug)]
pub struct Layout {
    /// In order of first appearance.
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

/// Lays the sessions out. Rows for which `keep` is false take no part.
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
    // Of a directory without a name every machine is a column of its own.
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

/// Names each column by the input's label, else by what its sessions were called,
/// else by its machine; then makes the names differ.
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

/// Adds what tells columns of one name apart: the machine's key, else the time of
/// the first session, else a number.
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
        // A tail that all of one name share tells nothing.
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
