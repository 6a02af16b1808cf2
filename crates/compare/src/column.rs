//! Assignment of figures to columns.

use std::collections::HashMap;
use std::sync::Arc;

use crate::by::Id;
pub use crate::by::{By, Column, TAG};
use crate::column_names::name;
use crate::load::{Group, Loaded};
use crate::session::{Row, Session};

/// The columns, and the column of each row of each session.
#[derive(Debug)]
pub struct Layout {
    /// The columns, in order of first appearance.
    pub columns: Vec<Column>,
    /// `[column, session, row]` of every figure, in the order of the sessions.
    pub places: Vec<[usize; 3]>,
}

/// Assigns the rows of all sessions to columns. Rows for which `keep` returns false are
/// left out.
pub fn lay_out(loaded: &Loaded, by: &By, keep: impl Fn(&Row) -> bool) -> Layout {
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
    name(&mut columns, &order, loaded, by);
    Layout { columns, places }
}

fn id_of(by: &By, g: usize, group: &Group, s: usize, session: &Session, row: &Row) -> Id {
    // In a directory without a label each node has its own column.
    let each_node = group.directory && group.label.is_none();
    let mut id = Id {
        group: Some(g),
        shared: each_node.then(|| Arc::clone(&session.specimen)),
        session: None,
        part: None,
    };
    match by {
        By::Input => {}
        By::Node | By::Model | By::Label | By::Tag(_) => {
            id.group = None;
            id.shared = match by {
                By::Model => Some(Arc::clone(&session.machine)),
                By::Label => Some(session.label.as_str().into()),
                By::Tag(key) => session.tags.get(key).map(|value| value.as_str().into()),
                _ => Some(Arc::clone(&session.specimen)),
            };
        }
        By::Device => id.part = Some(Arc::clone(&row.device)),
        By::Backend => id.part = Some(Arc::clone(&row.backend)),
        By::Session => {
            id.shared = None;
            id.session = Some(s);
        }
    }
    id
}
