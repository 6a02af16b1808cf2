//! Classes of instructions that differ in their execution ports.

use crate::asm::Instruction;

perwatt_tools::named! {
    /// The class of an instruction.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Class {
        /// `sha256rnds2`, or AArch64's `sha256h`.
        Rounds = "rounds",
        /// AArch64's `sha256h2`.
        Rounds2 = "rounds2",
        /// `sha256msg1` or `sha256su0`.
        Schedule1 = "msg1",
        /// `sha256msg2` or `sha256su1`.
        Schedule2 = "msg2",
        /// Vector addition, subtraction, comparison.
        Add = "add",
        /// Vector logic of two or three operands.
        Logic = "logic",
        /// Vector shift or rotation.
        Shift = "shift",
        /// Vector permutation, or a move between vector and general registers.
        Shuffle = "shuffle",
        /// Vector load as a separate instruction.
        Load = "load",
        /// Vector store.
        Store = "store",
        /// Copy between vector registers, which needs no port.
        Move = "move",
        /// Rotation or shift in general registers.
        ScalarShift = "int shift",
        /// All other work in general registers.
        Scalar = "integer",
    }
}

impl Class {
    /// True where a vector unit executes it.
    pub fn is_vector_operation(self) -> bool {
        self <= Self::Shuffle
    }
}

