//! The theoretical limits of a card, to compare a measured rate with.
//!
//! Arithmetic and memory are the maker's published figures. The limit of the nonce search
//! is a model: integer lanes times the boost clock, divided by the smallest number of
//! integer operations per hash in the card's instruction set; hashcat's published rates of
//! single SHA-256 agree with it within some percent. Clocks under load differ from the
//! boost clock, so a percentage only distinguishes a good kernel from a bad one. None of
//! these limits was ever reached or measured by this program.

/// The table: one card a line, empty where no figure was found.
const MODELS: &str = include_str!("models.csv");

/// The limits of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// A part of its name that identifies it.
    pub fragment: &'static str,
    /// Rate of double SHA-256 by the model of integer operations, hashes per second.
    pub hash_per_s: Option<f64>,
    /// Rate of products in f32, FLOP/s.
    pub f32_flop_per_s: Option<f64>,
    /// Rate of products of f16 with sums in f32, by matrix units where there are any,
    /// FLOP/s.
    pub f16_flop_per_s: Option<f64>,
    /// Rate of products of 8-bit integers, likewise, OP/s.
    pub i8_op_per_s: Option<f64>,
    /// Bandwidth of its memory, bytes per second.
    pub memory_b_per_s: Option<f64>,
    /// The source of the published figures.
    pub source: &'static str,
}

impl Model {
    /// The model of an adapter by its name; upper and lower case are equal.
    #[must_use]
    pub fn find(adapter: &str) -> Option<Self> {
        let adapter = adapter.to_lowercase();
        MODELS
            .lines()
            .skip(1)
            .filter_map(Self::read)
            .find(|model| adapter.contains(&model.fragment.to_lowercase()))
    }

    fn read(line: &'static str) -> Option<Self> {
        let fields: Vec<&str> = line.split(',').collect();
        let [
            fragment,
            lanes,
            ghz,
            per_hash,
            f32_t,
            f16_t,
            i8_t,
            memory_g,
            source,
        ] = fields.try_into().ok()?;
        let number = |text: &str, scale: f64| text.parse::<f64>().ok().map(|n| n * scale);
        let clock_hz = number(ghz, 1e9);
        let hash_per_s = number(lanes, 1.0)
            .zip(clock_hz)
            .zip(number(per_hash, 1.0))
            .map(|((lanes, clock_hz), per_hash)| lanes * clock_hz / per_hash);
        Some(Self {
            fragment,
            hash_per_s,
            f32_flop_per_s: number(f32_t, 1e12),
            f16_flop_per_s: number(f16_t, 1e12),
            i8_op_per_s: number(i8_t, 1e12),
            memory_b_per_s: number(memory_g, 1e9),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_reads_and_is_found_by_its_name() {
        for line in MODELS.lines().skip(1) {
            let model = Model::read(line).unwrap();
            assert_eq!(
                Model::find(&format!("NVIDIA {}", model.fragment)),
                Some(model)
            );
            assert!(!model.source.is_empty() && model.memory_b_per_s.is_some());
        }
        assert_eq!(Model::find("llvmpipe (LLVM 15.0.6, 256 bits)"), None);
    }

    /// Lanes, clock and operations of a known card, computed by hand.
    #[test]
    fn the_search_is_lanes_times_clock_over_operations() {
        let model = Model::find("NVIDIA GeForce RTX 4090").unwrap();
        let by_hand = 128.0 * 64.0 * 2.52e9 / 2276.0;
        assert!((model.hash_per_s.unwrap() / by_hand - 1.0).abs() < 1e-12);
        assert_eq!(model.memory_b_per_s, Some(1.01e12));
        assert_eq!(Model::find("NVIDIA H100 PCIe").unwrap().hash_per_s, None);
    }
}
