//! Prints the properties of this machine that perwatt can read.

use std::path::Path;

use perwatt_host::{Environment, MachineKey, cpus, describe};

fn main() {
    let root = Path::new("/");
    let environment = Environment::collect(root);
    for (label, value) in describe(&environment) {
        println!("{label}: {value}");
    }
    let key = MachineKey::of(&environment);
    println!("key: {} from {:?}", key.short(), key.factors);
    let allowed = cpus::allowed(root);
    println!("{allowed:?}");
    println!(
        "pin order: {:?}",
        cpus::pin_order(&allowed, root, allowed.default_threads)
    );
}
