//! The CPU double-SHA-256 nonce search.

mod backend;
mod hash;
mod header;
mod hex;
mod job;
mod progress;
mod rolls;
mod search;
mod sha256;
mod target;
mod u256;

pub use backend::{Backend, BackendError, Hit};
pub use hash::{Hash256, HashError};
pub use header::{Header, HeaderError};
pub use job::Job;
pub use progress::Progress;
pub use rolls::{MerkleRoot, RollCoordinates, RollKinds, Rolls, VERSION_MASK};
pub use search::{Finished, SearchConfig, SearchOutcome, Share, search};
pub use sha256::{sha256, sha256d};
pub use target::{Target, TargetError};
pub use u256::U256;
