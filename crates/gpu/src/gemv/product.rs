//! Running a product of a vector with a matrix.

use std::time::Duration;

use perwatt_matmul::Shape;

use super::split::{Split, available, splits};
use crate::GpuError;
use crate::device::Device;
use crate::kernel::banded;
use crate::kernel::buffer::{Memory, allocate, download, upload, upload_pieces};
use crate::kernel::pipeline::{Binding, Launch};
use crate::matmul::{Element, Inputs, Numbers, Output};

/// Bytes that an invocation loads at once.
const GROUP_BYTES: usize = 16;

/// A compiled product with its vector and matrix on the device.
pub struct Gemv<'a> {
    device: &'a Device,
    element: Element,
    shape: Shape,
    launch: Launch,
    y: wgpu::Buffer,
}

impl<'a> Gemv<'a> {
    /// Compiles a split and uploads the inputs, of which m must be 1. Where `checked` is
    /// false, the shader has no run-time checks; it needs none, because the padding keeps
    /// every index in range.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for an element without a kernel, inputs of another
    /// element or of several rows, and a matrix that exceeds the device's limits or its
    /// memory, before anything is allocated where that can be known; as
    /// [`Device::wait`] otherwise.
    pub fn new(
        device: &'a Device,
        element: Element,
        split: Split,
        inputs: &Inputs,
        checked: bool,
    ) -> Result<Self, GpuError> {
        let unsupported = |lacks: String| device.unsupported(lacks);
        available(element).map_err(unsupported)?;
        if !splits(device, element).contains(&split) {
            return Err(unsupported(format!("the split {split} exceeds its limits")));
        }
        let shape = inputs.shape();
        if shape.m != 1 || !inputs.suit(element) {
            return Err(unsupported(format!(
                "the inputs of {shape} are not one row of the kind that {element} takes"
            )));
        }
        let each = element.input_bytes() as usize;
        let row_bytes = (shape.k * each).next_multiple_of(GROUP_BYTES);
        let rows = shape.n.next_multiple_of(split.rows as usize);
        let [x, w, y] = allocate(
            device,
            [
                Memory::input("x", row_bytes as u64),
                Memory::input("W", (rows as u64).saturating_mul(row_bytes as u64)),
                Memory::output("y", rows as u64 * element.output_bytes()),
            ],
        )?;
        let (from_x, from_w) = Numbers::of(inputs, element);
        upload(device, &x, 1, row_bytes, |row, bytes| {
            from_x.row(row, 1, shape.k, bytes);
        })?;
        upload_pieces(device, &w, rows, row_bytes, |first, bytes| {
            from_w.columns(first, shape.k, shape.n, row_bytes, bytes);
        })?;
        let launch = Launch::new(
            device,
            &format!("gemv {element} {split}"),
            &super::wgsl(element, &split),
            checked,
            rows as u64 / u64::from(split.rows),
            // Values beyond 32 bits were refused before, because they exceed the limit of a
            // binding.
            [(row_bytes / GROUP_BYTES) as u32, 0, 0, 0, 0, 0, 0],
            &[Binding::Read(&x), Binding::Read(&w), Binding::Write(&y)],
        )?;
        Ok(Self {
            device,
            element,
            shape,
            launch,
            y,
        })
    }

    /// The dimensions; m is 1.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Operations of the whole product: 2·n·k.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.shape.flop()
    }

    /// Bytes of W and x, each read once, and of y, without the padding.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let Shape { n, k, .. } = self.shape;
        (n as u64 + 1) * k as u64 * self.element.input_bytes()
            + n as u64 * self.element.output_bytes()
    }

    /// Reads y.
    ///
    /// # Errors
    /// As [`Device::wait`], with `limit` for all of it.
    pub fn read(&self, limit: Duration) -> Result<Output, GpuError> {
        let n = self.shape.n;
        let mut output = Output::with_capacity(self.element, n);
        let row_bytes = n * self.element.output_bytes() as usize;
        download(self.device, &self.y, 1, row_bytes, limit, |_, bytes| {
            output.extend(self.element, bytes, n);
        })?;
        Ok(output)
    }
}

banded!(Gemv<'_>, y);
