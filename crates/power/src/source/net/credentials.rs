//! Secrets from the environment or a file, and the headers made of them.
//!
//! Shelly's second generation requires digest authentication with SHA-256 (RFC
//! 7616, as its API documentation says); older devices require MD5 or basic.

use crate::secret::Keeper;
use crate::spec::{MeterSpec, SpecError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use digest_auth::{AlgorithmType, AuthContext, WwwAuthenticateHeader};
use std::fmt;

/// A user's credentials. `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    Password { user: String, password: String },
    Bearer(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// The authentication scheme that the server requires.
#[derive(Clone)]
pub(super) enum Scheme {
    Basic,
    Digest(WwwAuthenticateHeader),
}

impl Credentials {
    /// Reads the credentials that `auth=` names; `None` without that option.
    pub fn of_spec(spec: &MeterSpec) -> Result<Option<Self>, SpecError> {
        let Some(keeper) = Keeper::of(spec)? else {
            return Ok(None);
        };
        let content = keeper
            .secret()
            .map_err(|missing| spec.error(format!("{}; {}", missing.detail, missing.fix)))?;
        Self::parse(content.expose()).map(Some).ok_or_else(|| {
            spec.error(
                "what auth= names holds neither USER:PASSWORD nor \"bearer TOKEN\", on one \
                     line of printable characters",
            )
        })
    }

    fn parse(content: &str) -> Option<Self> {
        if content.chars().any(char::is_control) {
            return None;
        }
        let bearer = content
            .split_once(' ')
            .filter(|(word, _)| word.eq_ignore_ascii_case("bearer"));
        if let Some((_, token)) = bearer {
            let good = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
            return good.then(|| Self::Bearer(token.to_owned()));
        }
        let (user, password) = content.split_once(':')?;
        (!user.is_empty()).then(|| Self::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    /// The `Authorization` header for a GET of `path`; `None` if the server must
    /// announce its scheme first, or if its challenge cannot be answered.
    pub fn header(&self, scheme: &mut Option<Scheme>, path: &str) -> Option<String> {
        match (self, scheme) {
            (Self::Bearer(token), _) => Some(format!("Bearer {token}")),
            (Self::Password { .. }, None) => None,
            (Self::Password { user, password }, Some(Scheme::Basic)) => {
                Some(format!("Basic {}", base64(&format!("{user}:{password}"))))
            }
            (Self::Password { user, password }, Some(Scheme::Digest(prompt))) => {
                let context = AuthContext::new(user.as_str(), password.as_str(), path);
                prompt.respond(&context).ok().map(|h| h.to_string())
            }
        }
    }

    /// Removes the secrets from `text`, which the server may have repeated.
    pub fn scrub(&self, text: &str) -> String {
        let mut secrets = match self {
            Self::Bearer(token) => vec![token.clone()],
            Self::Password { user, password } => {
                vec![base64(&format!("{user}:{password}")), password.clone()]
            }
        };
        secrets.retain(|secret| !secret.is_empty());
        secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

/// The most secure scheme that a server offers in its `WWW-Authenticate` headers.
pub(super) fn best_scheme<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Scheme> {
    let mut offers: Vec<(u8, Scheme)> = Vec::new();
    for challenge in headers.flat_map(challenges) {
        let word = challenge.split(' ').next().unwrap_or_default();
        if word.eq_ignore_ascii_case("basic") {
            offers.push((0, Scheme::Basic));
        } else if word.eq_ignore_ascii_case("digest")
            && let Ok(prompt) = digest_auth::parse(&challenge[word.len()..])
        {
            let strength = match prompt.algorithm.algo {
                AlgorithmType::MD5 => 1,
                _ => 2,
            };
            offers.push((strength, Scheme::Digest(prompt)));
        }
    }
    offers
        .into_iter()
        .max_by_key(|(strength, _)| *strength)
        .map(|(_, scheme)| scheme)
}

/// Splits `Digest a="b, c", d=e, Basic realm="f"` into its challenges. A challenge
/// begins with a word that is followed by a space, not by an equals sign.
/// `digest_auth` accepts only ASCII.
fn challenges(header: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut quoted = false;
    for (at, c) in header.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let rest = header[at + 1..].trim_start();
                let word = rest
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .map_or("", |end| &rest[..end]);
                if !word.is_empty() && rest[word.len()..].starts_with(' ') {
                    starts.push(header.len() - rest.len());
                }
            }
            _ => {}
        }
    }
    let ends = starts.iter().copied().skip(1).chain([header.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| header[start..end].trim().trim_end_matches(','))
        .filter(|challenge| challenge.is_ascii())
        .collect()
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_and_no_secret_shown() {
        let password = Credentials::parse("admin:a:b c").unwrap();
        assert_eq!(
            password,
            Credentials::Password {
                user: "admin".into(),
                password: "a:b c".into()
            }
        );
        assert_eq!(format!("{password:?}"), "Credentials(hidden)");
        assert_eq!(password.scrub("x a:b c YWRtaW46YTpiIGM= y"), "x *** *** y");
        let bearer = Credentials::parse("Bearer abc").unwrap();
        assert_eq!(bearer.header(&mut None, "/").as_deref(), Some("Bearer abc"));
        for text in [
            "",
            "admin",
            ":x",
            "bearer ",
            "bearer a\nb",
            "a:b\nc",
            "bearer é",
        ] {
            assert!(Credentials::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_strongest_scheme_is_taken() {
        let algorithm = |headers: &[&str]| match best_scheme(headers.iter().copied()) {
            Some(Scheme::Digest(prompt)) => format!("{}", prompt.algorithm),
            Some(Scheme::Basic) => "basic".into(),
            None => "none".into(),
        };
        let md5 = r#"Digest realm="a, Basic b", nonce="c", algorithm=MD5"#;
        let sha = r#"Digest qop="auth", realm="shelly", nonce="60dc2c69", algorithm=SHA-256"#;
        let basic = r#"Basic realm="x""#;
        assert_eq!(algorithm(&[basic, md5, sha]), "SHA-256");
        assert_eq!(algorithm(&[&format!("{basic}, {md5}")]), "MD5");
        assert_eq!(algorithm(&[&format!("{md5}, {basic}")]), "MD5");
        assert_eq!(algorithm(&["Negotiate", "basic"]), "basic");
        assert_eq!(algorithm(&["Digest", "Digest é=é", ""]), "none");
    }

    proptest! {
        #[test]
        fn nothing_panics(header in "(Digest |Basic )?([a-z=\", ]|.){0,60}") {
            let _ = best_scheme([header.as_str()].into_iter());
        }
    }
}
