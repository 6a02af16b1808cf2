//! Blocks as terminal text, Markdown and HTML. Each renderer makes texts of others safe
//! for its format; figures are written by [`Value`](crate::doc::Value) and are the same
//! everywhere.

pub mod html;
pub mod markdown;
pub mod text;
