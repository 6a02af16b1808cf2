//! Faults between a meter and its reader: each gives a typed error in time.

use crate::program::free_tcp_port;
use crate::says::{advised, fails, has, told};
use crate::server::{Reply, Server};
use crate::{only, unavailable};
use perwatt_power::Reason;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A fault: its name, the server's reply, the reason of the meter that cannot be
/// opened, and a word of the explanation. A reading fails as `no-answer` if the meter
/// is unreachable, and as `bad-reply` otherwise.
type Fault = (&'static str, fn() -> Reply, Reason, &'static str);

const OK: &str = r#"{"p":42.5}"#;

fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

fn raw(length: usize, body: &str) -> Reply {
    Reply::Raw([head(length), body.into()].concat())
}

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("never answers", || Reply::Silence, Reason::Unreachable, "within 1 s"),
    (
        "slow drip in the head",
        || Reply::Drip(b"HTTP/1.1 200 OK\r\nX: ".into()),
        Reason::Unreachable,
        "within 1 s",
    ),
    (
        "slow drip in the body",
        || Reply::Drip([head(100_000), b"{".into()].concat()),
        Reason::Unreachable,
        "within 1 s",
    ),
    ("closes at once", || Reply::Raw(Vec::new()), Reason::Unreachable, "ended before"),
    (
        "closes in the head",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nConte".into()),
        Reason::Unreachable,
        "ended before",
    ),
    ("closes in the body", || raw(10, r#"{"p":4"#), Reason::Unreachable, "ended before"),
    ("truncated JSON", || raw(6, r#"{"p":4"#), Reason::Malformed, "not JSON"),
    ("malformed JSON", || Reply::text("{p:4}"), Reason::Malformed, "not JSON"),
    ("a page", || Reply::text("<html>"), Reason::Malformed, "not JSON"),
    ("NaN", || Reply::text(r#"{"p":NaN}"#), Reason::Malformed, "not JSON"),
    ("null", || Reply::text(r#"{"p":null}"#), Reason::Malformed, "not a number"),
    ("negative", || Reply::text(r#"{"p":-4}"#), Reason::Malformed, "negative"),
    ("wrong unit", || Reply::text(r#"{"p":"4 kWh"}"#), Reason::Malformed, "not in W"),
    ("another key", || Reply::text(r#"{"q":4}"#), Reason::Absent, "there is: q"),
    (
        "401",
        || Reply::Status(401, String::new(), String::new()),
        Reason::NotPermitted,
        "auth=env:NAME",
    ),
    ("404", || Reply::Status(404, String::new(), OK.into()), Reason::Absent, "404 (Not Found)"),
    ("500", || Reply::Status(500, String::new(), OK.into()), Reason::Malformed, "500"),
    (
        "another host",
        || Reply::redirect("http://elsewhere.invalid/p"),
        Reason::Malformed,
        "http://elsewhere.invalid,",
    ),
    (
        "another scheme",
        || Reply::redirect("https://127.0.0.1/p"),
        Reason::Malformed,
        "another server",
    ),
    ("a loop", || Reply::redirect("/p"), Reason::Malformed, "more than 3 times"),
    ("10 MiB", || Reply::text(" ".repeat(10 << 20)), Reason::Malformed, "longer than 4 MiB"),
    (
        "10 MiB without a length",
        || Reply::Raw([b"HTTP/1.1 200 OK\r\n\r\n".into(), vec![b' '; 10 << 20]].concat()),
        Reason::Malformed,
        "longer than 4 MiB",
    ),
    ("no text", || Reply::Raw([head(2), vec![0xff, 0xfe]].concat()), Reason::Malformed, "UTF-8"),
    (
        "no HTTP",
        || Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".into()),
        Reason::Malformed,
        "not HTTP",
    ),
    (
        "a broken chunk",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}".into()),
        Reason::Malformed,
        "not HTTP",
    ),
    (
        "a chunk cut short",
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"p\"".into()),
        Reason::Unreachable,
        "ended before",
    ),
];

fn spec(server: &Server) -> String {
    let more = "/p,pointer=/p,unit=W,boundary=wall,timeout=1";
    server.spec("json=http://", more)
}

#[test]
fn a_meter_that_fails_when_opened_is_unavailable_and_says_why() {
    for (name, reply, reason, word) in FAULTS {
        let server = Server::start(move |_, _| reply());
        let why = told(unavailable(&spec(&server)), *reason, word);
        assert!(why.looked_for.starts_with("http://127.0.0.1:"), "{name}");
    }
}

#[test]
fn a_reading_that_fails_is_an_error_and_the_next_one_is_good() {
    for (name, reply, reason, word) in FAULTS {
        // A redirect that is followed to its end takes several requests; the server
        // recovers once the reading has failed.
        let failed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&failed);
        let server = Server::start(move |_, number| {
            let well = number == 0 || seen.load(Ordering::Relaxed);
            if well { Reply::text(OK) } else { reply() }
        });
        let mut source = only(&spec(&server));
        let kind = match reason {
            Reason::Unreachable => "no-answer",
            _ => "bad-reply",
        };
        has(&fails(source.as_mut(), kind).to_string(), &[word]);
        failed.store(true, Ordering::Relaxed);
        assert_eq!(source.read(), Ok(42.5), "{name}");
    }
}

#[test]
fn chunks_and_redirects_on_the_same_server_are_read() {
    let chunks = "4\r\n{\"p\"\r\n6\r\n:42.5}\r\n0\r\n\r\n";
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let server = Server::start(move |request, _| match request.split(' ').nth(1) {
        Some("/p") => Reply::redirect("/two?x=1"),
        Some("/two?x=1") => Reply::redirect("three"),
        Some("/three") => Reply::Raw([head, chunks].concat().into()),
        _ => Reply::Status(404, String::new(), String::new()),
    });
    assert_eq!(only(&spec(&server)).read(), Ok(42.5));
}

#[test]
fn nothing_listens_there() {
    let url = format!("http://127.0.0.1:{}", free_tcp_port());
    for kind in ["shelly", "shelly-gen1", "tasmota", "redfish"] {
        let why = unavailable(&format!("{kind}={url},timeout=0.5"));
        advised(why, Reason::Unreachable, &url);
    }
}

#[test]
fn one_failing_reading_costs_both_sources_one_request() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Reply::text(r#"{"switch:0":{"apower":1,"aenergy":{"total":2}}}"#),
        _ => Reply::Status(500, String::new(), String::new()),
    });
    let found = crate::open(&server.spec("shelly=", ""));
    let mut sources: Vec<_> = found.into_iter().map(crate::available).collect();
    assert_eq!(sources.len(), 2);
    for source in &mut sources {
        fails(source.as_mut(), "bad-reply");
    }
    assert_eq!(server.requests().len(), 3);
}
