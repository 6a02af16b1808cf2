//! A product on a device.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::fmt;

use super::codes::number;
use super::functions::Handle;
use super::runtime::Buffer;
use super::{Device, Fault};

/// Algorithms that are asked for.
const WANTED: usize = 8;
/// The largest workspace of an algorithm in bytes: twice what NVIDIA advises for Hopper.
const WORKSPACE_BYTES: usize = 64 << 20;

/// The number format of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// bf16 with sums and results in f32.
    Bf16,
    /// f16 with sums and results in f32.
    F16,
    /// f32, of which the card uses the 11 bits of tf32; sums and results in f32.
    Tf32,
    /// 8-bit integers with sums and results in 32 bits.
    I8,
    /// 8-bit floats (e4m3) with results in f32.
    Fp8 {
        /// True for the short sums of some cards, false for sums in f32.
        fast: bool,
    },
}

impl Format {
    /// Bytes of an element of A or B.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::Tf32 => 4,
            Self::I8 | Self::Fp8 { .. } => 1,
        }
    }

    /// The number that every dimension must be a multiple of.
    #[must_use]
    pub fn granule(self) -> usize {
        match self {
            Self::Fp8 { .. } => 16,
            Self::I8 => 4,
            Self::Bf16 | Self::F16 | Self::Tf32 => 1,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
            Self::Tf32 => "tf32",
            Self::I8 => "i8",
            Self::Fp8 { .. } => "fp8",
        })
    }
}

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

/// An algorithm of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm {
    /// The workspace that it needs, in bytes.
    pub workspace_bytes: usize,
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

/// The library's descriptions of a product and of its matrices: Bᵀ, A and D by columns.
struct Descriptors<'d> {
    device: &'d Device<'d>,
    words: String,
    product: Handle,
    layouts: [Handle; 3],
    preference: Handle,
}

impl<'d> Descriptors<'d> {
    fn new(device: &'d Device<'d>, words: String) -> Self {
        let null = std::ptr::null_mut();
        Self {
            device,
            words,
            product: null,
            layouts: [null; 3],
            preference: null,
        }
    }

    /// The error of a status of the library.
    fn check(&self, call: &'static str, status: c_int) -> Result<(), Fault> {
        let vendor = self.device.road.vendor();
        let (library, codes) = (vendor.library(), vendor.codes());
        let said = format!("status {status} of {library}");
        match status {
            0 => Ok(()),
            _ if status == codes.no_memory => Err(self.device.road.runtime.no_memory(0)),
            _ if codes.refusals.contains(&status) => Err(Fault::NotSupported {
                library,
                product: self.words.clone(),
                said: format!("{call}: {said}"),
            }),
            _ => Err(Fault::Call { call, said }),
        }
    }

    fn no_algorithm(&self) -> Fault {
        Fault::NoAlgorithm {
            library: self.device.road.vendor().library(),
            product: self.words.clone(),
        }
    }

    fn set<T>(&self, attribute: c_int, value: T) -> Result<(), Fault> {
        let (to, size) = ((&raw const value).cast::<c_void>(), size_of::<T>());
        // SAFETY: the product exists, and the library reads `size` bytes of the value.
        let status =
            unsafe { (self.device.road.lt.product_set)(self.product, attribute, to, size) };
        self.check("blasLtMatmulDescSetAttribute", status)
    }

