//! x
#![forbid(unsafe_code)]

pub mod agent;
pub mod difficulty;
pub mod job;
pub mod message;
pub mod plan;
pub mod rate;
pub mod share;
pub mod wire;
