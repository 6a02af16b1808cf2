//! What a miner claims, as JSON: `ask auto=HOST[:PORT]` or `ask KIND=HOST[:PORT]`.

use perwatt_miner::{Api, Choice, read};
use std::time::Duration;

fn main() -> std::process::ExitCode {
    match ask() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn ask() -> Result<(), Box<dyn std::error::Error>> {
    let choice = std::env::args().nth(1).unwrap_or_default().parse()?;
    let (api, address) = match choice {
        Choice::Auto(Some(address)) => (Api::Auto, address),
        Choice::Kind(kind, address) => (Api::Kind(kind), address),
        _ => return Err("which host? ask auto=HOST or ask KIND=HOST".into()),
    };
    let report = read(api, &address, Duration::from_secs(5))?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
