//! The tables.

use perwatt_tools::table;

use crate::cost::{Class, Cost};
use crate::kernels::Workload;

type Wanted = fn(&Workload) -> bool;
type Rows = fn(&[&Cost]) -> Vec<Vec<String>>;

pub fn print(compiler: &str, costs: &[Cost]) {
    let targets = costs.iter().map(|cost| cost.target);
    let mut targets: Vec<&str> = targets.collect();
    targets.dedup();
    println!("{compiler}, {}\n", targets.join(" "));
    let tables: [(Wanted, Rows, &str); 4] = [
        (
            |of| matches!(of, Workload::Hash(_)),
            hashes,
            "Instructions per hash",
        ),
        (
            |of| *of == Workload::Product,
            loops,
            "Products of matrices: instructions of the inner loop",
        ),
        (
            |of| *of == Workload::Vector,
            accesses,
            "Products with a vector: instructions of the inner loop",
        ),
        (
            |of| *of == Workload::Pass,
            accesses,
            "Passes over memory: instructions",
        ),
    ];
    for (wanted, rows, title) in tables {
        let of = costs.iter().filter(|cost| wanted(&cost.workload));
        let of: Vec<&Cost> = of.collect();
        if !of.is_empty() {
            println!("{title}, by what they do\n\n{}", table(&rows(&of)));
        }
    }
}

/// A row: the kernel, the cells of its table, its counts by class, and its resources.
fn row(cost: &Cost, cells: &[String], counts: impl Iterator<Item = Option<String>>) -> Vec<String> {
    let mut row = vec![cost.target.to_owned(), cost.kernel.clone()];
    row.extend_from_slice(cells);
    row.extend(counts.map(|count| count.unwrap_or_else(|| "-".to_owned())));
    let kib = cost.shared_bytes / 1024;
    row.extend([cost.registers, cost.spills, kib, cost.waves].map(|n| n.to_string()));
    row
}

const RESOURCES: [&str; 4] = ["regs", "spills", "KiB shared", "subgroups"];

fn hashes(costs: &[&Cost]) -> Vec<Vec<String>> {
    let classes = classes(costs);
    let mut rows = vec![header(&["all", "vector", "rotate %"], &classes)];
    for cost in costs {
        let Workload::Hash(hashes) = cost.workload else {
            continue;
        };
        let per_hash = |count: u32| format!("{:.1}", f64::from(count) / f64::from(hashes));
        let count = |class: &Class| cost.counts.by_class.get(class).copied();
        let rotates = count(&Class::Rotate).unwrap_or(0);
        let cells = [
            per_hash(cost.counts.total),
            per_hash(cost.vector),
            percent(rotates, cost.vector),
        ];
        let counts = classes.iter().map(|class| count(class).map(per_hash));
        rows.push(row(cost, &cells, counts));
    }
    rows
}

fn loops(costs: &[&Cost]) -> Vec<Vec<String>> {
    let columns = ["all", "products", "of vector %", "of all %", "op/instr"];
    whole(costs, &columns, |cost| {
        let (products, all) = (cost.counts.products(), cost.counts.total);
        [
            all.to_string(),
            products.to_string(),
            percent(products, cost.vector),
            percent(products, all),
            ratio(cost.counts.operations, all),
        ]
    })
}

/// The table of kernels that are bound by memory: the bytes that an instruction and an
/// access move.
fn accesses(costs: &[&Cost]) -> Vec<Vec<String>> {
    whole(
        costs,
        &["all", "B/instr", "B/access"],
        |Cost { counts, .. }| {
            [
                counts.total.to_string(),
                ratio(counts.bytes, counts.total),
                ratio(counts.bytes, counts.accesses()),
            ]
        },
    )
}

/// A table with whole counts by class.
fn whole<const N: usize>(
    costs: &[&Cost],
    columns: &[&str; N],
    cells: fn(&Cost) -> [String; N],
) -> Vec<Vec<String>> {
    let classes = classes(costs);
    let rows = costs.iter().map(|cost| {
        let counts = classes.iter().map(|class| cost.counts.by_class.get(class));
        row(
            cost,
            &cells(cost),
            counts.map(|count| count.map(u32::to_string)),
        )
    });
    [header(columns, &classes)]
        .into_iter()
        .chain(rows)
        .collect()
}

fn ratio(part: u32, whole: u32) -> String {
    match whole {
        0 => "-".to_owned(),
        whole => format!("{:.2}", f64::from(part) / f64::from(whole)),
    }
}

fn percent(part: u32, whole: u32) -> String {
    match whole {
        0 => "-".to_owned(),
        whole => format!("{:.1}", 100.0 * f64::from(part) / f64::from(whole)),
    }
}

fn classes(costs: &[&Cost]) -> Vec<Class> {
    let counts = || costs.iter().map(|cost| &cost.counts.by_class);
    let is_there = |class: &Class| counts().any(|counts| counts.contains_key(class));
    Class::ALL.iter().copied().filter(is_there).collect()
}

fn header(columns: &[&str], classes: &[Class]) -> Vec<String> {
    let names = [&["target", "kernel"], columns].concat().into_iter();
    let names = names.chain(classes.iter().map(|class| class.name()));
    names.chain(RESOURCES).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_an_invocation_share_its_instructions() {
        let counts = [(Class::Rotate, 100), (Class::Add, 100), (Class::Scalar, 50)];
        let cost = Cost::made(Workload::Hash(2), "navi21", &counts);
        assert_eq!(
            table(&hashes(&[&cost])),
            "target  kernel    all  vector  rotate %  rotate   add  scalar  regs  spills  KiB shared  subgroups\n\
             navi21  k       125.0   100.0      50.0    50.0  50.0    25.0    32       0          16         16\n"
        );
    }

    #[test]
    fn products_have_a_share() {
        let counts = [(Class::Fma, 90), (Class::Move, 10), (Class::SharedLoad, 20)];
        let rows = loops(&[&Cost::made(Workload::Product, "navi21", &counts)]);
        assert_eq!(rows[1][2..7], ["120", "90", "90.0", "75.0", "1.50"]);
        assert_eq!([percent(1, 0), ratio(1, 0)], ["-", "-"]);
    }

    #[test]
    fn accesses_have_a_size() {
        let counts = [(Class::Memory, 4), (Class::Add, 4)];
        for workload in [Workload::Vector, Workload::Pass] {
            let rows = accesses(&[&Cost::made(workload, "navi21", &counts)]);
            assert_eq!(rows[0][2..5], ["all", "B/instr", "B/access"]);
            assert_eq!(rows[1][2..5], ["8", "8.00", "16.00"]);
        }
    }
}
