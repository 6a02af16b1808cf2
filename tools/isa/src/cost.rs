//! The cost of a kernel in an instruction set.

use std::collections::BTreeMap;

use crate::kernels::Workload;

perwatt_tools::named! {
    /// The class of an instruction, as far as the tables distinguish it.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
    pub enum Class {
        /// Rotations, and NVIDIA's shifts, which are the same instruction.
        Rotate = "rotate",
        Shift = "shift",
        /// Logic on two values.
        Logic = "logic",
        /// Logic on three values.
        Logic3 = "logic3",
        Add = "add",
        Add3 = "add3",
        /// Exclusive or and addition in one instruction (AMD).
        XorAdd = "xor-add",
        /// Multiplication and addition of integers (NVIDIA).
        Imad = "imad",
        /// Multiplication and addition of floats, including packed ones.
        Fma = "fma",
        /// Dot products of packed integers.
        Dot = "dot",
        /// Matrix products of a subgroup.
        Matrix = "matrix",
        Move = "move",
        OtherVector = "other",
        SharedLoad = "shared ld",
        SharedStore = "shared st",
        /// Accesses to buffers.
        Memory = "memory",
        /// Accesses to registers that are spilled to memory.
        Local = "local",
        /// Work done once for a subgroup, and jumps.
        Scalar = "scalar",
        ScalarMemory = "scalar mem",
    }
}

impl Class {
    /// True where it uses the vector unit: AMD's VALU, and its equivalent on NVIDIA.
    pub fn is_vector(self) -> bool {
        self <= Self::OtherVector
    }

    /// True for the products that a matrix kernel consists of.
    pub fn is_product(self) -> bool {
        matches!(self, Self::Fma | Self::Dot | Self::Matrix)
    }
}

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    pub class: Class,
    /// Multiplications and additions of a product that it does for each lane.
    pub operations: u32,
    /// Bytes that it moves between a buffer and registers, for each lane.
    pub bytes: u32,
    /// The position of the instruction that it jumps back to.
    pub jumps_to: Option<usize>,
}

/// Instructions by class.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub by_class: BTreeMap<Class, u32>,
    pub total: u32,
    /// As in [`Instruction`], the sum of all.
    pub operations: u32,
    pub bytes: u32,
}

impl Counts {
    /// Counts the instructions that matter for the workload.
    pub fn of(workload: Workload, program: &[Instruction]) -> Self {
        let counted = match workload {
            Workload::Hash(_) | Workload::Pass => program,
            Workload::Product | Workload::Vector => inner_loop(program),
        };
        let mut counts = Self::default();
        for instruction in counted {
            *counts.by_class.entry(instruction.class).or_default() += 1;
            counts.total += 1;
            counts.operations += instruction.operations;
            counts.bytes += instruction.bytes;
        }
        counts
    }

    pub fn vector(&self) -> u32 {
        self.sum(Class::is_vector)
    }

    pub fn products(&self) -> u32 {
        self.sum(Class::is_product)
    }

    /// The number of instructions that read or write a buffer.
    pub fn accesses(&self) -> u32 {
        self.by_class.get(&Class::Memory).copied().unwrap_or(0)
    }

    fn sum(&self, wanted: fn(Class) -> bool) -> u32 {
        let counts = self.by_class.iter().filter(|(class, _)| wanted(**class));
        counts.map(|(_, n)| n).sum()
    }
}

/// The loop with most products, among those that contain no other loop; the whole program
/// where no loop contains products. Compilers may unroll a loop and add another after it
/// for the remainder.
fn inner_loop(program: &[Instruction]) -> &[Instruction] {
    let products = |part: &[Instruction]| part.iter().filter(|i| i.class.is_product()).count();
    let places = program.iter().enumerate();
    let loops: Vec<(usize, usize)> = places
        .filter_map(|(end, instruction)| Some((instruction.jumps_to?, end)))
        .filter(|(begin, end)| begin <= end)
        .collect();
    let is_inner = |&&(begin, end): &&(usize, usize)| {
        let within = |&&(b, e): &&(usize, usize)| begin <= b && e <= end && (b, e) != (begin, end);
        loops.iter().find(within).is_none()
    };
    let inner = loops.iter().filter(is_inner);
    inner
        .map(|&(begin, end)| &program[begin..=end])
        .max_by_key(|part| products(part))
        .filter(|part| products(part) > 0)
        .unwrap_or(program)
}

