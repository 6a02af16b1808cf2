//! Hardware limits of a card for a workload, by its maker's figures or by a model.

use perwatt_gpu::model::Model;
use perwatt_record::work::{Matmul, Work};

/// The source of the limit of the nonce search: a model, as no maker states a figure.
pub const HASH_MODEL: &str =
    "a model: integer lanes times boost clock, over the operations of a hash";

/// A hardware limit of a card.
pub struct Limit {
    /// Units of work per second.
    pub per_s: f64,
    /// The source of a published figure; `None` where the limit is from [`HASH_MODEL`].
    pub published: Option<&'static str>,
}

/// The limit of a workload on a card; `None` where no figure is known.
pub fn limit(model: &Model, work: Work) -> Option<Limit> {
    let (per_s, published) = match work {
        Work::Sha256d => (model.hash_per_s, None),
        Work::Matmul(of) => {
            let per_s = match of {
                Matmul::F32 => model.f32_flop_per_s,
                Matmul::F16 | Matmul::F16F32 | Matmul::Bf16 => model.f16_flop_per_s,
                Matmul::Tf32 | Matmul::Fp8 | Matmul::Fp8F32 => None,
                Matmul::I8 => model.i8_op_per_s,
            };
            (per_s, Some(model.source))
        }
        Work::Gemv(_) | Work::Stream(_) => (model.memory_b_per_s, Some(model.source)),
    };
    Some(Limit {
        per_s: per_s?,
        published,
    })
}