/// The class of an instruction for x86-64.
pub fn x86(instruction: &Instruction) -> Class {
    let Instruction { mnemonic, operands } = instruction;
    let operands: Vec<&str> = operands.split(',').map(str::trim).collect();
    // `xmmword ptr` is memory and not a register.
    let is_vector = |operand: &&str| {
        ["xmm", "ymm", "zmm"].iter().any(|kind| {
            let number = operand.strip_prefix(kind);
            number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let is_memory = |operand: &&str| operand.contains('[');
    match &mnemonic[..] {
        "sha256rnds2" => return Class::Rounds,
        "sha256msg1" => return Class::Schedule1,
        "sha256msg2" => return Class::Schedule2,
        "rol" | "ror" | "rorx" | "shl" | "shr" | "sar" | "shlx" | "shrx" => {
            return Class::ScalarShift;
        }
        _ => {}
    }
    if !operands.iter().any(is_vector) {
        return Class::Scalar;
    }
    let name = mnemonic.strip_prefix('v').unwrap_or(mnemonic);
    if name.starts_with("mov") && !name.starts_with("movmsk")
        || name.starts_with("pbroadcast")
        || name.starts_with("broadcast")
    {
        let [to, from] = operands[..] else {
            return Class::Shuffle;
        };
        // `movhps` and similar load into half of a register.
        let half = name.starts_with("movh") || name.starts_with("movl");
        return match (is_vector(&to), is_vector(&from)) {
            (true, true) if name.contains("broadcast") || half => Class::Shuffle,
            (true, true) => Class::Move,
            (true, false) if is_memory(&from) && !half => Class::Load,
            (false, true) if is_memory(&to) => Class::Store,
            _ => Class::Shuffle,
        };
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if starts(&["padd", "psub", "pcmp", "pmin", "pmax", "ptest"]) {
        Class::Add
    } else if starts(&["pxor", "por", "pand", "pternlog", "xor", "and", "or"]) {
        Class::Logic
    } else if starts(&["psll", "psrl", "psra", "pro"]) && !starts(&["pslldq", "psrldq"]) {
        Class::Shift
    } else {
        Class::Shuffle
    }
}

/// The class of an instruction for AArch64.
pub fn aarch64(instruction: &Instruction) -> Class {
    let Instruction { mnemonic, operands } = instruction;
    let vector = operands.starts_with(['v', 'q'])
        || operands.starts_with(['d', 's'])
            && operands[1..].starts_with(|c: char| c.is_ascii_digit());
    match &mnemonic[..] {
        "sha256h" => Class::Rounds,
        "sha256h2" => Class::Rounds2,
        "sha256su0" => Class::Schedule1,
        "sha256su1" => Class::Schedule2,
        "ror" | "lsl" | "lsr" | "extr" => Class::ScalarShift,
        _ if mnemonic.starts_with("ld") && (vector || operands.starts_with('{')) => Class::Load,
        _ if mnemonic.starts_with("st") && (vector || operands.starts_with('{')) => Class::Store,
        _ if operands.starts_with('w') && operands.contains("v") => Class::Shuffle,
        _ if !vector => Class::Scalar,
        "mov" if operands.matches(".16b").count() == 2 => Class::Move,
        "add" | "sub" | "cmeq" | "addv" | "cmtst" => Class::Add,
        "eor" | "and" | "orr" | "bic" | "bsl" | "bit" | "bif" | "eor3" => Class::Logic,
        "ushr" | "shl" | "sli" | "sri" | "sshr" | "usra" => Class::Shift,
        _ => Class::Shuffle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(of: fn(&Instruction) -> Class, text: &str) -> Class {
        let (mnemonic, operands) = text.split_once(' ').unwrap();
        of(&Instruction {
            mnemonic: mnemonic.into(),
            operands: operands.into(),
        })
    }

    #[test]
    fn x86_instructions() {
        for (text, expected) in [
            ("vpaddd zmm1, zmm2, dword ptr [rsp + 4]{1to16}", Class::Add),
            ("vpternlogd zmm1, zmm2, zmm3, 150", Class::Logic),
            ("vprold zmm1, zmm2, 15", Class::Shift),
            ("vpsrld ymm1, ymm2, 3", Class::Shift),
            ("pshufd xmm0, xmm0, 14", Class::Shuffle),
            ("palignr xmm13, xmm9, 4", Class::Shuffle),
            ("vmovdqa64 zmm1, zmm2", Class::Move),
            ("movdqa xmm0, xmmword ptr [rcx + 16]", Class::Load),
            ("vpbroadcastd zmm1, dword ptr [rsp]", Class::Load),
            ("vpbroadcastd zmm1, eax", Class::Shuffle),
            ("movq xmm1, qword ptr [rdx]", Class::Load),
            ("movq rax, xmm1", Class::Shuffle),
            ("movhps xmm1, qword ptr [rdx]", Class::Shuffle),
            ("vmovdqa ymmword ptr [rsp + 32], ymm3", Class::Store),
            ("sha256rnds2 xmm2, xmm1", Class::Rounds),
            ("sha256msg2 xmm2, xmmword ptr [rdi]", Class::Schedule2),
            ("rorx eax, ecx, 6", Class::ScalarShift),
            ("add eax, dword ptr [rsp]", Class::Scalar),
            ("vmovmskps eax, ymm0", Class::Shuffle),
        ] {
            assert_eq!(class(x86, text), expected, "{text}");
        }
    }

    #[test]
    fn aarch64_instructions() {
        for (text, expected) in [
            ("sha256h q0, q1, v2.4s", Class::Rounds),
            ("sha256h2 q0, q1, v2.4s", Class::Rounds2),
            ("sha256su0 v0.4s, v1.4s", Class::Schedule1),
            ("sha256su1 v0.4s, v1.4s, v2.4s", Class::Schedule2),
            ("add v0.4s, v1.4s, v2.4s", Class::Add),
            ("add x0, x1, x2", Class::Scalar),
            ("ushr v0.4s, v1.4s, #7", Class::Shift),
            ("sli v0.4s, v1.4s, #7", Class::Shift),
            ("bsl v0.16b, v1.16b, v2.16b", Class::Logic),
            ("mov v0.16b, v1.16b", Class::Move),
            ("ext v0.16b, v1.16b, v2.16b, #4", Class::Shuffle),
            ("ldr q0, [x1, #16]", Class::Load),
            ("ldp q0, q1, [sp]", Class::Load),
            ("str q0, [sp, #32]", Class::Store),
            ("ldr x0, [x1]", Class::Scalar),
            ("mov w0, v1.s[0]", Class::Shuffle),
        ] {
            assert_eq!(class(aarch64, text), expected, "{text}");
        }
    }
}
