//! The products of one token with all weights of a model.

use perwatt_matmul::LayerSet;

use super::product::Gemv;
use super::split::Split;
use crate::GpuError;
use crate::device::Device;
use crate::kernel::set::Set;
use crate::matmul::{Element, Inputs};

/// One product for each distinct shape of a [`LayerSet`] of one token, run in the order
/// of a model.
pub type GemvSet<'a> = Set<Gemv<'a>>;

impl<'a> GemvSet<'a> {
    /// Compiles the products; `split` chooses the split of each shape by its place in
    /// [`LayerSet::products`]. Inputs are drawn from `seed`.
    ///
    /// # Errors
    /// As [`Gemv::new`], and [`GpuError::Unsupported`] for inputs that the host cannot
    /// hold.
    pub fn new(
        device: &'a Device,
        element: Element,
        set: &LayerSet,
        split: impl Fn(usize) -> Split,
        seed: u64,
        checked: bool,
    ) -> Result<Self, GpuError> {
        Self::build(device, set, |index, shape| {
            let inputs = Inputs::generate(element, shape, seed)?;
            Ok(Gemv::new(device, element, split(index), &inputs, checked))
        })
    }

    /// Operations of one pass of the model.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.total(Gemv::flop)
    }

    /// Bytes read and written by one pass of the model, as [`Gemv::bytes`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.total(Gemv::bytes)
    }
}
