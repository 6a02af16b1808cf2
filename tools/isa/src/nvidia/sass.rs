//! NVIDIA's disassembly, and the messages of its assembler.

use std::collections::HashMap;

use crate::cost::{Class, Instruction};

/// The resources of a kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    pub registers: u32,
    pub spilled_bytes: u32,
    pub shared_bytes: u32,
}

/// Reads the assembler's messages, such as `ptxas info    : Used 40 registers, used 1
/// barriers, 16384 bytes smem` and `0 bytes stack frame, 0 bytes spill stores, 0 bytes
/// spill loads`.
pub fn usage(log: &str) -> Option<Usage> {
    let before = |what: &str| {
        let (text, _) = log.split_once(what)?;
        text.split_whitespace().last()?.parse::<u32>().ok()
    };
    Some(Usage {
        registers: before(" registers")?,
        spilled_bytes: before(" bytes spill stores").unwrap_or(0)
            + before(" bytes spill loads").unwrap_or(0),
        shared_bytes: before(" bytes smem").unwrap_or(0),
    })
}

/// The instructions, in order, without those that pad the program's end.
///
/// A line is `/*0070*/  @P0 IMAD.IADD R4, R5, 0x1, R6 ;`, or a label such as
/// `.L_x_1:`.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut labels = HashMap::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(label) = line.strip_suffix(':') {
            labels.insert(label, found.len());
            continue;
        }
        let Some((_, code)) = line
            .strip_prefix("/*")
            .and_then(|rest| rest.split_once("*/"))
        else {
            continue;
        };
        let mut words = code
            .split_whitespace()
            .skip_while(|word| word.starts_with('@'));
        let Some(opcode) = words.next() else {
            continue;
        };
        let opcode = opcode.trim_end_matches(';');
        if opcode == "NOP" {
            continue;
        }
        // Only loops matter, and their labels come before the jumps.
        let to = code.split(['(', ')']).nth(1);
        let to = to.filter(|_| opcode.starts_with("BRA"));
        let jumps_to = to.and_then(|to| labels.get(to).copied());
        let class = match code.contains(" -RZ, RZ, ") {
            // A constant, loaded by a multiplication of zeros.
            true => Class::Move,
            false => class(opcode),
        };
        found.push(Instruction {
            class,
            operations: operations(class, opcode),
            bytes: bytes(class, opcode),
            jumps_to,
        });
    }
    found
}

/// The class of an opcode with its modifiers.
fn class(opcode: &str) -> Class {
    let base = opcode.split('.').next().unwrap_or_default();
    match base {
        "SHF" => Class::Rotate,
        "SHL" | "SHR" | "PRMT" => Class::Shift,
        "LOP3" | "PLOP3" => Class::Logic3,
        "IADD3" | "LEA" => Class::Add3,
        "IADD" | "VIADD" => Class::Add,
        // An addition on the multiplier, which leaves the adder free.
        "IMAD" if opcode.starts_with("IMAD.IADD") => Class::Add,
        "IMAD" if opcode.starts_with("IMAD.MOV") => Class::Move,
        "IMAD" if opcode.starts_with("IMAD.SHL") => Class::Shift,
        "IMAD" => Class::Imad,
        "FFMA" | "FFMA2" | "HFMA2" | "DFMA" => Class::Fma,
        "IDP" | "IDP4A" => Class::Dot,
        "HMMA" | "IMMA" | "QMMA" | "OMMA" | "HGMMA" => Class::Matrix,
        "MOV" | "CS2R" | "S2R" => Class::Move,
        "LDS" | "LDSM" => Class::SharedLoad,
        "STS" => Class::SharedStore,
        "LDL" | "STL" => Class::Local,
        "LDC" | "ULDC" | "LDCU" => Class::ScalarMemory,
        "LDG" | "STG" | "ATOMG" | "ATOM" | "RED" | "REDG" | "LD" | "ST" => Class::Memory,
        "BRA" | "EXIT" | "BSSY" | "BSYNC" | "BAR" | "VOTEU" | "R2UR" | "S2UR" => Class::Scalar,
        // Instructions of the uniform unit: UIADD3, ULOP3, UMOV and others.
        _ if base.starts_with('U') => Class::Scalar,
        _ => Class::OtherVector,
    }
}

