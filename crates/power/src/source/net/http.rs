//! HTTP GET with a total time limit, which follows redirects only on the same server.
//!
//! Proxies from the environment are not used: a meter is on the local network, and
//! a proxy would add its own delay to every reading.

use super::address::Address;
use super::credentials::{Credentials, Scheme, best_scheme};
use std::fmt;
use std::io::{self, BufRead, Read};
use std::time::{Duration, Instant};
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

/// Longest document that is read as a whole, in bytes; the parsed form is many
/// times larger.
const MAX_BODY: u64 = 4 << 20;
/// Longest page that is read line by line, in bytes.
const MAX_PAGE: u64 = 256 << 20;
/// Longest line of such a page, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// Most redirects followed for one reading.
const MAX_REDIRECTS: usize = 3;

/// True if this build has TLS; the manifest lists the targets that do.
const TLS: bool = cfg!(any(
    windows,
    target_vendor = "apple",
    all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )
));

/// Errors of a request.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub(super) enum HttpError {
    #[error("no whole answer within {0} s; is it on, and does timeout= allow for its speed?")]
    Timeout(f64),
    #[error("{0}")]
    Connection(String),
    #[error("the connection ended before the answer did")]
    EndedEarly,
    #[error("HTTP status {code}{hint}")]
    Status { code: u16, hint: String },
    #[error(
        "it redirects to another server, {0}, which is not followed; name that one if it is right"
    )]
    OtherServer(String),
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    Redirects,
    #[error(
        "the answer is longer than {} MiB, the most that is read of it; is this the right \
         address, and can the device be asked for less?", .0 >> 20
    )]
    TooLong(u64),
    #[error("a line of the answer is longer than {} MiB; is this the right address?", MAX_LINE >> 20)]
    LongLine,
    #[error("the answer is not UTF-8 text")]
    NotText,
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
    #[error("TLS: {0}; for a certificate signed by itself add insecure=yes")]
    Tls(String),
}

impl HttpError {
    /// Returns true if there was no answer at all, rather than a bad one.
    pub fn silent(&self) -> bool {
        matches!(
            self,
            Self::Timeout(_) | Self::Connection(_) | Self::EndedEarly
        )
    }

    /// The HTTP status code, if the error is a bad status.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            _ => None,
        }
    }
}

