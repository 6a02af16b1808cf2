//! A product on a device.
#![allow(unsafe_code)]

use std::cell::Cell;

use super::descriptors::{Algorithm, Descriptors};
use super::runtime::Buffer;
use super::{Device, Fault, Format};

/// The operands of a product as the device holds them.
#[derive(Debug, Clone, Copy)]
pub struct Operands<'a> {
    /// A, m rows of k.
    pub a: &'a [u8],
    /// B transposed, n rows of k.
    pub b: &'a [u8],
    /// The number of copies that products go through in turn.
    pub copies: usize,
}

/// A product on a device: its operands, its result, and an algorithm.
pub struct Plan<'d> {
    device: &'d Device<'d>,
    format: Format,
    shape: [usize; 3],
    descriptors: Descriptors<'d>,
    copies: Vec<[Buffer<'d>; 2]>,
    next: Cell<usize>,
    d: Buffer<'d>,
    workspace: Buffer<'d>,
    /// The results of the search for algorithms, as the library wrote them.
    found: Vec<u64>,
    algorithms: Vec<Algorithm>,
    chosen: usize,
    _scale: Option<Buffer<'d>>,
}

impl<'d> Plan<'d> {
    /// Uploads operands, and asks the library for its algorithms; the first is chosen.
    ///
    /// # Errors
    /// [`Fault`], also for a product that the library does not have.
    pub fn new(
        device: &'d Device<'d>,
        format: Format,
        [m, n, k]: [usize; 3],
        operands: Operands<'_>,
    ) -> Result<Self, Fault> {
        let product = || format!("{format} {m}x{n}x{k}");
        if let Some(off) = format.switched_off(device.road.vendor()) {
            return Err(off.into());
        }
        let bytes = format.bytes();
        for (operand, given, rows) in [("A", operands.a, m), ("B", operands.b, n)] {
            let needed = rows * k * bytes;
            if given.len() != needed {
                return Err(Fault::Length {
                    operand,
                    product: product(),
                    given: given.len(),
                    needed,
                });
            }
        }
        let stream = &device.stream;
        let copy = |_| Ok([stream.filled(operands.a)?, stream.filled(operands.b)?]);
        let copies = (0..operands.copies.max(1))
            .map(copy)
            .collect::<Result<_, Fault>>()?;
        let d = stream.buffer(m * n * 4)?;
        let scale = match format {
            Format::Fp8 { .. } => Some(stream.filled(&1.0f32.to_ne_bytes())?),
            _ => None,
        };
        let mut descriptors = Descriptors::new(device, product());
        descriptors.fill(format, [m, n, k], scale.as_ref())?;
        let (found, algorithms) = descriptors.search()?;
        let mut plan = Self {
            workspace: stream.buffer(0)?,
            device,
            format,
            shape: [m, n, k],
            descriptors,
            copies,
            next: Cell::new(0),
            d,
            found,
            algorithms,
            chosen: 0,
            _scale: scale,
        };
        plan.choose(0)?;
        Ok(plan)
    }

    /// The library's algorithms, the one first that it expects to be the fastest.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Chooses an algorithm by its place in the list.
    ///
    /// # Errors
    /// When there is none of this number, or no memory for its workspace.
    pub fn choose(&mut self, index: usize) -> Result<(), Fault> {
        let Some(algorithm) = self.algorithms.get(index) else {
            return Err(self.descriptors.no_algorithm());
        };
        if algorithm.workspace_bytes > self.workspace.bytes {
            self.device.finish()?;
            self.workspace = self.device.stream.buffer(algorithm.workspace_bytes)?;
        }
        self.chosen = index;
        Ok(())
    }

    /// Queues one product.
    ///
    /// # Errors
    /// When the library refuses it.
    pub fn enqueue(&self) -> Result<(), Fault> {
        let [a, b] = &self.copies[self.next.get()];
        self.next.set((self.next.get() + 1) % self.copies.len());
        // 1 and 0 in the format of the sums.
        let (one, zero) = match self.format {
            Format::I8 => (1u32, 0u32),
            _ => (1.0f32.to_bits(), 0),
        };
        let of = &self.descriptors;
        let words = self.device.road.vendor().codes().result_words;
        let algorithm = &self.found[self.chosen * words..][..words];
        let workspace_bytes = self.algorithms[self.chosen].workspace_bytes;
        // SAFETY: the descriptors describe these buffers, which live as long as the plan, and
        // dropping a buffer waits for the device; the algorithm is one that the library
        // wrote for these descriptors, and the workspace has the size that it needs.
        let status = unsafe {
            (self.device.road.lt.multiply)(
                self.device.handle,
                of.product,
                (&raw const one).cast(),
                b.at,
                of.layouts[0],
                a.at,
                of.layouts[1],
                (&raw const zero).cast(),
                self.d.at,
                of.layouts[2],
                self.d.at,
                of.layouts[2],
                algorithm.as_ptr(),
                self.workspace.at,
                workspace_bytes,
                self.device.stream.raw,
            )
        };
        of.check("blasLtMatmul", status)
    }

    /// Overwrites one element of A, in all copies, after the work queued so far.
    ///
    /// # Errors
    /// As every call of a driver.
    pub fn poke(&self, index: usize, element: &[u8]) -> Result<(), Fault> {
        for [a, _] in &self.copies {
            let first = index * self.format.bytes();
            self.device.stream.upload(a, first, element)?;
        }
        Ok(())
    }

    /// One element of D, after the work queued so far.
    ///
    /// # Errors
    /// When some of that work failed.
    pub fn element(&self, index: usize) -> Result<[u8; 4], Fault> {
        let mut element = [0; 4];
        self.device
            .stream
            .download(&self.d, index * 4, &mut element)?;
        Ok(element)
    }

    /// Fills D with a word, in the order of the queue.
    ///
    /// # Errors
    /// As every call of a driver.
    pub fn fill(&self, word: u32) -> Result<(), Fault> {
        self.device.stream.fill(&self.d, word)
    }

    /// D, m rows of n elements of 4 bytes, after the work queued so far.
    ///
    /// # Errors
    /// When some of that work failed.
    pub fn result(&self) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; self.shape[0] * self.shape[1] * 4];
        self.device.stream.download(&self.d, 0, &mut bytes)?;
        Ok(bytes)
    }
}

impl Drop for Plan<'_> {
    fn drop(&mut self) {
        // The device may still use the buffers. A failure was or will be reported by the
        // next call.
        let _ = self.device.finish();
    }
}
