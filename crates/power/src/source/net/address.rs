//! The address of a meter: scheme, host, port and path, without credentials.

use crate::spec::{MeterSpec, SpecError};
use std::fmt;
use ureq::http::Uri;

/// Names of query parameters that carry a secret.
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "password", "passwd", "pass", "pwd", "token", "access_token", "apikey", "api_key", "secret",
];

/// Shortest part of a path that is treated as a possible token. Words such as
/// `EnvironmentMetrics` are hidden too, which does little harm to a message.
const MIN_TOKEN: usize = 16;
/// Shortest value in a query that is treated as a possible token.
const MIN_VALUE: usize = 4;

/// The correct way to pass credentials, for errors.
const ADVICE: &str = "credentials do not go into an address, where records and process lists \
                      show them; put USER:PASSWORD or \"bearer TOKEN\" into an environment \
                      variable or a file and add auth=env:NAME or auth=file:PATH";

/// An address of HTTP or HTTPS. `Display` shows only scheme, host and port, because
/// the path and query may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    /// The address in `spec`'s target. `scheme` is used if the target has none.
    pub fn of_spec(spec: &MeterSpec, example: &str, scheme: &str) -> Result<Self, SpecError> {
        let target = spec.required_target(example)?;
        Self::parse(target, scheme).map_err(|why| spec.error(why))
    }

    /// Like [`Self::of_spec`], for a kind that is always asked at the same resource
    /// `path`: the target names only the host.
    pub fn of_host(spec: &MeterSpec, example: &str, path: &str) -> Result<Self, SpecError> {
        let host = Self::of_spec(spec, example, "http")?;
        match host.path() {
            "/" => Ok(host.with_path(path)),
            _ => Err(spec.error(format!(
                "give the host alone, without a path; {} is asked at {path}",
                spec.kind
            ))),
        }
    }

    /// Parses an address. The error never contains a part that may be secret.
    pub fn parse(text: &str, scheme: &str) -> Result<Self, String> {
        let whole = match text.contains("://") {
            true => text.to_owned(),
            false => format!("{scheme}://{text}"),
        };
        let after = whole.split_once("://").map_or("", |(_, after)| after);
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, path_and_query) = after.split_at(end);
        if authority.contains('@') {
            return Err(ADVICE.into());
        }
        let query = path_and_query.split_once('?').map_or("", |(_, q)| q);
        let secret = query.split(['&', ';']).any(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            SECRETS.contains(&key.to_ascii_lowercase().as_str())
        });
        if secret {
            return Err(ADVICE.into());
        }
        let uri: Uri = whole
            .parse()
            .map_err(|error| format!("its address is malformed: {error}"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let usual_port = match scheme {
            "http" => 80,
            "https" => 443,
            other => return Err(format!("{other}:// is neither http:// nor https://")),
        };
        let host = uri.host().unwrap_or_default();
        if host.is_empty() {
            return Err("its address names no host".into());
        }
        // `port_u16` is `None` also for text after the colon that is not a port.
        let port = match (uri.port_u16(), authority.rsplit_once(':')) {
            (Some(port), _) => port,
            (None, Some((_, rest))) if !rest.ends_with(']') => {
                return Err("the text after its host is not a port from 1 to 65535".into());
            }
            _ => usual_port,
        };
        Ok(Self {
            scheme: scheme.to_owned(),
            host: host.to_ascii_lowercase(),
            port,
            path: match uri.path_and_query().map(|p| p.as_str()) {
                Some(path) if path.starts_with('/') => path.to_owned(),
                Some(query) => format!("/{query}"),
                None => "/".into(),
            },
        })
    }

    /// The path and query, which begin with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns true if requests use TLS.
    pub fn secure(&self) -> bool {
        self.scheme == "https"
    }

    /// Another resource of the same server.
    pub fn with_path(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone()
        }
    }

    /// The address of a `Location` header, if it is on the same server; otherwise
    /// the error is the name of the other server.
    pub fn redirected(&self, location: &str) -> Result<Self, String> {
        let absolute = match location {
            _ if location.contains("://") && !location.starts_with(['/', '?']) => {
                location.to_owned()
            }
            _ if location.starts_with("//") => format!("{}:{location}", self.scheme),
            _ => {
                let base = self.path.split('?').next().unwrap_or("/");
                let path = match location.chars().next() {
                    Some('/') => location.to_owned(),
                    Some('?') => format!("{base}{location}"),
                    _ => {
                        let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
                        format!("{folder}/{location}")
                    }
                };
                format!("{}{path}", self.server())
            }
        };
        // A location that cannot be parsed is not followed either.
        let to = Self::parse(&absolute, &self.scheme)
            .map_err(|_| "an address that is not one, or that carries credentials".to_owned())?;
        match (&to.scheme, &to.host, to.port) == (&self.scheme, &self.host, self.port) {
            true => Ok(to),
            false => Err(to.server()),
        }
    }

    /// The whole address, for use only in the request.
    pub fn url(&self) -> String {
        format!("{}{}", self.server(), self.path)
    }

    /// Replaces the parts of the path and query that are long enough to be a token
    /// in `text`, which the server may have repeated.
    pub fn scrub(&self, text: &str) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let values = query
            .split(['&', ';'])
            .map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        path.split('/')
            .filter(|part| part.len() >= MIN_TOKEN)
            .chain(values.filter(|value| value.len() >= MIN_VALUE))
            .fold(text.to_owned(), |text, part| text.replace(part, "***"))
    }

    /// Scheme, host and port.
    pub fn server(&self) -> String {
        let usual = if self.secure() { 443 } else { 80 };
        match self.port == usual {
            true => format!("{}://{}", self.scheme, self.host),
            false => format!("{}://{}:{}", self.scheme, self.host, self.port),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_an_address() {
        for (text, whole) in [
            ("plug", "http://plug/"),
            ("192.168.1.20:8080", "http://192.168.1.20:8080/"),
            ("https://bmc:443/redfish/v1", "https://bmc/redfish/v1"),
            (
                "http://[::1]:9100/metrics?a=b",
                "http://[::1]:9100/metrics?a=b",
            ),
            ("http://[::1]", "http://[::1]/"),
            ("http://Host?x=1", "http://host/?x=1"),
        ] {
            assert_eq!(Address::parse(text, "http").unwrap().url(), whole);
        }
        let whole = Address::parse("h:81/hunter2hunter2hunter2?sid=hunter2", "http").unwrap();
        assert_eq!(
            format!("{whole} {whole:?}"),
            "http://h:81 Address(http://h:81)"
        );
        assert_eq!(whole.scrub("no hunter2 here"), "no *** here");
        for text in [
            "",
            "http://",
            "ftp://h/",
            "h:99999",
            "h:x",
            "a b",
            "http://h:/é",
        ] {
            assert!(Address::parse(text, "http").is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_are_refused_and_not_repeated() {
        for text in [
            "http://admin:hunter2@plug/",
            "admin:hunter2@plug",
            "plug/cm?user=admin&password=hunter2",
            "http://h/?TOKEN=hunter2",
            "http://hunter2@h",
        ] {
            let why = Address::parse(text, "http").unwrap_err();
            assert!(
                why.contains("auth=env:NAME") && !why.contains("hunter2"),
                "{why}"
            );
        }
    }

    #[test]
    fn redirects_stay_on_the_server() {
        let from = Address::parse("http://plug/a/b?c=d", "http").unwrap();
        for (location, to) in [
            ("/x?y=z", "http://plug/x?y=z"),
            ("x", "http://plug/a/x"),
            ("?q", "http://plug/a/b?q"),
            ("http://PLUG:80/", "http://plug/"),
            ("//plug/p", "http://plug/p"),
            ("/go?to=http://evil/", "http://plug/go?to=http://evil/"),
        ] {
            assert_eq!(from.redirected(location).unwrap().url(), to);
        }
        for (location, other) in [
            ("http://evil/x", "http://evil"),
            ("//evil:81/", "http://evil:81"),
            ("https://plug/", "https://plug"),
            ("http://plug:8080/", "http://plug:8080"),
            (
                "http://u:hunter2@plug/",
                "an address that is not one, or that carries credentials",
            ),
        ] {
            assert_eq!(from.redirected(location).unwrap_err(), other);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(https?://)?[a-z0-9.:@\\[\\]/?#%é-]{0,30}", to in ".{0,30}") {
            if let Ok(address) = Address::parse(&text, "http") {
                let _ = address.redirected(&to);
            }
        }
    }
}
