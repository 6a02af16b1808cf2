//! Miners that are emulated on this machine.

pub mod machines;
pub mod server;

use machines::Machine;
use perwatt_miner::{Address, Api, Report, read};
use serde_json::Value;
use server::{Reply, Server};
use std::net::ToSocketAddrs;
use std::time::Duration;

/// Enough for a busy machine; no test waits for it.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// Reads a machine. The second part is what it was sent.
pub fn read_as(api: Api, machine: &'static Machine) -> (Result<Report, String>, Vec<String>) {
    let server = start(machine, "127.0.0.1:0").unwrap();
    let address: Address = server.address.to_string().parse().unwrap();
    let report = read(api, &address, TIMEOUT).map_err(|error| error.problem.to_string());
    (report, server.requests())
}

/// Starts a machine at an address.
pub fn start(machine: &'static Machine, address: impl ToSocketAddrs) -> std::io::Result<Server> {
    Server::start(address, |request| answer(machine, request))
}

/// What a machine answers: unknown commands get an error of cgminer's or of HTTP.
pub fn answer(machine: &Machine, request: &str) -> Reply {
    let key = key(request);
    let known = machine.replies.iter().find(|(name, _)| *name == key);
    match known {
        Some((_, "401")) => Reply::Status(401),
        Some((_, text)) => Reply::Text((*text).to_owned()),
        None if request.starts_with('/') => Reply::Status(404),
        None if machine.http_only => {
            Reply::Raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec())
        }
        None => Reply::Text(
            r#"{"STATUS":[{"STATUS":"E","When":1,"Code":14,"Msg":"Invalid command"}],"id":1}"#
                .to_owned(),
        ),
    }
}

/// A request in short: `summary`, `stats+new_api`, `get.miner.status summary`, or the path.
fn key(request: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(request) else {
        return request.to_owned();
    };
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    match (text("command"), text("cmd"), text("param")) {
        (_, command, param) if !command.is_empty() => {
            format!("{command} {param}").trim().to_owned()
        }
        // Only at the top level: within `parameter` the firmware ignores it.
        (command, ..) if value["new_api"] == true => format!("{command}+new_api"),
        (command, ..) => command,
    }
}
