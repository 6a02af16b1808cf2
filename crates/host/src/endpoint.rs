//! The address of another machine: `HOST[:PORT]`, and its lookup within a time limit.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

/// A host name or IP address, and a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// The name or address; one of IPv6 is without brackets.
    pub host: String,
    /// The TCP or UDP port.
    pub port: u16,
}

impl Endpoint {
    /// Parses `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`; the error states the fault.
    ///
    /// The error never repeats the text, because a user may have typed a password into it.
    pub fn parse(text: &str, usual_port: u16) -> Result<Self, String> {
        if text.contains('@') {
            return Err("its address is HOST or HOST:PORT, without credentials".into());
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest
                    .split_once(']')
                    .ok_or("its address lacks the closing bracket")?;
                (host, after)
            }
            // More than one colon without brackets is an IPv6 address without a port.
            None => match text.split_once(':') {
                Some((_, more)) if more.contains(':') => (text, ""),
                Some((host, _)) => text.split_at(host.len()),
                None => (text, ""),
            },
        };
        let known = |c: char| c.is_ascii_alphanumeric() || "-._:%".contains(c);
        if host.is_empty() || host.starts_with('-') || !host.chars().all(known) {
            return Err("its address is not a host name or IP address".into());
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => usual_port,
            Some(number) => number
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or("the text after its host is not a port from 1 to 65535")?,
            None => return Err("the text after its address is not a port".into()),
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }

    /// Resolves the host within `timeout`; the error is the reason in words.
    pub fn resolve(&self, timeout: Duration) -> Result<Vec<SocketAddr>, String> {
        let (send, receive) = mpsc::channel();
        let endpoint = self.clone();
        // The system's resolver has no time limit of its own. The thread may
        // outlive the wait; it ends when the resolver returns.
        let look = move || {
            let found = (endpoint.host.as_str(), endpoint.port)
                .to_socket_addrs()
                .map(Iterator::collect::<Vec<_>>);
            let _ = send.send(found);
        };
        std::thread::Builder::new()
            .spawn(look)
            .map_err(|error| format!("{} cannot be looked up: {error}", self.host))?;
        match receive.recv_timeout(timeout) {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            Ok(Ok(_)) => Err(format!("{} has no address", self.host)),
            Ok(Err(error)) => Err(format!("{} is not known: {error}", self.host)),
            Err(_) => Err(format!("{} was not found in time", self.host)),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_one() {
        for (text, host, port) in [
            ("ups", "ups", 1),
            ("ups.lan:3493", "ups.lan", 3493),
            ("10.0.0.1:9", "10.0.0.1", 9),
            ("::1", "::1", 1),
            ("[fe80::1%eth0]:161", "fe80::1%eth0", 161),
            ("[::1]", "::1", 1),
        ] {
            let endpoint = Endpoint::parse(text, 1).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port));
        }
        for text in [
            "", ":1", "-E", "a b", "a:", "a:0", "a:70000", "[::1", "[::1]x", "a/b",
        ] {
            assert!(Endpoint::parse(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_repeat_no_secret() {
        for text in [
            "hunter2@pdu",
            "u:hunter2",
            "hunter2/x",
            "[hunter2",
            "h:hunter2@x",
        ] {
            let why = Endpoint::parse(text, 1).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn a_name_that_cannot_exist_is_told() {
        let endpoint = Endpoint::parse("no-such-host.invalid", 1).unwrap();
        let error = endpoint.resolve(Duration::from_secs(5)).unwrap_err();
        assert!(error.contains("no-such-host.invalid"), "{error}");
    }
}