    /// Describes a product.
    fn fill(
        &mut self,
        format: Format,
        [m, n, k]: [usize; 3],
        scale: Option<&Buffer<'_>>,
    ) -> Result<(), Fault> {
        let road = self.device.road;
        let codes = road.vendor().codes();
        let (input, sums, output) = match format {
            Format::Bf16 => (number::BF16, codes.sums_f32, number::F32),
            Format::F16 => (number::F16, codes.sums_f32, number::F32),
            Format::Tf32 => (number::F32, codes.sums_tf32, number::F32),
            Format::I8 => (number::I8, codes.sums_i32, number::I32),
            Format::Fp8 { .. } if self.device.has_fnuz() => {
                (number::E4M3_FNUZ, codes.sums_f32, number::F32)
            }
            Format::Fp8 { .. } => (number::E4M3, codes.sums_f32, number::F32),
        };
        // SAFETY: the call writes a descriptor.
        let status = unsafe { (road.lt.product)(&raw mut self.product, sums, output) };
        self.check("blasLtMatmulDescCreate", status)?;
        self.set(codes.operation_a, codes.transposed)?;
        self.set(codes.operation_b, codes.plain)?;
        if let Some(scale) = scale {
            self.set(codes.scale_a, scale.at)?;
            self.set(codes.scale_b, scale.at)?;
        }
        if let (Format::Fp8 { fast: true }, Some(fast_sums)) = (format, codes.fast_sums) {
            self.set(fast_sums, 1i8)?;
        }
        let shapes = [(input, k, n, k), (input, k, m, k), (output, n, m, n)];
        for (index, (number, rows, columns, leading)) in shapes.into_iter().enumerate() {
            let to = &raw mut self.layouts[index];
            // SAFETY: the call writes a descriptor.
            let status = unsafe {
                (road.lt.layout)(to, number, rows as u64, columns as u64, leading as i64)
            };
            self.check("blasLtMatrixLayoutCreate", status)?;
        }
        // SAFETY: the call writes a descriptor.
        let status = unsafe { (road.lt.preference)(&raw mut self.preference) };
        self.check("blasLtMatmulPreferenceCreate", status)?;
        let limit = WORKSPACE_BYTES;
        let bytes = (&raw const limit).cast::<c_void>();
        // SAFETY: the preference exists, and the library reads one size.
        let status = unsafe {
            let set = road.lt.preference_set;
            set(self.preference, codes.workspace, bytes, size_of::<usize>())
        };
        self.check("blasLtMatmulPreferenceSetAttribute", status)
    }

    /// The algorithms of the library, as it writes them and in words.
    fn search(&self) -> Result<(Vec<u64>, Vec<Algorithm>), Fault> {
        let codes = self.device.road.vendor().codes();
        let mut found = vec![0u64; WANTED * codes.result_words];
        let mut count: c_int = 0;
        let [b, a, d] = self.layouts;
        // SAFETY: all descriptors exist; the call writes at most as many results as are
        // asked for, each of the size of the vendor's structure, and their number.
        let status = unsafe {
            (self.device.road.lt.heuristic)(
                self.device.handle,
                self.product,
                b,
                a,
                d,
                d,
                self.preference,
                WANTED as c_int,
                found.as_mut_ptr(),
                &raw mut count,
            )
        };
        self.check("blasLtMatmulAlgoGetHeuristic", status)?;
        let count = usize::try_from(count).unwrap_or(0).min(WANTED);
        // The status is the first 32 bits after the workspace.
        let usable = |result: &&[u64]| result[codes.algorithm_words + 1] as u32 == 0;
        let results = found.chunks_exact(codes.result_words).take(count);
        let usable: Vec<&[u64]> = results.filter(usable).collect();
        if usable.is_empty() {
            return Err(self.no_algorithm());
        }
        let workspace = |result: &&[u64]| Algorithm {
            workspace_bytes: result[codes.algorithm_words] as usize,
        };
        let algorithms = usable.iter().map(workspace).collect();
        Ok((usable.concat(), algorithms))
    }
}

impl Drop for Descriptors<'_> {
    fn drop(&mut self) {
        let lt = &self.device.road.lt;
        let layouts = self.layouts.map(|layout| (lt.layout_end, layout));
        let others = [
            (lt.preference_end, self.preference),
            (lt.product_end, self.product),
        ];
        for (end, handle) in layouts.into_iter().chain(others) {
            if !handle.is_null() {
                // SAFETY: the descriptor was created and is destroyed once.
                unsafe { end(handle) };
            }
        }
    }
}
