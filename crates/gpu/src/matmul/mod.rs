//! Matrix products, C = A·B, as compute shaders.
//!
//! [`Element`] is the number format, [`Tile`] the division of the work into blocks.
//! [`wgsl`] generates a shader from both, and [`Product`] runs it on [`Inputs`]. A
//! [`ProductSet`] runs the products of a whole model in turn.
//!
//! # Layout
//! A is row-major. B is row-major too, with four 8-bit integers along k in a word;
//! for cooperative matrices it is transposed. The host brings B, which stands for the
//! weights of a model, into this form once, as inference engines do. All matrices are
//! padded with zeros to whole blocks; the padding is not counted as work.

mod cooperative;
mod element;
mod inputs;
mod product;
mod set;
mod tile;
mod wgsl;

pub use element::Element;
pub(crate) use inputs::Numbers;
pub use inputs::{Inputs, Output};
pub use product::Product;
pub use set::ProductSet;
pub use tile::{Source, Tile, variants};
pub use wgsl::wgsl;
