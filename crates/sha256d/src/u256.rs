//! Exact 256-bit unsigned integers, with only the operations that targets need.

use std::fmt;
use std::ops::{Shl, Shr};

/// A 256-bit unsigned integer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct U256([u64; 4]);

impl U256 {
    /// Zero.
    pub const ZERO: Self = Self([0; 4]);
    /// One.
    pub const ONE: Self = Self([1, 0, 0, 0]);
    /// 2²⁵⁶ − 1.
    pub const MAX: Self = Self([u64::MAX; 4]);

    /// Converts 32 little-endian bytes, the order in which a hash is read as a number.
    pub fn from_le_bytes(bytes: [u8; 32]) -> Self {
        Self(std::array::from_fn(|i| {
            u64::from_le_bytes(std::array::from_fn(|j| bytes[8 * i + j]))
        }))
    }

    /// The number as 32 little-endian bytes.
    pub fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// Position of the highest set bit plus one; 0 for zero.
    pub fn bits(self) -> u32 {
        256 - self.leading_zeros()
    }

    /// Zero bits above the highest set bit; 256 for zero.
    pub fn leading_zeros(self) -> u32 {
        let mut zeros = 0;
        for limb in self.0.iter().rev() {
            zeros += limb.leading_zeros();
            if *limb != 0 {
                break;
            }
        }
        zeros
    }

    /// The wrapped sum, and true if the exact sum exceeds 2²⁵⁶ − 1.
    pub fn overflowing_add(self, other: Self) -> (Self, bool) {
        let mut carry = false;
        let limbs = std::array::from_fn(|i| {
            let (sum, over1) = self.0[i].overflowing_add(other.0[i]);
            let (sum, over2) = sum.overflowing_add(u64::from(carry));
            carry = over1 || over2;
            sum
        });
        (Self(limbs), carry)
    }

    /// The sum; `None` above 2²⁵⁶ − 1.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (sum, overflow) = self.overflowing_add(other);
        (!overflow).then_some(sum)
    }

    /// The difference; `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (other <= self).then(|| self.wrapping_sub(other))
    }

    /// The product with a 64-bit number; `None` above 2²⁵⁶ − 1.
    pub fn checked_mul_u64(self, factor: u64) -> Option<Self> {
        let mut carry = 0;
        let limbs = self.0.map(|limb| {
            // (2⁶⁴−1)² + 2⁶⁴ − 1 fits: the carry never exceeds 64 bits.
            let wide = u128::from(limb) * u128::from(factor) + u128::from(carry);
            carry = (wide >> 64) as u64;
            wide as u64
        });
        (carry == 0).then_some(Self(limbs))
    }

    /// `self − other`, wrapping below zero.
    fn wrapping_sub(self, other: Self) -> Self {
        self.overflowing_add(other.not())
            .0
            .overflowing_add(Self::ONE)
            .0
    }

    fn not(self) -> Self {
        Self(self.0.map(|limb| !limb))
    }

    /// Quotient and remainder; `None` when dividing by zero.
    pub fn checked_div_rem(self, divisor: Self) -> Option<(Self, Self)> {
        if divisor == Self::ZERO {
            return None;
        }
        // Long division, one bit at a time: called once per job, never per hash.
        let mut quotient = Self::ZERO;
        let mut remainder = self;
        let mut shift = divisor.leading_zeros().saturating_sub(self.leading_zeros());
        loop {
            let shifted = divisor << shift;
            if shifted <= remainder {
                remainder = remainder.wrapping_sub(shifted);
                quotient.0[(shift / 64) as usize] |= 1 << (shift % 64);
            }
            if shift == 0 {
                return Some((quotient, remainder));
            }
            shift -= 1;
        }
    }

    /// 2²⁵⁶ / (`self` + 1), rounded down; saturates at 2²⁵⁶ − 1 for zero.
    ///
    /// With `self` a target this is the expected number of hashes per hit, by
    /// Bitcoin Core's identity ⌊2²⁵⁶/(t+1)⌋ = ⌊(2²⁵⁶−1−t)/(t+1)⌋ + 1.
    pub(crate) fn work(self) -> Self {
        let (next, overflow) = self.overflowing_add(Self::ONE);
        if overflow {
            return Self::ONE;
        }
        match self.not().checked_div_rem(next) {
            Some((quotient, _)) => {
                let (work, overflow) = quotient.overflowing_add(Self::ONE);
                if overflow { Self::MAX } else { work }
            }
            None => Self::ONE,
        }
    }

    /// The nearest `f64` (ties to even).
    pub fn to_f64(self) -> f64 {
        // The top 64 bits, with all lower bits combined into the lowest of them so that the
        // conversion rounds as with all bits.
        let drop = self.bits().saturating_sub(64);
        let top = self >> drop;
        let lost = top << drop != self;
        let scale = f64::from_bits(u64::from(1023 + drop) << 52);
        (top.0[0] | u64::from(lost)) as f64 * scale
    }
}

