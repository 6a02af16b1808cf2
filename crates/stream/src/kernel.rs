//! The kernels: their computation and the bytes counted for it.

use std::fmt;
use std::str::FromStr;

use crate::bench::StreamError;

/// A pass over memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Sums an array: 8 bytes read per element.
    Read,
    /// Fills an array with a value: 8 bytes written per element.
    Write,
    /// a = b + s·c: 16 bytes read and 8 written per element.
    Triad,
}

impl Kernel {
    /// Every kernel.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Triad];

    /// The name that users type and that records contain.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Triad => "triad",
        }
    }

    /// The number of arrays that the kernel accesses.
    #[must_use]
    pub fn arrays(self) -> u64 {
        match self {
            Self::Read | Self::Write => 1,
            Self::Triad => 3,
        }
    }

    /// Bytes counted per element and pass, without write-allocate traffic.
    #[must_use]
    pub fn bytes_per_element(self) -> u64 {
        self.arrays() * size_of::<f64>() as u64
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kernel {
    type Err = StreamError;

    fn from_str(name: &str) -> Result<Self, StreamError> {
        Self::ALL
            .into_iter()
            .find(|kernel| kernel.name() == name)
            .ok_or_else(|| StreamError::UnknownKernel {
                name: name.to_owned(),
            })
    }
}

/// Sum of `values`. Independent partial sums hide the latency of the addition and
/// let the compiler use vectors.
pub(crate) fn read(values: &[f64]) -> f64 {
    const LANES: usize = 32;
    let mut sums = [0.0f64; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// Sets every element to `value`.
pub(crate) fn write(values: &mut [f64], value: f64) {
    values.fill(value);
}

/// a = b + s·c.
pub(crate) fn triad(a: &mut [f64], b: &[f64], c: &[f64], s: f64) {
    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
        *a = b + s * c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_bytes() {
        for kernel in Kernel::ALL {
            assert_eq!(kernel.to_string().parse::<Kernel>().unwrap(), kernel);
        }
        assert_eq!(Kernel::ALL.map(Kernel::bytes_per_element), [8, 8, 24]);
        let message = "copy".parse::<Kernel>().unwrap_err().to_string();
        assert!(message.contains("'copy'") && message.contains("read, write, triad"));
    }

    proptest! {
        #[test]
        fn kernels_are_their_definitions(
            pairs in prop::collection::vec((-1000i32..1000, -1000i32..1000), 0..300),
            s in -9i32..9,
        ) {
            let b: Vec<f64> = pairs.iter().map(|p| f64::from(p.0)).collect();
            let c: Vec<f64> = pairs.iter().map(|p| f64::from(p.1)).collect();
            let total: i32 = pairs.iter().map(|p| p.0).sum();
            prop_assert_eq!(read(&b), f64::from(total));
            let mut a = vec![f64::NAN; b.len()];
            triad(&mut a, &b, &c, f64::from(s));
            for (a, p) in a.iter().zip(&pairs) {
                prop_assert_eq!(*a, f64::from(p.0 + s * p.1));
            }
            write(&mut a, 7.0);
            prop_assert!(a.iter().all(|&v| v == 7.0));
        }
    }
}
