//! Records, comparisons, gaps and sites as one page each: inline style and SVG, no script, nothing
//! from the network, so that the file can be sent, archived and printed.
//!
//! Everything from a record or a scenario is untrusted text. It reaches the page only
//! through `maud`, which escapes it.
//!
//! * [`views`]: the contents of reports, as blocks of [`doc`], which [`render`](mod@render) turns into
//!   terminal text, Markdown and HTML
//! * [`page`]: the page of records and their comparison
//! * [`answer_page`]: the page of what a joule buys on a machine
//! * [`gap_page`]: the page of a device against ASICs and accelerators
//! * [`site_page`]: the page of the uses of a site
//! * [`units`], [`cells`], [`phrases`]: figures and sentences, the same in every format
//! * [`plain`]: untrusted text, made safe to show

#![forbid(unsafe_code)]

pub mod cells;
pub mod doc;
mod dollars;
mod notes;
pub mod page;
pub mod phrases;
pub mod plain;
pub mod render;
mod sections;
mod svg;
pub mod units;
pub mod views;

pub use page::{Beside, Named, render};
pub use sections::answer::page as answer_page;
pub use sections::gap::page as gap_page;
pub use sections::site::page as site_page;
