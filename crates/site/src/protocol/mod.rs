//! Bitcoin's rules as arithmetic: the supply, difficulty, retargets, the earnings of
//! hashing, and the chance that an attacker catches up.
//!
//! Quantities that the rules define in integers are computed in integers; dollars, joules
//! and probabilities are in `f64`.

pub mod catch_up;
pub mod difficulty;
pub mod hashprice;
pub mod input;
pub mod retarget;
pub mod supply;

pub use input::InputError;
