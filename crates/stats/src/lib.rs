//! Exact, deterministic statistics for benchmark runs.
//!
//! Everything here is a pure function of its arguments: no input or output, no clock, no
//! random numbers. Bad input (an empty sample, NaN, infinities) gives `None`, an error, or
//! a refusal, as each function states; nothing panics.
#![forbid(unsafe_code)]

mod contrast;
mod count;
mod dependence;
mod dispersion;
mod family;
mod interval;
mod mann_whitney;
mod normal;
mod outlier;
mod poisson;
mod ranks;
mod ratio;
mod rerun;
mod student;
mod summary;
mod trend;
mod triangle;
mod uncertainty;

pub use contrast::{Contrast, Groups, MAX_TWO_CLOCK_CHANCE, two_clock_chance};
pub use count::{CountInterval, count_interval};
pub use dependence::{clusters, correlation_factor};
pub use dispersion::dispersion_chance;
pub use family::{benjamini_hochberg, holm};
pub use interval::{IntervalError, MedianInterval, median_interval};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use normal::{normal_cdf, normal_quantile};
pub use outlier::{Outlier, tukey};
pub use poisson::{Agreement, EXACT_LIMIT, agreement};
pub use ranks::{EXACT_RANKS, smallest_p};
pub use ratio::{RatioError, RatioInterval, ratio_interval, ratio_ln, runs_to_settle};
pub use rerun::{CONFIDENCE, Widths, rerun_apart, rerun_beside, rerun_within};
pub use student::{t_factor, t_p_value};
pub use summary::{
    deviation, lower_quantile, max, mean, median, min, quantile, relative_spread, upper_median,
};
pub use trend::{MIN_STEADY, TREND_ALPHA, Trend, is_steady, trend};
pub use triangle::triangle_quantile;
pub use uncertainty::{UNIFORM_DIFFERENCE_SD, in_quadrature, median_error};
