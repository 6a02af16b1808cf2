//! A connection to `upsd`, every step of which ends in time.

use super::super::endpoint::Endpoint;
use crate::parse::nut::{self, Answer, MAX_LINE};
use crate::secret::Secret;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Why a variable has no value.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub(super) enum NutFailure {
    /// upsd was not reached, or stopped answering.
    #[error("{0}")]
    Unreachable(String),
    /// It answered with something that is no answer.
    #[error("upsd's answer cannot be used: {0}")]
    Garbled(String),
    /// It refused, with this code.
    #[error("upsd answers {code}{hint}", code = .0, hint = hint(.0))]
    Refused(String),
}

/// What to do about a code of upsd; empty for one that is not known.
fn hint(code: &str) -> &'static str {
    match code {
        "DATA-STALE" => {
            ": its driver has lost the device; check the cable and the driver on that host"
        }
        "DRIVER-NOT-CONNECTED" => {
            ": the driver of this UPS does not run; start it with `upsdrvctl start` on that host"
        }
        "UNKNOWN-UPS" => ": it has no UPS of that name; list them with `upsc -l HOST`",
        "ACCESS-DENIED" => {
            ": this host or user may not ask; allow it in upsd.users and upsd.conf, and give \
             auth=env:NAME with user:password"
        }
        "VAR-NOT-SUPPORTED" => {
            ": the device does not report this variable, or its driver has stopped; see `upsc UPS@HOST`"
        }
        "USERNAME-REQUIRED" | "PASSWORD-REQUIRED" | "INVALID-PASSWORD" | "INVALID-USERNAME" => {
            ": give auth=env:NAME or auth=file:PATH with user:password as in upsd.users"
        }
        _ => "",
    }
}

/// Who asks, as upsd.users knows them.
#[derive(Debug)]
pub(super) struct Login {
    user: Secret,
    password: Secret,
}

impl Login {
    /// Splits `user:password`; `None` where there is no colon.
    pub fn of(secret: &Secret) -> Option<Self> {
        let (user, password) = secret.expose().split_once(':')?;
        Some(Self {
            user: Secret::new(user),
            password: Secret::new(password),
        })
    }
}

/// Asks one upsd, over a connection that it keeps and renews.
#[derive(Debug)]
pub(super) struct Client {
    addresses: Vec<SocketAddr>,
    endpoint: Endpoint,
    login: Option<Login>,
    /// Time within which any one reading ends, answered or not.
    timeout: Duration,
    connection: Option<Connection>,
}

impl Client {
    /// Finds the host; the error is the reason in words.
    pub fn new(
        endpoint: Endpoint,
        login: Option<Login>,
        timeout: Duration,
    ) -> Result<Self, String> {
        Ok(Self {
            addresses: endpoint.resolve(timeout)?,
            endpoint,
            login,
            timeout,
            connection: None,
        })
    }

    /// The value of a variable of `ups`, within the time limit.
    ///
    /// upsd closes connections that were silent for a minute, so a kept one that
    /// fails is renewed once.
    pub fn variable(&mut self, ups: &str, name: &str) -> Result<String, NutFailure> {
        let deadline = Instant::now() + self.timeout;
        if let Some(mut kept) = self.connection.take() {
            let answer = kept.variable(ups, name, deadline);
            match answer {
                Ok(_) | Err(NutFailure::Refused(_)) => {
                    self.connection = Some(kept);
                    return answer;
                }
                Err(NutFailure::Unreachable(_)) if left(deadline).is_some() => {}
                Err(_) => return answer,
            }
        }
        let mut fresh = self.connect(deadline)?;
        let answer = fresh.variable(ups, name, deadline);
        // Past any other failure the next bytes may belong to an older question.
        if matches!(answer, Ok(_) | Err(NutFailure::Refused(_))) {
            self.connection = Some(fresh);
        }
        answer
    }

