//! A site's megawatts over its uses: what each earns, costs and gives up.
//!
//! * [`parameter`], [`keys`], [`scenario`], [`settings`]: what is put in, each with its source
//! * [`num`], [`inputs`]: numbers that remember what they rest on
//! * [`network`], [`mining`], [`uses`], [`cloud`], [`prices`]: a month of each use
//! * [`flow`], [`break_even`], [`outcome`], [`mod@line`]: what follows from the months
//! * [`tornado`], [`monte_carlo`], [`surface`]: what the answer hangs on
//! * [`curtailment`], [`exodus`]: when a use should stop, and what leaves the network
//! * [`mod@report`]: all of it, as one document
//!
//! Everything is in dollars of the day of the decision, before taxes and interest on
//! debt.

pub mod break_even;
mod choices;
pub mod cloud;
pub mod curtailment;
pub mod date;
pub mod exodus;
pub mod flow;
pub mod inputs;
pub mod keys;
pub mod line;
pub mod mining;
pub mod monte_carlo;
pub mod network;
pub mod num;
pub mod outcome;
pub mod parameter;
pub mod prices;
pub mod raw;
pub mod report;
pub mod scenario;
pub mod settings;
pub mod surface;
pub mod tornado;
pub mod uses;

pub use report::{Options, SiteError, SiteReport, report};
pub use scenario::{Rig, Scenario, ScenarioError};
pub use settings::Use;
