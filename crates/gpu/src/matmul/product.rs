//! A product of two matrices on a device.

use std::time::Duration;

use perwatt_matmul::Shape;

use super::element::Element;
use super::inputs::{Inputs, Numbers, Output};
use super::tile::{Source, Tile};
use crate::GpuError;
use crate::device::Device;
use crate::kernel::banded;
use crate::kernel::buffer::{Memory, allocate, download, upload, upload_pieces};
use crate::kernel::pipeline::{Binding, Launch};

/// A compiled product with its matrices on the device.
pub struct Product<'a> {
    device: &'a Device,
    element: Element,
    shape: Shape,
    launch: Launch,
    c: wgpu::Buffer,
    c_row_bytes: usize,
}

/// A shape padded to whole blocks, in elements.
#[derive(Clone, Copy, Debug)]
struct Padded {
    m: usize,
    n: usize,
    k: usize,
}

impl Padded {
    fn new(shape: Shape, element: Element, tile: &Tile) -> Self {
        Self {
            m: shape.m.next_multiple_of(tile.bm as usize),
            n: shape.n.next_multiple_of(tile.bn as usize),
            k: shape
                .k
                .next_multiple_of(tile.bk as usize * element.packed()),
        }
    }

    /// A, B and C.
    fn memories(&self, element: Element) -> [Memory; 3] {
        let bytes = |rows: usize, columns: usize, each: u64| {
            (rows as u64)
                .saturating_mul(columns as u64)
                .saturating_mul(each)
        };
        [
            Memory::input("A", bytes(self.m, self.k, element.input_bytes())),
            Memory::input("B", bytes(self.k, self.n, element.input_bytes())),
            Memory::output("C", bytes(self.m, self.n, element.output_bytes())),
        ]
    }
}

impl<'a> Product<'a> {
    /// Compiles a tile and uploads the inputs. Where `checked` is false, the shader has
    /// no run-time checks; it needs none, because the padding keeps every index in
    /// range.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for an element that the device does not have, inputs
    /// of another element, and matrices that exceed its limits or its memory, before
    /// anything is allocated where that can be known; as [`Device::wait`] otherwise.
    pub fn new(
        device: &'a Device,
        element: Element,
        tile: Tile,
        inputs: &Inputs,
        checked: bool,
    ) -> Result<Self, GpuError> {
        let unsupported = |lacks: String| device.unsupported(lacks);
        element.available(device).map_err(unsupported)?;
        if !super::variants(device, element).contains(&tile) {
            return Err(unsupported(format!("the tile {tile} exceeds its limits")));
        }
        let shape = inputs.shape();
        if !inputs.suit(element) {
            return Err(unsupported(format!(
                "the inputs of {shape} are not of the kind that {element} takes"
            )));
        }
        let padded = Padded::new(shape, element, &tile);
        let [a, b, c] = allocate(device, padded.memories(element))?;
        send(device, element, tile, inputs, padded, [&a, &b])?;
        // Values beyond 32 bits were refused before, because they exceed the limit of a
        // binding.
        let word = |value: usize| value as u32;
        let block_rows = padded.m / tile.bm as usize;
        let block_columns = padded.n / tile.bn as usize;
        let steps = padded.k / (tile.bk as usize * element.packed());
        let strides = match tile.source {
            Source::Cooperative(_) => [padded.k, padded.k, padded.n],
            _ => [padded.k / element.packed() / 4, padded.n / 4, padded.n / 4],
        };
        let [a_stride, b_stride, c_stride] = strides.map(word);
        let [rows, columns, steps] = [block_rows, block_columns, steps].map(word);
        let metal = device.device.adapter_info().backend == wgpu::Backend::Metal;
        let launch = Launch::new(
            device,
            &format!("matmul {element} {tile}"),
            &super::wgsl(element, &tile, metal),
            checked,
            block_rows as u64 * block_columns as u64,
            [rows, columns, steps, a_stride, b_stride, c_stride, 0],
            &[Binding::Read(&a), Binding::Read(&b), Binding::Write(&c)],
        )?;
        Ok(Self {
            device,
            element,
            shape,
            launch,
            c,
            c_row_bytes: padded.n * element.output_bytes() as usize,
        })
    }

    /// The dimensions.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Operations of the whole product: 2·m·n·k, without the padding.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.shape.flop()
    }

    /// Reads C.
    ///
    /// # Errors
    /// As [`Device::wait`], with `limit` for all of it.
    pub fn read(&self, limit: Duration) -> Result<Output, GpuError> {
        let mut output = Output::with_capacity(self.element, self.shape.c_len());
        download(
            self.device,
            &self.c,
            self.shape.m,
            self.c_row_bytes,
            limit,
            |_, bytes| output.extend(self.element, bytes, self.shape.n),
        )?;
        Ok(output)
    }
}

banded!(Product<'_>, c);

/// Uploads A and B in the layout of the tile.
fn send(
    device: &Device,
    element: Element,
    tile: Tile,
    inputs: &Inputs,
    padded: Padded,
    [to_a, to_b]: [&wgpu::Buffer; 2],
) -> Result<(), GpuError> {
    let Shape { m, n, k } = inputs.shape();
    let (a, b) = Numbers::of(inputs, element);
    let each = element.input_bytes() as usize;
    let packed = element.packed();
    upload(device, to_a, padded.m, padded.k * each, |row, bytes| {
        a.row(row, m, k, bytes);
    })?;
    match tile.source {
        Source::Cooperative(_) => {
            let row_bytes = padded.k * each;
            upload_pieces(device, to_b, padded.n, row_bytes, |first, bytes| {
                b.columns(first, k, n, row_bytes, bytes);
            })
        }
        _ => upload(
            device,
            to_b,
            padded.k / packed,
            padded.n * packed * each,
            |row, bytes| b.packed_rows(row, packed, k, n, bytes),
        ),
    }
}
