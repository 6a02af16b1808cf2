//! Vendors' libraries for matrix products, loaded at run time: nothing is linked, and a
//! machine without them runs everything else.
//!
//! `unsafe` code is confined to this crate's calls into those libraries; what it offers to
//! others is safe.
#![deny(unsafe_code)]

pub mod load;
pub mod lt;
pub mod onednn;
pub mod search;
