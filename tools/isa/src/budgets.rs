//! Budgets of the kernels: their costs when `budgets.txt` was written. Compilers are
//! deterministic, so a cost above its budget is a regression.

use std::fmt::Write as _;

use crate::cost::Cost;

/// The committed table.
pub const COMMITTED: &str = include_str!("../budgets.txt");

const HEADER: &str = "\
# Written by `cargo isa --nvidia --write-budgets`.
# compiler target kernel instructions registers spills
# Instructions are of the whole program, or of the inner loop of a matrix product:
# those of the vector unit on AMD, all of them on NVIDIA.
";

/// A line of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Budget {
    compiler: String,
    target: String,
    kernel: String,
    /// Instructions, registers and spills.
    numbers: [u32; 3],
}

impl Budget {
    fn of(compiler: &str, cost: &Cost) -> Self {
        Self {
            compiler: compiler.to_owned(),
            target: cost.target.to_owned(),
            kernel: cost.kernel.clone(),
            numbers: [cost.instructions(), cost.registers, cost.spills],
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.compiler, &self.target, &self.kernel)
    }
}

/// Reads a table.
pub fn read(text: &str) -> Result<Vec<Budget>, String> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| read_line(line).ok_or_else(|| format!("no budget: {line:?}")))
        .collect()
}

fn read_line(line: &str) -> Option<Budget> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [compiler, target, kernel, numbers @ ..] = &words[..] else {
        return None;
    };
    let numbers: Option<Vec<u32>> = numbers.iter().map(|word| word.parse().ok()).collect();
    Some(Budget {
        compiler: (*compiler).to_owned(),
        target: (*target).to_owned(),
        kernel: (*kernel).to_owned(),
        numbers: numbers?.try_into().ok()?,
    })
}

/// Writes a table: the costs in `measured`, and the lines of `old` for other compilers.
pub fn write(old: &[Budget], measured: &[(String, Vec<Cost>)]) -> String {
    let is_measured = |budget: &&Budget| measured.iter().any(|(name, _)| *name == budget.compiler);
    let kept = old.iter().filter(|budget| !is_measured(budget)).cloned();
    let new = measured
        .iter()
        .flat_map(|(compiler, costs)| costs.iter().map(move |cost| Budget::of(compiler, cost)));
    let mut budgets: Vec<Budget> = kept.chain(new).collect();
    // A stable sort, so that kernels stay in their order.
    budgets.sort_by(|a, b| (&a.compiler, &a.target).cmp(&(&b.compiler, &b.target)));
    let mut text = HEADER.to_owned();
    for budget in budgets {
        let (compiler, target, kernel) = budget.key();
        let [instructions, registers, spills] = budget.numbers;
        let _ = writeln!(
            text,
            "{compiler} {target} {kernel} {instructions} {registers} {spills}"
        );
    }
    text
}

/// True where there are budgets for a compiler.
pub fn are_for(budgets: &[Budget], compiler: &str) -> bool {
    budgets.iter().any(|budget| budget.compiler == compiler)
}

