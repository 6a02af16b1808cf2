//! An emulated miner: `emulator MACHINE ADDRESS:PORT [ADDRESS:PORT]`, until its input ends.
//! Without arguments it lists the machines.

#[allow(dead_code)] // Tests use more of it.
#[path = "../tests/miner/emulator/mod.rs"]
mod emulator;

use emulator::machines::ALL;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        ALL.iter().for_each(|machine| println!("{}", machine.name));
        return Ok(());
    };
    let machine = ALL.iter().find(|machine| machine.name == name);
    let machine = machine.ok_or_else(|| std::io::Error::other(format!("no machine {name}")))?;
    let servers: Vec<_> = arguments
        .map(|at| emulator::start(machine, at))
        .collect::<Result<_, _>>()?;
    for server in &servers {
        println!("{}", server.address);
    }
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map(drop)
}
