//! The product of one token with a weight matrix, y = x·W, as in text generation at batch
//! 1.
//!
//! It is bound by memory: every weight is read once and used for one multiplication and
//! one addition. W is stored transposed, one row per output, as checkpoints store it.
//! Inputs, results and their verification are those of [`matmul`](crate::matmul) for
//! m = 1.

mod product;
mod set;
mod split;
mod wgsl;

pub use product::Gemv;
pub use set::GemvSet;
pub use split::{Split, available, splits};
pub use wgsl::wgsl;
