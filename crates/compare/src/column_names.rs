//! Labels of columns.

use std::collections::{BTreeSet, HashMap};

use crate::by::{By, Column, Id};
use crate::load::Loaded;
use crate::session::Session;

/// Length of a column's name from which it is cut.
const MOST_CHARACTERS: usize = 40;

/// Names each column: after the input's label, or after its directory where several were
/// given; else after its node, the common label of its sessions, or its machine. Then makes
/// the labels unique.
pub fn name(columns: &mut [Column], ids: &[Id], loaded: &Loaded, by: &By) {
    let mut bases: Vec<&Id> = Vec::new();
    for id in ids {
        if !bases.iter().any(|other| other.is_beside(id)) {
            bases.push(id);
        }
    }
    let of = |column: &Column| -> Vec<&Session> {
        let sessions = column.sessions.iter();
        sessions.map(|&s| &loaded.sessions[s]).collect()
    };
    let differ = nodes_differ(bases.iter().map(|base| {
        let same = ids
            .iter()
            .zip(&*columns)
            .filter(|(id, _)| base.is_beside(id));
        let nodes = same.flat_map(|(_, column)| of(column));
        nodes.map(|session| session.node.as_deref()).collect()
    }));
    for (column, id) in columns.iter_mut().zip(ids) {
        let group = id.group.map(|g| &loaded.groups[g]);
        let own = || {
            let node = match by {
                By::Model | By::Label => false,
                _ => differ || id.shared.is_some(),
            };
            own_name(&of(column), by, node)
        };
        let own = || match by {
            By::Tag(key) => cut(id
                .shared
                .as_deref()
                .map_or_else(|| format!("no {key}"), str::to_owned)),
            _ => own(),
        };
        let base = match group.map(|group| (&group.label, &group.title)) {
            Some((Some(label), _)) => label.clone(),
            Some((None, Some(title))) => {
                let beside = bases.iter().filter(|other| other.group == id.group);
                match beside.count() {
                    1 => title.clone(),
                    _ => format!("{title} {}", own()),
                }
            }
            _ => own(),
        };
        column.label = match &id.part {
            Some(part) if bases.len() == 1 => part.to_string(),
            Some(part) => format!("{base} {part}"),
            None => base,
        };
    }
    make_unique(columns, loaded, by);
}

/// True if each of several columns is of one node and no two are of the same.
fn nodes_differ<'a>(columns: impl Iterator<Item = BTreeSet<Option<&'a str>>>) -> bool {
    let nodes: Vec<BTreeSet<Option<&str>>> = columns.collect();
    let named = |nodes: &BTreeSet<Option<&str>>| nodes.len() == 1 && !nodes.contains(&None);
    let all: BTreeSet<&Option<&str>> = nodes.iter().flatten().collect();
    nodes.len() > 1 && nodes.iter().all(named) && all.len() == nodes.len()
}

/// The name of a column after what its sessions share; after their node only if `node`.
fn own_name(sessions: &[&Session], by: &By, node: bool) -> String {
    let one = |of: &dyn Fn(&Session) -> Option<&str>| -> Option<String> {
        let all: BTreeSet<&str> = sessions.iter().filter_map(|session| of(session)).collect();
        all.first()
            .filter(|_| all.len() == 1)
            .map(|one| (*one).to_owned())
    };
    let of_node = one(&|session| session.node.as_deref()).filter(|_| node);
    let label = one(&|session| Some(&session.label)).filter(|_| *by != By::Model);
    let machine = one(&|session| Some(&session.machine_name));
    let machines = || {
        let all: BTreeSet<&str> = sessions.iter().map(|s| &*s.machine_name).collect();
        format!("{} machines", all.len())
    };
    cut(of_node.or(label).or(machine).unwrap_or_else(machines))
}

/// A name of at most [`MOST_CHARACTERS`].
fn cut(name: String) -> String {
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name,
    }
}

/// Adds a suffix to columns that share a label: the node, else the first digits of the
/// specimen (of models, of the machine's key), else the start of the first session, else a
/// number.
fn make_unique(columns: &mut [Column], loaded: &Loaded, by: &By) {
    let first = |column: &Column| &loaded.sessions[column.sessions[0]];
    for attempt in 0..4 {
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
                match attempt {
                    0 => session.node.as_deref().map(str::to_owned),
                    1 => {
                        let machine = match by {
                            By::Model => &session.machine,
                            _ => &session.specimen,
                        };
                        Some(machine.get(..8).unwrap_or("").to_owned())
                    }
                    2 => Some(session.started_utc.get(..19).unwrap_or("").to_owned()),
                    _ => {
                        let n = seen.entry(column.label.clone()).or_default();
                        *n += 1;
                        Some(n.to_string())
                    }
                }
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
