//! Numbers that remember which parameters they came from, so that no line of a report
//! can forget what it rests on.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Parameters by their place in the table, one bit each.
pub type Deps = u128;

/// A number and the parameters behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Num {
    /// The number.
    pub value: f64,
    /// The parameters.
    pub deps: Deps,
}

impl Num {
    /// A number that rests on no parameter.
    pub const fn exact(value: f64) -> Self {
        Self { value, deps: 0 }
    }

    /// The value of the parameter at this place in the table.
    pub fn parameter(value: f64, index: usize) -> Self {
        Self {
            value,
            deps: 1 << index,
        }
    }

    /// Zero, and resting on no parameter.
    fn is_nothing(self) -> bool {
        self == Self::exact(0.0)
    }

    /// A function of this number.
    pub fn map(self, f: impl FnOnce(f64) -> f64) -> Self {
        Self {
            value: f(self.value),
            deps: self.deps,
        }
    }

    /// A function of two.
    pub fn map2(self, other: Self, f: impl FnOnce(f64, f64) -> f64) -> Self {
        Self {
            value: f(self.value, other.value),
            deps: self.deps | other.deps,
        }
    }

    /// To a power.
    pub fn powf(self, exponent: Self) -> Self {
        self.map2(exponent, f64::powf)
    }

    /// The smaller of two.
    pub fn min(self, other: Self) -> Self {
        self.map2(other, f64::min)
    }

    /// The larger of two.
    pub fn max(self, other: Self) -> Self {
        self.map2(other, f64::max)
    }

    /// This number, resting on the other too.
    pub fn with(self, other: Self) -> Self {
        self.map2(other, |value, _| value)
    }

    /// This number, known not to rest on these: they cancel, which a test confirms.
    pub fn without(self, others: &[Self]) -> Self {
        let gone = others.iter().fold(0, |all, other| all | other.deps);
        Self {
            value: self.value,
            deps: self.deps & !gone,
        }
    }

    /// This number where `gate` is positive, else zero.
    pub fn when(self, gate: Self) -> Self {
        self.map2(gate, |value, gate| if gate > 0.0 { value } else { 0.0 })
    }
}

/// Why there is no number, and the parameters that this rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missing {
    /// Why, in words.
    pub why: &'static str,
    /// The parameters.
    pub deps: Deps,
}

impl From<&'static str> for Missing {
    fn from(why: &'static str) -> Self {
        Self { why, deps: 0 }
    }
}

impl From<f64> for Num {
    fn from(value: f64) -> Self {
        Self::exact(value)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $zero:expr) => {
        impl<T: Into<Num>> $trait<T> for Num {
            type Output = Num;

            fn $method(self, other: T) -> Num {
                let other = other.into();
                if $zero(self, other) {
                    return Num::exact(0.0);
                }
                self.map2(other, |a, b| a.$method(b))
            }
        }

        impl $trait<Num> for f64 {
            type Output = Num;

            fn $method(self, other: Num) -> Num {
                Num::exact(self).$method(other)
            }
        }
    };
}

operator!(Add, add, |_, _| false);
operator!(Sub, sub, |_, _| false);
// What is nothing by itself stays nothing, whatever it is multiplied with.
operator!(Mul, mul, |a: Num, b: Num| a.is_nothing() || b.is_nothing());
operator!(Div, div, |a: Num, b: Num| a.is_nothing() && b.value != 0.0);

impl Neg for Num {
    type Output = Num;

    fn neg(self) -> Num {
        self.map(Neg::neg)
    }
}

impl std::iter::Sum for Num {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::exact(0.0), |sum, next| sum + next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_number_rests_on_is_what_went_into_it() {
        let (a, b) = (Num::parameter(6.0, 3), Num::parameter(2.0, 120));
        assert_eq!((a / b).value, 3.0);
        assert_eq!((a / b).deps, 1 << 3 | 1 << 120);
        assert_eq!((2.0 * a - 1.0).deps, 1 << 3);
        assert_eq!((2.0 * a - 1.0).value, 11.0);
        assert_eq!((-b).value, -2.0);
        assert_eq!(a * 0.0, Num::exact(0.0));
        assert_eq!((a * Num::parameter(0.0, 1)).deps, 1 << 3 | 1 << 1);
        assert_eq!([a, b].into_iter().sum::<Num>(), a + b);
    }

    #[test]
    fn a_gate_counts_even_when_it_is_shut() {
        let (a, shut) = (Num::parameter(6.0, 0), Num::parameter(-1.0, 1));
        assert_eq!(
            a.when(shut),
            Num {
                value: 0.0,
                deps: 3
            }
        );
        assert_eq!(a.when(-shut).value, 6.0);
        assert_eq!(a.max(shut).deps, 3);
    }
}
