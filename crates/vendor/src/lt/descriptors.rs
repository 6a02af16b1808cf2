//! A product in the library's words, and its search for algorithms.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use super::codes::number;
use super::functions::Handle;
use super::runtime::Buffer;
use super::{Device, Fault, Format};

/// Algorithms that are asked for.
const WANTED: usize = 8;
/// The largest workspace of an algorithm in bytes: twice what NVIDIA advises for Hopper.
const WORKSPACE_BYTES: usize = 64 << 20;

/// An algorithm of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm {
    /// The workspace that it needs, in bytes.
    pub workspace_bytes: usize,
}

/// The library's descriptions of a product and of its matrices: Bᵀ, A and D by columns.
pub(super) struct Descriptors<'d> {
    device: &'d Device<'d>,
    words: String,
    pub(super) product: Handle,
    pub(super) layouts: [Handle; 3],
    preference: Handle,
}

impl<'d> Descriptors<'d> {
    pub(super) fn new(device: &'d Device<'d>, words: String) -> Self {
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
    pub(super) fn check(&self, call: &'static str, status: c_int) -> Result<(), Fault> {
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

    pub(super) fn no_algorithm(&self) -> Fault {
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
    pub(super) fn fill(
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
    pub(super) fn search(&self) -> Result<(Vec<u64>, Vec<Algorithm>), Fault> {
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
