//! Checks of products while they are timed.
//!
//! A load multiplies the same matrices again and again, and its result is the same each
//! time. If a library stopped multiplying after the first product, a check of the last one
//! would not detect it. Therefore, at moments that no library can predict, the sign of one
//! element of A is changed before a product. One element of C must then change by the
//! contribution of that element of A, and the last product includes all these changes.
//!
//! A probe touches three numbers and costs well under a microsecond; there is one in
//! [`FLOP_BETWEEN`] operations, so that its cost does not show in a rate.

use thiserror::Error;

use crate::element::Element;
use crate::problem::Problem;
use crate::shape::Shape;

/// Operations between two probes, on average: a millisecond of a fast core.
const FLOP_BETWEEN: u64 = 1 << 28;
/// The smallest change that ends the search for a pair. Elements of the inputs are N(0,1).
const CLEAR: f64 = 0.5;
/// The same for sums in short formats, whose rounding also depends on the changed element.
const CLEAR_IN_SHORT: f64 = 4.0;
/// The number of pairs of elements that are tried for such a change.
const TRIES: u32 = 256;

/// A product whose result did not follow its inputs.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "product {product} did not follow its inputs: one element of the result had to change by {expected} and changed by {found}; the library did not multiply, or not what it was given"
)]
pub struct Stale {
    /// Number of the product, from 1.
    pub product: u64,
    /// The change that its inputs call for.
    pub expected: f64,
    /// The change that was seen.
    pub found: f64,
}

/// Watches the products of one load.
#[derive(Debug)]
pub struct Watch {
    random: u64,
    between: u64,
    clear: f64,
    left: u64,
    armed: Option<(Probe, f64)>,
    products: u64,
    probes: u64,
    stale: Option<Stale>,
}

/// An element of A whose sign changes, and the change of an element of C that follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Index in A.
    pub flipped: usize,
    /// Index in C.
    pub at: usize,
    /// The change of the element of C.
    pub change: f64,
}

impl Watch {
    /// A watch of products of this shape; the seed decides the times and places of the
    /// probes.
    #[must_use]
    pub fn new(shape: Shape, seed: u64) -> Self {
        Self {
            random: seed,
            between: FLOP_BETWEEN.div_ceil(shape.flop().max(1)),
            clear: CLEAR,
            left: 0,
            armed: None,
            products: 0,
            probes: 0,
            stale: None,
        }
    }

    /// A watch for callers that change the inputs themselves: [`due`](Self::due) is true
    /// once in `between` calls on average, and the changes are large beside the rounding of
    /// short sums.
    #[must_use]
    pub fn every(between: u64, seed: u64) -> Self {
        Self {
            between: between.max(1),
            clear: CLEAR_IN_SHORT,
            ..Self::new(Shape { m: 1, n: 1, k: 1 }, seed)
        }
    }

    /// Call this before each product; `c` holds the result of the previous one.
    pub fn before<T: Element>(&mut self, problem: &mut Problem<T>, c: &[T::Sum]) {
        if !self.due() {
            return;
        }
        let of = |values: &[T], index: usize| f64::from(values[index].value());
        let (a, b) = (&problem.a, &problem.b);
        let probe = self.draw(problem.shape, |i| of(a, i), |i| of(b, i));
        // Small integers may all be zero.
        if probe.change != 0.0 {
            problem.a[probe.flipped] = problem.a[probe.flipped].negated();
            self.armed = Some((probe, c[probe.at].into()));
        }
    }

    /// Call this after each product, with its result.
    pub fn after<S: Copy + Into<f64>>(&mut self, c: &[S]) {
        if let Some((probe, before)) = self.armed.take() {
            self.judge(probe, c[probe.at].into() - before);
        }
    }

    /// Call this before each product: true where it is to be probed.
    pub fn due(&mut self) -> bool {
        self.products += 1;
        // The first product has no previous result to compare with.
        if self.products == 1 {
            return false;
        }
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        self.left = self.below(2 * self.between - 1);
        true
    }

