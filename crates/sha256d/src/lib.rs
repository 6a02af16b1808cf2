//! The double-SHA-256 nonce search on the CPU: Bitcoin headers, targets, kernels, and the
//! threads that run them.
//!
//! A [`Header`] and a [`Target`] make a [`Job`]; a [`Backend`] decides a range
//! of its nonces; [`search()`] does so on many threads over all the [`Rolls`]
//! of a template.
//!
//! ```
//! use perwatt_sha256d::{Finished, Header, Progress, Rolls, SearchConfig, Backend, search};
//! use std::{num::NonZeroUsize, ops::ControlFlow, sync::Mutex};
//!
//! // Block 1 of the Bitcoin chain, its nonce blanked.
//! let header = Header::from_hex(concat!(
//!     "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d61900",
//!     "00000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e8",
//!     "57233e0e61bc6649ffff001d00000000",
//! ))?;
//! let rolls = Rolls::fixed(header, header.target()?);
//! let config = SearchConfig {
//!     backend: Backend::detect(),
//!     threads: NonZeroUsize::new(2).unwrap(),
//!     first_nonce: 2_573_300_000,
//!     last_nonce: 2_573_399_999,
//!     on_thread_start: &|_thread| (),
//! };
//! let progress = Progress::new(2);
//! let found = Mutex::new(Vec::new());
//! let outcome = search(&rolls, &config, &progress, &|share| {
//!     found.lock().unwrap().push(share.nonce);
//!     ControlFlow::Continue(())
//! });
//! assert_eq!(outcome.finished, Finished::Exhausted);
//! assert_eq!((outcome.hashes, progress.hashes()), (100_000, 100_000));
//! assert_eq!(found.into_inner().unwrap(), [2_573_394_689]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The definition of a hash
//!
//! One hash is one nonce of one header *decided*: shown to meet the target or not. A nonce
//! is rejected by those bits of its hash that the target demands to be zero and that lie in
//! the last digest word. A nonce that passes is hashed again in full by the plain code of
//! [`sha256()`] and compared with all 256 bits. Therefore no kernel can report a false hit,
//! and the tests show against an independent implementation that none is missed.
//!
//! # The shortcuts
//!
//! Hashing 80 bytes twice takes three runs of the compression function: two for the blocks
//! of the header, and one for the digest's own hash. Most of this work is equal for all
//! nonces. With W_t the message schedule, K_t the round constants and `a` to `h` the
//! working variables of FIPS 180-4 §6.2.2, the shortcuts are:
//!
//! 1. **Midstate.** The first block (version, previous hash, and all but the
//!    last four bytes of the Merkle root) does not contain the nonce: one of the
//!    three compressions is done once per job.
//! 2. **Prehash.** In the second block the nonce is W₃. Rounds 0 to 2 come
//!    before it and are done once. In round 3 it only enters by addition, into
//!    T₁, and T₁ is added into `a` and `e`: so round 3 is done once with nonce
//!    0, and a nonce costs two additions.
//! 3. **Schedule of the second block.** W₄ is the padding bit, W₅ to W₁₄ are
//!    zero, W₁₅ is the length. W₁₆ and W₁₇ do not depend on the nonce, W₁₈ and
//!    W₁₉ are constants plus σ₀(W₃) and W₃, and in W₂₀ to W₃₁ the terms that
//!    are zero are left out and those that are constant are added up beforehand.
//!    Rounds 4 to 17 add constants K_t + W_t.
//! 4. **Schedule of the second hash.** Its message is the digest, the padding
//!    bit, zeros, and the length 256: W₈ to W₁₅ are constants, and the same
//!    holds for the words made from them.
//! 5. **Early end.** The digest's last word is the initial value plus the `h`
//!    of round 63. Each round moves `e` to `f` to `g` to `h`, so that is the `e`
//!    of round 60. Rounds 61 to 63 and W₆₁ to W₆₃ are never computed; `e` takes
//!    from `a` four rounds later, so rounds 57 to 60 need no new `a` either.
//! 6. **Early reject.** That last word holds the hash's most significant bits.
//!    Further work is done only if those that the target demands to be zero are
//!    zero: with 20 such bits, once in a million nonces.
//!
//! 7. **Round 0 of the second hash.** It starts from constants, and its message
//!    word only enters `a` and `e` by addition: two additions.
//!
//! Of the 6,512 vector operations that two whole compressions take with AVX2,
//! 1 to 7 leave 5,775; with AVX-512, which rotates and combines three operands
//! in one instruction each, 2,850 (`cargo cycles` counts them). Shortcuts 1, 2 and 4
//! to 6 are known from other programs: cgminer's and the OpenCL miners' kernels,
//! pooler's cpuminer (`sha2-x64.S`) and cpuminer-opt have most of them, not all at
//! once, and cpuminer-opt's kernel for the SHA extensions only the first two.
//!
//! # The SHA extensions
//!
//! x86's `sha256rnds2` does two rounds, and waits about four cycles for the previous two.
//! Most is gained by interleaving several nonces. The other measures are:
//!
//! - Shortcut 7 shifts the pairing: rounds 1 to 60 are exactly 30 instructions
//!   and end with the `e` that decides. W₁₃ to W₁₆, padding and one word, come
//!   out of one `sha256msg1` whose last lane is W₀ + σ₀(W₁).
//! - The digest of the first hash stays in its registers: two shuffles of it make
//!   each four words of the next message, the midstate is added after them, and
//!   word 7 is compared in the register, with IV₇ added in the last constant.
//! - Rounds of padding take their K_t + W_t from memory, with no addition or
//!   shuffle, and one load serves all nonces.
//! - The schedule of each nonce is a quad of words ahead of its rounds. A CPU's
//!   scheduler holds about a hundred instructions, and rounds that enter it
//!   before their words are ready fill it up. This measure by itself gains 8 % on
//!   Intel's Golden Cove.
//! - The kernels are assembly, which the build script generates from a description
//!   (`build/x86_sha.rs`): LLVM moves the interleaved nonces apart, and copied
//!   and spilled registers half as often again as there are instructions.
//!   The same steps in intrinsics run under Miri and in the tests beside it.
//! - The number of nonces, 2 to 4, is chosen once on the CPU by timing, for some
//!   milliseconds.
//!
//! AArch64's instructions do four rounds in a pair, and gain from the same measures.
//!
//! # Version rolling
//!
//! A header's version is in its first block, the nonce in its second. Headers that differ
//! only in the version (or the previous hash, or the first 28 bytes of the Merkle root)
//! therefore have different midstates and the same second block, and for a given nonce the
//! same message schedule W₁₆ to W₆₃ of the first hash. The `-rolled` backends take a
//! [`JobGroup`] of such headers, compute K_t + W_t once per nonce, and run the rounds of
//! each midstate with it; the second hash, whose message differs, is computed in full for
//! each. This is the part of AsicBoost ([Hanke 2016](https://arxiv.org/abs/1604.00575))
//! that is called overt, because the rolled bits are visible to all: [BIP
//! 320](https://github.com/bitcoin/bips/blob/master/bip-0320.mediawiki) reserves 16 version
//! bits for it, [`VERSION_MASK`], and [`Rolls`] counts them up first, so that 65,536 rolls
//! in a row share their second block.
//!
//! The saving: of two schedules and two times about 60 rounds, the schedule of the first
//! hash, which is a sixth of the operations of the vector kernels, less its share for each
//! header of the group. In the SHA kernel it removes `sha256msg1`, `sha256msg2`, their
//! additions and the shuffles of K_t + W_t from the first hash, and every `sha256rnds2`
//! remains.
//!
//! Each (version, nonce) is one header, hashed once and counted once. For a single header,
//! or a group of another size, the plain kernel runs.
//!
//! # Backends
//!
//! Each is described in the file of its kernel, and [`Backend::all`] lists the
//! descriptions, best first. The table has measured cycles on Golden Cove cores (a virtual
//! CPU of an Intel Xeon, family 6 model 207; one thread, thread CPU time against a
//! dependent-add clock, medians of windows of 20 ms by turns), and the limit that the ports
//! of such a core set for the instructions as compiled (`cargo cycles`):
//!
//! | backend | cycles a hash | limit |
//! |---|---|---|
//! | `avx512-rolled` | 80.9 | 76.6 |
//! | `avx512` | 95.3 | 89.1 |
//! | `x86-sha-rolled` | 185.7 | 180.0 |
//! | `x86-sha` | 186.8 | 180.0 |
//! | `avx2-rolled` | 237.7 | 209.7 |
//! | `avx2` | 259.0 | 240.6 |
//! | `portable` | 1035 | not computed |
//!
//! Rolling gains a sixth with AVX-512 and a tenth with AVX2. With the SHA extensions it
//! gains nothing there, since a core that starts a `sha256rnds2` every third cycle has time
//! for the schedule between. AMD's Zen 3 starts one every cycle: a prototype of the same
//! structure gained 21 % on it, and by its ports the limits are 72.5 cycles for `x86-sha`
//! and 60 for `x86-sha-rolled`; the kernel here has not been timed on it.
//!
//! Eight lanes with AVX-512VL, whose 256-bit rotations and three-operand logic run on three
//! ports, took 137 cycles in a trial, against 94 with sixteen lanes on two ports. Therefore
//! there is no such backend.
//!
//! The backends that the CPU supports are found at run time; [`Backend::detect`] takes the
//! first of them in the order above, and [`select::trials`] verifies and times each. No
//! build flags are needed: each kernel enables the instructions that it needs. The SHA
//! instructions exist only in the SSE encoding, and a 256-bit instruction before them,
//! whose register's upper half stays in use, makes some CPUs take hundreds of cycles for
//! each; a kernel clears the upper halves as it begins, and at each step in a build that
//! enables AVX everywhere.

// The tests of backends share code with tests that use the crate from outside.
#[cfg(test)]
extern crate self as perwatt_sha256d;

mod backend;
mod group;
mod hash;
mod header;
pub mod hex;
mod job;
mod progress;
mod rolls;
mod search;
pub mod select;
mod sha256;
mod target;
mod u256;

pub use backend::{Backend, BackendError, Descriptor, Hit};
pub use group::JobGroup;
pub use hash::{Hash256, HashError};
pub use header::{Header, HeaderError};
pub use job::Job;
pub use progress::Progress;
pub use rolls::{MerkleRoot, RollCoordinates, RollKinds, Rolls, VERSION_MASK};
pub use search::{Finished, SearchConfig, SearchOutcome, Share, search};
pub use sha256::{IV, K, sha256, sha256d};
pub use target::{Target, TargetError};
pub use u256::U256;
