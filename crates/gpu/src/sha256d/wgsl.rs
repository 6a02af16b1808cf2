//! The search as a WGSL compute shader.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::algorithm::{Select, job_numbers, last_words};
use super::graph::{Graph, Id, Level, Op, operands};

/// The template of the shader, without the program.
const FRAME: &str = include_str!("../../../../shaders/sha256d.wgsl");
/// The largest number of candidates that one dispatch can report.
pub const HITS: u32 = 63;
/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 256;

/// The form of rotations in WGSL, which has no operation for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rotate {
    /// By a literal amount.
    Literal,
    /// By an amount from the job's uniform. Mesa's drivers recognise a rotation only in
    /// this form, and then use one instruction for it.
    Uniform,
}

/// One variant of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Variant {
    /// Versions of a header that share one message schedule.
    pub midstates: usize,
    /// The form of rotations.
    pub rotate: Rotate,
    /// The form of Ch.
    pub select: Select,
}

/// A kernel and the program that prepares its jobs.
pub struct Kernel {
    variant: Variant,
    graph: Graph,
    words: Vec<Id>,
    /// The values of a job that an invocation reads, in order.
    uniforms: Vec<Id>,
}

impl Kernel {
    /// Builds the program of a variant.
    pub fn new(variant: Variant) -> Self {
        let mut graph = Graph::default();
        let words = last_words(&mut graph, variant.midstates, variant.select);
        let (graph, words) = graph.with_long_sums(&words);
        let (graph, words) = graph.with_late_numbers(&words, variant.select == Select::Or);
        let mut uniforms: Vec<Id> = graph
            .live(&words)
            .into_iter()
            .filter(|id| graph.level(*id) == Level::Nonce)
            .flat_map(|id| {
                let graph = &graph;
                let read = move |operand: &Id| match graph.level(*operand) {
                    Level::Program => variant.select == Select::Or && graph.has_choice(id),
                    level => level == Level::Job,
                };
                operands(graph.op(id)).into_iter().filter(read)
            })
            .collect();
        uniforms.sort_unstable();
        uniforms.dedup();
        Self {
            variant,
            graph,
            words,
            uniforms,
        }
    }

    /// The variant that this was built from.
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// The contents of the shader's uniform for a job: the header's first nonce, the bits
    /// of digest word 7 that must be zero, then the numbers that an invocation reads.
    pub fn uniform(
        &self,
        midstates: &[[u32; 8]],
        tail: [u32; 3],
        first_nonce: u32,
        mask: u32,
    ) -> Vec<u32> {
        assert_eq!(
            midstates.len(),
            self.variant.midstates,
            "a midstate for each version"
        );
        let numbers = job_numbers(midstates, tail);
        let mut uniform = vec![first_nonce, mask, 0, 0];
        uniform.extend(ROTATIONS);
        uniform.resize(uniform.len().next_multiple_of(4), 0);
        uniform.extend(self.graph.evaluate(&self.uniforms, &numbers, 0));
        uniform.resize(uniform.len().next_multiple_of(4), 0);
        uniform
    }

    /// Size of [`uniform`](Self::uniform) in bytes.
    pub fn uniform_bytes(&self) -> u64 {
        let words =
            4 + ROTATIONS.len().next_multiple_of(4) + self.uniforms.len().next_multiple_of(4);
        4 * words as u64
    }

    /// The words that decide a nonce, as the shader computes them.
    pub fn words(&self, midstates: &[[u32; 8]], tail: [u32; 3], nonce: u32) -> Vec<u32> {
        let numbers = job_numbers(midstates, tail);
        self.graph
            .evaluate(&self.words, &numbers, nonce.swap_bytes())
    }

    /// Operations of one invocation, by name. An addition has up to three operands.
    pub fn operations(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for id in self.graph.live(&self.words) {
            if self.graph.level(id) != Level::Nonce {
                continue;
            }
            let (name, count) = match self.graph.op(id) {
                Op::Sum(terms) => ("add", terms.len() / 2),
                Op::Xor(..) => ("xor", 1),
                Op::And(..) => ("and", 1),
                Op::Or(..) => ("or", 1),
                Op::Not(_) => ("not", 1),
                Op::Rotate(..) => ("rotate", 1),
                Op::Shift(..) => ("shift", 1),
                Op::Constant(_) | Op::Job(_) | Op::Nonce => continue,
            };
            *counts.entry(name).or_default() += count;
        }
        counts
    }

    /// The shader.
    pub fn wgsl(&self) -> String {
        // The placeholders that the program replaces come last: its own text contains none
        // of them.
        FRAME
            .replace("WORKGROUP", &WORKGROUP.to_string())
            .replace("HITS", &HITS.to_string())
            .replace("ROTATIONS", &ROTATIONS.len().div_ceil(4).to_string())
            .replace("NUMBERS", &self.uniforms.len().div_ceil(4).to_string())
            .replace("PROGRAM}", &format!("{}}}", self.program()))
    }

    /// The code of the double hash and of the report of candidates.
    fn program(&self) -> String {
        let mut out = String::new();
        let mut names = BTreeMap::new();
        for id in self.graph.live(&self.words) {
            if self.graph.level(id) != Level::Nonce {
                continue;
            }
            if self.graph.op(id) == &Op::Nonce {
                names.insert(id, "x".to_owned());
                continue;
            }
            let name = format!("v{}", names.len());
            let _ = writeln!(out, "  let {name} = {};", self.expression(id, &names));
            names.insert(id, name);
        }
        for (i, word) in self.words.iter().enumerate() {
            let name = &names[word];
            let which = match self.variant.midstates {
                1 => "place + id.x".to_owned(),
                n => format!("(place + id.x) * {n}u + {i}u"),
            };
            let _ = writeln!(
                out,
                "  if (({name} & job.mask) == 0u) {{ report({which}); }}"
            );
        }
        out
    }

