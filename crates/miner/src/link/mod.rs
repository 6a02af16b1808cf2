//! The three ways in which miners are asked, each with limits of time and size.

mod frame;
mod http;
mod line;
mod stream;

use crate::error::Problem;
use crate::repair::{self, Repair, RepairError};
use perwatt_host::Endpoint;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// A way to ask.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Via {
    /// JSON over TCP, answered once per connection (the API of cgminer).
    Line,
    /// JSON over TCP, with its length before it (the API 3 of Whatsminer).
    Frame,
    /// HTTP GET.
    Http,
}

/// A question: its name in [`crate::Claim::field`], and what is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub name: &'static str,
    /// The JSON text, or the path after the host.
    pub text: &'static str,
}

impl Request {
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
}

/// What was sent back.
pub(crate) enum Answer {
    /// JSON, and what was forgiven in it.
    Value(Value, BTreeSet<Repair>),
    /// The request is for users who have logged in.
    Login,
}

/// Why an exchange failed; [`ask`] adds what was asked.
#[derive(Debug)]
enum Failure {
    Unreachable(String),
    Timeout,
    TooLong,
    Protocol(String),
}

/// The bytes of a reply.
enum Reply {
    Whole(Vec<u8>),
    /// The peer stopped sending without an end. Some firmware does so behind a whole reply.
    Unended(Vec<u8>),
    Login,
}

/// Sends one request on a connection of its own.
pub(crate) fn ask(
    via: Via,
    endpoint: &Endpoint,
    request: Request,
    timeout: Duration,
) -> Result<Answer, Problem> {
    let reply = match via {
        Via::Line => line::ask(endpoint, request.text, timeout),
        Via::Frame => frame::ask(endpoint, request.text, timeout),
        Via::Http => http::get(endpoint, request.text, timeout),
    };
    let request = request.name;
    let late = || Problem::Timeout {
        request,
        timeout_s: timeout.as_secs_f64(),
    };
    let garbled = |why| Problem::Garbled { request, why };
    let (bytes, ended) = match reply {
        Ok(Reply::Whole(bytes)) => (bytes, true),
        Ok(Reply::Unended(bytes)) => (bytes, false),
        Ok(Reply::Login) => return Ok(Answer::Login),
        Err(Failure::TooLong) => return Err(garbled(RepairError::TooLong)),
        Err(Failure::Unreachable(why)) => return Err(Problem::Unreachable { why }),
        Err(Failure::Protocol(why)) => return Err(Problem::Protocol { request, why }),
        Err(Failure::Timeout) => return Err(late()),
    };
    if bytes.starts_with(b"HTTP/") {
        let why = "HTTP".to_owned();
        return Err(Problem::Protocol { request, why });
    }
    match repair::parse(&bytes) {
        // A reply that stopped in the middle is late, not cut.
        Ok((_, repairs)) if !ended && repairs.contains(&Repair::CutOff) => Err(late()),
        Ok((value, repairs)) => Ok(Answer::Value(value, repairs)),
        Err(why) => Err(garbled(why)),
    }
}
