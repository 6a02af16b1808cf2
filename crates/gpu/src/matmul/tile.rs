//! The division of a product into blocks, and the tiles that a device can run.

use std::fmt;

use super::element::Element;
use crate::device::Device;

/// The way in which an invocation reads the elements of A and B.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// From the matrices themselves, for devices whose workgroup memory is not faster than
    /// their cache.
    Direct,
    /// From a block in workgroup memory, which the workgroup loads together.
    Staged,
    /// As [`Staged`](Self::Staged), but the next block is loaded to registers while this
    /// one is multiplied.
    Prefetched,
    /// As cooperative matrices of this edge, from the matrices themselves.
    Cooperative(u32),
}

/// One way to divide a product into blocks. Numbers along k are those of the shader: one
/// element, or four packed 8-bit elements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tile {
    /// Rows of C per workgroup.
    pub bm: u32,
    /// Columns of C per workgroup.
    pub bn: u32,
    /// Numbers along k per step of the loop; a multiple of 4.
    pub bk: u32,
    /// Rows of C per invocation; for a cooperative kernel, per subgroup.
    pub tm: u32,
    /// Columns of C per invocation, a multiple of 4; for a cooperative kernel, per
    /// subgroup.
    pub tn: u32,
    /// The source of the operands.
    pub source: Source,
}

const fn tile(bm: u32, bn: u32, bk: u32, tm: u32, tn: u32, source: Source) -> Tile {
    Tile {
        bm,
        bn,
        bk,
        tm,
        tn,
        source,
    }
}

/// Tiles for every device. The block of 128×128 reads least from memory; the smaller ones
/// occupy a small device, or a large one with a small product; four by four per invocation
/// suits devices with few registers (Intel's have 128 of 32 bytes).
const COMMON: [Tile; 9] = [
    tile(128, 128, 16, 8, 8, Source::Staged),
    tile(128, 128, 16, 8, 8, Source::Prefetched),
    tile(128, 128, 8, 8, 8, Source::Staged),
    tile(128, 64, 16, 8, 4, Source::Staged),
    tile(64, 64, 16, 4, 4, Source::Staged),
    tile(64, 64, 8, 8, 8, Source::Staged),
    tile(32, 32, 16, 4, 4, Source::Staged),
    tile(64, 64, 4, 8, 8, Source::Direct),
    tile(32, 32, 4, 4, 4, Source::Direct),
];

/// Tiles for software adapters, whose registers are the processor's cache and whose loads
/// cost several times an addition.
const SOFTWARE: [Tile; 2] = [
    tile(64, 128, 4, 16, 16, Source::Direct),
    tile(32, 128, 4, 8, 16, Source::Direct),
];

impl Tile {
    /// Invocations per workgroup along x and y.
    pub(crate) fn threads(&self) -> (u32, u32) {
        match self.source {
            // Any number of subgroups works: they share the blocks.
            Source::Cooperative(_) => (128, 1),
            _ => (self.bn / self.tn, self.bm / self.tm),
        }
    }

    /// Bytes of workgroup memory.
    pub(crate) fn shared_bytes(&self, element: Element) -> u32 {
        let number = match element {
            // Half-precision inputs with single-precision sums are converted as they are
            // loaded.
            Element::F32 | Element::F16F32 | Element::I8 => 4,
            Element::F16 | Element::CoopF16F32 => 2,
        };
        match self.source {
            Source::Direct | Source::Cooperative(_) => 0,
            Source::Staged | Source::Prefetched => {
                number * (self.bm * 4 * self.a_shared_stride() + self.bk * self.bn)
            }
        }
    }

    /// Groups of four between two rows of A's block in workgroup memory. One group
    /// is left free, so that the rows that are read at once are in different banks.
    pub(crate) fn a_shared_stride(&self) -> u32 {
        self.bk / 4 + 1
    }