    fn expression(&self, id: Id, names: &BTreeMap<Id, String>) -> String {
        let value = |id: &Id| self.value(*id, names);
        match self.graph.op(id) {
            Op::Constant(_) | Op::Job(_) | Op::Nonce => self.value(id, names),
            Op::Sum(terms) => {
                let reads = self.variant.select == Select::Or && self.graph.has_choice(id);
                let term = |term: &Id| match reads {
                    true => self.read(*term).unwrap_or_else(|| value(term)),
                    false => value(term),
                };
                // Choices last: the other terms of their addition must be one sum by then.
                let (choices, others): (Vec<&Id>, Vec<&Id>) =
                    terms.iter().partition(|term| self.graph.is_choice(**term));
                let terms = others.into_iter().chain(choices).map(term);
                terms.collect::<Vec<_>>().join(" + ")
            }
            Op::Xor(a, b) => format!("{} ^ {}", value(a), value(b)),
            Op::And(a, b) => format!("{} & {}", value(a), value(b)),
            Op::Or(a, b) => format!("{} | {}", value(a), value(b)),
            Op::Not(a) => format!("~{}", value(a)),
            Op::Shift(a, by) => format!("{} >> {by}u", value(a)),
            Op::Rotate(a, by) => {
                let a = value(a);
                match self.variant.rotate {
                    Rotate::Literal => format!("({a} >> {by}u) | ({a} << {}u)", 32 - by),
                    Rotate::Uniform => {
                        let place = ROTATIONS.iter().position(|known| known == by);
                        let place = place.expect("SHA-256 rotates by these amounts");
                        let member = "xyzw".as_bytes()[place % 4] as char;
                        let by = format!("job.rotations[{}].{member}", place / 4);
                        format!("({a} >> {by}) | ({a} << (32u - {by}))")
                    }
                }
            }
        }
    }

    /// The text of a value where it is used.
    fn value(&self, id: Id, names: &BTreeMap<Id, String>) -> String {
        if let Op::Constant(number) = self.graph.op(id) {
            return format!("{number:#x}u");
        }
        self.read(id).unwrap_or_else(|| names[&id].clone())
    }

    /// The text that reads a value from the uniform.
    fn read(&self, id: Id) -> Option<String> {
        let place = self.uniforms.binary_search(&id).ok()?;
        let member = "xyzw".as_bytes()[place % 4] as char;
        Some(format!("job.numbers[{}].{member}", place / 4))
    }
}

/// The amounts that SHA-256 rotates by.
const ROTATIONS: [u32; 10] = [2, 6, 7, 11, 13, 17, 18, 19, 22, 25];

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_sha256d::{Header, Job, Target, sha256d};

    fn header(seed: u8) -> Header {
        let bytes: Vec<u8> = (0..80u32)
            .map(|i| (i * 37 + u32::from(seed)) as u8)
            .collect();
        Header::from_bytes(&bytes).unwrap()
    }

    fn tail(header: &Header) -> [u32; 3] {
        let bytes = header.to_bytes();
        [64, 68, 72].map(|at| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()))
    }

    fn kernels() -> impl Iterator<Item = Kernel> {
        [1, 2, 4, 8].into_iter().flat_map(|midstates| {
            [Select::Xor, Select::Or].map(|select| {
                Kernel::new(Variant {
                    midstates,
                    rotate: Rotate::Uniform,
                    select,
                })
            })
        })
    }

    /// The graph of each variant computes word 7 of the hash.
    #[test]
    fn every_variant_hashes() {
        for kernel in kernels() {
            let n = kernel.variant.midstates as u32;
            let header = header(n as u8);
            let versions: Vec<Header> =
                (0..n).map(|version| Header { version, ..header }).collect();
            let midstates: Vec<[u32; 8]> = versions
                .iter()
                .map(|header| Job::new(header, Target::MAX).midstate())
                .collect();
            for nonce in [0, 1, 0x0102_0304, u32::MAX] {
                let words = kernel.words(&midstates, tail(&header), nonce);
                for (header, word) in versions.iter().zip(words) {
                    let hash = sha256d(&Header { nonce, ..*header }.to_bytes());
                    let expected = u32::from_be_bytes(hash[28..].try_into().unwrap());
                    assert_eq!(word, expected, "{:?}", kernel.variant);
                }
            }
        }
    }

    /// Rotations and shifts are as many as every form of the algorithm needs.
    #[test]
    fn operations_are_those_of_the_algorithm_with_every_shortcut() {
        let count = |midstates| {
            let variant = Variant {
                midstates,
                rotate: Rotate::Literal,
                select: Select::Xor,
            };
            Kernel::new(variant).operations()
        };
        let one = count(1);
        assert_eq!((one["rotate"], one["shift"]), (1020, 156));
        let eight = count(8);
        assert_eq!(eight["rotate"], 8 * 868 + 152);
        assert!(one["add"] <= 640, "{}", one["add"]);
    }

    #[test]
    fn the_shader_is_straight_and_has_a_line_for_each_operation() {
        for kernel in kernels().filter(|kernel| kernel.variant.midstates <= 2) {
            let program = kernel.program();
            assert!(!program.contains("for") && !program.contains("loop"));
            let lines = program.matches("  let v").count();
            let live = kernel.graph.live(&kernel.words);
            let of_nonce = live
                .iter()
                .filter(|id| kernel.graph.level(**id) == Level::Nonce);
            assert_eq!(lines, of_nonce.count() - 1);
        }
    }
}
