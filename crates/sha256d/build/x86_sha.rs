//! The x86 SHA kernels as assembly: one step of `src/backend/x86_sha/kernel/asm.rs` as
//! straight-line code, with registers allocated by hand.
//!
//! A compiler that schedules these hundreds of instructions moves the interleaved streams
//! apart, and adds half as many instructions again for copies and spills. Here quad follows
//! quad (four rounds each), and within a quad stream follows stream, so that a
//! `sha256rnds2` waits for little but the previous one of its own stream. Values that do
//! not fit in the registers are read from memory as operands.
//!
//! The text is a template of `asm!`. `{job}`, `{table}` and `{mem}` are pointers to the
//! data that `src/backend/x86_sha/kernel/layout.rs` lays out.

use std::fmt::Write;

use crate::offsets::{job, stream, table};

/// The interleave widths that are built.
pub const PLAIN: [usize; 3] = [2, 3, 4];
/// Jobs that share a schedule: the streams of the rolled kernel.
const ROLLED: usize = 4;

/// The register for values that only the next few instructions need.
const TEMP: &str = "xmm13";

/// The step of a kernel while it is being written.
struct Kernel {
    text: String,
    streams: usize,
    /// The number of its four latest quads of message words that each stream keeps in
    /// registers. Where it is less than four, all quads are in memory too.
    kept: usize,
    /// The latest quad of each stream: 0 to 3, cyclically.
    newest: Vec<usize>,
    /// True if each stream has a job of its own.
    jobs: bool,
}

/// One step on `streams` nonces of one job.
pub fn plain(streams: usize) -> String {
    let mut kernel = Kernel::new(streams, false);
    kernel.first_hash();
    kernel.second_hash();
    kernel.text
}

/// One step on one nonce of [`ROLLED`] jobs.
pub fn rolled() -> String {
    let mut kernel = Kernel::new(ROLLED, true);
    kernel.first_hash_shared();
    kernel.second_hash();
    kernel.text
}

impl Kernel {
    fn new(streams: usize, jobs: bool) -> Self {
        // Of 16 registers xmm0 feeds the rounds, two per stream hold its state
        // and one is TEMP.
        let kept = match streams {
            2 => 4,
            3 => 2,
            _ => 1,
        };
        Self {
            text: String::new(),
            streams,
            kept,
            newest: vec![3; streams],
            jobs,
        }
    }

    fn op(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a string takes all that is written");
    }

    fn abef(&self, i: usize) -> String {
        format!("xmm{}", 1 + 2 * i)
    }

    fn cdgh(&self, i: usize) -> String {
        format!("xmm{}", 2 + 2 * i)
    }

    fn job(&self, i: usize, offset: usize) -> String {
        let job = if self.jobs { i * job::SIZE } else { 0 };
        format!("xmmword ptr [{{job}} + {}]", job + offset)
    }

    fn memory(&self, i: usize, quad: usize) -> String {
        let at = i * stream::SIZE + stream::QUADS + 16 * quad;
        format!("xmmword ptr [{{mem}} + {at}]")
    }

    /// The register that holds `quad` of stream `i` while the quad is kept.
    fn register(&self, i: usize, quad: usize) -> String {
        let first = 1 + 2 * self.streams + i * self.kept;
        format!("xmm{}", first + quad % self.kept)
    }

    /// The operand that reads `quad` of stream `i`.
    fn quad(&self, i: usize, quad: usize) -> String {
        let age = (self.newest[i] + 4 - quad) % 4;
        if age < self.kept {
            self.register(i, quad)
        } else {
            self.memory(i, quad)
        }
    }

    /// Stores the value of the register `value` as `quad` of stream `i`.
    fn made(&mut self, i: usize, quad: usize, value: &str) {
        let register = self.register(i, quad);
        if register != value {
            self.op(&format!("movdqa {register}, {value}"));
        }
        if self.kept < 4 {
            let memory = self.memory(i, quad);
            self.op(&format!("movdqa {memory}, {register}"));
        }
        self.newest[i] = quad;
    }

    /// The next quad by the full recurrence.
    fn next(&mut self, i: usize) {
        let new = (self.newest[i] + 1) % 4;
        let [w0, w4, w8, w12] = [new, new + 1, new + 2, new + 3].map(|q| self.quad(i, q % 4));
        self.op(&format!("movdqa {TEMP}, {w12}"));
        self.op(&format!("palignr {TEMP}, {w8}, 4"));
        let value = if self.kept == 1 {
            "xmm0".to_owned()
        } else {
            self.register(i, new)
        };
        if value != w0 {
            self.op(&format!("movdqa {value}, {w0}"));
        }
        self.op(&format!("sha256msg1 {value}, {w4}"));
        self.op(&format!("paddd {value}, {TEMP}"));
        self.op(&format!("sha256msg2 {value}, {w12}"));
        self.made(i, new, &value);
    }