/// Multiplications and additions of a product that an instruction does for each lane.
fn operations(class: Class, opcode: &str) -> u32 {
    match class {
        // Two results at a time.
        Class::Fma if opcode.starts_with("HFMA2") || opcode.starts_with("FFMA2") => 4,
        Class::Fma => 2,
        Class::Dot => 8,
        _ => 0,
    }
}

/// Bytes that an instruction moves for each lane.
fn bytes(class: Class, opcode: &str) -> u32 {
    let has = |modifiers: &[&str]| opcode.split('.').any(|word| modifiers.contains(&word));
    match class {
        Class::Memory if has(&["128"]) => 16,
        Class::Memory if has(&["64"]) => 8,
        Class::Memory if has(&["U16", "S16"]) => 2,
        Class::Memory if has(&["U8", "S8"]) => 1,
        Class::Memory => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
\t.section\t.text.main_,\"ax\",@progbits
.text.main_:
        /*0000*/                   IMAD.MOV.U32 R1, RZ, RZ, c[0x0][0x28] ;
        /*0010*/                   S2R R0, SR_CTAID.Y ;
        /*0020*/                   SHF.L.W.U32.HI R3, R2, R5, R2 ;
        /*0030*/                   LOP3.LUT R3, R3, R4, R5, 0x96, !PT ;
        /*0040*/                   IADD3 R7, R3, R4, R5 ;
.L_x_1:
        /*0050*/                   LDS.128 R8, [R2] ;
        /*0060*/                   FFMA R9, R8, R7, R9 ;
        /*0070*/               @P0 BRA `(.L_x_1) ;
        /*0080*/              @!P1 EXIT ;
        /*0090*/                   UIADD3 UR4, UR4, 0x1, URZ ;
.L_x_2:
        /*00a0*/                   BRA `(.L_x_2);
        /*00b0*/                   NOP;
";

    #[test]
    fn a_program_is_read() {
        let read = instructions(TEXT);
        let names: Vec<&str> = read.iter().map(|i| i.class.name()).collect();
        let expected = "move move rotate logic3 add3 shared ld fma scalar scalar scalar scalar";
        assert_eq!(names.join(" "), expected);
        assert_eq!(read[7].jumps_to, Some(5));
    }

    #[test]
    fn work_is_read_of_opcodes() {
        for (line, class, operations, bytes) in [
            ("FFMA R9, R8, R7, R9", Class::Fma, 2, 0),
            ("HFMA2.MMA R9, R8, R7.H0_H0, R9", Class::Fma, 4, 0),
            ("HFMA2.MMA R9, -RZ, RZ, 0, 0", Class::Move, 0, 0),
            ("IDP.4A.S8.S8 R9, R8, R7, R9", Class::Dot, 8, 0),
            ("LDG.E.128.CONSTANT R8, [R2.64]", Class::Memory, 0, 16),
            ("STG.E R8, [R2.64]", Class::Memory, 0, 4),
            ("LDG.E.U16 R8, [R2.64]", Class::Memory, 0, 2),
            ("LDS.128 R8, [R2]", Class::SharedLoad, 0, 0),
            ("STL.64 [R1], R8", Class::Local, 0, 0),
            ("HMMA.16816.F32 R8, R4, R2, R8", Class::Matrix, 0, 0),
            ("ISETP.NE.AND P0, PT, R2, RZ, PT", Class::OtherVector, 0, 0),
            // The multiplier does other work too.
            ("IMAD.IADD.U32 R4, R5, 0x1, R6", Class::Add, 0, 0),
            ("IMAD.WIDE.U32 R4, R5, R6, R8", Class::Imad, 0, 0),
            ("IMAD.SHL.U32 R4, R5, 0x4, RZ", Class::Shift, 0, 0),
        ] {
            let read = instructions(&format!("        /*0000*/  {line} ;"))[0];
            let work = (read.class, read.operations, read.bytes);
            assert_eq!(work, (class, operations, bytes), "{line}");
        }
    }

    #[test]
    fn the_assembler_tells_registers_and_spills() {
        let log = "ptxas info    : Compiling entry function 'main_' for 'sm_89'
ptxas info    : Function properties for main_
    0 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads
ptxas info    : Used 117 registers, used 1 barriers, 16384 bytes smem, 400 bytes cmem[0]
";
        let expected = Usage {
            registers: 117,
            spilled_bytes: 12,
            shared_bytes: 16_384,
        };
        assert_eq!(usage(log), Some(expected));
        assert_eq!(usage("nothing"), None);
    }
}
