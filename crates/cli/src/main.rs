//! The `perwatt` command line.

fn main() {}
