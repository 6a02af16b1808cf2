//! The instructions that a step of a kernel executes, and the number of times.

use crate::asm::{Function, Instruction};

/// Instructions, each with the number of times that a step executes it.
pub type Weighted<'a> = Vec<(&'a Instruction, u32)>;

/// A stretch of a function that is executed once: the whole function or the body of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    first: usize,
    last: usize,
}

/// The smallest stretch of `function` that the search for a kernel's step accepts; loops
/// within it are executed the number of times that `trips` has for their depth.
pub fn step<'a>(
    function: &'a Function,
    trips: &[u32],
    accept: impl Fn(&Weighted<'a>) -> bool,
) -> Option<Weighted<'a>> {
    let loops = loops(function);
    let mut stretches = loops.clone();
    stretches.push(Stretch {
        first: 0,
        last: function.instructions.len().checked_sub(1)?,
    });
    stretches.sort_by_key(|stretch| stretch.last - stretch.first);
    stretches
        .into_iter()
        .map(|stretch| weigh(function, &loops, stretch, trips))
        .find(accept)
}

/// The loops of a function, found by their backward branches. Those with the same head are
/// one loop.
fn loops(function: &Function) -> Vec<Stretch> {
    let mut loops: Vec<Stretch> = Vec::new();
    for (at, instruction) in function.instructions.iter().enumerate() {
        let target = instruction.operands.rsplit([' ', ',', '\t']).next();
        let Some(&first) = target.and_then(|label| function.labels.get(label)) else {
            continue;
        };
        if !is_branch(&instruction.mnemonic) || first > at {
            continue;
        }
        match loops.iter_mut().find(|known| known.first == first) {
            Some(known) => known.last = known.last.max(at),
            None => loops.push(Stretch { first, last: at }),
        }
    }
    loops
}

fn is_branch(mnemonic: &str) -> bool {
    let arm = ["b", "cbz", "cbnz", "tbz", "tbnz"];
    mnemonic.starts_with('j') || arm.contains(&mnemonic) || mnemonic.starts_with("b.")
}

fn weigh<'a>(
    function: &'a Function,
    loops: &[Stretch],
    stretch: Stretch,
    trips: &[u32],
) -> Weighted<'a> {
    let within = |inner: &Stretch| {
        *inner != stretch && inner.first >= stretch.first && inner.last <= stretch.last
    };
    (stretch.first..=stretch.last)
        .map(|at| {
            let depth = loops
                .iter()
                .filter(|inner| within(inner) && (inner.first..=inner.last).contains(&at))
                .count();
            let weight = trips.iter().take(depth).product();
            (&function.instructions[at], weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asm::parse;

    const NESTED: &str = "_ZN1f:\n push rbx\n.L1:\n paddd xmm1, xmm2\n.L2:\n pxor xmm1, xmm1\n \
                          jne .L2\n test eax, eax\n je .L9\n jne .L1\n.L9:\n ret\n";

    fn count(weighted: &Weighted<'_>, mnemonic: &str) -> u32 {
        let of = weighted.iter().filter(|(i, _)| i.mnemonic == mnemonic);
        of.map(|(_, weight)| weight).sum()
    }

    #[test]
    fn inner_loops_count_as_often_as_they_run() {
        let functions = parse(NESTED);
        let step = step(&functions[0], &[4], |step| count(step, "paddd") > 0).unwrap();
        assert_eq!((count(&step, "paddd"), count(&step, "pxor")), (1, 4));
        assert_eq!((count(&step, "push"), count(&step, "ret")), (0, 0));
    }

    #[test]
    fn the_smallest_accepted_stretch_is_taken() {
        let functions = parse(NESTED);
        let pxor = step(&functions[0], &[], |step| count(step, "pxor") == 1).unwrap();
        assert_eq!(pxor.len(), 2);
        let all = step(&functions[0], &[4, 2], |step| count(step, "pxor") == 8).unwrap();
        assert_eq!(count(&all, "ret"), 1);
        assert!(step(&functions[0], &[], |step| count(step, "pxor") == 9).is_none());
    }
}
