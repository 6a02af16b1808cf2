//! The size at which arrays lie in main memory and not in a cache.

use crate::kernel::Kernel;

/// The size of a kernel's arrays and whether it is large enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes of each array, a multiple of 8.
    pub bytes_per_array: u64,
    /// True when each array is at least four times the last-level cache, STREAM's
    /// rule. False means that part of the traffic may be served by the cache and
    /// that the figure is an upper limit of main-memory bandwidth; also false when
    /// the cache's size is not known.
    pub exceeds_cache: bool,
}

impl Size {
    /// Multiple of the last-level cache that STREAM asks of every array.
    pub const CACHE_MULTIPLE: u64 = 4;

    /// Bytes per array when the last-level cache is not known: four times 64 MiB.
    pub const DEFAULT_BYTES: u64 = 256 << 20;

    /// Four times the last-level caches of the machine (their sum, in bytes), but at most
    /// `total_limit_bytes` for all arrays of the kernel together. The limit matters on
    /// virtual machines, which report the cache of the whole host.
    #[must_use]
    pub fn plan(kernel: Kernel, llc_bytes: Option<u64>, total_limit_bytes: u64) -> Self {
        let needed = llc_bytes
            .filter(|&llc| llc > 0)
            .map(|llc| llc.saturating_mul(Self::CACHE_MULTIPLE));
        let bytes = needed
            .unwrap_or(Self::DEFAULT_BYTES)
            .min(total_limit_bytes / kernel.arrays())
            / 8
            * 8;
        Self::given(bytes, llc_bytes)
    }

    /// The size chosen by the user, compared with the caches of the machine.
    #[must_use]
    pub fn given(bytes_per_array: u64, llc_bytes: Option<u64>) -> Self {
        Self {
            bytes_per_array,
            exceeds_cache: llc_bytes
                .filter(|&llc| llc > 0)
                .is_some_and(|llc| bytes_per_array / Self::CACHE_MULTIPLE >= llc),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_times_the_cache_when_it_fits() {
        let size = Size::plan(Kernel::Triad, Some(32 << 20), 1 << 30);
        assert_eq!(
            size,
            Size {
                bytes_per_array: 128 << 20,
                exceeds_cache: true
            }
        );
    }

    #[test]
    fn the_limit_is_for_all_arrays_and_is_flagged() {
        // A guest that reports 260 MiB of its host's cache.
        let size = Size::plan(Kernel::Triad, Some(260 << 20), 768 << 20);
        assert_eq!(
            size,
            Size {
                bytes_per_array: 256 << 20,
                exceeds_cache: false
            }
        );
        assert!(Size::plan(Kernel::Read, Some(260 << 20), 2 << 30).exceeds_cache);
    }

    #[test]
    fn an_unknown_cache_is_never_claimed_to_be_exceeded() {
        for unknown in [None, Some(0)] {
            let size = Size::plan(Kernel::Read, unknown, u64::MAX);
            assert_eq!(
                size,
                Size {
                    bytes_per_array: Size::DEFAULT_BYTES,
                    exceeds_cache: false
                }
            );
        }
        assert_eq!(
            Size::plan(Kernel::Read, Some(u64::MAX), 1001).bytes_per_array,
            1000
        );
    }
}
