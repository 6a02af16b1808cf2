//! The machines that were measured, and their sessions.

use perwatt_compare::load::Loaded;
use serde::Serialize;

use super::subject;

/// A machine that was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The machine in words.
    pub name: String,
    /// The name of its node, as [`Subject::node`](super::Subject::node) has it.
    pub node: Option<String>,
    /// This very machine, as [`Subject::specimen`](super::Subject::specimen) has it.
    pub specimen: String,
    /// The start of its first session, UTC, RFC 3339.
    pub first_utc: String,
    /// The start of its last session.
    pub last_utc: String,
    /// The number of its sessions.
    pub sessions: usize,
    /// The number of runs in them, failed ones included.
    pub runs: usize,
}

/// The machines in the order in which their first records were read.
pub(super) fn all(loaded: &Loaded) -> Vec<Machine> {
    let mut all: Vec<Machine> = Vec::new();
    for session in &loaded.sessions {
        let started = session.started_utc.as_str();
        match all.iter_mut().find(|of| of.specimen == *session.specimen) {
            Some(known) => {
                known.sessions += 1;
                known.runs += session.runs;
                if started < known.first_utc.as_str() {
                    known.first_utc = started.to_owned();
                }
                if started > known.last_utc.as_str() {
                    known.last_utc = started.to_owned();
                }
            }
            None => all.push(Machine {
                name: session.machine_name.to_string(),
                node: subject::node(loaded, session),
                specimen: session.specimen.to_string(),
                first_utc: started.to_owned(),
                last_utc: started.to_owned(),
                sessions: 1,
                runs: session.runs,
            }),
        }
    }
    all
}
