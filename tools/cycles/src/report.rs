//! The tables.

use perwatt_tools::table;

use crate::Cost;
use crate::classify::Class;
use crate::mca::Mca;
use crate::ports::CPUS;

pub fn print(costs: &[Cost], mca: Option<&Mca>) {
    println!(
        "Instructions of one step, as the compiler emits them, with the few that handle a candidate\n"
    );
    print!("{}", instructions(costs));
    println!("\nCycles per hash: the bound that a CPU's ports set\n");
    print!("{}", bounds(costs));
    let used: Vec<_> = CPUS
        .iter()
        .filter(|cpu| costs.iter().any(|cost| is_for(cpu, cost)))
        .collect();
    println!();
    for cpu in used {
        println!("{}: {}", cpu.name, cpu.source);
    }
    match mca {
        Some(mca) => println!(
            "mca: {} on a straight step. Known errors: for the SHA kernels, two to three times the cycles measured on Zen 3, and a sha256rnds2 every cycle on Golden Cove where every third was measured; on Apple's M1 less than that unit can do; no cache and no fetch",
            mca.version
        ),
        None => println!("mca: not computed, llvm-mca is not installed or was not asked"),
    }
}

fn is_for(cpu: &crate::ports::Cpu, cost: &Cost) -> bool {
    cpu.is_for(cost.kernel.arch, cost.kernel.vector_bits)
}

fn instructions(costs: &[Cost]) -> String {
    let is_there = |class: &&Class| costs.iter().any(|cost| cost.counts.contains_key(class));
    let classes: Vec<&Class> = Class::ALL.iter().filter(is_there).collect();
    let head = ["kernel", "hashes", "vector ops", "instr/hash"];
    let mut rows = vec![head.map(String::from).to_vec()];
    rows[0].extend(classes.iter().map(|class| class.name().to_owned()));
    for cost in costs {
        let hashes = cost.kernel.hashes;
        let mut row = vec![
            cost.kernel.name.to_owned(),
            hashes.to_string(),
            cost.vector_operations().to_string(),
            format!("{:.1}", f64::from(cost.instructions()) / f64::from(hashes)),
        ];
        row.extend(classes.iter().map(|class| match cost.counts.get(class) {
            Some(count) => count.to_string(),
            None => "-".to_owned(),
        }));
        rows.push(row);
    }
    table(&rows)
}

fn bounds(costs: &[Cost]) -> String {
    let head = ["kernel", "CPU", "bound", "mca", "bound by"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for cost in costs {
        let per_hash = |cycles: f64| format!("{cycles:.1}");
        for cpu in CPUS.iter().filter(|cpu| is_for(cpu, cost)) {
            let (cycles, by) = cpu.bound(&cost.counts);
            let mca = cost.mca.iter().find(|(name, _)| *name == cpu.name);
            rows.push(vec![
                cost.kernel.name.to_owned(),
                cpu.name.to_owned(),
                per_hash(cycles / f64::from(cost.kernel.hashes)),
                mca.map_or("-".to_owned(), |(_, cycles)| per_hash(*cycles)),
                by.to_owned(),
            ]);
        }
    }
    table(&rows)
}
