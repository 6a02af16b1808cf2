//! Asking an SNMP agent for one number.

use crate::parse::snmp::{Number, SnmpError, number};
use crate::secret::Secret;
use snmp2::{Error, Oid, SyncSession};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Datagrams get lost; a second question is not a second meter.
const ATTEMPTS: i32 = 2;

/// Why there is no number.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub(super) enum SnmpFailure {
    /// Nothing came back.
    #[error("{0}")]
    Unreachable(String),
    /// Something else than a number came back.
    #[error(transparent)]
    Answer(#[from] SnmpError),
}

/// One agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub address: SocketAddr,
    pub community: Secret,
    /// Time given to each question.
    pub timeout: Duration,
    /// Number of the next question.
    pub next: i32,
}

impl Agent {
    /// The number of an object, within twice the time limit.
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

    /// One question over a socket of its own, so that an answer that comes too
    /// late meets nobody.
    fn ask(&mut self, oid: &Oid<'_>) -> Result<Result<Number, SnmpError>, Error> {
        self.next = self.next.wrapping_add(1);
        let community = self.community.expose().as_bytes();
        let session = SyncSession::new_v2c(self.address, community, Some(self.timeout), self.next);
        let mut session = session.map_err(|_| Error::Send)?;
        let pdu = session.get(oid)?;
        Ok(number(&pdu, oid))
    }
}
