//! The order of the runs of a session, which follows from its seed.
//!
//! A recorded seed must always give the same order, so the generator is fixed here rather
//! than taken from a crate that may change.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
struct SplitMix64(u64);

impl SplitMix64 {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fisher–Yates shuffle; the bias of the modulo is below 2^-50 for any plan.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, (self.next() % (i as u64 + 1)) as usize);
        }
    }
}

/// The order of a round's entries. It depends only on the session's seed and the round, so
/// that a resumed session continues in the same order.
pub fn order_of_round(seed: u64, round: u32, entries: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..entries).collect();
    SplitMix64::new(seed ^ (u64::from(round) << 32)).shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_sequence() {
        // First outputs of the reference implementation for seed 1234567.
        let mut rng = SplitMix64::new(1_234_567);
        assert_eq!(rng.next(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn an_order_is_a_permutation_and_repeats() {
        for round in 0..20 {
            let order = order_of_round(42, round, 9);
            assert_eq!(order, order_of_round(42, round, 9));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..9).collect::<Vec<_>>());
        }
        assert_ne!(order_of_round(42, 0, 9), order_of_round(42, 1, 9));
    }
}
