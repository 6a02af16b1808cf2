//! The disassembly of RADV.

use std::collections::HashMap;

use crate::cost::{Class, Instruction};

/// The instructions, in order; labels are numbered by the position of the instruction that
/// follows.
///
/// A line is `v_add3_u32 v44, s44, v44, v23 ; d76d002c 045e582c`, or a label such
/// as `BB3:`.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut labels = HashMap::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let code = line.split(';').next().unwrap_or_default().trim();
        if let Some(label) = code.strip_suffix(':') {
            labels.insert(label, found.len());
        } else if let Some(opcode) = code.split_whitespace().next() {
            // Only loops matter, and their labels come before the jumps.
            let is_jump = opcode.starts_with("s_cbranch") || opcode == "s_branch";
            let to = code.split_whitespace().last().filter(|_| is_jump);
            let jumps_to = to.and_then(|to| labels.get(to).copied());
            if opcode.contains('_') {
                let class = class(opcode);
                found.push(Instruction {
                    class,
                    operations: operations(class, code),
                    bytes: bytes(class, opcode),
                    jumps_to,
                });
            }
        }
    }
    found
}

/// The class of an opcode.
fn class(opcode: &str) -> Class {
    // The encoding does not affect the operation.
    let name = ["_e32", "_e64", "_sdwa", "_dpp"]
        .iter()
        .find_map(|encoding| opcode.strip_suffix(encoding))
        .unwrap_or(opcode);
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if starts(&["s_load", "s_buffer_load"]) {
        Class::ScalarMemory
    } else if starts(&["s_"]) {
        Class::Scalar
    } else if starts(&["ds_read", "ds_load"]) {
        Class::SharedLoad
    } else if starts(&["ds_"]) {
        Class::SharedStore
    } else if starts(&["scratch_"]) {
        Class::Local
    } else if !starts(&["v_"]) {
        Class::Memory
    } else if name == "v_alignbit_b32" {
        Class::Rotate
    } else if starts(&["v_wmma"]) {
        Class::Matrix
    } else if starts(&["v_dot"]) {
        Class::Dot
    } else if starts(&["v_fma", "v_pk_fma", "v_mac_f", "v_dual_fma", "v_mad_f"]) {
        Class::Fma
    } else if starts(&["v_add3"]) {
        Class::Add3
    } else if starts(&["v_xad"]) {
        Class::XorAdd
    } else if starts(&["v_add", "v_sub"]) {
        Class::Add
    } else if starts(&["v_lsh", "v_ashr"]) {
        Class::Shift
    } else if starts(&["v_xor3", "v_bfi", "v_and_or", "v_or3"]) {
        Class::Logic3
    } else if starts(&["v_xor", "v_and", "v_or", "v_not", "v_xnor"]) {
        Class::Logic
    } else if starts(&["v_mov"]) {
        Class::Move
    } else {
        Class::OtherVector
    }
}

/// Multiplications and additions of a product that an instruction does for each lane.
fn operations(class: Class, code: &str) -> u32 {
    match class {
        Class::Fma if code.starts_with("v_pk_") => 4,
        Class::Fma => 2,
        Class::Dot => 8,
        // Each sum in a register gets 16 products; the fewer lanes a subgroup has, the more
        // sums are in a lane.
        Class::Matrix => 2 * 16 * registers(code).unwrap_or(0),
        _ => 0,
    }
}

/// The registers of the first operand, as of `v_wmma v[8:15], v[0:7]`.
fn registers(code: &str) -> Option<u32> {
    let (_, range) = code.split_once("v[")?;
    let (first, last) = range.split_once(']')?.0.split_once(':')?;
    Some(last.parse::<u32>().ok()? - first.parse::<u32>().ok()? + 1)
}