/// The cost of a kernel on a target.
#[derive(Clone, Debug)]
pub struct Cost {
    pub kernel: String,
    pub workload: Workload,
    /// The name of the chip or the architecture.
    pub target: &'static str,
    pub counts: Counts,
    /// Vector instructions among those counted.
    pub vector: u32,
    /// Vector registers of an invocation.
    pub registers: u32,
    /// Spilled registers (AMD) or bytes (NVIDIA).
    pub spills: u32,
    /// Workgroup memory in bytes.
    pub shared_bytes: u32,
    /// Subgroups that a SIMD unit (AMD) or a multiprocessor (NVIDIA) holds.
    pub waves: u32,
}

impl Cost {
    /// The count that a budget limits: vector instructions on AMD, whose other units work
    /// beside the vector unit, and all instructions on NVIDIA, where a scheduler
    /// issues one at a time.
    pub fn instructions(&self) -> u32 {
        match self.target.starts_with("sm_") {
            true => self.counts.total,
            false => self.vector,
        }
    }
}

#[cfg(test)]
impl Cost {
    /// The cost of a kernel `k` with these instructions.
    pub fn made(workload: Workload, target: &'static str, by_class: &[(Class, u32)]) -> Self {
        let counts = Counts {
            by_class: by_class.iter().copied().collect(),
            total: by_class.iter().map(|(_, count)| count).sum(),
            operations: 180,
            bytes: 64,
        };
        Self {
            kernel: "k".to_owned(),
            workload,
            target,
            vector: counts.vector(),
            counts,
            registers: 32,
            spills: 0,
            shared_bytes: 16_384,
            waves: 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(text: &str) -> Vec<Instruction> {
        let instruction = |c| Instruction {
            class: match c {
                'f' => Class::Fma,
                'l' => Class::SharedLoad,
                'd' => Class::Dot,
                'm' => Class::Memory,
                _ => Class::Scalar,
            },
            operations: if c == 'f' { 2 } else { 0 },
            bytes: if c == 'm' { 16 } else { 0 },
            // A jump goes back to the position that its digit gives.
            jumps_to: char::to_digit(c, 10).map(|to| to as usize),
        };
        text.chars().map(instruction).collect()
    }

    #[test]
    fn the_loop_with_the_products_is_counted() {
        // A loop from 3 to 7 within one from 1 to 9; another after them.
        let program = program("ss.lffl3f1ls3");
        let inner = inner_loop(&program);
        assert_eq!(inner.len(), 5);
        let counts = Counts::of(Workload::Product, &program[..8]);
        assert_eq!((counts.total, counts.products()), (5, 2));
        let counts = Counts::of(Workload::Hash(1), &program);
        assert_eq!((counts.total, counts.products()), (13, 3));
    }

    #[test]
    fn an_unrolled_loop_goes_before_what_it_leaves_over() {
        // A loop from 1 to 6, and another from 8 to 10.
        let program = program("sffffm1sfm8");
        for workload in [Workload::Product, Workload::Vector] {
            let counts = Counts::of(workload, &program);
            assert_eq!((counts.total, counts.products()), (6, 4));
            assert_eq!((counts.operations, counts.bytes), (8, 16));
        }
        let counts = Counts::of(Workload::Pass, &program);
        assert_eq!((counts.total, counts.accesses(), counts.bytes), (11, 2, 32));
    }

    #[test]
    fn a_program_without_a_loop_is_counted_whole() {
        let counts = Counts::of(Workload::Product, &program("ffdls"));
        let found = (counts.total, counts.products(), counts.vector());
        assert_eq!(found, (5, 3, 3));
    }

    #[test]
    fn classes_of_the_vector_unit_come_first() {
        assert!(Class::Matrix.is_vector() && !Class::SharedLoad.is_vector());
    }
}
