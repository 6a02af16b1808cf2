//! A site's megawatts over its uses: what each earns, costs and gives up.
//!
//! * [`parameters`], [`scenario`], [`settings`]: what is put in, each with its source
//! * [`inputs`], [`network`], [`mining`], [`uses`], [`cloud`], [`prices`]: a month of each use
//! * [`flow`], [`break_even`], [`outcome`], [`figure`]: what follows from the months
//! * [`findings`]: the figures, each with the parameters that it rests on
//! * [`tornado`], [`monte_carlo`], [`surface`]: what the answer hangs on
//! * [`curtailment`], [`network_impact`]: when a use should stop, and what leaves the network
//! * [`mod@report`]: all of it, as one document
//!
//! Below them, and usable alone: [`protocol`] (Bitcoin's arithmetic), [`curtail`] (prices of
//! power and the best plan of stops), [`security`] (the network without a share of its hash
//! rate).
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
pub mod outcome;
pub mod parameter;
pub mod parameters;
pub mod prices;
pub mod protocol;
pub mod raw;
pub mod report;
pub mod scenario;
pub mod security;
pub mod settings;
mod settings_parser;
pub mod surface;
pub mod tornado;
pub mod uses;

pub use report::{Options, SiteError, SiteReport, report};
pub use scenario::{Rig, Scenario, ScenarioError};
pub use settings::Use;
