//! Emulated machines, and all that is read of each.

mod common;

use common::machines::{self as m, ALL, Machine};
use perwatt_miner::{Address, Api, Claim, Kind, Report, read};
use std::fmt::Write;
use std::time::Duration;

/// Enough for a busy machine; no test waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);

fn read_as(api: Api, machine: &'static Machine) -> (Result<Report, String>, Vec<String>) {
    let server = common::start(machine, "127.0.0.1:0").unwrap();
    let address: Address = server.address.to_string().parse().unwrap();
    let report = read(api, &address, TIMEOUT).map_err(|error| {
        error
            .to_string()
            .replace(&server.address.to_string(), "ADDRESS")
    });
    (report, server.requests())
}

fn line(claim: &Claim) -> String {
    let json = serde_json::to_value(claim).unwrap();
    let word = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let value = claim
        .value
        .map_or(claim.text.clone(), |value| value.to_string());
    let mut line = format!(
        "{} {value} {} {} {}",
        word("quantity"),
        word("unit"),
        word("provenance"),
        claim.field
    );
    if claim.unit_doubtful {
        line.push_str(" UNIT DOUBTFUL");
    }
    if let Some(note) = &claim.note {
        write!(line, " ({note})").unwrap();
    }
    line
}

#[test]
fn all_claims_of_all_machines() {
    let mut all = String::new();
    for machine in ALL {
        let (report, _) = read_as(Api::Auto, machine);
        writeln!(all, "## {}", machine.name).unwrap();
        match report {
            Err(error) => writeln!(all, "error: {error}").unwrap(),
            Ok(report) => {
                let identity = &report.identity;
                writeln!(all, "{}: {identity:?}", report.api).unwrap();
                report
                    .claims
                    .iter()
                    .for_each(|claim| writeln!(all, "{}", line(claim)).unwrap());
                report
                    .notes
                    .iter()
                    .for_each(|note| writeln!(all, "note: {note}").unwrap());
            }
        }
    }
    println!("{all}");
    let _ = (Kind::named("x"), m::ANTMINER.name);
}
