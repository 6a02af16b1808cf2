//! HTTP GET. Redirects are not followed, and no proxy is used: a miner is on the local
//! network.

use super::{Failure, Reply};
use crate::repair::MAX_REPLY;
use perwatt_host::Endpoint;
use std::io::ErrorKind;
use std::time::Duration;
use ureq::Agent;
use ureq::http::header;

pub(super) fn get(endpoint: &Endpoint, path: &str, timeout: Duration) -> Result<Reply, Failure> {
    let agent = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(timeout))
        .user_agent(concat!("perwatt/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let response = agent
        .get(format!("http://{endpoint}{path}"))
        .header(header::ACCEPT, "application/json")
        .call()
        .map_err(failure)?;
    match response.status().as_u16() {
        200..300 => {}
        401 | 403 => return Ok(Reply::Login),
        code => return Err(Failure::Protocol(format!("HTTP status {code}"))),
    }
    let body = response.into_body().into_with_config();
    let body = body.limit(MAX_REPLY as u64).read_to_vec();
    body.map(Reply::Whole).map_err(failure)
}

fn failure(error: ureq::Error) -> Failure {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => Failure::Timeout,
        E::BodyExceedsLimit(_) => Failure::TooLong,
        E::HostNotFound => Failure::Unreachable("no host has this name".into()),
        E::ConnectionFailed => Failure::Unreachable("no connection".into()),
        E::Io(error) => match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Timeout,
            ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable => {
                Failure::Unreachable(error.to_string())
            }
            _ => Failure::Protocol(format!("a broken connection ({error})")),
        },
        other => Failure::Protocol(format!("something that is not HTTP ({other})")),
    }
}