    /// True if the tile is within `limits`.
    fn fits(&self, element: Element, limits: &wgpu::Limits) -> bool {
        let (x, y) = self.threads();
        x * y <= limits.max_compute_invocations_per_workgroup
            && x <= limits.max_compute_workgroup_size_x
            && y <= limits.max_compute_workgroup_size_y
            && self.shared_bytes(element) <= limits.max_compute_workgroup_storage_size
    }

    /// The tile as text, such as `128x128x16-8x8-staged`.
    #[must_use]
    pub fn name(&self) -> String {
        let source = match self.source {
            Source::Direct => "direct".to_owned(),
            Source::Staged => "staged".to_owned(),
            Source::Prefetched => "prefetched".to_owned(),
            Source::Cooperative(edge) => format!("coop{edge}"),
        };
        format!(
            "{}x{}x{}-{}x{}-{source}",
            self.bm, self.bn, self.bk, self.tm, self.tn
        )
    }

    /// Every tile of an element, including those that a given device cannot run.
    #[must_use]
    pub fn all(element: Element) -> Vec<Self> {
        match element {
            Element::CoopF16F32 => [8u32, 16]
                .into_iter()
                .flat_map(|edge| {
                    let source = Source::Cooperative(edge);
                    [
                        tile(8 * edge, 8 * edge, edge, 4 * edge, 4 * edge, source),
                        tile(4 * edge, 4 * edge, edge, 2 * edge, 2 * edge, source),
                    ]
                })
                .collect(),
            _ => COMMON.into_iter().chain(SOFTWARE).collect(),
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

/// The tiles that the device can run, none where the element is not
/// [available](Element::available).
#[must_use]
pub fn variants(device: &Device, element: Element) -> Vec<Tile> {
    if element.available(device).is_err() {
        return Vec::new();
    }
    let software = device.device.adapter_info().device_type == wgpu::DeviceType::Cpu;
    let limits = device.device.limits();
    Tile::all(element)
        .into_iter()
        .filter(|tile| tile.fits(element, &limits))
        .filter(|tile| software || !SOFTWARE.contains(tile))
        .filter(|tile| match tile.source {
            Source::Cooperative(edge) => device.coop_edges().contains(&edge),
            _ => true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_least_that_webgpu_guarantees_has_variants() {
        let limits = wgpu::Limits {
            max_compute_workgroup_storage_size: 16 << 10,
            max_compute_invocations_per_workgroup: 256,
            ..Default::default()
        };
        for element in [Element::F32, Element::F16, Element::F16F32, Element::I8] {
            let fitting: Vec<Tile> = Tile::all(element)
                .into_iter()
                .filter(|tile| tile.fits(element, &limits))
                .collect();
            let of = |source| fitting.iter().any(|tile| tile.source == source);
            assert!(of(Source::Staged) && of(Source::Direct), "{element}");
        }
    }

    #[test]
    fn names_are_distinct_and_threads_share_loads_evenly() {
        for element in Element::ALL {
            let all = Tile::all(element);
            let names: HashSet<String> = all.iter().map(Tile::name).collect();
            assert_eq!(names.len(), all.len());
            for tile in all {
                assert!(tile.bm.is_multiple_of(tile.tm) && tile.bn.is_multiple_of(tile.tn));
                assert!(tile.tn.is_multiple_of(4) && tile.bk.is_multiple_of(4));
                let (x, y) = tile.threads();
                assert!(x * y <= 256, "{tile}");
                if matches!(tile.source, Source::Staged | Source::Prefetched) {
                    let threads = x * y;
                    assert!((tile.bm * tile.bk / 4).is_multiple_of(threads), "{tile}");
                    assert!((tile.bn * tile.bk / 4).is_multiple_of(threads), "{tile}");
                    assert!(threads.is_multiple_of(tile.bn / 4), "{tile}");
                    assert!(threads.is_multiple_of(tile.bk / 4), "{tile}");
                }
            }
        }
    }
}
