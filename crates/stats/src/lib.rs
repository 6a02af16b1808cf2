//! Exact, deterministic statistics for benchmark runs.
//!
//! Everything here is a pure function of its arguments: no input or output, no
//! clock, no random numbers. Bad input (nothing, NaN, infinities) gives `None`,
//! an error, or a refusal, as each function states; nothing panics.
#![forbid(unsafe_code)]

mod interval;
mod normal;
mod poisson;
mod summary;
mod trend;

pub use interval::{IntervalError, MedianInterval, median_interval};
pub use poisson::{Agreement, EXACT_LIMIT, agreement};
pub use summary::{max, median, min, quantile, relative_spread};
pub use trend::{MIN_STEADY, TREND_ALPHA, Trend, is_steady, trend};
