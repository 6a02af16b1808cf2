//! Faults between a meter and its reader: each gives a typed error in time.

use crate::says::told;
use crate::server::{Reply, Server};
use crate::{class, only, unavailable};
use perwatt_power::Reason;

/// A fault: its name, the server's reply, the class of the failed reading, the
/// reason of the meter that cannot be opened, and a word of the explanation.
type Fault = (
    &'static str,
    fn() -> Reply,
    &'static str,
    Reason,
    &'static str,
);

const OK: &str = r#"{"p":42.5}"#;

fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

fn raw(length: usize, body: &str) -> Reply {
    Reply::Raw([head(length), body.into()].concat())
}

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("never answers", || Reply::Silence, "no answer", Reason::Unreachable, "within 1 s"),
    (
        "slow drip in the head",
        || Reply::Drip(b"HTTP/1.1 200 OK\r\nX: ".into()),
        "no answer",
        Reason::Unreachable,
        "within 1 s",
    ),
    (
        "slow drip in the body",
        || Reply::Drip([head(100_000), b"{".into()].concat()),
        "no answer",
        Reason::Unreachable,
        "within 1 s",
    ),
    ("closes at once", || Reply::Raw(Vec::new()), "no answer", Reason::Unreachable, "ended before"),
    (
        "closes in the head",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nConte".into()),
        "no answer",
        Reason::Unreachable,
        "ended before",
    ),
    (
        "closes in the body",
        || raw(10, r#"{"p":4"#),
        "no answer",
        Reason::Unreachable,
        "ended before",
    ),
    ("truncated JSON", || raw(6, r#"{"p":4"#), "bad reply", Reason::Malformed, "not JSON"),
    ("malformed JSON", || Reply::text("{p:4}"), "bad reply", Reason::Malformed, "not JSON"),
    ("a page", || Reply::text("<html>"), "bad reply", Reason::Malformed, "not JSON"),
    ("NaN", || Reply::text(r#"{"p":NaN}"#), "bad reply", Reason::Malformed, "not JSON"),
    ("null", || Reply::text(r#"{"p":null}"#), "bad reply", Reason::Malformed, "not a number"),
    ("negative", || Reply::text(r#"{"p":-4}"#), "bad reply", Reason::Malformed, "negative"),
    ("wrong unit", || Reply::text(r#"{"p":"4 kWh"}"#), "bad reply", Reason::Malformed, "not in W"),
    ("another key", || Reply::text(r#"{"q":4}"#), "bad reply", Reason::Absent, "there is: q"),
    (
        "401",
        || Reply::Status(401, String::new(), String::new()),
        "bad reply",
        Reason::NotPermitted,
        "auth=env:NAME",
    ),
    (
        "404",
        || Reply::Status(404, String::new(), OK.into()),
        "bad reply",
        Reason::Absent,
        "404 (Not Found)",
    ),
    ("500", || Reply::Status(500, String::new(), OK.into()), "bad reply", Reason::Malformed, "500"),
    (
        "another host",
        || Reply::redirect("http://elsewhere.invalid/p"),
        "bad reply",
        Reason::Malformed,
        "http://elsewhere.invalid,",
    ),
    (
        "another scheme",
        || Reply::redirect("https://127.0.0.1/p"),
        "bad reply",
        Reason::Malformed,
        "another server",
    ),
    ("a loop", || Reply::redirect("/p"), "bad reply", Reason::Malformed, "more than 3 times"),
    (
        "10 MiB",
        || Reply::text(" ".repeat(10 << 20)),
        "bad reply",
        Reason::Malformed,
        "longer than 4 MiB",
    ),
    (
        "10 MiB without a length",
        || Reply::Raw([b"HTTP/1.1 200 OK\r\n\r\n".into(), vec![b' '; 10 << 20]].concat()),
        "bad reply",
        Reason::Malformed,
        "longer than 4 MiB",
    ),
    (
        "no text",
        || Reply::Raw([head(2), vec![0xff, 0xfe]].concat()),
        "bad reply",
        Reason::Malformed,
        "UTF-8",
    ),
    (
        "no HTTP",
        || Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".into()),
        "bad reply",
        Reason::Malformed,
        "not HTTP",
    ),
    (
        "a broken chunk",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}".into()),
        "bad reply",
        Reason::Malformed,
        "not HTTP",
    ),
    (
        "a chunk cut short",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"p\"".into()),
        "no answer",
        Reason::Unreachable,
        "ended before",
    ),
];

fn spec(server: &Server) -> String {
    format!(
        "json=http://{}/p,pointer=/p,unit=W,boundary=wall,timeout=1",
        server.address
    )
}

#[test]
fn a_meter_that_fails_when_opened_is_unavailable_and_says_why() {
    for (name, reply, _, reason, word) in FAULTS {
        let server = Server::start(move |_, _| reply());
        let why = told(unavailable(&spec(&server)), *reason, word);
        assert!(why.looked_for.starts_with("http://127.0.0.1:"), "{name}");
    }
}

#[test]
fn a_reading_that_fails_is_an_error_and_the_next_one_is_good() {
    for (name, reply, expected, _, word) in FAULTS {
        // A redirect that is followed to its end takes several requests; the server
        // recovers once the reading has failed.
        let failed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = std::sync::Arc::clone(&failed);
        let server = Server::start(move |_, number| {
            let well = number == 0 || seen.load(std::sync::atomic::Ordering::Relaxed);
            if well { Reply::text(OK) } else { reply() }
        });
        let mut source = only(&spec(&server));
        let error = source.read().expect_err(name);
        assert_eq!(class(&error), *expected, "{name}: {error}");
        assert!(error.to_string().contains(word), "{name}: {error}");
        failed.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(source.read(), Ok(42.5), "{name}");
    }
}

#[test]
fn chunks_and_redirects_on_the_same_server_are_read() {
    let server = Server::start(|head, _| {
        match head {
        _ if head.starts_with("GET /p ") => Reply::redirect("/two?x=1"),
        _ if head.starts_with("GET /two?x=1 ") => Reply::redirect("three"),
        _ if head.starts_with("GET /three ") => Reply::Raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"p\"\r\n6\r\n:42.5}\r\n0\r\n\r\n"
                .into(),
        ),
        _ => Reply::Status(404, String::new(), String::new()),
    }
    });
    assert_eq!(only(&spec(&server)).read(), Ok(42.5));
}

#[test]
fn nothing_listens_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    for kind in ["shelly", "shelly-gen1", "tasmota", "redfish"] {
        let why = unavailable(&format!("{kind}=http://{address},timeout=0.5"));
        assert_eq!(why.reason, Reason::Unreachable, "{why}");
        let fix = why.fix.unwrap();
        assert!(fix.contains(&format!("http://{address}")), "{fix}");
    }
}

#[test]
fn one_failing_reading_costs_both_sources_one_request() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Reply::text(r#"{"switch:0":{"apower":1,"aenergy":{"total":2}}}"#),
        _ => Reply::Status(500, String::new(), String::new()),
    });
    let found = crate::open(&format!("shelly={}", server.address));
    let mut sources: Vec<_> = found.into_iter().map(crate::available).collect();
    assert_eq!(sources.len(), 2);
    for source in &mut sources {
        assert_eq!(class(&source.read().unwrap_err()), "bad reply");
    }
    assert_eq!(server.requests().len(), 3);
}
