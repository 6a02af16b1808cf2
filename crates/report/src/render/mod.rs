//! Blocks as terminal text, Markdown and HTML. Each renderer escapes untrusted texts for
//! its format; figures are formatted by [`Value`](crate::doc::Value) and are the same in
//! all formats.

pub mod html;
pub mod markdown;
pub(crate) mod pictures;
pub mod text;
