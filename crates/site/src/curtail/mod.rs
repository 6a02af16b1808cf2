//! Power prices by the hour or quarter of an hour, and the best stops of a use of a site.
//!
//! A file of prices is read strictly ([`Prices::read`]): every interval must be there once,
//! and every time must denote one moment. On such a series [`curtail`] finds the plan that
//! loses least, including the fixed cost of each stop, and [`Report`] gives the value of
//! the plan per MW. All of it is arithmetic on the given prices: they are known in advance,
//! so the result is an upper bound on what a site reaches in operation.

pub mod ai;
pub mod error;
mod order;
pub mod peaks;
mod price_unit;
pub mod prices;
mod read;
pub mod report;
mod rows;
pub mod stop;
mod time;

pub use ai::ai_stop_cost;
pub use error::{At, ReadCause, ReadError, SeriesError, UseError};
pub use peaks::{Peak, PeakRule, Peaks, avoided_peaks};
pub use prices::{MAX_USD_PER_MWH, Prices};
pub use read::ReadOptions;
pub use report::{Report, report};
pub use stop::{Plan, Use, curtail};
