//! Energy and power sources behind one trait.
//!
//! [`detect`] looks for every source that the [`Selection`] allows. For each it returns
//! either an open [`Source`] or an [`Unavailable`] with the place that was searched,
//! the reason, and the command that would make the source available. A source that
//! cannot be read is never reported as 0 W.
//!
//! Every source has a [`MeterInfo`]: the coverage ([`Boundary`]) and origin
//! ([`Provenance`]) of its figures, their quantity, joules or watts ([`Quantity`]), and
//! their quality. Figures of different boundaries are different metrics, and are never
//! compared silently.
//!
//! The caller keeps the time: stamp each [`Source::read`] with the midpoint of the call
//! on a monotonic clock.
//!
//! A new source needs one file under `source/` and one line in `source::REGISTRY`.
#![forbid(unsafe_code)]

mod accumulate;
pub mod bounds;
mod counter;
mod detect;
mod drivers;
mod error;
mod grade;
mod info;
mod look_back;
pub mod parse;
mod pci;
mod period;
mod public;
mod secret;
mod select;
mod source;
pub mod spec;
pub mod state;
mod system;
mod unavailable;

pub use drivers::{Drivers, PerfCounter, PerfCounters};
pub use error::ReadError;
pub use grade::Grade;
pub use info::{Boundary, Covers, MeterInfo, Provenance, Quantity};
pub use public::public_text;
pub use select::{Found, MAX_USER_WATTS, MeterName, Selection, SelectionError};
pub use select::{detect, detect_in, detect_until, known_meters};
pub use source::user_watts::stated_watts;
pub use source::{Pace, Source};
pub use spec::{MeterSpec, SpecError};
pub use system::{Clock, Monotonic, System};
pub use unavailable::{Reason, Unavailable};

pub use perwatt_host::{Disk, FileTree};
