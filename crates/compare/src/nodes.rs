//! Telling machines apart beyond their machine ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::session::Session;

/// Makes machines of sessions that share a machine id, or that have none and share a model,
/// where their nodes have different names: copied disk images and containers have one
/// machine id on every node. A session without a node stays with its id.
pub fn tell_apart<'a>(sessions: impl IntoIterator<Item = &'a mut Session>) {
    let mut sessions: Vec<&mut Session> = sessions.into_iter().collect();
    let mut names: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    for session in &sessions {
        let of_specimen = names.entry(Arc::clone(&session.specimen)).or_default();
        of_specimen.extend(session.node.clone());
    }
    names.retain(|_, nodes| nodes.len() > 1);
    for session in &mut sessions {
        let shared = names.contains_key(&session.specimen);
        if let Some(node) = session.node.as_ref().filter(|_| shared) {
            session.specimen = format!("{} {node}", session.specimen).into();
            session.known = true;
        }
    }
}