/// Bytes that an instruction moves for each lane: `dword` and its multiples up to
/// RDNA2, bits from RDNA3 on.
fn bytes(class: Class, opcode: &str) -> u32 {
    let ends = |endings: &[&str]| endings.iter().any(|ending| opcode.ends_with(ending));
    match class {
        Class::Memory if ends(&["x4", "b128"]) => 16,
        Class::Memory if ends(&["x3", "b96"]) => 12,
        Class::Memory if ends(&["x2", "b64"]) => 8,
        Class::Memory if ends(&["short", "d16", "d16_hi", "b16", "u16", "i16"]) => 2,
        Class::Memory if ends(&["byte", "b8", "u8", "i8"]) => 1,
        Class::Memory => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: &str = "\
BB0:
\ts_buffer_load_dwordx8 s[16:23], s[8:11], 0x10               ; f42c0404 fa000010
\tv_lshl_add_u32 v0, s6, 8, v0                                ; d7460000 04011006
\tv_alignbit_b32 v5, v4, v4, s18                              ; d54e0005 004a0904
\tv_xor3_b32 v7, v7, v5, v6                                   ; d5780007 041a0b07
\tv_add3_u32 v7, 0xbf597fc7, v7, v8                           ; d76d0007 04220eff bf597fc7
\tv_xad_u32 v61, v54, v61, v7                                 ; d745003d 041e7b36
\tv_and_or_b32 v29, v58, v45, v29                             ; d771001d 04765b3a
\tv_cmpx_eq_i32_e32 0, v58                                    ; 7d247480
\ts_cbranch_execz BB18                                        ; bf880019
BB1:
\tbuffer_atomic_add v1, off, s[0:3], 0 glc                    ; e0c84000 80000180
BB18:
\ts_endpgm                                                    ; bf810000
";

    #[test]
    fn a_search_is_read() {
        let read = instructions(SEARCH);
        let names: Vec<&str> = read.iter().map(|i| i.class.name()).collect();
        let expected =
            "scalar mem shift rotate logic3 add3 xor-add logic3 other scalar memory scalar";
        assert_eq!(names.join(" "), expected);
        assert!(read.iter().all(|i| i.jumps_to.is_none()));
    }

    #[test]
    fn a_loop_is_a_jump_back() {
        let text = "BB0:\n\ts_mov_b32 s0, 0 ; 1\nBB3:\n\tv_fmac_f32_e32 v1, v2, v3 ; 2\n\tds_read_b128 v[4:7], v1 ; 3\n\ts_cbranch_scc0 BB3 ; 4\n";
        let read = instructions(text);
        assert_eq!(read.len(), 4);
        assert_eq!(read[3].jumps_to, Some(1));
        assert_eq!(read[1].class, Class::Fma);
        assert_eq!(read[2].class, Class::SharedLoad);
    }

    #[test]
    fn work_is_read_of_opcodes_and_operands() {
        #[rustfmt::skip]
        let cases = [
            ("v_fmac_f32_e32 v1, v2, v3", Class::Fma, 2, 0),
            ("v_fma_mix_f32 v1, v2, v3, v1", Class::Fma, 2, 0),
            ("v_pk_fma_f16 v1, v2, v3, v1", Class::Fma, 4, 0),
            ("v_dot4c_i32_i8 v1, v2, v3", Class::Dot, 8, 0),
            ("v_wmma_f32_16x16x16_f16 v[8:15], v[0:7], v[16:23]", Class::Matrix, 256, 0),
            ("v_wmma_f32_16x16x16_f16 v[8:11], v[0:7], v[16:23]", Class::Matrix, 128, 0),
            ("v_add_nc_u32_e32 v1, v2, v3", Class::Add, 0, 0),
            ("v_or_b32_sdwa v1, v2, v3", Class::Logic, 0, 0),
            ("v_mov_b32_e32 v1, v2", Class::Move, 0, 0),
            ("buffer_load_dwordx4 v[0:3], v4, s[0:3], 0 offen", Class::Memory, 0, 16),
            ("global_load_dwordx4 v[0:3], v4, s[0:3]", Class::Memory, 0, 16),
            ("buffer_store_b64 v[0:1], v4, s[0:3], 0 offen", Class::Memory, 0, 8),
            ("buffer_load_dword v0, v4, s[0:3], 0 offen", Class::Memory, 0, 4),
            ("buffer_load_ushort v0, v4, s[0:3], 0 offen", Class::Memory, 0, 2),
            ("scratch_store_dword off, v0, s32", Class::Local, 0, 0),
            ("ds_write_b128 v1, v[4:7]", Class::SharedStore, 0, 0),
            ("s_load_dwordx4 s[0:3], s[4:5], 0x0", Class::ScalarMemory, 0, 0),
        ];
        for (line, class, operations, bytes) in cases {
            let read = instructions(&format!("\t{line} ; 0"))[0];
            let work = (read.class, read.operations, read.bytes);
            assert_eq!(work, (class, operations, bytes), "{line}");
        }
    }
}
