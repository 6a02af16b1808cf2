//! Blocks of a site.

pub mod block;
