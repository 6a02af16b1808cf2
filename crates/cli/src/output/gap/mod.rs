//! Blocks of a site's report.

pub mod block;
