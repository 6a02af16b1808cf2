//! Generates the shader of a tile of cooperative matrices.

use std::fmt::Write;

use super::tile::Tile;

const FRAME: &str = include_str!("../../../../shaders/matmul-cooperative.wgsl");

/// The shader of a tile of matrices of `edge`×`edge`. A and B are arrays of groups of
/// `group` elements: 4, or 1 for Metal.
pub(crate) fn wgsl(tile: &Tile, edge: u32, group: u32) -> String {
    let (rows, columns) = (tile.tm / edge, tile.tn / edge);
    let mut before = String::new();
    let mut inside = String::new();
    let mut after = String::new();
    let matrix = |scalar: &str, role: &str| format!("coop_mat{edge}x{edge}<{scalar}, {role}>");
    let load = |name: &str, call: &str, role: &str, i: u32| {
        let (matrix, at) = (matrix("f16", role), i * edge);
        format!(
            "      let {name}_{i} = {call}<{matrix}>(&{name}_matrix[{name}_at + {at}u * {name}_stride], {name}_stride);\n"
        )
    };
    for j in 0..columns {
        inside += &load("b", "coopLoad", "B", j);
    }
    for i in 0..rows {
        inside += &load("a", "coopLoadT", "A", i);
        // Writing to a string cannot fail.
        for j in 0..columns {
            let _ = writeln!(before, "    var c_{i}_{j} = {}();", matrix("f32", "C"));
            let _ = writeln!(
                inside,
                "      c_{i}_{j} = coopMultiplyAdd(a_{i}, b_{j}, c_{i}_{j});"
            );
            let _ = writeln!(
                after,
                "    let c_at_{i}_{j} = (row + {}u) * c_stride + column + {}u;\n    let sum_{i}_{j} = c_{i}_{j};\n    coopStoreT(sum_{i}_{j}, &c_matrix[c_at_{i}_{j}], c_stride);",
                i * edge,
                j * edge
            );
        }
    }
    let number = |value: u32| format!("{value}u");
    let words = [
        ("BEFORE", before),
        ("INSIDE", inside),
        ("AFTER", after),
        ("BLOCK_M", number(tile.bm)),
        ("BLOCK_N", number(tile.bn)),
        ("PIECES_M", number(tile.bm / tile.tm)),
        ("PIECES_N", number(tile.bn / tile.tn)),
        ("PIECE_M", number(tile.tm)),
        ("PIECE_N", number(tile.tn)),
        ("STEP", number(edge / group)),
        ("GROUP", number(group)),
        (
            "INPUT",
            if group == 1 { "f16" } else { "vec4<f16>" }.to_owned(),
        ),
    ];
    crate::kernel::template::fill_in(FRAME, &words)
}
