//! Failures of a driver or a library while it is used.

use thiserror::Error;

use crate::search::Unavailable;

/// A failure, with the user's remedy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The driver, the library or the card cannot be used at all.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The card of a plan is not there.
    #[error("the driver shows no GPU {card}; see perwatt list")]
    NoDevice {
        /// The card that was asked for.
        card: String,
    },
    /// The card's memory does not suffice.
    #[error(
        "the GPU's memory does not suffice: {needed_bytes} more bytes are needed, and {free_bytes} of {total_bytes} are free; end the program that holds the rest ({tool} shows it), or take a smaller shape"
    )]
    OutOfMemory {
        /// Bytes that the failed call asked for.
        needed_bytes: u64,
        /// Bytes free at the time.
        free_bytes: u64,
        /// All bytes.
        total_bytes: u64,
        /// The program that lists the processes on a card.
        tool: &'static str,
    },
    /// Another process has the card for itself.
    #[error(
        "another process has the GPU to itself ({said}); end it, or let processes share the GPU ({tool})"
    )]
    Taken {
        /// The driver's words.
        said: String,
        /// The command that shows or changes it.
        tool: &'static str,
    },
    /// The library knows no algorithm for a product.
    #[error(
        "{library} has no algorithm for {product} on this GPU; take another shape or format, or a newer library"
    )]
    NoAlgorithm {
        /// The library.
        library: &'static str,
        /// Format and shape.
        product: String,
    },
    /// The library does not have a product.
    #[error("{library} does not support {product} on this GPU ({said}); take another format")]
    NotSupported {
        /// The library.
        library: &'static str,
        /// Format and shape.
        product: String,
        /// Call and status.
        said: String,
    },
    /// A call failed, or the work that it started.
    #[error("{call} failed: {said}; see the kernel's log (dmesg) for the driver's messages")]
    Call {
        /// The function.
        call: &'static str,
        /// Its status, in the driver's words where it has some.
        said: String,
    },
    /// Operands that do not have the length of the shape.
    #[error("{operand} has {given} bytes where {product} needs {needed}")]
    Length {
        /// `A` or `B`.
        operand: &'static str,
        /// Format and shape.
        product: String,
        /// Bytes given.
        given: usize,
        /// Bytes needed.
        needed: usize,
    },
}
