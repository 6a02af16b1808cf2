//! Bitcoin's rules as arithmetic: the supply, difficulty, retargets, what hashing earns,
//! and the chance that an attacker catches up.
//!
//! What the rules define in integers is computed in integers; `f64` begins where dollars,
//! joules and probabilities do.

pub mod catch_up;
pub mod difficulty;
pub mod hashprice;
pub mod input;
pub mod retarget;
pub mod supply;

pub use input::InputError;
