//! A TCP connection with one deadline for all of it.

use super::Failure;
use perwatt_host::Endpoint;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A connection, and the time at which it must be done.
pub(super) struct Stream {
    stream: TcpStream,
    deadline: Instant,
}

impl Stream {
    /// Connects and sends the request.
    pub fn send(endpoint: &Endpoint, bytes: &[u8], timeout: Duration) -> Result<Self, Failure> {
        let deadline = Instant::now() + timeout;
        let addresses = endpoint.resolve(timeout).map_err(Failure::Unreachable)?;
        let mut last = Failure::Timeout;
        for address in addresses {
            let Some(left) = left(deadline) else { break };
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => {
                    let mut stream = Self { stream, deadline };
                    stream.limit()?;
                    stream.stream.write_all(bytes).map_err(failure)?;
                    return Ok(stream);
                }
                Err(error) => last = Failure::Unreachable(error.to_string()),
            }
        }
        Err(last)
    }

    /// Reads some bytes; 0 at the end.
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize, Failure> {
        loop {
            self.limit()?;
            match self.stream.read(into) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.map_err(failure),
            }
        }
    }

    /// Gives the next operation the time that is left.
    fn limit(&mut self) -> Result<(), Failure> {
        let left = left(self.deadline).ok_or(Failure::Timeout)?;
        self.stream
            .set_read_timeout(Some(left))
            .and_then(|()| self.stream.set_write_timeout(Some(left)))
            .map_err(failure)
    }
}

/// The time until the deadline; `None` once it has passed.
fn left(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Timeout,
        _ => Failure::Protocol(format!("a broken connection ({error})")),
    }
}
