//! Whole machines, built as trees of `/proc` and `/sys` files.

mod allowed;
mod environment;
mod fixtures;
mod key;
mod live;
