//! Credentials: sent to the server, and never shown.

use crate::says::has;
use crate::server::{Reply, Server};
use crate::{infos, only, open, refused, unavailable};
use digest_auth::{AuthContext, AuthorizationHeader, WwwAuthenticateHeader};
use perwatt_power::Reason;
use std::io::Write;

const PASSWORD: &str = "hunter2,;=\u{e9}";
const PLUG: &str = r#"{"switch:0":{"apower":60.5,"aenergy":{"total":1}}}"#;

/// A temporary file with this content.
fn secret(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{content}").unwrap();
    file
}

fn json(server: &Server, secret: &tempfile::NamedTempFile) -> String {
    let (address, secret) = (server.address, secret.path().display());
    format!("json={address},pointer=/p,unit=W,boundary=wall,auth=file:{secret}")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn unauthorized(challenge: &str) -> Reply {
    let header = format!("WWW-Authenticate: {challenge}\r\n");
    Reply::Status(401, header, String::new())
}

/// A server that checks digests as RFC 7616 says.
fn digest_server(algorithm: &'static str) -> Server {
    Server::start(move |head, number| {
        let challenge = format!(
            "Digest qop=\"auth\", realm=\"shellyplugs-1\", nonce=\"65a1\", algorithm={algorithm}"
        );
        let Some(given) = header(head, "authorization") else {
            return unauthorized(&format!("{challenge}, Basic realm=\"x\""));
        };
        let field = |name: &str| {
            let quoted = given.split_once(&format!("{name}=\"")).map(|(_, v)| v);
            quoted.and_then(|v| v.split('"').next()).unwrap_or_default()
        };
        let mut prompt = WwwAuthenticateHeader::parse(&challenge).unwrap();
        // The server's count of uses of this nonce must equal the client's.
        prompt.nc = u32::try_from(number).unwrap() - 1;
        let mut context = AuthContext::new("admin", PASSWORD, "/rpc/Shelly.GetStatus");
        context.set_custom_cnonce(field("cnonce"));
        let right = AuthorizationHeader::from_prompt(&mut prompt, &context).unwrap();
        match right.response == field("response") && field("uri") == "/rpc/Shelly.GetStatus" {
            true => Reply::text(PLUG),
            false => unauthorized(&challenge),
        }
    })
}

#[test]
fn digest_with_both_algorithms() {
    let file = secret(&format!("admin:{PASSWORD}"));
    for algorithm in ["SHA-256", "MD5"] {
        let server = digest_server(algorithm);
        let auth = format!(",auth=file:{}", file.path().display());
        let spec = server.spec("shelly=", &auth);
        let mut found = open(&spec);
        let notes = infos(&found)[0].notes.join("; ");
        assert!(notes.contains("without encryption"), "{notes}");
        let mut source = crate::available(found.remove(0));
        assert_eq!(source.read(), Ok(60.5), "{algorithm}");
        // One challenge; all later requests carry the answer at once.
        let asked = server.requests();
        assert_eq!(asked.len(), 4, "{asked:?}");
        let all = format!("{asked:?} {:?} {:?}", source.info(), open(&spec));
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn basic_and_bearer() {
    let basic = Server::start(|head, _| match header(head, "authorization") {
        Some("Basic YTpi") => Reply::text(r#"{"p":1}"#),
        _ => unauthorized("Basic realm=\"x\""),
    });
    let bearer = Server::start(|head, _| match header(head, "authorization") {
        Some("Bearer t0ken") => Reply::text(r#"{"p":1}"#),
        _ => unauthorized("Bearer"),
    });
    assert_eq!(only(&json(&basic, &secret("a:b"))).read(), Ok(1.0));
    let mut source = only(&json(&bearer, &secret("bearer t0ken")));
    assert_eq!(source.read(), Ok(1.0));
    // Wrong credentials give an error that does not show them.
    for content in ["a:hunter2", "bearer hunter2"] {
        for server in [&basic, &bearer] {
            let why = unavailable(&json(server, &secret(content)));
            assert_eq!(why.reason, Reason::NotPermitted);
            let text = format!("{why:?}");
            has(&text, &["does not accept"]);
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn what_a_server_echoes_is_not_shown_either() {
    let server = Server::start(|head, _| {
        let given = header(head, "authorization").unwrap_or("nothing");
        Reply::text(format!("{{\"p\":\"{given}\"}}"))
    });
    let why = unavailable(&json(&server, &secret("bearer hunter2")));
    assert!(why.detail.contains("Bearer ***"), "{why}");
    assert!(!format!("{why:?}").contains("hunter2"), "{why:?}");
}

#[test]
fn credentials_do_not_follow_a_redirect_elsewhere() {
    let other = Server::constant(r#"{"p":1}"#);
    let elsewhere = other.address;
    let server = Server::start(move |_, _| Reply::redirect(format!("http://{elsewhere}/")));
    let why = unavailable(&json(&server, &secret("bearer hunter2")));
    assert!(why.detail.contains(&elsewhere.to_string()), "{why}");
    assert!(other.requests().is_empty());
}

#[test]
fn secrets_in_the_wrong_place_are_refused_and_not_repeated() {
    for spec in [
        "shelly=admin:hunter2@plug",
        "json=http://admin:hunter2@plug/,pointer=/p,unit=W,boundary=wall",
        "tasmota=http://plug/cm?user=admin&password=hunter2",
        "shelly=plug,auth=hunter2",
        "shelly=plug,auth=admin:hunter2",
        "shelly=plug,password=hunter2",
        "shely=admin:hunter2@plug",
    ] {
        let text = refused(spec);
        assert!(!text.contains("hunter2"), "{text}");
    }
    let advice = refused("shelly=admin:hunter2@plug");
    assert!(advice.contains("auth=env:NAME"), "{advice}");
    let unset = refused("shelly=plug,auth=env:PERWATT_NO_SUCH_VARIABLE");
    let said = "PERWATT_NO_SUCH_VARIABLE, which auth= names, is not set";
    has(&unset, &[said]);
    let absent = refused("shelly=plug,auth=file:/nowhere/x");
    has(&absent, &["/nowhere/x, which auth= names, cannot be read"]);
    let file = secret("hunter2");
    let neither = refused(&format!("shelly=plug,auth=file:{}", file.path().display()));
    has(&neither, &["USER:PASSWORD"]);
    assert!(!neither.contains("hunter2"), "{neither}");
}

/// All texts about these meters that may be shown or recorded.
fn everything_said(specs: &[String]) -> String {
    let specs: Vec<&str> = specs.iter().map(String::as_str).collect();
    let mut said = String::new();
    for found in crate::try_open(&specs, &std::sync::Arc::default()).unwrap() {
        match found {
            perwatt_power::Found::Unavailable(why) => said += &format!("{why} {why:?}\n"),
            perwatt_power::Found::Available(mut source) => {
                said += &format!("{:?}\n", source.info());
                said += &format!("{:?}\n", source.read().map_err(|e| (e.to_string(), e)));
            }
        }
    }
    said
}

#[test]
fn what_is_in_an_address_beside_host_and_port_is_sent_and_shown_nowhere() {
    let server = Server::start(|head, _| {
        // A server that repeats the request in its answer.
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path.contains("good") {
            true => Reply::text(r#"{"p":41.5}"#),
            false => Reply::text(format!(r#"{{"p":{:?}}}"#, path)),
        }
    });
    let places = [
        "good?key=hunter2hunter2hunter2",
        "good?auth_key=hunter2hunter2hunter2",
        "good?a=b&sid=hunter2hunter2hunter2",
        "good?jwt=hunter2hunter2hunter2",
        "good/hunter2hunter2hunter2/p",
        "good#hunter2hunter2hunter2",
        "bad?key=hunter2hunter2hunter2",
        "bad/hunter2hunter2hunter2",
    ];
    for (n, place) in places.iter().enumerate() {
        let target = format!("http://{}/{place}", server.address);
        let specs = [
            format!("json={target},pointer=/p,unit=W,boundary=wall"),
            format!("prometheus={target},metric=p_watts,boundary=wall,name=p{n}"),
            format!("redfish={target},name=r{n}"),
        ];
        let said = everything_said(&specs);
        assert!(!said.contains("hunter2"), "{place}: {said}");
        assert!(said.contains(&server.address.to_string()), "{said}");
    }
    let sent = server.requests().join("\n");
    assert!(sent.contains("?key=hunter2hunter2hunter2 "), "{sent}");
}
