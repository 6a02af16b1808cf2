//! Bitcoin's arithmetic.

pub mod difficulty;
pub mod supply;
