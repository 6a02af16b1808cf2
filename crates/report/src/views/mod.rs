//! Views, each built once as blocks. The renderers turn them into text, Markdown and pages.

pub mod answer;
pub mod catalogue;
pub mod comparison;
pub mod gap;
pub mod history;
pub mod session;
pub mod sessions;
pub mod site;
