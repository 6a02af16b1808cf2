//! What is shown, each view once as blocks: the renderers make text, Markdown and pages
//! of it.

pub mod catalogue;
pub mod comparison;
pub mod gap;
pub mod history;
pub mod session;
