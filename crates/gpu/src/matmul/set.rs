//! The products of a whole model in turn.

use perwatt_matmul::LayerSet;

use super::element::Element;
use super::inputs::Inputs;
use super::product::Product;
use super::tile::Tile;
use crate::GpuError;
use crate::device::Device;
use crate::kernel::set::Set;

/// One product for each distinct shape of a [`LayerSet`], run in the order of a model.
pub type ProductSet<'a> = Set<Product<'a>>;

impl<'a> ProductSet<'a> {
    /// Compiles the products; `tile` chooses the tile of each shape by its place in
    /// [`LayerSet::products`]. Inputs are drawn from `seed`.
    ///
    /// # Errors
    /// As [`Product::new`], and [`GpuError::Unsupported`] for inputs that the host
    /// cannot hold.
    pub fn new(
        device: &'a Device,
        element: Element,
        set: &LayerSet,
        tile: impl Fn(usize) -> Tile,
        seed: u64,
        checked: bool,
    ) -> Result<Self, GpuError> {
        Self::build(device, set, |index, shape| {
            let inputs = Inputs::generate(element, shape, seed)?;
            Ok(Product::new(device, element, tile(index), &inputs, checked))
        })
    }

    /// Operations of one pass of the model.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.total(Product::flop)
    }
}