/// Shifts left; bits above 2²⁵⁶ are lost, and 256 or more gives zero.
impl Shl<u32> for U256 {
    type Output = Self;

    fn shl(self, count: u32) -> Self {
        let limbs = (count / 64) as usize;
        let bits = count % 64;
        Self(std::array::from_fn(|i| {
            let limb = |at: Option<usize>| at.map_or(0, |at| self.0[at]);
            let high = limb(i.checked_sub(limbs)) << bits;
            let low = limb(i.checked_sub(limbs + 1)).checked_shr(64 - bits);
            high | low.unwrap_or(0)
        }))
    }
}

/// Shifts right; 256 or more gives zero.
impl Shr<u32> for U256 {
    type Output = Self;

    fn shr(self, count: u32) -> Self {
        let limbs = (count / 64) as usize;
        let bits = count % 64;
        Self(std::array::from_fn(|i| {
            let limb = |at: usize| self.0.get(at).copied().unwrap_or(0);
            let low = limb(i + limbs) >> bits;
            let high = limb(i + limbs + 1).checked_shl(64 - bits);
            low | high.unwrap_or(0)
        }))
    }
}

impl From<u64> for U256 {
    fn from(value: u64) -> Self {
        Self([value, 0, 0, 0])
    }
}

impl Ord for U256 {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl PartialOrd for U256 {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Prints decimal digits.
impl fmt::Display for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 19 digits at a time, the largest number that a u64 holds.
        const CHUNK: u64 = 10_000_000_000_000_000_000;
        let mut limbs = self.0;
        let mut chunks = Vec::new();
        while limbs != [0; 4] {
            let mut remainder = 0u128;
            for limb in limbs.iter_mut().rev() {
                let value = remainder << 64 | u128::from(*limb);
                *limb = (value / u128::from(CHUNK)) as u64;
                remainder = value % u128::from(CHUNK);
            }
            chunks.push(remainder);
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        for chunk in chunks.iter().rev() {
            text.push_str(&format!("{chunk:019}"));
        }
        f.pad_integral(true, "", &text)
    }
}

/// Prints hexadecimal digits without leading zeros; `{:064x}` prints all 64.
impl fmt::LowerHex for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.to_le_bytes();
        bytes.reverse();
        let text = crate::hex::encode(&bytes);
        let digits = text.trim_start_matches('0');
        f.pad_integral(true, "0x", if digits.is_empty() { "0" } else { digits })
    }
}

