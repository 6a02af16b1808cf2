//! Energy and power sources behind one trait.
//!
//! [`detect`] looks for every source the [`Selection`] allows and returns, for
//! each, either an open [`Source`] or an [`Unavailable`] that says what was
//! looked for, why it cannot be read, and the command that would change that.
//! A source that cannot be read is never a source that reads 0 W.
//!
//! Every source carries a [`MeterInfo`]: what its figure covers
//! ([`Boundary`]), where it comes from ([`Provenance`]), whether it is joules
//! or watts ([`Quantity`]), and how good it is. Figures of different boundary
//! are different metrics and are never compared silently.
//!
//! Time is the caller's: stamp each [`Source::read`] with the midpoint of the
//! call on a monotonic clock.
//!
//! Adding a source is one file under `source/` and one line in
//! `source::REGISTRY`.
#![forbid(unsafe_code)]

mod accumulate;
pub mod bounds;
pub mod counter;
mod detect;
mod drivers;
mod error;
mod grade;
mod info;
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

pub use accumulate::Accumulator;
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
