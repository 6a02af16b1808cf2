//! The operations of SHA-256 on any type that holds one 32-bit word for each of its lanes:
//! `u32` has one lane, a vector register several.

/// One 32-bit word per lane.
///
/// Implementations are `#[inline(always)]`, so that they compile with the
/// instruction set of the kernel that uses them.
pub(super) trait Word: Copy {
    /// The same value in every lane.
    fn splat(value: u32) -> Self;
    /// Sum modulo 2³².
    fn add(self, other: Self) -> Self;
    /// Bitwise exclusive or.
    fn xor(self, other: Self) -> Self;
    /// Bitwise and.
    fn and(self, other: Self) -> Self;
    /// Shift right.
    fn shr<const RIGHT: i32>(self) -> Self;
    /// Rotate right by `RIGHT`, which is left by `LEFT` = 32 − `RIGHT`.
    fn rotr<const RIGHT: i32, const LEFT: i32>(self) -> Self;

    /// The same value, opaque to the compiler. Otherwise it reorders the terms of a sum and
    /// adds the constants last, where the next round waits for them.
    fn settled(self) -> Self {
        self
    }

    /// x ⊕ y ⊕ z.
    #[inline(always)]
    fn xor3(x: Self, y: Self, z: Self) -> Self {
        x.xor(y).xor(z)
    }

    /// Ch(x, y, z) with one operation fewer than the standard's form.
    #[inline(always)]
    fn ch(x: Self, y: Self, z: Self) -> Self {
        x.and(y.xor(z)).xor(z)
    }

    /// Maj(x, y, z) = y ⊕ ((x ⊕ y) ∧ (y ⊕ z)). The next round's y ⊕ z is this
    /// round's x ⊕ y, which the compiler then computes once.
    #[inline(always)]
    fn maj(x: Self, y: Self, z: Self) -> Self {
        x.xor(y).and(y.xor(z)).xor(y)
    }
}

#[inline(always)]
pub(super) fn big_sigma0<V: Word>(x: V) -> V {
    V::xor3(x.rotr::<2, 30>(), x.rotr::<13, 19>(), x.rotr::<22, 10>())
}

#[inline(always)]
pub(super) fn big_sigma1<V: Word>(x: V) -> V {
    V::xor3(x.rotr::<6, 26>(), x.rotr::<11, 21>(), x.rotr::<25, 7>())
}

#[inline(always)]
pub(super) fn small_sigma0<V: Word>(x: V) -> V {
    V::xor3(x.rotr::<7, 25>(), x.rotr::<18, 14>(), x.shr::<3>())
}

#[inline(always)]
pub(super) fn small_sigma1<V: Word>(x: V) -> V {
    V::xor3(x.rotr::<17, 15>(), x.rotr::<19, 13>(), x.shr::<10>())
}

/// Those operations of a vector kernel's `Lanes` that are one intrinsic each.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! lanewise {
    ($($operation:ident = $intrinsic:ident),+) => {
        $(
            #[inline(always)]
            fn $operation(self, other: Self) -> Self {
                // SAFETY: the features of the kernel are present, see its `Lanes`.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        )+
    };
}
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) use lanewise;
