//! Memory bandwidth, counted the STREAM way.
//!
//! # Counting
//! As in McCalpin's STREAM and on the CPU, only the bytes that the kernel names are
//! counted, here 4 per element read and 4 per element written, of `f32`. Write-allocate
//! traffic and the sums that [`Kernel::Read`] writes (1 number per 16384 read) are not
//! counted.
//!
//! # Verification
//! All values are small integers, so that every result is exact in floating point and
//! [`Stream::verify`] needs no tolerance.

use std::fmt;
use std::time::Duration;

use crate::GpuError;
use crate::device::Device;
use crate::kernel::banded;
use crate::kernel::buffer::{Memory, download, upload};
use crate::kernel::pipeline::{Binding, Launch};

const FRAME: &str = include_str!("../../../../shaders/stream.wgsl");

/// Groups of four elements per invocation.
const GROUPS: usize = 16;

/// Elements per workgroup; arrays are padded to a multiple.
const BLOCK: usize = 256 * 4 * GROUPS;

/// Elements of an array that are sent and read back as one row.
const ROW: usize = 1024;

/// The value of destination arrays before the pass.
const BEFORE: f32 = -1.0;

/// The value that write stores, and the factor of triad.
const SCALAR: f32 = 3.0;

/// A pass over memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kernel {
    /// Sums an array, block by block: 4 bytes read per element.
    Read,
    /// Fills an array with a value: 4 bytes written per element.
    Write,
    /// a = b: 4 bytes read and 4 written per element.
    Copy,
    /// a = b + s·c: 8 bytes read and 4 written per element.
    Triad,
}

impl Kernel {
    /// Every kernel.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Copy, Self::Triad];

    /// The name that users type and that records contain.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Copy => "copy",
            Self::Triad => "triad",
        }
    }

    /// The number of arrays that the kernel only reads.
    fn sources(self) -> usize {
        match self {
            Self::Write => 0,
            Self::Read | Self::Copy => 1,
            Self::Triad => 2,
        }
    }

    /// The number of arrays that the kernel accesses.
    #[must_use]
    pub fn arrays(self) -> u64 {
        match self {
            Self::Read | Self::Write => 1,
            Self::Copy => 2,
            Self::Triad => 3,
        }
    }

    /// Bytes counted per element and pass.
    #[must_use]
    pub fn bytes_per_element(self) -> u64 {
        self.arrays() * size_of::<f32>() as u64
    }

    /// The shader.
    #[must_use]
    pub fn wgsl(self) -> String {
        let mut bindings: String = (1..=self.sources())
            .map(|number| {
                format!(
                    "@group(0) @binding({number}) var<storage, read> source_{number}: array<vec4<f32>>;\n"
                )
            })
            .collect();
        let result = match self {
            Self::Read => "f32",
            Self::Write | Self::Copy | Self::Triad => "vec4<f32>",
        };
        bindings += &format!(
            "@group(0) @binding({}) var<storage, read_write> result: array<{result}>;\n",
            self.sources() + 1
        );
        bindings += &format!(
            "@group(0) @binding({}) var<storage, read_write> counted: atomic<u32>;\n",
            self.sources() + 2
        );
        let (begin, each, end) = match self {
            Self::Read => {
                bindings += "var<workgroup> sums: array<f32, 256>;\n";
                (
                    "  var sum = vec4<f32>();",
                    "  sum += source_1[at + OFFSETu];",
                    SUM,
                )
            }
            Self::Write => (
                "  let value = vec4<f32>(part.scalar);",
                "  result[at + OFFSETu] = value;",
                "",
            ),
            Self::Copy => ("", "  result[at + OFFSETu] = source_1[at + OFFSETu];", ""),
            Self::Triad => (
                "  let scalar = vec4<f32>(part.scalar);",
                "  result[at + OFFSETu] = fma(scalar, source_2[at + OFFSETu], source_1[at + OFFSETu]);",
                "",
            ),
        };
        let each: String = (0..GROUPS)
            .map(|group| each.replace("OFFSET", &(256 * group).to_string()) + "\n")
            .collect();
        let words = [
            ("BINDINGS", bindings),
            ("BEGIN", begin.to_owned()),
            ("EACH", each),
            ("END", end.to_owned()),
            ("GROUPS", GROUPS.to_string()),
        ];
        crate::kernel::template::fill_in(FRAME, &words)
    }

    /// The value of element `index` of the result after a pass.
    fn expected(self, index: usize) -> f32 {
        let (b, c) = (source(1, index), source(2, index));
        match self {
            Self::Read => (0..BLOCK).map(|i| source(1, index * BLOCK + i)).sum(),
            Self::Write => SCALAR,
            Self::Copy => b,
            Self::Triad => b + SCALAR * c,
        }
    }
}

/// Adds the sums of a workgroup's invocations, halving their number each time.
const SUM: &str = "\
  sums[index] = sum.x + sum.y + sum.z + sum.w;
  for (var half = 128u; half > 0u; half = half >> 1u) {
    workgroupBarrier();
    if (index < half) {
      sums[index] += sums[index + half];
    }
  }
  if (index == 0u) {
    result[block] = sums[0];
  }
