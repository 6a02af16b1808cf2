//! Buffers: checked against the device's limits before they are allocated, filled and read
//! back in pieces.

use std::time::{Duration, Instant};

use crate::GpuError;
use crate::device::Device;

/// Bytes moved at once between host and device.
const PIECE: usize = 16 << 20;

/// Longest time that one piece of an upload may take.
const PIECE_LIMIT: Duration = Duration::from_secs(60);

/// A buffer that is not yet allocated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) label: &'static str,
    pub(crate) bytes: u64,
    pub(crate) usage: wgpu::BufferUsages,
}

impl Memory {
    /// A buffer that shaders read and the host fills.
    pub(crate) fn input(label: &'static str, bytes: u64) -> Self {
        use wgpu::BufferUsages as Usage;
        Self {
            label,
            bytes,
            usage: Usage::STORAGE | Usage::COPY_DST,
        }
    }

    /// A buffer that shaders write and the host reads, clears or fills.
    pub(crate) fn output(label: &'static str, bytes: u64) -> Self {
        let input = Self::input(label, bytes);
        Self {
            usage: input.usage | wgpu::BufferUsages::COPY_SRC,
            ..input
        }
    }

    /// The limit that this buffer exceeds, if any.
    fn excess(&self, limits: &wgpu::Limits) -> Option<String> {
        let binding = if self.usage.contains(wgpu::BufferUsages::STORAGE) {
            limits.max_storage_buffer_binding_size
        } else {
            u64::MAX
        };
        [
            (limits.max_buffer_size, "a buffer"),
            (binding, "a storage buffer binding"),
        ]
        .into_iter()
        .find(|&(limit, _)| self.bytes > limit)
        .map(|(limit, what)| {
            format!(
                "{} needs {} bytes where {what} has {limit} at most; choose a smaller size",
                self.label, self.bytes
            )
        })
    }

    /// Checks that the device's limits allow it; nothing is allocated.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] with the bytes needed and the limit.
    pub(crate) fn check(&self, device: &Device) -> Result<(), GpuError> {
        let excess = self.excess(&device.device.limits());
        excess.map_or(Ok(()), |lacks| Err(device.unsupported(lacks)))
    }

    /// Allocates it.
    ///
    /// # Errors
    /// As [`check`](Self::check), and [`GpuError::OutOfMemory`] when the device has no
    /// memory left.
    pub(crate) fn allocate(&self, device: &Device) -> Result<wgpu::Buffer, GpuError> {
        self.check(device)?;
        let scope = device
            .device
            .push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = device.buffer(self.label, self.bytes, self.usage);
        let error = pollster::block_on(scope.pop());
        device.check()?;
        match error {
            None => Ok(buffer),
            Some(error) => Err(GpuError::OutOfMemory {
                adapter: device.name.clone(),
                reason: format!(
                    "none is left for the {} bytes of {}: {error}",
                    self.bytes, self.label
                ),
            }),
        }
    }
}

/// Checks all of `memories` before any is allocated, and then allocates them.
///
/// # Errors
/// As [`Memory::allocate`].
pub(crate) fn allocate<const N: usize>(
    device: &Device,
    memories: [Memory; N],
) -> Result<[wgpu::Buffer; N], GpuError> {
    memories
        .iter()
        .try_for_each(|memory| memory.check(device))?;
    let buffers = memories
        .iter()
        .map(|memory| memory.allocate(device))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(buffers
        .try_into()
        .unwrap_or_else(|_| unreachable!("as many buffers as memories")))
}

/// Writes `rows` rows of `row_bytes` bytes (a multiple of 4) each; `fill` gets a
/// row's number and its bytes, zero at first.
///
/// # Errors
/// As [`Device::wait`].
pub(crate) fn upload(
    device: &Device,
    buffer: &wgpu::Buffer,
    rows: usize,
    row_bytes: usize,
    mut fill: impl FnMut(usize, &mut [u8]),
) -> Result<(), GpuError> {
    upload_pieces(device, buffer, rows, row_bytes, |first, bytes| {
        for (row, bytes) in bytes.chunks_exact_mut(row_bytes).enumerate() {
            fill(first + row, bytes);
        }
    })
}

/// As [`upload`], but `fill` gets several rows at once and the number of the first one.
///
/// # Errors
/// As [`Device::wait`].
pub(crate) fn upload_pieces(
    device: &Device,
    buffer: &wgpu::Buffer,
    rows: usize,
    row_bytes: usize,
    mut fill: impl FnMut(usize, &mut [u8]),
) -> Result<(), GpuError> {
    let rows_at_once = (PIECE / row_bytes).clamp(1, rows.max(1));
    let mut piece = vec![0u8; rows_at_once * row_bytes];
    let mut first = 0;
    while first < rows {
        let count = rows_at_once.min(rows - first);
        let bytes = &mut piece[..count * row_bytes];
        bytes.fill(0);
        fill(first, bytes);
        let offset = first as u64 * row_bytes as u64;
        device.queue.write_buffer(buffer, offset, bytes);
        // wgpu keeps written data staged until a submission; waiting for one bounds that
        // memory.
        let submission = device.queue.submit([]);
        device.wait(submission, PIECE_LIMIT)?;
        first += count;
    }
    device.check()
}

/// Reads the first `rows` rows of `row_bytes` bytes (a multiple of 4) each; `take` gets
/// a row's number and its bytes.
///
/// # Errors
/// As [`Device::wait`], with `limit` for all of it.
pub(crate) fn download(
    device: &Device,
    buffer: &wgpu::Buffer,
    rows: usize,
    row_bytes: usize,
    limit: Duration,
    mut take: impl FnMut(usize, &[u8]),
) -> Result<(), GpuError> {
    let began = Instant::now();
    let rows_at_once = (PIECE / row_bytes).clamp(1, rows.max(1));
    let piece = Memory {
        label: "read back",
        bytes: (rows_at_once * row_bytes) as u64,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
    };
    let mapped = piece.allocate(device)?;
    let mut first = 0;
    while first < rows {
        let count = rows_at_once.min(rows - first);
        let size = (count * row_bytes) as u64;
        let offset = first as u64 * row_bytes as u64;
        let mut encoder = device.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, offset, &mapped, 0, size);
        let submission = device.queue.submit([encoder.finish()]);
        let slice = mapped.slice(..size);
        slice.map_async(wgpu::MapMode::Read, |_| ());
        device.wait(submission, limit.saturating_sub(began.elapsed()))?;
        {
            let view = slice.get_mapped_range();
            let view = view.map_err(|error| device.rejected(error))?;
            for (row, bytes) in view.chunks_exact(row_bytes).enumerate() {
                take(first + row, bytes);
            }
        }
        mapped.unmap();
        first += count;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exceeds_a_limit_is_said_with_both_numbers() {
        let limits = wgpu::Limits {
            max_buffer_size: 1000,
            max_storage_buffer_binding_size: 500,
            ..Default::default()
        };
        assert_eq!(Memory::input("B", 500).excess(&limits), None);
        let binding = Memory::input("B", 501).excess(&limits).unwrap();
        assert!(binding.contains("B needs 501 bytes") && binding.contains("500"));
        let buffer = Memory::input("B", 1001).excess(&limits).unwrap();
        assert!(buffer.contains("1001") && buffer.contains("1000"));
    }
}
