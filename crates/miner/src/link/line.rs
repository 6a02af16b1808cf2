//! The API of cgminer and of all that imitate it: a request of JSON, a reply that ends with
//! a NUL, with the end of the connection, or with nothing at all.

use super::stream::Stream;
use super::{Failure, Reply};
use crate::repair::MAX_REPLY;
use perwatt_host::Endpoint;
use serde_json::Value;
use std::time::Duration;

pub(super) fn ask(endpoint: &Endpoint, text: &str, timeout: Duration) -> Result<Reply, Failure> {
    let mut stream = Stream::send(endpoint, text.as_bytes(), timeout)?;
    let mut reply = Vec::new();
    let mut chunk = [0; 16 << 10];
    loop {
        let read = match stream.read(&mut chunk) {
            Ok(0) => return Ok(Reply::Whole(reply)),
            Ok(read) => read,
            Err(Failure::Timeout) if !reply.is_empty() => return Ok(Reply::Unended(reply)),
            // Small TCP stacks end a connection with a reset.
            Err(Failure::Protocol(_)) if !reply.is_empty() => return Ok(Reply::Whole(reply)),
            Err(failure) => return Err(failure),
        };
        reply.extend(&chunk[..read]);
        if reply.contains(&0) {
            return Ok(Reply::Whole(reply));
        }
        if reply.len() > MAX_REPLY {
            return Err(Failure::TooLong);
        }
        // The peer may keep the connection open behind a whole reply.
        let closed = reply.trim_ascii_end().ends_with(b"}");
        if closed && serde_json::from_slice::<Value>(&reply).is_ok() {
            return Ok(Reply::Whole(reply));
        }
    }
}
