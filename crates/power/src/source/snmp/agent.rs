//! Requests one number from an SNMP agent.

use crate::parse::snmp::{Number, SnmpError, number};
use crate::secret::Secret;
use snmp2::{Error, Oid, SyncSession};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Requests before the agent counts as unreachable: datagrams may get lost.
const ATTEMPTS: i32 = 2;

/// Errors of a request.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub(super) enum SnmpFailure {
    /// No answer arrived.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is not a number.
    #[error(transparent)]
    Answer(#[from] SnmpError),
}

/// One SNMP agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub address: SocketAddr,
    pub community: Secret,
    /// Time limit of each request.
    pub timeout: Duration,
    /// Number of the last request; the next one adds 1.
    pub next: i32,
}

impl Agent {
    /// Reads the number of an object, within twice the time limit.
    pub fn get(&mut self, oid: &Oid<'_>) -> Result<Number, SnmpFailure> {
        let mut failure = SnmpFailure::Unreachable(String::new());
        for _ in 0..ATTEMPTS {
            let start = Instant::now();
            let error = match self.ask(oid) {
                Ok(answer) => return answer.map_err(Into::into),
                Err(error) => error,
            };
            failure = match error {
                Error::Receive if start.elapsed() >= self.timeout.mul_f64(0.9) => {
                    SnmpFailure::Unreachable(format!(
                        "no answer within {} s, asked {ATTEMPTS} times; an agent does not answer a \
                     community that it does not know",
                        self.timeout.as_secs_f64()
                    ))
                }
                Error::Receive | Error::Send => {
                    SnmpFailure::Unreachable("nothing listens at this address".into())
                }
                other => SnmpError::NoResponse(other.to_string()).into(),
            };
        }
        Err(failure)
    }

    /// Sends one request over a socket of its own, so that a late answer is not
    /// taken for that of the next request.
    fn ask(&mut self, oid: &Oid<'_>) -> Result<Result<Number, SnmpError>, Error> {
        self.next = self.next.wrapping_add(1);
        let community = self.community.expose().as_bytes();
        let session = SyncSession::new_v2c(self.address, community, Some(self.timeout), self.next);
        let mut session = session.map_err(|_| Error::Send)?;
        let pdu = session.get(oid)?;
        Ok(number(&pdu, oid))
    }
}