/// An HTTP client for one server.
pub(super) struct Client {
    agent: Agent,
    timeout: Duration,
    credentials: Option<Credentials>,
    scheme: Option<Scheme>,
    insecure: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("timeout", &self.timeout)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client with `timeout_s` seconds for a whole request, redirects included;
    /// `insecure` accepts any certificate.
    pub fn new(timeout_s: f64, credentials: Option<Credentials>, insecure: bool) -> Self {
        let (provider, roots) = match cfg!(target_os = "linux") {
            true => (TlsProvider::Rustls, RootCerts::WebPki),
            false => (TlsProvider::NativeTls, RootCerts::PlatformVerifier),
        };
        let tls = TlsConfig::builder()
            .provider(provider)
            .root_certs(roots)
            .disable_verification(insecure)
            .build();
        let agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Small devices close idle connections, and a kept connection would
            // then fail once.
            .max_idle_connections(0)
            .tls_config(tls)
            .user_agent(concat!("perwatt/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self {
            agent,
            timeout: Duration::from_secs_f64(timeout_s),
            credentials,
            scheme: None,
            insecure,
        }
    }

    /// Gets the text at `address`.
    pub fn get(&mut self, address: &Address) -> Result<String, HttpError> {
        let body = self
            .body(address)?
            .into_with_config()
            .limit(MAX_BODY)
            .read_to_vec()
            .map_err(|error| self.failure(error))?;
        String::from_utf8(body).map_err(|_| HttpError::NotText)
    }

    /// Passes the text at `address` to `take` line by line, each with its line feed.
    pub fn lines(
        &mut self,
        address: &Address,
        mut take: impl FnMut(&str),
    ) -> Result<(), HttpError> {
        let body = self.body(address)?.into_with_config().limit(MAX_PAGE);
        let mut reader = io::BufReader::new(body.reader());
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line);
            match read.map_err(|error| self.failure(error.into()))? {
                0 => return Ok(()),
                _ if line.len() as u64 == MAX_LINE => return Err(HttpError::LongLine),
                _ => take(std::str::from_utf8(&line).map_err(|_| HttpError::NotText)?),
            }
        }
    }

    /// Sends the request and returns the body at `address`, which is still to be read.
    fn body(&mut self, address: &Address) -> Result<Body, HttpError> {
        if address.secure() && !TLS {
            return Err(HttpError::Tls("this build has none".into()));
        }
        let deadline = Instant::now() + self.timeout;
        let mut address = address.clone();
        let (mut redirects, mut challenged) = (0, false);
        loop {
            let response = self.request(&address, deadline)?;
            let status = response.status();
            let followed = [301, 302, 303, 307, 308].contains(&status.as_u16());
            let location = response
                .headers()
                .get(header::LOCATION)
                .filter(|_| followed)
                .and_then(|l| l.to_str().ok());
            if let Some(location) = location {
                redirects += 1;
                if redirects > MAX_REDIRECTS {
                    return Err(HttpError::Redirects);
                }
                address = address
                    .redirected(location)
                    .map_err(HttpError::OtherServer)?;
                continue;
            }
            // A digest's nonce expires, so that a repeated challenge is not a refusal.
            if status == StatusCode::UNAUTHORIZED && !challenged && self.take_challenge(&response) {
                challenged = true;
                continue;
            }
            if !status.is_success() {
                return Err(self.refused(status));
            }
            return Ok(response.into_body());
        }
    }

    /// Removes the secrets from `text`, which the server may have repeated.
    pub fn scrub(&self, text: &str) -> String {
        match &self.credentials {
            Some(credentials) => credentials.scrub(text),
            None => text.to_owned(),
        }
    }

    /// Notes for the user on the security of the connection.
    pub fn notes(&self, address: &Address) -> Vec<String> {
        let mut notes = Vec::new();
        if self.insecure && address.secure() {
            notes.push("its certificate is not checked (insecure=yes)".to_owned());
        }
        if self.credentials.is_some() && !address.secure() {
            notes.push("its credentials travel over http, without encryption".to_owned());
        }
        notes
    }

    fn request(
        &mut self,
        address: &Address,
        deadline: Instant,
    ) -> Result<Response<Body>, HttpError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpError::Timeout(self.timeout.as_secs_f64()));
        }
        let authorization = self
            .credentials
            .as_ref()
            .and_then(|c| c.header(&mut self.scheme, address.path()));
        let mut request = self.agent.get(address.url());
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        request
            .config()
            .timeout_global(Some(left))
            .timeout_connect(Some(left))
            .build()
            .call()
            .map_err(|error| self.failure(error))
    }

    /// Stores the authentication scheme that the server requires. Returns false if
    /// there are no credentials that can answer the challenge.
    fn take_challenge(&mut self, response: &Response<Body>) -> bool {
        if !matches!(self.credentials, Some(Credentials::Password { .. })) {
            return false;
        }
        let offers = response.headers().get_all(header::WWW_AUTHENTICATE);
        self.scheme = best_scheme(offers.iter().filter_map(|h| h.to_str().ok()));
        self.scheme.is_some()
    }

    fn refused(&self, status: StatusCode) -> HttpError {
        let reason = status.canonical_reason().unwrap_or("unknown");
        let advice = match (status.as_u16(), &self.credentials) {
            (401, None) => {
                ": it asks for credentials; add auth=env:NAME or auth=file:PATH, which hold \
                 USER:PASSWORD or \"bearer TOKEN\""
            }
            (401 | 403, Some(_)) => ": it does not accept these credentials",
            (404, _) => ": is this the right address, and this kind of meter?",
            _ => "",
        };
        HttpError::Status {
            code: status.as_u16(),
            hint: format!(" ({reason}){advice}"),
        }
    }

    fn failure(&self, error: ureq::Error) -> HttpError {
        use ureq::Error as E;
        match error {
            E::Timeout(_) => HttpError::Timeout(self.timeout.as_secs_f64()),
            E::HostNotFound => HttpError::Connection("no host has this name".into()),
            E::ConnectionFailed => HttpError::Connection("no connection".into()),
            E::BodyExceedsLimit(limit) => HttpError::TooLong(limit),
            E::Tls(why) => HttpError::Tls(why.into()),
            E::Io(error) => match error.kind() {
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                    HttpError::Timeout(self.timeout.as_secs_f64())
                }
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                    HttpError::EndedEarly
                }
                // rustls reports an invalid certificate with this kind of error.
                io::ErrorKind::InvalidData => HttpError::Tls(error.to_string()),
                _ => HttpError::Connection(error.to_string()),
            },
            E::Protocol(error) => HttpError::NotHttp(error.to_string()),
            E::LargeResponseHeader(..) => HttpError::NotHttp("its header is too long".into()),
            other => match other.to_string() {
                text if text.contains("tls") => HttpError::Tls(text),
                text => HttpError::Connection(text),
            },
        }
    }
}
