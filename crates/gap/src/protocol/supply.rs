//! Subsidy by height.

/// The subsidy of the block at a height, satoshis.
pub fn subsidy_sat(height: u64) -> u64 {
    let halvings = height / 210_000;
    if halvings >= 64 {
        0
    } else {
        5_000_000_000 >> halvings
    }
}
