//! The products of a whole model in turn.

use perwatt_matmul::LayerSet;

use super::element::Element;
use super::inputs::Inputs;
use super::product::Product;
use super::tile::Tile;
use crate::GpuError;
use crate::device::Device;
use crate::kernel::Banded;
use crate::kernel::sequence::Sequence;

/// One product for each distinct shape of a [`LayerSet`], run in the order of a model.
///
/// The layers of a model have one set of matrices here, not one each: what a layer
/// would read from memory is read again for the next, in an order that lets no cache
/// serve it unless all of a layer's matrices fit.
pub struct ProductSet<'a> {
    products: Vec<Product<'a>>,
    sequence: Sequence,
    flop: u64,
}

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
        let mut products = Vec::new();
        for (index, &(shape, _)) in set.products.iter().enumerate() {
            let inputs = Inputs::generate(element, shape, seed).map_err(|error| {
                GpuError::Unsupported {
                    adapter: device.name.clone(),
                    lacks: error.to_string(),
                }
            })?;
            let product = Product::new(device, element, tile(index), &inputs, checked)?;
            products.push(product);
        }
        let bands: Vec<u32> = products.iter().map(Banded::bands).collect();
        Ok(Self {
            sequence: Sequence::new(&bands, &set.order()),
            products,
            flop: set.flop_per_step(),
        })
    }

    /// The distinct products, in the order of [`LayerSet::products`].
    #[must_use]
    pub fn products(&self) -> &[Product<'a>] {
        &self.products
    }

    /// Operations of one pass of the model.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.flop
    }
}

impl Banded for ProductSet<'_> {
    fn bands(&self) -> u32 {
        self.sequence.bands()
    }

    fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32) {
        for (index, first, bands) in self.sequence.parts(first, bands) {
            self.products[index].record(pass, first, bands);
        }
    }

    fn clear(&self, encoder: &mut wgpu::CommandEncoder) {
        for product in &self.products {
            product.clear(encoder);
        }
    }
}
