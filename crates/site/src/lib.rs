//! Comparison of the uses of a site's megawatts: their earnings, costs and opportunity
//! costs.
//!
//! * [`parameters`], [`offers`], [`scenario`], [`settings`]: the inputs, each with its source
//! * [`inputs`], [`network`], [`mining`], [`uses`], [`cloud`], [`prices`]: a month of each use
//! * [`flow`], [`break_even`], [`outcome`], [`figure`]: the figures derived from the months
//! * [`findings`]: the figures, each with the parameters that it rests on
//! * [`tornado`], [`monte_carlo`], [`stated`], [`surface`]: the sensitivity of the answer
//! * [`summary`]: the verdict in a few figures
//! * [`curtailment`], [`network_impact`]: the stops of each use, the effect on the network
//! * [`mod@report`]: all figures in one document
//!
//! Below them, and usable on their own: [`protocol`] (Bitcoin's arithmetic), [`curtail`]
//! (prices of power and the best plan of stops), [`security`] (the network without a share
//! of its hash rate).
//!
//! Everything is in dollars of the day of the decision, before taxes and interest on
//! debt.

#![forbid(unsafe_code)]

pub mod break_even;
pub mod cloud;
pub mod curtail;
pub mod curtailment;
pub mod date;
pub mod figure;
pub mod findings;
pub mod flow;
pub mod inputs;
pub mod mining;
pub mod monte_carlo;
pub mod network;
pub mod network_impact;
pub mod offers;
pub mod outcome;
pub mod parameter;
pub mod parameters;
pub mod prices;
pub mod protocol;
pub mod raw;
mod reader;
pub mod report;
pub mod scenario;
pub mod security;
pub mod settings;
pub mod stated;
pub mod summary;
pub mod surface;
pub mod tornado;
pub mod uses;
mod value;

pub use report::{Options, SiteError, SiteReport, report};
pub use scenario::{Rig, Scenario, ScenarioError};
pub use settings::Use;
