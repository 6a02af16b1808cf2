//! Views, each built once as blocks. The renderers make text, Markdown and pages of them.

pub mod catalogue;
pub mod comparison;
pub mod gap;
pub mod history;
pub mod session;