impl fmt::Debug for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U256(0x{self:x})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_u256() -> impl Strategy<Value = U256> {
        // Spread over all bit lengths, not only near 2²⁵⁶.
        (any::<[u64; 4]>(), 0u32..256).prop_map(|(limbs, shift)| U256(limbs) >> shift)
    }

    #[test]
    fn prints_decimal_and_hex() {
        assert_eq!(U256::ZERO.to_string(), "0");
        let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(U256::MAX.to_string(), most);
        assert_eq!(U256([0, 1, 0, 0]).to_string(), "18446744073709551616");
        assert_eq!(format!("{:x}", U256([0xab, 1, 0, 0])), "100000000000000ab");
        assert_eq!(format!("{:064x}", U256::ONE), "0".repeat(63) + "1");
        assert_eq!(format!("{:x}", U256::ZERO), "0");
    }

    #[test]
    fn float_rounds_to_nearest_even() {
        assert_eq!(U256::MAX.to_f64(), 2f64.powi(256));
        assert_eq!(U256::ZERO.to_f64(), 0.0);
        // 2⁵³ + 1 is a tie and rounds down to even; one more bit far below makes it round
        // up.
        let tie = U256::from((1 << 53) + 1) << 100;
        assert_eq!(tie.to_f64(), 2f64.powi(153));
        let above = tie.overflowing_add(U256::ONE).0;
        assert_eq!(above.to_f64(), 2f64.powi(153) + 2f64.powi(101));
    }

    #[test]
    fn division_by_zero_is_none() {
        assert_eq!(U256::MAX.checked_div_rem(U256::ZERO), None);
    }

    #[test]
    fn sums_differences_and_products_stop_at_the_ends() {
        assert_eq!(U256::MAX.checked_add(U256::ONE), None);
        assert_eq!(U256::MAX.checked_add(U256::ZERO), Some(U256::MAX));
        assert_eq!(U256::ZERO.checked_sub(U256::ONE), None);
        assert_eq!(U256::ONE.checked_sub(U256::ONE), Some(U256::ZERO));
        assert_eq!(U256::MAX.checked_mul_u64(2), None);
        assert_eq!(U256::MAX.checked_mul_u64(1), Some(U256::MAX));
        assert_eq!(U256::MAX.checked_mul_u64(0), Some(U256::ZERO));
        // One below the limit: 2²⁵⁶ − 1 is a multiple of 2⁶⁴ − 1.
        let most = U256([1, 1, 1, 1]);
        assert_eq!(most.checked_mul_u64(u64::MAX), Some(U256::MAX));
        let top = (U256::ONE << 192).checked_mul_u64(u64::MAX);
        assert_eq!(top, Some(U256([0, 0, 0, u64::MAX])));
        assert_eq!((U256::ONE << 193).checked_mul_u64(u64::MAX), None);
    }

    #[test]
    fn work_at_the_ends() {
        assert_eq!(U256::MAX.work(), U256::ONE);
        assert_eq!(U256::ZERO.work(), U256::MAX);
        assert_eq!(U256::ONE.work(), U256::ONE << 255);
        // The genesis target: Bitcoin Core's chain work of block 0.
        let genesis = U256::from(0xffff) << 208;
        assert_eq!(format!("{:x}", genesis.work()), "100010001");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            cases: if cfg!(miri) { 4 } else { 512 },
            ..ProptestConfig::default()
        })]

        #[test]
        fn arithmetic_agrees_with_u128(a: u128, b in 1u128.., shift in 0u32..128) {
            let wide = |x: u128| U256([x as u64, (x >> 64) as u64, 0, 0]);
            prop_assert_eq!(wide(a).to_string(), a.to_string());
            prop_assert_eq!(format!("{:x}", wide(a)), format!("{a:x}"));
            prop_assert_eq!(wide(a).cmp(&wide(b)), a.cmp(&b));
            prop_assert_eq!(wide(a) >> shift, wide(a >> shift));
            prop_assert_eq!(wide(a).to_f64(), a as f64);
            let (quotient, remainder) = wide(a).checked_div_rem(wide(b)).unwrap();
            prop_assert_eq!(quotient, wide(a / b));
            prop_assert_eq!(remainder, wide(a % b));
        }

        #[test]
        fn sums_and_products_agree_with_u128(a: u64, b: u64, c in 0..=u128::MAX >> 1) {
            let wide = |x: u128| U256([x as u64, (x >> 64) as u64, 0, 0]);
            let product = u128::from(a) * u128::from(b);
            prop_assert_eq!(U256::from(a).checked_mul_u64(b), Some(wide(product)));
            prop_assert_eq!(wide(c).checked_add(wide(c)), Some(wide(2 * c)));
            let difference = product.checked_sub(c).map(wide);
            prop_assert_eq!(wide(product).checked_sub(wide(c)), difference);
        }

        #[test]
        fn a_product_divides_back_and_a_sum_subtracts_back(
            a in any_u256(),
            b in any_u256(),
            factor in 1u64..,
        ) {
            match a.checked_mul_u64(factor) {
                Some(product) => prop_assert_eq!(
                    product.checked_div_rem(U256::from(factor)),
                    Some((a, U256::ZERO))
                ),
                // It is too large exactly when ⌊(2²⁵⁶−1) / factor⌋ is smaller.
                None => prop_assert!(
                    U256::MAX.checked_div_rem(U256::from(factor)).unwrap().0 < a
                ),
            }
            match a.checked_add(b) {
                Some(sum) => {
                    prop_assert_eq!(sum.checked_sub(b), Some(a));
                    prop_assert_eq!(sum.checked_sub(a), Some(b));
                }
                None => prop_assert!(U256::MAX.checked_sub(a).unwrap() < b),
            }
            prop_assert_eq!(a.checked_sub(b).is_some(), b <= a);
        }

        #[test]
        fn shifts_undo_each_other(a in any_u256(), shift in 0u32..300) {
            let kept = if shift >= 256 { U256::ZERO } else { U256::MAX >> shift };
            let low = U256(std::array::from_fn(|i| a.0[i] & kept.0[i]));
            prop_assert_eq!(a << shift >> shift, low);
        }

        #[test]
        fn quotient_times_divisor_plus_remainder(a in any_u256(), b in any_u256()) {
            prop_assume!(b != U256::ZERO);
            let (quotient, remainder) = a.checked_div_rem(b).unwrap();
            prop_assert!(remainder < b);
            // Multiply by shifting and adding; nothing may overflow.
            let mut sum = remainder;
            for bit in 0..256 {
                if quotient.0[bit / 64] >> (bit % 64) & 1 == 1 {
                    let (next, overflow) = sum.overflowing_add(b << bit as u32);
                    prop_assert!(!overflow);
                    sum = next;
                }
            }
            prop_assert_eq!(sum, a);
        }
    }
}
