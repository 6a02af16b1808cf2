//! Rounding of the sums of a product, and the tolerance that it needs in
//! [Freivalds' test](crate::freivalds).
//!
//! # To nearest
//! Let e be the error of one element of C. Summing k terms in order, step t commits a
//! relative error of at most u on the partial sum s(t), hence e = Σ δ(t)·s(t). For
//! independent terms of mean zero, which the inputs here are, the partial sums grow like a
//! random walk, E s(t)² = t·‖a‖²‖b‖²/k², and with independent δ of mean zero the variance
//! of e is at most u²·‖a‖²·‖b‖²/2: it does not grow with √k beyond the norms (Higham and
//! Mary, *Sharper probabilistic backward error analysis for basic linear algebra kernels
//! with random data*, SIAM J. Sci. Comput. 42(5), 2020). Blocked and fused summation only
//! make it smaller. A row's residual Σ ±e over its n elements is then of mean zero and
//! variance at most
//!
//! σ²(i) = u²/2 · ‖a(i)‖² · ‖B‖²,
//!
//! in the norms of Euclid and Frobenius, and the tolerance of row i is
//! [`SAFETY`](crate::freivalds::SAFETY)·σ(i). A right product stays well below: every library
//! tested stays under 0.1. The element size of C is √k, so that on a 4096³ product a single
//! element off by 0.3 % of its size is found, and so is a product computed in a shorter
//! format such as TF32 or bf16.
//!
//! - Sums in 32 bits: u = 2^-24, also for inputs of 16 bits and fewer. A product of two
//!   numbers of 11 bits is exact in 24, so that only the sums round.
//! - Sums in 16 bits: u = 2^-11. A product that is rounded before it is added contributes
//!   Σ u²·a(t)²·b(t)², 2/k of the bound, which the safety covers also for k = 1. C is the
//!   last partial sum and is not rounded again. Where a number is subnormal (below 2^-14)
//!   the error is at most 2^-25, negligible beside u·√k. The tolerance is wide: a row may be
//!   off by 16·2^-11.5·√(k·n) times the size of an element. The test detects work that was
//!   left out or done with wrong data, in a row of up to about 10^4 elements.
//!
//! # Truncation
//! A matrix unit of NVIDIA adds L products and the sum so far in one step: each is cut to F
//! bits of fraction below the largest exponent among them, and the new sum is cut to 32 bits,
//! every cut toward zero (Fasi, Higham, Mikaitis and Pranesh, *Numerical behavior of NVIDIA
//! tensor cores*, PeerJ CS 7:e330, 2021; MMA-Sim, arXiv 2511.10909, 2025; arXiv 2512.07004,
//! 2025). L is 4 to 16 and F 23 to 25. The cuts of a sum all shrink it, so that δ has a mean, of
//! at most half a unit in the last place, u·|s|, and the errors of the k/L steps add up
//! instead of cancelling:
//!
//! u²·Σ Σ E s(t)·s(t') = u²·L·(k/L)³/3 · ‖a‖²‖b‖²/k² = u²/2·‖a‖²‖b‖² · 2k/(3·L²).
//!
//! With L = 4, the shortest step of 2^-24, this is k/24 times the bound of rounding to
//! nearest, and the variance of both together
//!
//! σ²(i) = u²/2 · ‖a(i)‖² · ‖B‖² · (1 + k/24).
//!
//! At k = 14336 that is 24 times as wide, and still finds 3 % of one element in a row of 256
//! or 12 % of one in a row of 4096. Units that round to nearest, as AMD's, are within it.
//!
//! # Short sums
//! Products of 8-bit floats on Ada and Hopper are summed with F = 13 and the sum has 13 bits of
//! fraction too, so that it is cut only where its exponent grows, and there is no mean to
//! add up. The k products are each cut by less than 2^-13 of the sum's power of two, with
//! their own signs: a variance of at most (2u)²/3·Σ s(t)² with u = 2^-14, 4/3 of the bound
//! of rounding to nearest with that u, which the safety covers. Units that sum in 32 bits are
//! within it. A row may be off by 16·2^-14.5·√(k·n) times the size of an element, six at
//! 8192³.

use crate::freivalds::{F16_ROUNDOFF, F32_ROUNDOFF};

/// The way in which the sums of a product round, with the unit roundoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rounding {
    /// Each sum to the nearest number of the format.
    Nearest(f64),
    /// Each sum of some products toward zero.
    Truncating(f64),
    /// Each product toward zero, to the last place of a short sum.
    ShortSums(f64),
}

impl Rounding {
    /// Sums in 32 bits, as CPUs and shaders compute them.
    pub const F32: Self = Self::Nearest(F32_ROUNDOFF);
    /// Sums in 16 bits.
    pub const F16: Self = Self::Nearest(F16_ROUNDOFF);
    /// Sums in 32 bits of a matrix unit.
    pub const MATRIX_UNIT: Self = Self::Truncating(F32_ROUNDOFF);
    /// Sums of 8-bit floats of a matrix unit.
    pub const FP8: Self = Self::ShortSums(1.0 / 16384.0);

    /// The model with a name in records and a unit roundoff.
    #[must_use]
    pub fn find(name: &str, roundoff: f64) -> Option<Self> {
        [Self::Nearest, Self::Truncating, Self::ShortSums]
            .map(|model| model(roundoff))
            .into_iter()
            .find(|model| model.name() == name)
    }

    /// The name in records, without the roundoff.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest(_) => "nearest",
            Self::Truncating(_) => "truncating",
            Self::ShortSums(_) => "short-sums",
        }
    }

    /// The unit roundoff.
    #[must_use]
    pub const fn roundoff(self) -> f64 {
        match self {
            Self::Nearest(u) | Self::Truncating(u) | Self::ShortSums(u) => u,
        }
    }

    /// σ²/(‖a‖²·‖B‖²) of a row's residual for an inner dimension of `k`.
    #[must_use]
    pub fn variance(self, k: usize) -> f64 {
        let nearest = self.roundoff().powi(2) / 2.0;
        match self {
            Self::Nearest(_) | Self::ShortSums(_) => nearest,
            Self::Truncating(_) => nearest * (1.0 + k as f64 / 24.0),
        }
    }

    /// True if the tolerance is nowhere wider than the other's; false for a roundoff that is
    /// no positive number.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        // The variance is linear in k.
        self.roundoff() > 0.0
            && [0, usize::MAX]
                .iter()
                .all(|&k| self.variance(k) <= other.variance(k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_ordered_by_their_tolerance() {
        let within = Rounding::is_within;
        assert!(within(Rounding::F32, Rounding::F32));
        assert!(within(Rounding::F32, Rounding::MATRIX_UNIT));
        assert!(!within(Rounding::MATRIX_UNIT, Rounding::F32));
        assert!(within(Rounding::F32, Rounding::FP8));
        assert!(!within(Rounding::FP8, Rounding::MATRIX_UNIT));
        assert!(!within(Rounding::Truncating(1e-6), Rounding::MATRIX_UNIT));
        for none in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert!(!within(Rounding::Nearest(none), Rounding::F32), "{none}");
        }
    }

    #[test]
    fn names_are_found_again() {
        for rounding in [Rounding::F16, Rounding::MATRIX_UNIT, Rounding::FP8] {
            let found = Rounding::find(rounding.name(), rounding.roundoff());
            assert_eq!(found, Some(rounding));
        }
        assert_eq!(Rounding::find("stochastic", F32_ROUNDOFF), None);
    }
}