    /// The next quad where only W_{t-7} and σ₁(W_{t-2}) vary; `terms` is the sum of the
    /// constant terms, if any.
    fn next_short(&mut self, i: usize, terms: Option<String>) {
        let new = (self.newest[i] + 1) % 4;
        let [w8, w12] = [new + 2, new + 3].map(|q| self.quad(i, q % 4));
        self.op(&format!("movdqa {TEMP}, {w12}"));
        self.op(&format!("palignr {TEMP}, {w8}, 4"));
        if let Some(terms) = terms {
            self.op(&format!("paddd {TEMP}, {terms}"));
        }
        self.op(&format!("sha256msg2 {TEMP}, {w12}"));
        self.made(i, new, TEMP);
    }

    /// Four rounds of stream `i` with `quad` and the constants at `k`.
    fn rounds(&mut self, i: usize, quad: usize, k: usize) {
        let (abef, cdgh) = (self.abef(i), self.cdgh(i));
        let w = self.quad(i, quad);
        self.op(&format!("movdqa xmm0, xmmword ptr [{{table}} + {k}]"));
        self.op(&format!("paddd xmm0, {w}"));
        self.op(&format!("sha256rnds2 {cdgh}, {abef}"));
        self.op("pshufd xmm0, xmm0, 14");
        self.op(&format!("sha256rnds2 {abef}, {cdgh}"));
    }

    /// Two rounds of every stream with K_t + W_t in xmm0: the first two of a quad or the
    /// last.
    fn two_rounds(&mut self, first: bool) {
        for i in 0..self.streams {
            let (abef, cdgh) = (self.abef(i), self.cdgh(i));
            self.op(&if first {
                format!("sha256rnds2 {cdgh}, {abef}")
            } else {
                format!("sha256rnds2 {abef}, {cdgh}")
            });
        }
    }

    /// Four rounds of every stream with only the constants at `k`.
    fn constant_rounds(&mut self, k: usize) {
        self.op(&format!("movdqa xmm0, xmmword ptr [{{table}} + {k}]"));
        self.two_rounds(true);
        self.op(&format!("movq xmm0, qword ptr [{{table}} + {}]", k + 8));
        self.two_rounds(false);
    }

    /// Rounds 0 to 3 are done except for the nonce word, which is added to a and e.
    fn start(&mut self) {
        for i in 0..self.streams {
            let (abef, cdgh) = (self.abef(i), self.cdgh(i));
            let nonce = if self.jobs { 0 } else { i } * stream::SIZE + stream::NONCE;
            self.op(&format!("movq {abef}, qword ptr [{{mem}} + {nonce}]"));
            self.op(&format!("punpcklqdq {abef}, {abef}"));
            self.op(&format!("paddd {abef}, {}", self.job(i, job::ROUND3_ABEF)));
            self.op(&format!("movdqa {cdgh}, {}", self.job(i, job::ROUND3_CDGH)));
        }
        for quad in 0..3 {
            self.constant_rounds(table::FIRST + 16 * quad);
        }
    }

    /// Computes W18 and W19 of hash 1 in TEMP.
    fn w18(&mut self, i: usize) {
        let at = i * stream::SIZE + stream::SIGMA;
        self.op(&format!("movq {TEMP}, qword ptr [{{mem}} + {at}]"));
        self.op(&format!("paddd {TEMP}, {}", self.job(i, job::W18)));
    }

    /// Computes W16 to W19, with W18 and W19 in TEMP.
    fn w16(&mut self, i: usize) {
        let w16 = self.register(i, 0);
        self.op(&format!("movdqa {w16}, {}", self.job(i, job::W16)));
        self.op(&format!("punpcklqdq {w16}, {TEMP}"));
        self.made(i, 0, &w16);
    }

    /// Computes W20 to W31, four words per call. Most of their terms are constant.
    fn w20(&mut self, i: usize, quad: usize) {
        match quad {
            1 => {
                let (w16, w20) = (self.quad(i, 0), self.job(i, job::W20));
                self.op(&format!("movdqa {TEMP}, {w20}"));
                self.op(&format!("sha256msg2 {TEMP}, {w16}"));
                self.made(i, 1, TEMP);
            }
            2 => self.next_short(i, None),
            _ => self.next_short(i, Some(self.job(i, job::W28))),
        }
    }

    /// Computes hash 1 of one nonce per stream.
    fn first_hash(&mut self) {
        self.start();
        self.op(&format!("movdqa xmm0, {}", self.job(0, job::KW16)));
        self.two_rounds(true);
        for i in 0..self.streams {
            let (abef, cdgh) = (self.abef(i), self.cdgh(i));
            self.w18(i);
            self.op(&format!(
                "movdqa xmm0, xmmword ptr [{{table}} + {}]",
                table::K18
            ));
            self.op(&format!("paddd xmm0, {TEMP}"));
            self.op(&format!("sha256rnds2 {abef}, {cdgh}"));
            self.w16(i);
        }
        for i in 0..self.streams {
            self.first_quad(i, 1);
        }
        for quad in 1..12 {
            for i in 0..self.streams {
                self.first_quad(i, quad + 1);
                self.rounds(i, quad % 4, table::K18 + 16 * quad);
            }
        }
    }