    fn connect(&self, deadline: Instant) -> Result<Connection, NutFailure> {
        let mut last = io::Error::from(io::ErrorKind::TimedOut);
        for address in &self.addresses {
            let Some(left) = left(deadline) else { break };
            match TcpStream::connect_timeout(address, left) {
                Ok(stream) => {
                    let mut connection = Connection {
                        stream,
                        rest: Vec::new(),
                    };
                    if let Some(login) = &self.login {
                        connection.log_in(login, deadline)?;
                    }
                    return Ok(connection);
                }
                Err(error) => last = error,
            }
        }
        Err(NutFailure::Unreachable(format!(
            "no connection to upsd at {}: {last}",
            self.endpoint
        )))
    }
}

/// The time that is left, if any.
fn left(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// Bytes received after the last line taken.
    rest: Vec<u8>,
}

impl Connection {
    /// Says who asks. `LOGIN` is not sent: it would count perwatt among the
    /// machines that a shutdown waits for.
    fn log_in(&mut self, login: &Login, deadline: Instant) -> Result<(), NutFailure> {
        for (word, value) in [("USERNAME", &login.user), ("PASSWORD", &login.password)] {
            let line = format!("{word} {}\n", nut::quoted(value.expose()));
            match self.ask(&line, deadline)? {
                Answer::Ok => {}
                Answer::Err(code) => return Err(NutFailure::Refused(code)),
                Answer::Var { .. } => {
                    return Err(NutFailure::Garbled(format!("a variable, to {word}")));
                }
            }
        }
        Ok(())
    }

    fn variable(&mut self, ups: &str, name: &str, deadline: Instant) -> Result<String, NutFailure> {
        match self.ask(&format!("GET VAR {ups} {name}\n"), deadline)? {
            Answer::Var {
                ups: of,
                name: what,
                value,
            } if of == ups && what == name => Ok(value),
            Answer::Err(code) => Err(NutFailure::Refused(code)),
            Answer::Var { ups, name, .. } => Err(NutFailure::Garbled(format!(
                "it is about {name} of {ups}, which was not asked"
            ))),
            Answer::Ok => Err(NutFailure::Garbled("OK, without a value".into())),
        }
    }

    fn ask(&mut self, line: &str, deadline: Instant) -> Result<Answer, NutFailure> {
        self.stream
            .set_write_timeout(left(deadline))
            .and_then(|()| self.stream.write_all(line.as_bytes()))
            .map_err(|error| lost(&error))?;
        let line = self.line(deadline)?;
        nut::answer(&line).map_err(|error| NutFailure::Garbled(error.to_string()))
    }

    /// One line without its line feed.
    fn line(&mut self, deadline: Instant) -> Result<Vec<u8>, NutFailure> {
        let mut chunk = [0; 512];
        loop {
            if let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
                let line = self.rest[..end].to_vec();
                self.rest.drain(..=end);
                return Ok(line);
            }
            if self.rest.len() > MAX_LINE {
                return Err(NutFailure::Garbled(nut::NutError::TooLong.to_string()));
            }
            // Each read gets what is left of the whole, so that a server that
            // sends a byte now and then cannot draw it out.
            let left = left(deadline).ok_or_else(|| lost(&io::ErrorKind::TimedOut.into()))?;
            let received = self
                .stream
                .set_read_timeout(Some(left))
                .and_then(|()| self.stream.read(&mut chunk));
            match received {
                Ok(0) => return Err(lost(&io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => self.rest.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(lost(&error)),
            }
        }
    }
}

/// A failure of the connection in words.
fn lost(error: &io::Error) -> NutFailure {
    NutFailure::Unreachable(match error.kind() {
        // What a read past its time limit is called differs between systems.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            "no answer in time; timeout=N gives it longer".into()
        }
        io::ErrorKind::UnexpectedEof => "upsd closed the connection without an answer".into(),
        _ => format!("the connection to upsd broke: {error}"),
    })
}
