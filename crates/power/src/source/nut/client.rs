//! A connection to `upsd` with a time limit on every step.

use crate::parse::nut::{self, Answer, MAX_LINE};
use crate::secret::Secret;
use perwatt_host::Endpoint;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Errors of reading a variable.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub(super) enum NutFailure {
    /// upsd was not reached, or stopped answering.
    #[error("{0}")]
    Unreachable(String),
    /// upsd sent an invalid answer.
    #[error("upsd's answer cannot be used: {0}")]
    Garbled(String),
    /// upsd refused the request with this code.
    #[error("upsd answers {code}{hint}", code = .0, hint = hint(.0))]
    Refused(String),
}

/// The fix for an error code of upsd; empty for an unknown code.
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

/// User name and password as in upsd.users.
#[derive(Debug)]
pub(super) struct Login {
    user: Secret,
    password: Secret,
}

impl Login {
    /// Splits `user:password`; `None` if there is no colon.
    pub fn of(secret: &Secret) -> Option<Self> {
        let (user, password) = secret.expose().split_once(':')?;
        Some(Self {
            user: Secret::new(user),
            password: Secret::new(password),
        })
    }
}

/// A client of one upsd, which keeps its connection and renews it.
#[derive(Debug)]
pub(super) struct Client {
    addresses: Vec<SocketAddr>,
    endpoint: Endpoint,
    login: Option<Login>,
    /// Time limit of one reading, answered or not.
    timeout: Duration,
    connection: Option<Connection>,
}

impl Client {
    /// Resolves the host; the error is the reason in words.
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

    /// Reads a variable of `ups` within the time limit.
    ///
    /// upsd closes connections after a minute of silence, so a kept connection that
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
        // After any other failure the next bytes may belong to an older request.
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

/// The time left until `deadline`; `None` once it has passed.
fn left(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// Bytes received after the last complete line.
    rest: Vec<u8>,
}

impl Connection {
    /// Sends the user name and password. `LOGIN` is not sent: it would count
    /// perwatt among the machines that a shutdown waits for.
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

    /// Reads one line, without its line feed.
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
            // Each read gets the time left of the whole, so that a server that
            // sends single bytes cannot extend the limit.
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

/// Describes a failure of the connection.
fn lost(error: &io::Error) -> NutFailure {
    NutFailure::Unreachable(match error.kind() {
        // The error of a read that times out differs between systems.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            "no answer in time; timeout=N gives it longer".into()
        }
        io::ErrorKind::UnexpectedEof => "upsd closed the connection without an answer".into(),
        _ => format!("the connection to upsd broke: {error}"),
    })
}
