//! Servers that are no miners, or broken ones: each is an error that says why, in time.

use crate::emulator::TIMEOUT;
use crate::emulator::machines::LUXOS;
use crate::emulator::server::{Reply, Server};
use perwatt_miner::repair::{MAX_REPLY, RepairError};
use perwatt_miner::{Address, Api, Kind, Problem, Quantity, Report, read, read_replies};
use proptest::prelude::*;
use std::net::TcpListener;
use std::time::Duration;

/// For peers that are waited for.
const SHORT: Duration = Duration::from_millis(400);

fn ask(api: Api, timeout: Duration, reply: Reply) -> Result<Report, Problem> {
    let server = Server::start("127.0.0.1:0", move |_| reply.clone()).unwrap();
    let address: Address = server.address.to_string().parse().unwrap();
    read(api, &address, timeout).map_err(|error| error.problem)
}

fn kind(name: &str) -> Api {
    Api::Kind(Kind::named(name).unwrap())
}

#[test]
fn silence_is_a_timeout() {
    for (name, first) in [("luxos", b'{'), ("whatsminer3", 9), ("axeos", b'H')] {
        for reply in [Reply::Silence, Reply::Stuck(first)] {
            let problem = ask(kind(name), SHORT, reply).unwrap_err();
            assert!(
                matches!(problem, Problem::Timeout { .. }),
                "{name}: {problem}"
            );
        }
    }
    let problem = ask(Api::Auto, SHORT, Reply::Silence)
        .unwrap_err()
        .to_string();
    assert!(
        problem.contains("no whole answer to version within 0.4 s"),
        "{problem}"
    );
    assert!(problem.contains("--api none"), "{problem}");
}

#[test]
fn endless_and_huge_replies_end() {
    for (name, reply) in [
        ("luxos", Reply::Endless(b"{\"a\":".repeat(1000))),
        ("luxos", Reply::Raw(vec![b' '; MAX_REPLY + 20_000])),
        (
            "axeos",
            Reply::Raw(
                [
                    &b"HTTP/1.1 200 OK\r\n\r\n"[..],
                    &vec![b'{'; MAX_REPLY + 20_000],
                ]
                .concat(),
            ),
        ),
    ] {
        let problem = ask(kind(name), TIMEOUT, reply).unwrap_err();
        let long = matches!(
            &problem,
            Problem::Garbled {
                why: RepairError::TooLong,
                ..
            }
        );
        assert!(long, "{name}: {problem}");
    }
    let endless = Reply::Endless(b"HTTP/1.1 200 OK\r\nX: y\r\n".to_vec());
    assert!(ask(kind("axeos"), TIMEOUT, endless).is_err());
    // A length of 4 GiB is not believed.
    let problem = ask(kind("whatsminer3"), TIMEOUT, Reply::Raw(vec![0xff; 64]));
    assert!(
        problem
            .unwrap_err()
            .to_string()
            .contains("4294967295 bytes")
    );
}

#[test]
fn other_protocols_are_named() {
    let html = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_vec();
    for (name, reply, part) in [
        ("luxos", Reply::Raw(html.clone()), "answered by HTTP"),
        (
            "luxos",
            Reply::Raw(b"\x16\x03\x01\x02".to_vec()),
            "no JSON from byte 0",
        ),
        ("luxos", Reply::Raw(Vec::new()), "it is empty"),
        (
            "luxos",
            Reply::Text("[]".into()),
            "none of its fields is known",
        ),
        ("axeos", Reply::Raw(html), "no JSON from byte 0"),
        ("axeos", Reply::Raw(b"SSH-2.0-x\r\n".to_vec()), "not HTTP"),
        ("axeos", Reply::Status(500), "HTTP status 500"),
        ("axeos", Reply::Status(302), "HTTP status 302"),
        ("axeos", Reply::Status(403), "only after a login"),
        (
            "axeos",
            Reply::Text("{\"hashRate\":null}".into()),
            "none of its fields is known",
        ),
        (
            "axeos",
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{\"power\":15".to_vec()),
            "broken connection",
        ),
        ("whatsminer3", Reply::Raw(Vec::new()), "0 of 4 bytes"),
        (
            "whatsminer3",
            Reply::Raw(b"\x09\0\0\0{\"a\"".to_vec()),
            "4 of 9 bytes",
        ),
    ] {
        let problem = ask(kind(name), TIMEOUT, reply).unwrap_err().to_string();
        assert!(problem.contains(part), "{name}: {problem}");
    }
}

