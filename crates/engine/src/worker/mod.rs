//! The process that does the work of one run, and the pipe to it.
//!
//! The coordinator writes one [`Assignment`] and later `stop`; the worker
//! answers with JSON lines. A worker whose input ends knows that its coordinator
//! is gone and leaves, so a killed session leaves no load behind.

mod child;
mod load;
mod message;

pub use child::{Child, Ended, WorkerCommand};
pub(crate) use child::{how_ended, no_thread};
pub use load::{Load, serve};
pub use message::{Assignment, FromWorker, ToWorker};
