//! The products of a step, by the name that users give.

use perwatt_matmul::{LayerSet, Shape, shapes};
use perwatt_record::schema::{Gpu, WorkloadKey};

use super::kind::Kind;
use crate::worker::RunError;

/// One named product, or the products of one pass of a model.
pub(super) struct Work {
    pub name: String,
    pub set: LayerSet,
    /// True for a model.
    pub model: bool,
}

impl Work {
    /// The work with this name.
    pub(super) fn find(kind: &Kind, text: &str) -> Result<Self, String> {
        let work = match LayerSet::find(text) {
            Some(set) => Self {
                name: set.name.clone(),
                set,
                model: true,
            },
            None => {
                let named = shapes::find(text).map_err(|error| error.to_string())?;
                Self {
                    set: LayerSet {
                        name: named.name.clone(),
                        tokens: named.shape.m,
                        products: vec![(named.shape, 1)],
                    },
                    name: named.name,
                    model: false,
                }
            }
        };
        let rows = work.set.products.iter().map(|(shape, _)| shape.m);
        match kind.vector && rows.clone().any(|m| m != 1) {
            true => Err(format!(
                "{} takes one row (m = 1), and this has {}; take matmul for several",
                kind.name, work.set.tokens
            )),
            false => Ok(work),
        }
    }

    /// The work of a plan's entry.
    pub(super) fn of(kind: &Kind, key: &WorkloadKey) -> Result<Self, RunError> {
        let name = key.product();
        let name = name.ok_or_else(|| RunError::Refused("the workload has no shape".into()))?;
        Self::find(kind, name).map_err(RunError::Refused)
    }

    /// The product that takes the most time; kernels are timed on it.
    pub(super) fn largest(&self) -> Shape {
        let products = self.set.products.iter();
        products
            .max_by_key(|(shape, repeats)| shape.flop().saturating_mul(u64::from(*repeats)))
            .map_or(Shape { m: 1, n: 1, k: 1 }, |(shape, _)| *shape)
    }

    /// The reason that it does not fit on the GPU, if it does not.
    pub(super) fn excess(&self, kind: &Kind, gpu: &Gpu) -> Option<String> {
        let most = *gpu.limits.get("max_storage_binding_bytes")?;
        let (input, output) = kind.bytes();
        let need = |shape: &Shape| {
            let bytes = |rows: usize, columns: usize, each: u64| {
                (rows as u128) * (columns as u128) * u128::from(each)
            };
            bytes(shape.m, shape.k, input)
                .max(bytes(shape.k, shape.n, input))
                .max(bytes(shape.m, shape.n, output))
        };
        let products = self.set.products.iter();
        let need = products.map(|(shape, _)| need(shape)).max()?;
        (need > u128::from(most)).then(|| {
            format!(
                "a matrix of {} needs {need} bytes, and {} ({}) has at most {most} for one",
                self.name, gpu.name, gpu.model
            )
        })
    }
}