#[test]
fn a_refusal_is_repeated_without_its_controls() {
    let reply = r#"{"STATUS":[{"STATUS":"E","Msg":"Access \u001b[31mdenied"}]}"#;
    let problem = ask(kind("luxos"), TIMEOUT, Reply::Text(reply.into())).unwrap_err();
    let problem = problem.to_string();
    assert!(problem.contains("refused (Access [31mdenied)"), "{problem}");
}

#[test]
fn a_closed_port_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let address = closed.to_string().parse().unwrap();
    for api in [kind("luxos"), kind("axeos"), Api::Auto] {
        let error = read(api, &address, TIMEOUT).unwrap_err();
        assert!(error.to_string().contains(&closed.to_string()), "{error}");
        assert!(error.to_string().contains("is it on"), "{error}");
    }
    let address = "no-such-host.invalid".parse().unwrap();
    let error = read(kind("luxos"), &address, TIMEOUT)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no-such-host.invalid"), "{error}");
}

const OPEN: &str = r#"{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"GHS av":5.5,"Elapsed":9000}]}"#;

/// Neither a NUL nor the end of the connection follows a whole reply.
#[test]
fn a_reply_without_an_end_is_read() {
    let report = ask(kind("cgminer"), TIMEOUT, Reply::Open(OPEN.into())).unwrap();
    assert_eq!(report.first(Quantity::RateAverage), Some(5.5e9));
    // With a fault in it, it is read once the time is over.
    let faulty = OPEN.replace("]}", ",]}");
    let report = ask(kind("cgminer"), SHORT, Reply::Open(faulty)).unwrap();
    assert_eq!(report.first(Quantity::RateAverage), Some(5.5e9));
    // What stopped in the middle is late.
    let problem = ask(kind("cgminer"), SHORT, Reply::Open(OPEN[..60].into())).unwrap_err();
    assert!(matches!(problem, Problem::Timeout { .. }), "{problem}");
}

/// A connection that ends early leaves what was whole, and says so.
#[test]
fn a_cut_reply_gives_no_cut_figure() {
    let cut = &OPEN[..OPEN.find("00}").unwrap()];
    let report = ask(kind("cgminer"), TIMEOUT, Reply::Raw(cut.into())).unwrap();
    assert_eq!(report.first(Quantity::RateAverage), Some(5.5e9));
    assert_eq!(report.first(Quantity::Uptime), None);
    assert!(
        report.notes.iter().any(|note| note.contains("cut off")),
        "{:?}",
        report.notes
    );
}

proptest! {
    /// Replies with faults anywhere give figures or none, and never a panic.
    #[test]
    fn damaged_replies_are_read(at in 0usize..4000, byte in any::<u8>(), cut in any::<bool>()) {
        let kind = Kind::named("luxos").unwrap();
        let damaged: Vec<Vec<u8>> = LUXOS.replies.iter().map(|(_, reply)| {
            let mut reply = reply.as_bytes().to_vec();
            let at = at % reply.len();
            reply[at] = byte;
            if cut {
                reply.truncate(at);
            }
            reply
        }).collect();
        let replies: Vec<&[u8]> = damaged.iter().map(Vec::as_slice).collect();
        for claim in read_replies(kind, &replies).claims {
            prop_assert!(claim.value.is_none_or(f64::is_finite));
        }
    }
}
