//! Generates the shader of a tile.

use std::fmt::Write;

use super::element::Element;
use super::tile::{Source, Tile};

const FRAME: &str = include_str!("../../../../shaders/matmul.wgsl");

/// The shader of a tile; `metal` is true for Metal, whose cooperative matrices are loaded
/// differently.
#[must_use]
pub fn wgsl(element: Element, tile: &Tile, metal: bool) -> String {
    if let Source::Cooperative(edge) = tile.source {
        return super::cooperative::wgsl(tile, edge, if metal { 1 } else { 4 });
    }
    let writer = Writer {
        types: Types::of(element),
        tile: *tile,
    };
    let (x, y) = tile.threads();
    let shared = match tile.source {
        Source::Direct => String::new(),
        _ => writer.shared(),
    };
    let words = [
        ("ENABLE", writer.types.enable.to_owned()),
        ("SHARED", shared),
        ("BEFORE", writer.before()),
        ("INSIDE", writer.inside()),
        ("AFTER", writer.after()),
        ("K_GROUPS", (tile.bk / 4).to_string()),
        ("INPUT", writer.types.input.to_owned()),
        ("OUTPUT", writer.types.output.to_owned()),
        ("THREADS_X", x.to_string()),
        ("THREADS_Y", y.to_string()),
    ];
    crate::kernel::template::fill_in(FRAME, &words)
}

/// The WGSL types of the numbers.
struct Types {
    enable: &'static str,
    /// The type of elements of A and B.
    input: &'static str,
    /// The type of numbers in workgroup memory and in registers.
    operand: &'static str,
    /// The type of the sums and of C.
    output: &'static str,
    integers: bool,
}

impl Types {
    fn of(element: Element) -> Self {
        let (enable, input, operand, output) = match element {
            Element::F32 => ("", "f32", "f32", "f32"),
            Element::F16 => ("enable f16;", "f16", "f16", "f16"),
            Element::F16F32 | Element::CoopF16F32 => ("enable f16;", "f16", "f32", "f32"),
            Element::I8 => ("", "u32", "u32", "i32"),
        };
        Self {
            enable,
            input,
            operand,
            output,
            integers: element == Element::I8,
        }
    }
}

struct Writer {
    types: Types,
    tile: Tile,
}

const COMPONENTS: [&str; 4] = ["x", "y", "z", "w"];

macro_rules! line {
    ($text:ident, $($part:tt)*) => {{
        // Writing to a string cannot fail.
        let _ = writeln!($text, $($part)*);
    }};
}

impl Writer {
    /// Loads of a group of four that each invocation does per step, for A and for B.
    fn loads(&self) -> (u32, u32) {
        let (x, y) = self.tile.threads();
        let groups = |edge| edge * self.tile.bk / 4 / (x * y);
        (groups(self.tile.bm), groups(self.tile.bn))
    }

    fn shared(&self) -> String {
        let Tile { bm, bn, bk, .. } = self.tile;
        let operand = self.types.operand;
        let block = |name, groups| {
            format!("var<workgroup> {name}_block: array<vec4<{operand}>, {groups}>;\n")
        };
        block("a", bm * self.tile.a_shared_stride()) + &block("b", bk * bn / 4)
    }

    /// The code before the loop: positions to read and write, and empty sums.
    fn before(&self) -> String {
        let Tile {
            bm, bn, bk, tm, tn, ..
        } = self.tile;
        let (x, y) = self.tile.threads();
        let mut text = String::new();
        if self.tile.source == Source::Direct {
            line!(
                text,
                "  var a_at = (block_row * {bm}u + local.y) * part.a_stride;"
            );
            line!(text, "  let a_skip = {y}u * part.a_stride;");
            line!(text, "  var b_at = block_column * {}u + local.x;", bn / 4);
        } else {
            let threads = x * y;
            let (k_groups, n_groups) = (bk / 4, bn / 4);
            let stride = self.tile.a_shared_stride();
            line!(
                text,
                "  var a_at = (block_row * {bm}u + index / {k_groups}u) * part.a_stride + index % {k_groups}u;"
            );
            line!(
                text,
                "  let a_skip = {}u * part.a_stride;",
                threads / k_groups
            );
            line!(
                text,
                "  var b_at = index / {n_groups}u * part.b_stride + block_column * {n_groups}u + index % {n_groups}u;"
            );
            line!(
                text,
                "  let b_skip = {}u * part.b_stride;",
                threads / n_groups
            );
            line!(
                text,
                "  let a_to = index / {k_groups}u * {stride}u + index % {k_groups}u;"
            );
            line!(text, "  let a_from = local.y * {stride}u;");
            line!(text, "  let b_from = local.x;");
        }
        line!(text, "  let b_step = {bk}u * part.b_stride;");
        for i in 0..tm {
            for j in 0..tn / 4 {
                line!(text, "  var c_{i}_{j} = vec4<{}>();", self.types.output);
            }
        }
        if self.tile.source == Source::Prefetched {
            text += &self.load("var");
            text += ADVANCE;
        }
        text
    }

