//! Power prices by the hour or quarter of an hour, and when a use of a site should stop.
//!
//! A file of prices is read strictly ([`Prices::read`]): every interval must be there
//! once, and a time says which moment it means. On such a series [`curtail`] finds the
//! plan that loses least, with the fixed cost of each stop counted, and [`Report`] says
//! what the plan is worth per MW. All of it is arithmetic on the prices that are given:
//! it knows the prices in advance, so it bounds from above what a site reaches in the
//! day.

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

pub use ai::{ai_stop_cost, ai_stop_cost_at_most};
pub use error::{At, ReadCause, ReadError, SeriesError, UseError};
pub use peaks::{Peak, PeakRule, Peaks, avoided_peaks};
pub use prices::{MAX_USD_PER_MWH, Prices};
pub use read::ReadOptions;
pub use report::{CurvePoint, PerYear, Report, curve, report};
pub use stop::{Plan, Use, curtail};
