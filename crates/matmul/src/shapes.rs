//! The named shapes that are benchmarked.
//!
//! Squares are the usual shapes for quoting a GEMM rate. The others are the weight matrices
//! of an 8-billion-parameter Llama-style transformer (hidden size 4096, feed-forward size
//! 14336): *prefill* multiplies 512 tokens at once and is bound by arithmetic, *decode*
//! multiplies one token or a batch of eight and is bound by reading the weights.

use crate::shape::{Shape, ShapeError};

/// Edges of the square shapes.
pub const SQUARES: [usize; 4] = [512, 1024, 2048, 4096];

/// Tokens multiplied at once in the prefill shapes.
pub const PREFILL_TOKENS: usize = 512;

/// Tokens multiplied at once in the decode shapes.
pub const DECODE_TOKENS: [usize; 2] = [1, 8];

/// The weight matrices B of one layer as (role, k, n): the attention projections
/// and the two directions of the feed-forward network.
pub const LLAMA8B_LAYERS: [(&str, usize, usize); 3] = [
    ("attn", 4096, 4096),
    ("ffn-up", 4096, 14336),
    ("ffn-down", 14336, 4096),
];

/// A shape and its name in requests and records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The name, such as `square-2048` or `prefill512-attn-4096x4096` (k×n of the weights).
    pub name: String,
    /// The dimensions.
    pub shape: Shape,
}

/// Every named shape: squares ascending, then prefill, then decode.
#[must_use]
pub fn all() -> Vec<Named> {
    let square = |edge| Named {
        name: format!("square-{edge}"),
        shape: Shape {
            m: edge,
            n: edge,
            k: edge,
        },
    };
    let layer = |phase: &str, m: usize, (role, k, n): (&str, usize, usize)| Named {
        name: format!("{phase}{m}-{role}-{k}x{n}"),
        shape: Shape { m, n, k },
    };
    let mut all: Vec<Named> = SQUARES.into_iter().map(square).collect();
    all.extend(LLAMA8B_LAYERS.map(|weights| layer("prefill", PREFILL_TOKENS, weights)));
    for m in DECODE_TOKENS {
        all.extend(LLAMA8B_LAYERS.map(|weights| layer("decode", m, weights)));
    }
    all
}

/// The names of [`all`], in the same order.
#[must_use]
pub fn names() -> Vec<String> {
    all().into_iter().map(|named| named.name).collect()
}

/// Looks a shape up by its name or reads it as `MxNxK`. A size that has a name gets that
/// name, so that both spellings give the same record.
///
/// # Errors
/// [`ShapeError::Malformed`] with the known names, or the error of the size given.
pub fn find(text: &str) -> Result<Named, ShapeError> {
    let all = all();
    if let Some(named) = all.iter().find(|named| named.name == text) {
        return Ok(named.clone());
    }
    let shape: Shape = text.parse()?;
    let known = all.into_iter().find(|named| named.shape == shape);
    Ok(known.unwrap_or_else(|| Named {
        name: shape.to_string(),
        shape,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_finds_its_shape() {
        let all = all();
        assert_eq!(all.len(), 4 + 3 + 2 * 3);
        for named in &all {
            assert_eq!(&find(&named.name).unwrap(), named);
            assert_eq!(&find(&named.shape.to_string()).unwrap(), named);
            assert!(named.shape.bytes().is_ok());
        }
        let names: HashSet<_> = all.iter().map(|named| &named.name).collect();
        let shapes: HashSet<_> = all.iter().map(|named| named.shape).collect();
        assert_eq!((names.len(), shapes.len()), (all.len(), all.len()));
    }

    #[test]
    fn the_documented_names_exist() {
        for (name, size) in [
            ("square-2048", "2048x2048x2048"),
            ("prefill512-attn-4096x4096", "512x4096x4096"),
            ("decode1-ffn-up-4096x14336", "1x14336x4096"),
        ] {
            assert_eq!(find(name).unwrap().shape.to_string(), size);
        }
    }

    #[test]
    fn a_free_size_is_its_own_name() {
        let named = find("3x5x7").unwrap();
        assert_eq!(named.name, "3x5x7");
        assert_eq!(named.shape, Shape { m: 3, n: 5, k: 7 });
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let message = find("square-2047").unwrap_err().to_string();
        assert!(message.contains("'square-2047'") && message.contains("decode8-attn-4096x4096"));
    }
}
