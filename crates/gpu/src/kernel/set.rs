//! The products of a model, run in turn as one piece of work.

use std::time::Duration;

use perwatt_matmul::{LayerSet, Shape, ShapeError};

use super::Banded;
use super::sequence::Sequence;
use crate::GpuError;
use crate::device::Device;

/// One product for each distinct shape of a [`LayerSet`]; its bands are those of the
/// products in the order of [`LayerSet::order`].
///
/// All layers of a model share one set of matrices here. Each layer reads the matrices from
/// memory again, in an order in which no cache can serve them unless most of a layer's
/// matrices fit into it.
pub struct Set<P> {
    products: Vec<P>,
    repeats: Vec<u32>,
    sequence: Sequence,
}

impl<P: Banded> Set<P> {
    /// Builds each product of `set` from its index and shape.
    pub(crate) fn build(
        device: &Device,
        set: &LayerSet,
        make: impl Fn(usize, Shape) -> Result<Result<P, GpuError>, ShapeError>,
    ) -> Result<Self, GpuError> {
        let mut products = Vec::new();
        for (index, &(shape, _)) in set.products.iter().enumerate() {
            let product = make(index, shape);
            products.push(product.map_err(|error| device.unsupported(error.to_string()))??);
        }
        let bands: Vec<u32> = products.iter().map(Banded::bands).collect();
        Ok(Self {
            sequence: Sequence::new(&bands, &set.order()),
            repeats: set.products.iter().map(|(_, repeats)| *repeats).collect(),
            products,
        })
    }

    /// The distinct products, in the order of [`LayerSet::products`].
    #[must_use]
    pub fn products(&self) -> &[P] {
        &self.products
    }

    /// The sum of `of` over all products of one pass of the model.
    pub(crate) fn total(&self, of: impl Fn(&P) -> u64) -> u64 {
        self.products
            .iter()
            .zip(&self.repeats)
            .map(|(product, repeats)| of(product) * u64::from(*repeats))
            .sum()
    }
}

impl<P: Banded> Banded for Set<P> {
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

    fn confirm(&self, limit: Duration) -> Result<(), GpuError> {
        self.products
            .iter()
            .try_for_each(|product| product.confirm(limit))
    }
}
