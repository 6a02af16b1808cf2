//! Byte offsets into the memory that the assembly reads and writes. The build script
//! compiles this file too; `layout.rs` checks it against the types.

/// Offsets into [`Constants`](super::layout::Constants), the constants of a job.
pub mod job {
    pub const ROUND3_ABEF: usize = 0;
    pub const ROUND3_CDGH: usize = 16;
    pub const SECOND_ABEF: usize = 32;
    pub const MIDSTATE_B: usize = 48;
    pub const MIDSTATE_F: usize = 64;
    pub const W13: usize = 80;
    pub const KW16: usize = 96;
    pub const W16: usize = 112;
    pub const W18: usize = 128;
    pub const W20: usize = 144;
    pub const W28: usize = 160;
    pub const SIZE: usize = 176;
}

/// Offsets into [`Table`](super::layout::Table), the constants that all jobs share.
pub mod table {
    pub const FIRST: usize = 0;
    pub const K18: usize = 48;
    pub const SECOND: usize = 240;
    pub const SECOND_CDGH: usize = 480;
    pub const LANE3: usize = 496;
    pub const ZERO: usize = 512;
}

/// Offsets into [`Stream`](super::layout::Stream), the memory of one stream.
pub mod stream {
    pub const NONCE: usize = 0;
    pub const SIGMA: usize = 8;
    pub const QUADS: usize = 16;
    pub const SIZE: usize = 80;
}