    fn inside(&self) -> String {
        match self.tile.source {
            Source::Staged => {
                self.load("let")
                    + ADVANCE
                    + "    workgroupBarrier();\n"
                    + &self.store()
                    + "    workgroupBarrier();\n"
                    + &self.multiply()
            }
            Source::Prefetched => {
                "    workgroupBarrier();\n".to_owned()
                    + &self.store()
                    + "    workgroupBarrier();\n"
                    + "    if (step + 1u < part.steps) {\n"
                    + &self.load("")
                    + ADVANCE
                    + "    }\n"
                    + &self.multiply()
            }
            Source::Direct | Source::Cooperative(_) => self.multiply() + ADVANCE,
        }
    }

    /// Code that loads from the matrices to registers: declared by `var` or `let`, or
    /// assigned.
    fn load(&self, declare: &str) -> String {
        let (a_loads, b_loads) = self.loads();
        let (input, operand) = (self.types.input, self.types.operand);
        let mut text = String::new();
        for (matrix, loads) in [("a", a_loads), ("b", b_loads)] {
            for i in 0..loads {
                let value = format!("{matrix}_matrix[{matrix}_at + {i}u * {matrix}_skip]");
                let value = if input == operand {
                    value
                } else {
                    format!("vec4<{operand}>({value})")
                };
                line!(text, "    {declare} {matrix}_next_{i} = {value};");
            }
        }
        text
    }

    /// Code that stores from registers to workgroup memory.
    fn store(&self) -> String {
        let (a_loads, b_loads) = self.loads();
        let (x, y) = self.tile.threads();
        let rows = x * y / (self.tile.bk / 4);
        let mut text = String::new();
        for i in 0..a_loads {
            let offset = i * rows * self.tile.a_shared_stride();
            line!(text, "    a_block[a_to + {offset}u] = a_next_{i};");
        }
        for i in 0..b_loads {
            line!(text, "    b_block[index + {}u] = b_next_{i};", i * x * y);
        }
        text
    }

    /// The products of one step. Four numbers along k of A are in registers at once,
    /// because they are read as one group.
    fn multiply(&self) -> String {
        let Tile { bn, bk, tm, tn, .. } = self.tile;
        let (x, y) = self.tile.threads();
        let stride = self.tile.a_shared_stride();
        let direct = self.tile.source == Source::Direct;
        let convert = |value: String| {
            if direct && self.types.input != self.types.operand {
                format!("vec4<{}>({value})", self.types.operand)
            } else {
                value
            }
        };
        let mut text = String::new();
        for group in 0..bk / 4 {
            for i in 0..tm {
                let value = convert(if direct {
                    format!("a_matrix[a_at + {i}u * a_skip + {group}u]")
                } else {
                    format!("a_block[a_from + {}u]", i * y * stride + group)
                });
                line!(text, "    let a_{group}_{i} = {value};");
            }
            for (component, name) in (0..).zip(COMPONENTS) {
                let k = 4 * group + component;
                for j in 0..tn / 4 {
                    let value = convert(if direct {
                        format!("b_matrix[b_at + {k}u * part.b_stride + {}u]", j * x)
                    } else {
                        format!("b_block[b_from + {}u]", k * bn / 4 + j * x)
                    });
                    line!(text, "    let b_{k}_{j} = {value};");
                }
                for i in 0..tm {
                    for j in 0..tn / 4 {
                        let (a, b) = (format!("a_{group}_{i}.{name}"), format!("b_{k}_{j}"));
                        let c = format!("c_{i}_{j}");
                        let sum = self.multiply_add(&a, &b, &c);
                        line!(text, "    {c} = {sum};");
                    }
                }
            }
        }
        text
    }

    /// The expression `a`·`b` + `c`, where `a` is a number and `b` a vector of four.
    fn multiply_add(&self, a: &str, b: &str, c: &str) -> String {
        if self.types.integers {
            let dots = COMPONENTS.map(|name| format!("dot4I8Packed({a}, {b}.{name})"));
            format!("{c} + vec4<i32>({})", dots.join(", "))
        } else {
            format!("fma(vec4<{}>({a}), {b}, {c})", self.types.operand)
        }
    }

    fn after(&self) -> String {
        let Tile { bm, bn, tm, tn, .. } = self.tile;
        let (x, y) = self.tile.threads();
        let mut text = String::new();
        line!(
            text,
            "  let c_at = (block_row * {bm}u + local.y) * part.c_stride + block_column * {}u + local.x;",
            bn / 4
        );
        line!(text, "  let c_skip = {y}u * part.c_stride;");
        for i in 0..tm {
            for j in 0..tn / 4 {
                line!(
                    text,
                    "  c_matrix[c_at + {i}u * c_skip + {}u] = c_{i}_{j};",
                    j * x
                );
            }
        }
        text
    }
}

/// Advances to the next block along k.
const ADVANCE: &str = "    a_at += K_GROUPSu;\n    b_at += b_step;\n";
