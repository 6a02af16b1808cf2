//! Several kernels in turn, with a common numbering of bands.

/// The kernel that each stretch of bands belongs to.
pub(crate) struct Sequence {
    /// The first band of each entry, and the kernel's index.
    entries: Vec<(u32, usize)>,
    bands: u32,
}

impl Sequence {
    /// Kernels of `bands` bands each, in the order of the indices `order`.
    pub(crate) fn new(bands: &[u32], order: &[usize]) -> Self {
        let mut total = 0;
        let entries = order
            .iter()
            .map(|&index| {
                let first = total;
                total += bands[index];
                (first, index)
            })
            .collect();
        Self {
            entries,
            bands: total,
        }
    }

    /// The number of bands of all entries.
    pub(crate) fn bands(&self) -> u32 {
        self.bands
    }

    /// The kernels that `bands` bands from `first` on belong to, each with its own first
    /// band and number of bands.
    pub(crate) fn parts(
        &self,
        first: u32,
        bands: u32,
    ) -> impl Iterator<Item = (usize, u32, u32)> + '_ {
        let end = first.saturating_add(bands).min(self.bands);
        let ends = self
            .entries
            .iter()
            .skip(1)
            .map(|entry| entry.0)
            .chain([self.bands]);
        self.entries
            .iter()
            .zip(ends)
            .map(move |(&(begin, index), finish)| (index, begin, first.max(begin), end.min(finish)))
            .filter(|&(_, _, from, to)| from < to)
            .map(|(index, begin, from, to)| (index, from - begin, to - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_comes_once_and_in_order() {
        let sizes = [3, 1, 4];
        let order = [0, 1, 2, 0, 1, 2, 2];
        let sequence = Sequence::new(&sizes, &order);
        let expected: Vec<(usize, u32)> = order
            .iter()
            .flat_map(|&index| (0..sizes[index]).map(move |band| (index, band)))
            .collect();
        assert_eq!(sequence.bands() as usize, expected.len());
        for part in [1, 2, 5, 100, u32::MAX] {
            let mut got = Vec::new();
            let mut first = 0;
            while first < sequence.bands() {
                for (index, from, count) in sequence.parts(first, part) {
                    got.extend((from..from + count).map(|band| (index, band)));
                }
                first = first.saturating_add(part);
            }
            assert_eq!(got, expected, "parts of {part}");
        }
        assert_eq!(sequence.parts(sequence.bands(), 1).count(), 0);
        assert_eq!(Sequence::new(&[], &[]).bands(), 0);
    }
}
