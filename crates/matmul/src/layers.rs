//! All weight matrices of a model, so that one step is one pass of the model.
//!
//! The model is an 8-billion-parameter Llama-style transformer: 32 layers of hidden size
//! 4096, of which the query, key and value projections make 6144 outputs (32 heads, and 8
//! each for keys and values, of 128), a gated feed-forward network of size 14336, and a
//! vocabulary of 128256. Only its matrix products are counted, without attention,
//! normalisation and sampling, so that tokens/s here is an upper limit for a whole model.

use crate::shape::Shape;

/// The products of one pass of a model over some tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSet {
    /// The name of the set, such as `llama8b-prefill512`.
    pub name: String,
    /// Tokens that go through the model in one step.
    pub tokens: usize,
    /// The distinct products, with the number of times that each is done in a step.
    pub products: Vec<(Shape, u32)>,
}

/// The sizes of a model of this kind.
#[derive(Debug, Clone, Copy)]
struct Model {
    layers: u32,
    hidden: usize,
    qkv: usize,
    feed_forward: usize,
    vocabulary: usize,
}

const LLAMA8B: Model = Model {
    layers: 32,
    hidden: 4096,
    qkv: 6144,
    feed_forward: 14336,
    vocabulary: 128_256,
};

/// Every width of the model divided by 16, with all its layers: 1/256 of the weights.
const LLAMA8B_1OF16: Model = Model {
    layers: 32,
    hidden: 256,
    qkv: 384,
    feed_forward: 896,
    vocabulary: 8016,
};

impl Model {
    /// (k, n, repeats) of each weight matrix, in the order of use.
    fn weights(self) -> [(usize, usize, u32); 5] {
        [
            (self.hidden, self.qkv, self.layers),
            (self.hidden, self.hidden, self.layers),
            // Gate and up are one matrix, as inference engines fuse them.
            (self.hidden, 2 * self.feed_forward, self.layers),
            (self.feed_forward, self.hidden, self.layers),
            (self.hidden, self.vocabulary, 1),
        ]
    }

    fn step(self, name: &str, tokens: usize) -> LayerSet {
        LayerSet {
            name: name.to_owned(),
            tokens,
            products: self
                .weights()
                .map(|(k, n, repeats)| (Shape { m: tokens, n, k }, repeats))
                .into(),
        }
    }
}

impl LayerSet {
    /// Every named set. Those of `llama8b-1of16` have every width divided by 16, for
    /// software adapters; their tokens/s are not those of the model.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            LLAMA8B.step("llama8b-prefill512", 512),
            LLAMA8B.step("llama8b-decode1", 1),
            LLAMA8B_1OF16.step("llama8b-1of16-prefill8", 8),
            LLAMA8B_1OF16.step("llama8b-1of16-decode1", 1),
        ]
    }

    /// The set with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|set| set.name == name)
    }

    /// The products in one line: `MxNxK`, with `*R` after those that are done R times,
    /// and `+` between them.
    #[must_use]
    pub fn shapes(&self) -> String {
        let product = |(shape, repeats): &(Shape, u32)| match repeats {
            1 => shape.to_string(),
            repeats => format!("{shape}*{repeats}"),
        };
        self.products
            .iter()
            .map(product)
            .collect::<Vec<_>>()
            .join("+")
    }

    /// Floating-point (or integer) operations of a step: 2·m·n·k of every product.
    #[must_use]
    pub fn flop_per_step(&self) -> u64 {
        let all = self.products.iter();
        all.map(|(shape, repeats)| shape.flop().saturating_mul((*repeats).into()))
            .fold(0, u64::saturating_add)
    }

    /// Bytes of the weights that a step reads, at `bytes` bytes per element.
    #[must_use]
    pub fn weight_bytes(&self, bytes: u64) -> u64 {
        self.products
            .iter()
            .map(|(shape, repeats)| shape.b_len() as u64 * u64::from(*repeats) * bytes)
            .sum()
    }

    /// The products of a step in the order in which a model does them, as indices into
    /// [`products`](Self::products): layer by layer, so that a weight matrix is not read
    /// again before all others were read. A cache therefore does not serve what a model
    /// would have to read from memory.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let most = self.products.iter().map(|(_, repeats)| *repeats).max();
        (0..most.unwrap_or(0))
            .flat_map(|round| {
                let products = self.products.iter().enumerate();
                products
                    // Less frequent products come last, as a model's head does.
                    .filter(move |(_, (_, repeats))| round + repeats >= most.unwrap_or(0))
                    .map(|(index, _)| index)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_has_its_published_size() {
        let decode = LayerSet::find("llama8b-decode1").unwrap();
        // 8.03 billion parameters less 0.53 of the embedding, which is a look-up.
        assert_eq!(decode.weight_bytes(1), 7_504_658_432);
        assert_eq!(decode.flop_per_step(), 2 * 7_504_658_432);
        let prefill = LayerSet::find("llama8b-prefill512").unwrap();
        assert_eq!(prefill.flop_per_step(), 512 * decode.flop_per_step());
        assert_eq!(prefill.weight_bytes(2), 2 * decode.weight_bytes(1));
    }

    #[test]
    fn the_small_model_is_quick_and_a_sixteenth_wide() {
        let small = LayerSet::find("llama8b-1of16-prefill8").unwrap();
        assert!(small.flop_per_step() < 500_000_000);
        let whole = LayerSet::find("llama8b-prefill512").unwrap();
        for ((small, repeats), (whole, whole_repeats)) in small.products.iter().zip(&whole.products)
        {
            assert_eq!(repeats, whole_repeats);
            assert_eq!((small.n * 16, small.k * 16), (whole.n, whole.k));
        }
    }

    #[test]
    fn names_are_distinct_and_found() {
        for set in LayerSet::all() {
            assert_eq!(LayerSet::find(&set.name), Some(set));
        }
        assert_eq!(LayerSet::find("llama8b"), None);
    }

    #[test]
    fn the_order_goes_by_layers_and_ends_with_the_head() {
        for set in LayerSet::all() {
            let order = set.order();
            assert_eq!(order.len(), 4 * 32 + 1);
            assert_eq!(order[..5], [0, 1, 2, 3, 0]);
            assert_eq!(order[order.len() - 2..], [3, 4]);
            for (index, (_, repeats)) in set.products.iter().enumerate() {
                let times = order.iter().filter(|&&i| i == index).count();
                assert_eq!(times, *repeats as usize);
            }
        }
    }
}
