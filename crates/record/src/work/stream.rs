//! Passes over arrays, and the bytes of a step by STREAM's count.

use super::NumberFormat;
use super::terms::{Params, named_enum};

named_enum! {
    /// A pass over arrays.
    Stream {
        /// The sum of an array.
        Read = "stream/read",
        /// The fill of an array.
        Write = "stream/write",
        /// a = b.
        Copy = "stream/copy",
        /// a = b + s·c.
        Triad = "stream/triad",
    }
}

impl Stream {
    /// Number of arrays that one pass reads or writes.
    pub const fn arrays(self) -> u64 {
        match self {
            Self::Read | Self::Write => 1,
            Self::Copy => 2,
            Self::Triad => 3,
        }
    }

    /// Bytes of a step: the arrays that the kernel names, once each.
    pub(super) fn bytes(self, params: &Params) -> Option<u64> {
        let whole = array_elements(params)? * element(params).bytes();
        whole.checked_mul(self.arrays())
    }
}

/// Number of elements in each array.
pub fn array_elements(params: &Params) -> Option<u64> {
    let bytes: u64 = params.get("array_bytes")?.parse().ok()?;
    Some(bytes / element(params).bytes())
}

/// The format of an element; f64 if the parameters name none.
fn element(params: &Params) -> NumberFormat {
    let named = params
        .get("dtype")
        .and_then(|name| NumberFormat::find(name));
    named.unwrap_or(NumberFormat::F64)
}
