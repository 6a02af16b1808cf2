//! Work in bands, repeated, in the form that the pump takes.

use super::Banded;
use crate::GpuError;
use crate::pump::{Dispatch, LIMIT, Work};

/// [`Work`] whose piece is one band; the first band follows the last.
pub struct Cycle<'w> {
    work: &'w dyn Banded,
    next: u32,
}

impl<'w> Cycle<'w> {
    /// Begins with the first band.
    pub fn new(work: &'w dyn Banded) -> Self {
        Self { work, next: 0 }
    }
}

impl Work for Cycle<'_> {
    fn encode(&mut self, mut dispatch: Dispatch<'_>, wanted: u64) -> Result<u64, GpuError> {
        let bands = self.work.bands().max(1);
        let mut pass = dispatch.pass("bands");
        for (first, count) in stretches(bands, &mut self.next, wanted.max(1)) {
            self.work.record(&mut pass, first, count);
        }
        Ok(wanted.max(1))
    }

    fn finished(&mut self) -> Result<(), GpuError> {
        self.work.confirm(LIMIT)
    }
}

/// The next `wanted` bands from `next` on, as stretches of consecutive bands; advances
/// `next`.
fn stretches(bands: u32, next: &mut u32, wanted: u64) -> Vec<(u32, u32)> {
    let mut stretches = Vec::new();
    let mut left = wanted;
    while left > 0 {
        let count = u64::from(bands - *next).min(left) as u32;
        stretches.push((*next, count));
        *next = (*next + count) % bands;
        left -= u64::from(count);
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_come_in_order_and_none_is_left_out() {
        let mut next = 0;
        let mut seen = Vec::new();
        for wanted in [1, 3, 5, 12, 2, 7] {
            for (first, count) in stretches(5, &mut next, wanted) {
                assert!(count > 0 && first + count <= 5);
                seen.extend(first..first + count);
            }
        }
        let expected: Vec<u32> = (0..30).map(|i| i % 5).collect();
        assert_eq!(seen, expected);
        assert_eq!(next, 0);
    }
}