    /// W16 to W19 are quad 0 of hash 1; this computes quad 1, 2, …
    fn first_quad(&mut self, i: usize, quad: usize) {
        match quad {
            1..4 => self.w20(i, quad),
            4..12 => self.next(i),
            _ => {}
        }
    }

    /// Computes hash 1 of one nonce for one job per stream, with one schedule. Its quads
    /// all stay in registers, a quad ahead of the rounds.
    fn first_hash_shared(&mut self) {
        let kept = std::mem::replace(&mut self.kept, 4);
        self.w18(0);
        self.op(&format!("movdqa xmm14, {TEMP}"));
        self.w16(0);
        self.start();
        self.op(&format!("movdqa xmm0, {}", self.job(0, job::KW16)));
        self.two_rounds(true);
        self.op(&format!(
            "paddd xmm14, xmmword ptr [{{table}} + {}]",
            table::K18
        ));
        self.op("movdqa xmm0, xmm14");
        self.w20(0, 1);
        self.two_rounds(false);
        for quad in 1..12 {
            self.first_quad(0, quad + 1);
            let k = table::K18 + 16 * quad;
            let w = self.register(0, quad % 4);
            self.op(&format!("movdqa xmm0, xmmword ptr [{{table}} + {k}]"));
            self.op(&format!("paddd xmm0, {w}"));
            self.two_rounds(true);
            self.op("pshufd xmm0, xmm0, 14");
            self.two_rounds(false);
        }
        self.kept = kept;
    }

    /// Computes hash 2 of every stream from round 1 on, with its message words from W1 on;
    /// leaves word 7 of the digest in lane 1 of `abef`.
    fn second_hash(&mut self) {
        for i in 0..self.streams {
            let (abef, cdgh) = (self.abef(i), self.cdgh(i));
            // W1 to W4: b to e.
            self.op(&format!("movaps {TEMP}, {abef}"));
            self.op(&format!("shufps {TEMP}, {cdgh}, {}", 0b10_11_01_10));
            self.op(&format!("pshufd {TEMP}, {TEMP}, {}", 0b01_11_10_00));
            self.op(&format!("paddd {TEMP}, {}", self.job(i, job::MIDSTATE_B)));
            // W13 to W16: padding and W0 + σ₀(W1).
            self.op(&format!("movdqa xmm14, {abef}"));
            self.op(&format!("sha256msg1 xmm14, {TEMP}"));
            self.made(i, 0, TEMP);
            // W5 to W8: f, g, h and padding.
            self.op(&format!("pshufd {TEMP}, {cdgh}, {}", 0b11_00_01_00));
            self.op(&format!("insertps {TEMP}, {abef}, {}", 0b0000_1000));
            self.op(&format!("paddd {TEMP}, {}", self.job(i, job::MIDSTATE_F)));
            self.made(i, 1, TEMP);
            self.op(&format!(
                "pand xmm14, xmmword ptr [{{table}} + {}]",
                table::LANE3
            ));
            self.op(&format!("paddd xmm14, {}", self.job(i, job::W13)));
            // Round 0, from constants: a is added to a and e.
            self.op(&format!("insertps {abef}, {abef}, {}", 0b1101_0101));
            self.op(&format!("paddd {abef}, {}", self.job(i, job::SECOND_ABEF)));
            self.op(&format!(
                "movdqa {cdgh}, xmmword ptr [{{table}} + {}]",
                table::SECOND_CDGH
            ));
            self.rounds(i, 0, table::SECOND);
            self.made(i, 3, "xmm14");
        }
        for i in 0..self.streams {
            self.rounds(i, 1, table::SECOND + 16);
        }
        self.constant_rounds(table::SECOND + 32);
        for quad in 3..15 {
            for i in 0..self.streams {
                match quad + 1 {
                    4 => self.w17(i),
                    5 => self.w21(i),
                    6 => self.next_short(i, None),
                    7..15 => self.next(i),
                    _ => {}
                }
                self.rounds(i, quad % 4, table::SECOND + 16 * quad);
            }
        }
    }

    /// W17 to W20 of hash 2: W10 to W13 are zero.
    fn w17(&mut self, i: usize) {
        let [w1, w5, w13] = [0, 1, 3].map(|q| self.quad(i, q));
        self.op(&format!("movdqa {TEMP}, {w1}"));
        self.op(&format!("sha256msg1 {TEMP}, {w5}"));
        self.op(&format!("sha256msg2 {TEMP}, {w13}"));
        self.made(i, 0, TEMP);
    }

    /// W21 to W24 of hash 2: W9 is zero.
    fn w21(&mut self, i: usize) {
        let [w1, w5, w13] = [0, 1, 3].map(|q| self.quad(i, q));
        self.op(&format!("movdqa {TEMP}, {w1}"));
        self.op(&format!("palignr {TEMP}, {w13}, 4"));
        self.op(&format!("movdqa xmm14, {w5}"));
        self.op(&format!(
            "sha256msg1 xmm14, xmmword ptr [{{table}} + {}]",
            table::ZERO
        ));
        self.op(&format!("paddd {TEMP}, xmm14"));
        self.op(&format!("sha256msg2 {TEMP}, {w1}"));
        self.made(i, 1, TEMP);
    }
}