/// The costs that are above their budget or have none, in words.
pub fn exceeded(budgets: &[Budget], compiler: &str, costs: &[Cost]) -> Vec<String> {
    let mut over = Vec::new();
    for cost in costs {
        let has = Budget::of(compiler, cost);
        let Some(may) = budgets.iter().find(|budget| budget.key() == has.key()) else {
            over.push(format!(
                "{} has no budget for {}; --write-budgets gives it one",
                cost.kernel, cost.target
            ));
            continue;
        };
        let names = ["instructions", "registers", "spills"];
        for ((what, has), may) in names.iter().zip(has.numbers).zip(may.numbers) {
            if has > may {
                over.push(format!(
                    "{} on {} has {has} {what} and may have {may}",
                    cost.kernel, cost.target
                ));
            }
        }
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Class;
    use crate::kernels::Workload;

    fn cost(kernel: &str, target: &'static str, adds: u32, registers: u32) -> Cost {
        Cost {
            kernel: kernel.to_owned(),
            registers,
            ..Cost::made(
                Workload::Hash(1),
                target,
                &[(Class::Add, adds), (Class::Scalar, 7)],
            )
        }
    }

    #[test]
    fn what_is_over_its_budget_is_named_with_both_numbers() {
        let budgets = read("# a comment\nMesa-25.0.7 navi21 a 100 32 0\n").unwrap();
        let exceeded = |cost: Cost| exceeded(&budgets, "Mesa-25.0.7", &[cost]).join("; ");
        assert_eq!(exceeded(cost("a", "navi21", 100, 32)), "");
        assert_eq!(exceeded(cost("a", "navi21", 90, 24)), "");
        assert_eq!(
            exceeded(cost("a", "navi21", 101, 40)),
            "a on navi21 has 101 instructions and may have 100; a on navi21 has 40 registers and may have 32"
        );
        let none = exceeded(cost("a", "navi31", 1, 1));
        assert!(none.contains("a has no budget for navi31"), "{none}");
        assert!(are_for(&budgets, "Mesa-25.0.7") && !are_for(&budgets, "Mesa-26.0.0"));
    }

    #[test]
    fn all_instructions_count_on_nvidia() {
        let measured = [
            ("M".to_owned(), vec![cost("a", "navi21", 100, 32)]),
            ("N".to_owned(), vec![cost("a", "sm_89", 100, 40)]),
        ];
        let old = read("M navi21 a 1 1 1\nO navi21 a 1 1 1\n").unwrap();
        let text = write(&old, &measured);
        let body: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let expected = [
            "M navi21 a 100 32 0",
            "N sm_89 a 107 40 0",
            "O navi21 a 1 1 1",
        ];
        assert_eq!(body, expected);
        assert_eq!(read(&text).unwrap().len(), 3);
    }

    #[test]
    fn the_committed_table_can_be_read() {
        assert!(!read(COMMITTED).unwrap().is_empty());
        let error = read("Mesa navi21 a 1 1").unwrap_err();
        assert!(error.contains("Mesa navi21"), "{error}");
    }

    /// The fewest instructions of the kernels whose names begin so, with at most these
    /// registers and no spills.
    fn least(budgets: &[Budget], target: &str, name: &str, most: u32) -> Option<u32> {
        let is_of = |budget: &&Budget| budget.target == target && budget.kernel.starts_with(name);
        let numbers = budgets.iter().filter(is_of).map(|budget| budget.numbers);
        let fitting = numbers.filter(|[_, registers, spills]| *registers <= most && *spills == 0);
        fitting.map(|[instructions, ..]| instructions).min()
    }

    /// The limits of the search, independent of the table.
    #[test]
    fn the_search_is_within_its_goals() {
        let budgets = read(COMMITTED).unwrap();
        let best = |target: &str, midstates: &str, registers: u32| {
            least(
                &budgets,
                target,
                &format!("sha256d-{midstates}-"),
                registers,
            )
            .unwrap()
        };
        assert!(best("navi21", "x1", 72) <= 2_800);
        assert!(best("sm_89", "x1", 255) <= 2_495);
        assert!(best("sm_89", "x8", 255) <= 8 * 2_150);
    }

    /// Most instructions of a product are its multiply-adds (packed for halves) or dot
    /// products of four (for bytes): the count is of the inner loop of the largest block,
    /// which has 1024 steps of an invocation.
    #[test]
    fn products_are_within_their_goals() {
        let budgets = read(COMMITTED).unwrap();
        for (target, element, most) in [
            ("navi21", "f32", 1024 * 100 / 92),
            ("navi21", "f16", 512 * 100 / 92),
            ("navi21", "f16-f32", 1024 * 100 / 92),
            ("navi21", "i8", 1024 * 100 / 92),
            ("navi31", "coop-f16-f32", 80),
            ("sm_89", "f32", 1024 * 100 / 84),
            ("sm_89", "f16", 512 * 100 / 84),
            ("sm_89", "f16-f32", 1024 * 100 / 84),
            // NVRTC keeps a dot product and an addition as separate instructions, and makes
            // one instruction of two additions.
            ("sm_89", "i8", (1024 + 512) * 100 / 84),
        ] {
            let name = format!("matmul-{element}-128x128x16-");
            let least = least(&budgets, target, &name, u32::MAX);
            assert!(
                least.is_some_and(|least| least <= most),
                "{element} on {target}: {least:?} instructions, not {most} at most"
            );
        }
    }
}