    /// A probe of a product with these elements of A and B, by their indices.
    pub fn draw(
        &mut self,
        Shape { m, n, k }: Shape,
        a: impl Fn(usize) -> f64,
        b: impl Fn(usize) -> f64,
    ) -> Probe {
        let mut best = Probe {
            flipped: 0,
            at: 0,
            change: 0.0,
        };
        for _ in 0..TRIES {
            let row = self.below(m as u64) as usize;
            let inner = self.below(k as u64) as usize;
            let column = self.below(n as u64) as usize;
            let flipped = row * k + inner;
            let change = -2.0 * a(flipped) * b(inner * n + column);
            if change.abs() > best.change.abs() {
                best = Probe {
                    flipped,
                    at: row * n + column,
                    change,
                };
            }
            if change.abs() >= self.clear {
                break;
            }
        }
        best
    }

    /// Compares the change of the element of C with that of the probe.
    pub fn judge(&mut self, Probe { change, .. }: Probe, found: f64) {
        self.probes += 1;
        // Rounding errors are far smaller; a result that did not change is off by the whole
        // change.
        let follows = (found - change).abs() < change.abs() / 2.0;
        if !follows && self.stale.is_none() {
            self.stale = Some(Stale {
                product: self.products,
                expected: change,
                found,
            });
        }
    }

    /// Ends the watch and returns the number of products that were probed.
    ///
    /// # Errors
    /// [`Stale`], of the first that did not follow its inputs.
    pub fn end(self) -> Result<u64, Stale> {
        self.stale.map_or(Ok(self.probes), Err)
    }

    /// A random number below `limit`, which is at least 1: SplitMix64's next value.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, freivalds};

    const ROUNDS: u32 = 10;

    /// Computes `products` products, then returns the result of the watch and whether the
    /// last product is right.
    fn load(
        shape: Shape,
        products: u64,
        mut multiply: impl FnMut(u64, &Problem, &mut [f32]),
    ) -> (Result<u64, Stale>, bool) {
        let mut problem = Problem::generate(shape, 1).unwrap();
        let mut c = vec![f32::NAN; shape.c_len()];
        let mut watch = Watch::new(shape, 7);
        // More often than for large products, so that a test needs few of them.
        watch.between = 3;
        for product in 1..=products {
            watch.before(&mut problem, &c);
            multiply(product, &problem, &mut c);
            watch.after(&c);
        }
        let right = freivalds::check(&problem, &c, ROUNDS, 1).is_ok();
        (watch.end(), right)
    }

    fn shapes() -> [Shape; 4] {
        [(1, 1, 1), (17, 31, 63), (1, 257, 512), (64, 8, 3000)].map(|(m, n, k)| Shape { m, n, k })
    }

    #[test]
    fn products_that_are_done_pass_with_every_backend() {
        for name in ["embedded", "gemm", "matrixmultiply"] {
            let mut backend = Backend::open(name, 2, None).unwrap();
            for shape in shapes() {
                let (probes, right) = load(shape, 60, |_, problem, c| backend.multiply(problem, c));
                assert!(right, "{name} {shape}");
                assert!(probes.unwrap() >= 10, "{name} {shape}");
            }
        }
    }

    #[test]
    fn a_library_that_stops_multiplying_is_found() {
        let mut backend = Backend::open("embedded", 1, None).unwrap();
        for shape in shapes() {
            for stops_after in [1, 3, 20] {
                let (probes, _) = load(shape, 60, |product, problem, c| {
                    if product <= stops_after {
                        backend.multiply(problem, c);
                    }
                });
                let stale = probes.unwrap_err();
                assert!(stale.product > stops_after);
                assert_eq!(stale.found, 0.0);
            }
        }
    }

    #[test]
    fn one_that_multiplies_again_at_the_end_is_found_too() {
        let mut backend = Backend::open("embedded", 1, None).unwrap();
        for shape in shapes() {
            let (probes, right) = load(shape, 60, |product, problem, c| {
                if !(3..60).contains(&product) {
                    backend.multiply(problem, c);
                }
            });
            assert!(right, "{shape}: the last product was done");
            assert!(probes.is_err(), "{shape}");
        }
    }

    #[test]
    fn one_that_answers_from_memory_is_found() {
        let mut backend = Backend::open("embedded", 1, None).unwrap();
        let mut kept = Vec::new();
        let shape = shapes()[1];
        let (probes, _) = load(shape, 60, |product, problem, c| match product {
            1 => {
                backend.multiply(problem, c);
                kept = c.to_vec();
            }
            _ => c.copy_from_slice(&kept),
        });
        assert!(probes.is_err());
    }
}
