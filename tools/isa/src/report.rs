//! The tables.

use perwatt_tools::table;

use crate::cost::{Class, Cost};
use crate::kernels::Workload;

pub fn print(compiler: &str, costs: &[Cost]) {
    let targets = costs.iter().map(|cost| cost.target);
    let mut targets: Vec<&str> = targets.collect();
    targets.dedup();
    println!("{compiler}, {}\n", targets.join(" "));
    let of = |wanted: fn(&Workload) -> bool| -> Vec<&Cost> {
        costs.iter().filter(|cost| wanted(&cost.workload)).collect()
    };
    let searches = of(|workload| matches!(workload, Workload::Hash(_)));
    if !searches.is_empty() {
        println!("Instructions per hash, by what they do\n");
        println!("{}", table(&hashes(&searches)));
    }
    let products = of(|workload| matches!(workload, Workload::Product));
    if !products.is_empty() {
        println!("Products of matrices: instructions of the inner loop, by what they do\n");
        println!("{}", table(&loops(&products)));
    }
    let vectors = of(|workload| matches!(workload, Workload::Vector));
    if !vectors.is_empty() {
        println!("Products with a vector: instructions of the inner loop, by what they do\n");
        println!("{}", table(&accesses(&vectors)));
    }
    let passes = of(|workload| matches!(workload, Workload::Pass));
    if !passes.is_empty() {
        println!("Passes over memory: instructions, by what they do\n");
        println!("{}", table(&accesses(&passes)));
    }
}

/// The last columns of all tables.
fn resources(cost: &Cost) -> [String; 4] {
    let numbers = [
        cost.registers,
        cost.spills,
        cost.shared_bytes / 1024,
        cost.waves,
    ];
    numbers.map(|number| number.to_string())
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
        let vector = cost.vector;
        let count = |class: &Class| cost.counts.by_class.get(class).copied();
        let rotates = count(&Class::Rotate).unwrap_or(0);
        let mut row = vec![
            cost.target.to_owned(),
            cost.kernel.clone(),
            per_hash(cost.counts.total),
            per_hash(vector),
            percent(rotates, vector),
        ];
        let counts = classes.iter().map(count);
        row.extend(counts.map(|count| count.map_or("-".to_owned(), per_hash)));
        row.extend(resources(cost));
        rows.push(row);
    }
    rows
}

fn loops(costs: &[&Cost]) -> Vec<Vec<String>> {
    let classes = classes(costs);
    let columns = ["all", "products", "of vector %", "of all %", "op/instr"];
    let mut rows = vec![header(&columns, &classes)];
    for cost in costs {
        let (products, all) = (cost.counts.products(), cost.counts.total);
        let mut row = vec![
            cost.target.to_owned(),
            cost.kernel.clone(),
            all.to_string(),
            products.to_string(),
            percent(products, cost.vector),
            percent(products, all),
            ratio(cost.counts.operations, all),
        ];
        row.extend(by_class(cost, &classes));
        row.extend(resources(cost));
        rows.push(row);
    }
    rows
}

/// The table of kernels that are bound by memory: the bytes that an instruction and an
/// access move.
fn accesses(costs: &[&Cost]) -> Vec<Vec<String>> {
    let classes = classes(costs);
    let mut rows = vec![header(&["all", "B/instr", "B/access"], &classes)];
    for cost in costs {
        let counts = &cost.counts;
        let mut row = vec![
            cost.target.to_owned(),
            cost.kernel.clone(),
            counts.total.to_string(),
            ratio(counts.bytes, counts.total),
            ratio(counts.bytes, counts.accesses()),
        ];
        row.extend(by_class(cost, &classes));
        row.extend(resources(cost));
        rows.push(row);
    }
    rows
}

fn by_class(cost: &Cost, classes: &[Class]) -> impl Iterator<Item = String> {
    let counts = classes.iter().map(|class| cost.counts.by_class.get(class));
    counts.map(|count| count.map_or("-".to_owned(), u32::to_string))
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
    let is_there = |class: &Class| {
        costs
            .iter()
            .any(|cost| cost.counts.by_class.contains_key(class))
    };
    Class::ALL.into_iter().filter(is_there).collect()
}

fn header(columns: &[&str], classes: &[Class]) -> Vec<String> {
    let names = ["target", "kernel"]
        .into_iter()
        .chain(columns.iter().copied());
    let names = names.chain(classes.iter().map(|class| class.name()));
    names.chain(RESOURCES).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cost::Counts;

    fn cost(workload: Workload, by_class: BTreeMap<Class, u32>) -> Cost {
        let total = by_class.values().sum();
        Cost {
            kernel: "k".to_owned(),
            workload,
            target: "navi21",
            vector: total
                - by_class.get(&Class::Scalar).unwrap_or(&0)
                - by_class.get(&Class::SharedLoad).unwrap_or(&0),
            counts: Counts {
                by_class,
                total,
                operations: 180,
                bytes: 64,
            },
            registers: 32,
            spills: 0,
            shared_bytes: 16_384,
            waves: 16,
        }
    }

    #[test]
    fn hashes_of_an_invocation_share_its_instructions() {
        let counts = BTreeMap::from([(Class::Rotate, 100), (Class::Add, 100), (Class::Scalar, 50)]);
        let cost = cost(Workload::Hash(2), counts);
        assert_eq!(
            table(&hashes(&[&cost])),
            "target  kernel    all  vector  rotate %  rotate   add  scalar  regs  spills  KiB shared  subgroups\n\
             navi21  k       125.0   100.0      50.0    50.0  50.0    25.0    32       0          16         16\n"
        );
    }

    #[test]
    fn products_have_a_share() {
        let counts = BTreeMap::from([(Class::Fma, 90), (Class::Move, 10), (Class::SharedLoad, 20)]);
        let rows = loops(&[&cost(Workload::Product, counts)]);
        assert_eq!(rows[1][2..7], ["120", "90", "90.0", "75.0", "1.50"]);
        assert_eq!(
            (percent(1, 0), ratio(1, 0)),
            ("-".to_owned(), "-".to_owned())
        );
    }

    #[test]
    fn accesses_have_a_size() {
        let counts = BTreeMap::from([(Class::Memory, 4), (Class::Add, 4)]);
        for workload in [Workload::Vector, Workload::Pass] {
            let rows = accesses(&[&cost(workload, counts.clone())]);
            assert_eq!(rows[0][2..5], ["all", "B/instr", "B/access"]);
            assert_eq!(rows[1][2..5], ["8", "8.00", "16.00"]);
        }
    }
}
