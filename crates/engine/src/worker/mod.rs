//! The protocol between a session and its worker processes.
//!
//! The coordinator writes one [`Assignment`] and later `stop`; the worker answers with JSON
//! lines. A worker whose input ends exits, because its coordinator is gone: a killed
//! session leaves no load behind.

mod answer;
mod child;
mod error;
mod load;
mod message;

pub use answer::{CheckOutcome, Checked, Library, Road, Tuned};
pub use child::{Child, Ended, WorkerCommand};
pub(crate) use child::{how_ended, no_thread, status_in_words};
pub use error::RunError;
pub use load::Load;
pub use message::{Assignment, FromWorker, ToWorker};
