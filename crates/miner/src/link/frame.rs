//! The API 3 of Whatsminer: in both directions the length of the JSON text, as four bytes
//! with the lowest first, and then the text.

use super::stream::Stream;
use super::{Failure, Reply};
use crate::repair::MAX_REPLY;
use perwatt_host::Endpoint;
use std::time::Duration;

pub(super) fn ask(endpoint: &Endpoint, text: &str, timeout: Duration) -> Result<Reply, Failure> {
    let length = u32::try_from(text.len()).map_err(|_| Failure::TooLong)?;
    let request = [&length.to_le_bytes(), text.as_bytes()].concat();
    let mut stream = Stream::send(endpoint, &request, timeout)?;
    let mut length = [0; 4];
    fill(&mut stream, &mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_REPLY {
        return Err(Failure::Protocol(format!(
            "a length of {length} bytes, more than any reply has"
        )));
    }
    let mut reply = vec![0; length];
    fill(&mut stream, &mut reply)?;
    Ok(Reply::Whole(reply))
}

/// Reads until `into` is full.
fn fill(stream: &mut Stream, into: &mut [u8]) -> Result<(), Failure> {
    let mut filled = 0;
    while filled < into.len() {
        match stream.read(&mut into[filled..])? {
            0 => {
                return Err(Failure::Protocol(format!(
                    "{filled} of {} bytes, and then the end",
                    into.len()
                )));
            }
            read => filled += read,
        }
    }
    Ok(())
}
