//! The effect on the network of hash rate that leaves it.
//!
//! A site that turns to AI moves its power, not its hash engines: those are re-sited or
//! retired, and only the retired ones are gone for good. Every result here is therefore
//! given three times: before, while all that left is off, and once the re-sited hash again.
//!
//! There are two measures of the cost of an attack, which behave differently: the stock
//! (machines and sites to match the honest hash rate) falls with the hash rate; the flow
//! (renting as much for a day; Budish, NBER working paper 24717) is back at the rewards of
//! a day as soon as the difficulty has followed, whatever the hash rate.

pub mod cost;
pub mod hashrate;
pub mod report;
pub mod settle;

pub use report::{Cost, Inputs, Leaving, Rent, Report, SecurityError, State, report};
pub use settle::Retarget;
