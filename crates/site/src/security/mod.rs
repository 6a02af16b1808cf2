//! What it does to the network when hash rate leaves it.
//!
//! A site that turns to AI moves its power, not its hash engines: those are re-sited or
//! retired, and only what is retired is gone for good. Every result here therefore stands
//! three times: before, while all that left is off, and once the re-sited hash again.
//!
//! Two measures of what an attack costs, which answer differently: the stock (machines and
//! sites to match the honest hash rate) falls with the hash rate; the flow (renting as much
//! for a day; Budish, NBER working paper 24717) is back at the rewards of a day as soon as
//! the difficulty has followed, whatever the hash rate.

pub mod cost;
pub mod hashrate;
pub mod report;
pub mod settle;

pub use report::{Cost, Inputs, Leaving, Rent, Report, SecurityError, State, report};
pub use settle::Retarget;
