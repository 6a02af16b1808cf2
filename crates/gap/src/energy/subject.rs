//! The device and workload of a row.

use perwatt_compare::load::Loaded;
use perwatt_compare::session::Session;
use perwatt_record::work::Named;
use serde::Serialize;

/// The measured device and workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The machine in words.
    pub machine: String,
    /// The key of the machine's model.
    pub machine_key: String,
    /// This very machine: the hash of its machine id, or its key where records have none,
    /// with the node's name where several nodes share that.
    pub specimen: String,
    /// The name of its node; where it has none and others of its model are measured, `#`
    /// and the first digits of the specimen.
    pub node: Option<String>,
    /// The device: `cpu`, `gpu:0`.
    pub device: String,
    /// Model name of the device.
    pub device_model: String,
    /// The workload: `matmul/f32`.
    pub workload: Named,
    /// The workload and its shape.
    pub name: String,
    /// The backend.
    pub backend: String,
    /// The number of backends of which this is the best by rate; 1 where each has its own
    /// row.
    pub backends: usize,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// The words that tell a machine from the others of its model among all that was read.
pub(super) fn node(loaded: &Loaded, of: &Session) -> Option<String> {
    let same = loaded
        .sessions
        .iter()
        .filter(|other| other.specimen == of.specimen);
    let mut names = same.filter_map(|session| session.node.as_deref());
    if let Some(name) = names.next() {
        return Some(name.to_owned());
    }
    let twin = |other: &Session| other.machine == of.machine && other.specimen != of.specimen;
    let digits = of.specimen.get(..8).unwrap_or(&of.specimen);
    loaded
        .sessions
        .iter()
        .any(twin)
        .then(|| format!("#{digits}"))
}
