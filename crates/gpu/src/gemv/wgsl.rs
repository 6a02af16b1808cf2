//! Generates the shader of a split.

use std::fmt::Write;

use super::split::Split;
use crate::matmul::Element;

const FRAME: &str = include_str!("../../../../shaders/gemv.wgsl");

const COMPONENTS: [&str; 4] = ["x", "y", "z", "w"];

/// The shader of a split.
#[must_use]
pub fn wgsl(element: Element, split: &Split) -> String {
    let (input, output) = match element {
        Element::F32 => ("f32", "f32"),
        Element::I8 => ("u32", "i32"),
        // Two halves per word, so that a load has 16 bytes for these formats too.
        Element::F16 | Element::F16F32 | Element::CoopF16F32 => ("u32", "f32"),
    };
    let halves = input == "u32" && output == "f32";
    let sum = if output == "i32" { "i32" } else { "vec4<f32>" };
    let (mut before, mut inside, mut after, mut add) = Default::default();
    let unpack = |text: &mut String, name: &str| {
        for (half, (low, high)) in [("x", "y"), ("z", "w")].into_iter().enumerate() {
            push(
                text,
                format_args!(
                    "    let {name}_{half} = vec4<f32>(unpack2x16float({name}.{low}), unpack2x16float({name}.{high}));"
                ),
            );
        }
    };
    push(&mut inside, format_args!("    let x = x_vector[at];"));
    if halves {
        unpack(&mut inside, "x");
    }
    for row in 0..split.rows {
        push(
            &mut before,
            format_args!(
                "  let row_{row} = (first_row + {row}u) * groups;\n  var sum_{row} = {sum}();"
            ),
        );
        push(
            &mut inside,
            format_args!("    let w{row} = weights[row_{row} + at];"),
        );
        if halves {
            unpack(&mut inside, &format!("w{row}"));
            for half in 0..2 {
                push(
                    &mut inside,
                    format_args!("    sum_{row} = fma(x_{half}, w{row}_{half}, sum_{row});"),
                );
            }
        } else if output == "i32" {
            for component in COMPONENTS {
                push(
                    &mut inside,
                    format_args!(
                        "    sum_{row} = sum_{row} + dot4I8Packed(x.{component}, w{row}.{component});"
                    ),
                );
            }
        } else {
            push(
                &mut inside,
                format_args!("    sum_{row} = fma(x, w{row}, sum_{row});"),
            );
        }
        let place = row * split.threads;
        let total = if output == "i32" {
            format!("sum_{row}")
        } else {
            COMPONENTS
                .map(|component| format!("sum_{row}.{component}"))
                .join(" + ")
        };
        push(
            &mut after,
            format_args!("  sums[index + {place}u] = {total};"),
        );
        push(
            &mut add,
            format_args!("      sums[index + {place}u] += sums[index + half + {place}u];"),
        );
    }
    let words = [
        ("BEFORE", before),
        ("INSIDE", inside),
        ("AFTER", after),
        ("ADD", add),
        ("THREADS", split.threads.to_string()),
        ("ROWS", split.rows.to_string()),
        ("INPUT", input.to_owned()),
        ("OUTPUT", output.to_owned()),
    ];
    crate::kernel::template::fill_in(FRAME, &words)
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
