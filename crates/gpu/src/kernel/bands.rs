//! A grid of workgroups that is dispatched in parts, so that each dispatch takes a few
//! milliseconds even on a slow device.

use super::buffer::{Memory, upload};
use crate::GpuError;
use crate::device::Device;

/// The largest number of parts of a grid: large enough for a part to be short on a slow
/// device, and small enough for the uniform buffer to be small.
const MAX_BANDS: u64 = 1024;

/// A grid in bands of equally many workgroups; the last may have fewer.
///
/// A shader can learn the start of a dispatch only from a buffer. Each band has a slot of a
/// uniform buffer, which a dynamic offset selects; its first word is the band's first
/// workgroup, and the others are the same in every slot.
pub(crate) struct Bands {
    workgroups: u32,
    per_band: u32,
    slot_bytes: u32,
    max_per_dispatch: u32,
}

impl Bands {
    /// Words of a slot, including the first workgroup.
    pub(crate) const WORDS: usize = 8;

    /// Splits a grid of `workgroups` workgroups.
    pub(crate) fn new(device: &Device, workgroups: u64) -> Result<Self, GpuError> {
        let limits = device.device.limits();
        let max_per_dispatch = limits.max_compute_workgroups_per_dimension;
        let per_band = workgroups.div_ceil(MAX_BANDS).max(1);
        if per_band > u64::from(max_per_dispatch) {
            return Err(device.unsupported(format!(
                "{workgroups} workgroups are more than {MAX_BANDS} dispatches of {max_per_dispatch}; choose a smaller size"
            )));
        }
        Ok(Self {
            // Both are at most MAX_BANDS times the largest u32, and checked above.
            workgroups: workgroups.try_into().map_err(|_| {
                let size = "exceed 32 bits; choose a smaller size";
                device.unsupported(format!("{workgroups} workgroups {size}"))
            })?,
            per_band: per_band as u32,
            slot_bytes: limits
                .min_uniform_buffer_offset_alignment
                .max(4 * Self::WORDS as u32),
            max_per_dispatch,
        })
    }

    /// The number of bands.
    pub(crate) fn count(&self) -> u32 {
        self.workgroups.div_ceil(self.per_band)
    }

    /// The uniform buffer of all slots, with `words` after the first workgroup.
    pub(crate) fn uniform(
        &self,
        device: &Device,
        words: [u32; Self::WORDS - 1],
    ) -> Result<wgpu::Buffer, GpuError> {
        let memory = Memory {
            label: "bands",
            bytes: u64::from(self.count()) * u64::from(self.slot_bytes),
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        };
        let buffer = memory.allocate(device)?;
        upload(
            device,
            &buffer,
            self.count() as usize,
            self.slot_bytes as usize,
            |band, slot| {
                let first = band as u32 * self.per_band;
                let (head, rest) = slot.split_at_mut(4);
                head.copy_from_slice(bytemuck::bytes_of(&first));
                rest[..4 * words.len()].copy_from_slice(bytemuck::cast_slice(&words));
            },
        )?;
        Ok(buffer)
    }

    /// The dispatches of `bands` bands from `first` on: the offset of the slot and
    /// the number of workgroups. Bands that do not exist are left out.
    pub(crate) fn dispatches(&self, first: u32, bands: u32) -> impl Iterator<Item = (u32, u32)> {
        let count = self.count();
        let end = first.saturating_add(bands).min(count);
        let bands_per_dispatch = (self.max_per_dispatch / self.per_band).max(1);
        (first.min(end)..end)
            .step_by(bands_per_dispatch as usize)
            .map(move |band| {
                let after = (band + bands_per_dispatch).min(end);
                let last_workgroup = (after * self.per_band).min(self.workgroups);
                (
                    band * self.slot_bytes,
                    last_workgroup - band * self.per_band,
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workgroup_is_dispatched_once() {
        for (workgroups, per_band) in [(1, 1), (7, 2), (65536, 64), (100_000, 98), (5, 5)] {
            let bands = Bands {
                workgroups,
                per_band,
                slot_bytes: 256,
                max_per_dispatch: 1000,
            };
            for part in [1, 3, u32::MAX] {
                let mut next = 0;
                let mut first = 0;
                while first < bands.count() {
                    for (offset, workgroups) in bands.dispatches(first, part) {
                        assert_eq!(offset / 256 * per_band, next);
                        assert!((1..=1000).contains(&workgroups));
                        next += workgroups;
                    }
                    first = first.saturating_add(part);
                }
                assert_eq!(next, workgroups, "parts of {part}");
            }
            assert_eq!(bands.dispatches(bands.count(), 1).count(), 0);
        }
    }
}