";

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Element `index` of source `number`: an integer from 0 to 255, so that the sum of a
/// block stays below 2^24 and is exact in any order. The multiplier is odd and not near
/// a simple fraction of 2^32, so that blocks and rows differ (Knuth, *The Art of
/// Computer Programming*, §6.4).
fn source(number: u32, index: usize) -> f32 {
    let hash = (index as u32)
        .wrapping_add(number << 30)
        .wrapping_mul(2_654_435_769);
    (hash >> 24) as f32
}

/// A compiled pass with its arrays on the device.
pub struct Stream<'a> {
    device: &'a Device,
    kernel: Kernel,
    elements: usize,
    launch: Launch,
    result: wgpu::Buffer,
}

impl<'a> Stream<'a> {
    /// Compiles the kernel and fills its arrays, `bytes_per_array` bytes each, rounded
    /// up to 64 KiB. Where `checked` is false, the shader has no run-time checks; it
    /// needs none, because arrays are whole blocks.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for arrays of no bytes or beyond the device's limits or
    /// memory, and as [`Device::wait`].
    pub fn new(
        device: &'a Device,
        kernel: Kernel,
        bytes_per_array: u64,
        checked: bool,
    ) -> Result<Self, GpuError> {
        let bytes = bytes_per_array
            .checked_next_multiple_of(4 * BLOCK as u64)
            .filter(|&bytes| bytes > 0)
            .ok_or_else(|| {
                let size = "bytes are too few for an array; give some megabytes";
                device.unsupported(format!("{bytes_per_array} {size}"))
            })?;
        let blocks = bytes / (4 * BLOCK as u64);
        let result_bytes = match kernel {
            // Whole rows, so that the sums are read back like any other array.
            Kernel::Read => (4 * blocks).next_multiple_of(4 * ROW as u64),
            Kernel::Write | Kernel::Copy | Kernel::Triad => bytes,
        };
        let inputs = vec![Memory::input("the array read", bytes); kernel.sources()];
        let result = Memory::output("the array written", result_bytes);
        for memory in inputs.iter().chain([&result]) {
            memory.check(device)?;
        }
        let inputs = inputs
            .iter()
            .map(|memory| memory.allocate(device))
            .collect::<Result<Vec<_>, _>>()?;
        let result = result.allocate(device)?;
        let elements = blocks as usize * BLOCK;
        for (number, input) in (1..).zip(&inputs) {
            upload(device, input, elements / ROW, 4 * ROW, |row, bytes| {
                for (place, bytes) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    *bytes = source(number, row * ROW + place).to_le_bytes();
                }
            })?;
        }
        let rows = (result_bytes / (4 * ROW as u64)) as usize;
        upload(device, &result, rows, 4 * ROW, |_, bytes| {
            for bytes in bytes.as_chunks_mut::<4>().0 {
                *bytes = BEFORE.to_le_bytes();
            }
        })?;
        let bindings: Vec<Binding<'_>> = inputs
            .iter()
            .map(Binding::Read)
            .chain([Binding::Write(&result)])
            .collect();
        let launch = Launch::new(
            device,
            &format!("stream {kernel}"),
            &kernel.wgsl(),
            checked,
            blocks,
            [SCALAR.to_bits(), 0, 0, 0, 0, 0, 0],
            &bindings,
        )?;
        Ok(Self {
            device,
            kernel,
            elements,
            launch,
            result,
        })
    }

    /// The bytes counted for a pass.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.elements as u64 * self.kernel.bytes_per_element()
    }

    /// Reads the result and compares every element with the expected value.
    ///
    /// # Errors
    /// [`GpuError::Wrong`] with the first element that differs, and as [`Device::wait`],
    /// with `limit` for all of it.
    pub fn verify(&self, limit: Duration) -> Result<(), GpuError> {
        let elements = match self.kernel {
            Kernel::Read => self.elements / BLOCK,
            Kernel::Write | Kernel::Copy | Kernel::Triad => self.elements,
        };
        let mut wrong = None;
        download(
            self.device,
            &self.result,
            elements.div_ceil(ROW),
            4 * ROW,
            limit,
            |row, bytes| {
                let numbers = bytes.as_chunks::<4>().0.iter();
                for (index, bytes) in (row * ROW..elements).zip(numbers) {
                    let (got, expected) = (f32::from_le_bytes(*bytes), self.kernel.expected(index));
                    if got.to_bits() != expected.to_bits() {
                        wrong.get_or_insert((index, got, expected));
                    }
                }
            },
        )?;
        match wrong {
            None => Ok(()),
            Some((index, got, expected)) => {
                let of = format!("element {index} of {}", self.kernel);
                Err(self
                    .device
                    .wrong(format!("{of} is {got} instead of {expected}")))
            }
        }
    }
}

banded!(Stream<'_>, result);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn bytes_by_kernel() {
        assert_eq!(Kernel::ALL.map(Kernel::bytes_per_element), [4, 4, 8, 12]);
    }

    #[test]
    fn blocks_have_sums_that_are_exact_and_tell_them_apart() {
        let sums: Vec<f32> = (0..64).map(|block| Kernel::Read.expected(block)).collect();
        assert!(sums.iter().all(|&sum| sum > 0.0 && sum < 16_777_216.0));
        let distinct: HashSet<u32> = sums.iter().map(|sum| sum.to_bits()).collect();
        assert!(distinct.len() > 32, "{}", distinct.len());
        assert!((0..1000).any(|index| source(1, index) != source(2, index)));
    }
}
