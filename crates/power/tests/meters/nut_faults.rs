//! Answers of upsd, or of a server in its place.

use crate::program::free_tcp_port;
use crate::says::{advised, fails, has, told};
use crate::servers::{Lines, Reply};
use crate::{make_no_sense, nonsense, open, refused};
use perwatt_power::{Boundary, Grade, Provenance, Reason};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// An upsd whose device reports these variables.
fn device(variables: &'static [(&'static str, &'static str)]) -> Lines {
    Lines::start(move |line| {
        let Some(name) = line.strip_prefix("GET VAR rack ") else {
            return Reply::line("ERR UNKNOWN-UPS");
        };
        match variables.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Reply::line(&format!("VAR rack {name} \"{value}\"")),
            None => Reply::line("ERR VAR-NOT-SUPPORTED"),
        }
    })
}

fn spec(server: &Lines, more: &str) -> String {
    format!("nut=rack@127.0.0.1:{}{more}", server.port)
}

#[test]
fn the_best_variable_is_taken() {
    let server = device(&[
        ("outlet.2.realpower", "41"),
        ("ups.realpower", "120.5"),
        ("input.realpower", "150"),
        ("input.L1.realpower", "75"),
        ("ups.power", "200"),
        ("driver.parameter.pollinterval", "5"),
    ]);
    let phase = ",var=input.L1.realpower,interval=7,accuracy=1%";
    for (more, watts, variable, interval_s, grade) in [
        ("", 120.5, "ups.realpower", 5.0, Grade::D),
        (",outlet=2", 41.0, "outlet.2.realpower", 5.0, Grade::D),
        (phase, 75.0, "input.L1.realpower", 7.0, Grade::A),
    ] {
        let mut source = open(&spec(&server, more));
        assert_eq!(source.read(), Ok(watts));
        let info = source.info();
        assert_eq!(info.domains, [variable]);
        assert_eq!(info.boundary, Boundary::Wall);
        assert_eq!(info.provenance, Provenance::PowerSamples);
        assert!(info.notes.iter().any(|n| n.contains("every 5 s")));
        let pace = source.pace();
        assert!(pace.blocking);
        assert_eq!(pace.interval_s, interval_s);
        assert_eq!(Grade::best(info), grade);
    }
    let server = device(&[("input.realpower", "150")]);
    assert_eq!(open(&spec(&server, "")).read(), Ok(150.0));
}

#[test]
fn load_is_an_estimate_and_says_so() {
    let server = device(&[("ups.load", "25"), ("ups.realpower.nominal", "600")]);
    let mut source = open(&spec(&server, ""));
    assert_eq!(source.read(), Ok(150.0));
    let info = source.info();
    assert_eq!(info.provenance, Provenance::DeviceEstimate);
    assert_eq!(info.quantum_w, Some(6.0));
    assert!(info.notes.iter().any(|n| n.starts_with("estimated")));
    assert_eq!(Grade::best(info), Grade::E);
    // The power of an outlet is never estimated from the load of the whole device.
    assert_eq!(refused(&spec(&server, ",outlet=1")).reason, Reason::Absent);
}

#[test]
fn volt_amperes_are_not_watts() {
    let server = device(&[("ups.power", "500"), ("ups.load", "50")]);
    let why = told(refused(&spec(&server, "")), Reason::Absent, "VA");
    assert!(why.fix.unwrap().contains("--watts"));
    assert!(nonsense("nut=rack,var=ups.power").contains("VA"));
}

#[test]
fn every_refusal_says_what_to_do() {
    for (code, reason, advice) in [
        ("DATA-STALE", Reason::Absent, "cable"),
        ("DRIVER-NOT-CONNECTED", Reason::Absent, "upsdrvctl start"),
        ("UNKNOWN-UPS", Reason::Absent, "upsc -l"),
        ("ACCESS-DENIED", Reason::NotPermitted, "upsd.users"),
        ("USERNAME-REQUIRED", Reason::NotPermitted, "auth="),
        ("FEATURE-NOT-CONFIGURED", Reason::Absent, "FEATURE"),
    ] {
        let server = Lines::start(move |_| Reply::line(&format!("ERR {code}")));
        let why = told(refused(&spec(&server, "")), reason, code);
        has(&why.detail, &[advice]);
    }
}

#[test]
fn what_no_meter_of_a_machine_shows_is_refused() {
    for value in [
        "nan", "inf", "-5", "0", "0.0", "99999999", "1e3", "", "120 W",
    ] {
        let server = Lines::start(move |line| {
            let name = line.rsplit(' ').next().unwrap();
            Reply::line(&format!("VAR rack {name} \"{value}\""))
        });
        let why = refused(&spec(&server, ""));
        told(why, Reason::Malformed, "ups.realpower");
    }
}

#[test]
fn garbage_is_told_and_long_lines_end() {
    let overlong = vec![b'A'; 1 << 20];
    for bytes in [
        b"\x00\xff\xfe\n".to_vec(),
        b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
        b"VAR rack ups.realpower \"12\n".to_vec(),
        b"VAR other ups.realpower \"12\"\n".to_vec(),
        b"VAR rack ups.power \"12\"\n".to_vec(),
        b"OK\n".to_vec(),
        b"\n".to_vec(),
        overlong,
    ] {
        let server = Lines::start(move |_| Reply::Bytes(bytes.clone()));
        let why = refused(&spec(&server, ""));
        assert_eq!(why.reason, Reason::Malformed, "{}", why.detail);
        assert!(why.detail.len() < 300, "{}", why.detail);
    }
}

#[test]
fn silence_ends_in_time() {
    let silent = Lines::start(|_| Reply::Silence);
    let slow = Lines::start(|_| Reply::Dripping(vec![b'A'; 1000]));
    let closing = Lines::start(|_| Reply::Close(b"VAR ra".to_vec()));
    for (port, part) in [
        (silent.port, "in time"),
        (slow.port, "in time"),
        (closing.port, "closed"),
        (free_tcp_port(), "no connection"),
    ] {
        let why = refused(&format!("nut=rack@127.0.0.1:{port},timeout=0.5"));
        has(&why.detail, &[part]);
        advised(why, Reason::Unreachable, "LISTEN");
    }
    let why = refused("nut=rack@no-such-host.invalid");
    assert_eq!(why.reason, Reason::Unreachable);
}

#[test]
fn a_meter_that_fails_later_costs_readings_and_no_more() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let server = Lines::start(move |line| {
        if !line.ends_with("ups.realpower") {
            return Reply::line("ERR VAR-NOT-SUPPORTED");
        }
        let value = |text: &str| Reply::line(&format!("VAR rack ups.realpower \"{text}\""));
        match counted.fetch_add(1, SeqCst) {
            // Two requests while the meter is opened.
            0 | 1 => value("100"),
            2 => Reply::line("ERR DATA-STALE"),
            3 => value("101"),
            4 => value("-1"),
            // The kept connection is closed, and a new one is made.
            5 => Reply::Close(Vec::new()),
            6 => value("102"),
            // A late answer must not be taken for the answer to the next request.
            7 => Reply::Dripping(vec![b' '; 70]),
            _ => value("103"),
        }
    });
    let mut source = open(&spec(&server, ",timeout=1"));
    let stale = fails(source.as_mut(), "io");
    has(&stale.to_string(), &["DATA-STALE"]);
    assert_eq!(source.read(), Ok(101.0));
    fails(source.as_mut(), "malformed");
    assert_eq!(source.read(), Ok(102.0));
    has(&source.read().unwrap_err().to_string(), &["in time"]);
    assert_eq!(source.read(), Ok(103.0));
}

#[test]
fn a_password_is_sent_and_shown_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("auth");
    std::fs::write(&file, "monitor:s3cr\"et\n").unwrap();
    let auth = format!(",auth=file:{}", file.display());
    let server = Lines::start(|line| match line.split(' ').next() {
        Some("USERNAME" | "PASSWORD") => Reply::line("OK"),
        _ if line.ends_with("ups.realpower") => Reply::line("VAR rack ups.realpower \"77\""),
        _ => Reply::line("ERR VAR-NOT-SUPPORTED"),
    });
    let mut source = open(&spec(&server, &auth));
    assert_eq!(source.read(), Ok(77.0));
    let saw = server.saw();
    let login = ["USERNAME \"monitor\"", "PASSWORD \"s3cr\\\"et\""];
    assert_eq!(saw[..2], login);
    assert!(saw.iter().all(|line| !line.starts_with("LOGIN")));
    let shown = serde_json::to_string(source.info()).unwrap();
    let secret = shown.contains("s3cr") || shown.contains("monitor");
    assert!(!secret, "{shown}");

    let denying = Lines::start(|_| Reply::line("ERR ACCESS-DENIED"));
    let why = refused(&spec(&denying, &auth));
    assert!(!format!("{why:?}").contains("s3cr"), "{why:?}");

    std::fs::write(&file, "nocolon\n").unwrap();
    let why = refused(&spec(&server, &auth));
    assert_eq!(why.reason, Reason::Malformed);
    assert!(!format!("{why:?}").contains("nocolon"), "{why:?}");
    let why = refused(&spec(&server, ",auth=env:PERWATT_NO_SUCH_VARIABLE"));
    assert!(why.fix.unwrap().contains("PERWATT_NO_SUCH_VARIABLE"));
}

#[test]
fn specifications_that_make_no_sense() {
    let specs = [
        ("nut", "needs a target"),
        ("nut:1=rack", "outlet=N"),
        ("nut=@host", "not the name"),
        ("nut=a b@host", "not the name"),
        ("nut=rack@host:x", "not a port"),
        ("nut=rack@-E", "not a host name"),
        ("nut=rack@[::1", "bracket"),
        ("nut=rack,outlet=1,var=ups.realpower", "not both"),
        ("nut=rack,outlet=1 2", "not an outlet"),
        ("nut=rack,speed=2", "unknown option"),
        ("nut=rack,auth=user:pass", "auth=env:NAME"),
        ("nut=rack,interval=0", "0.05"),
    ];
    make_no_sense("user:pass", &specs);
    assert!(nonsense("nut=rack@host=x").contains("not a host name"));
}

#[test]
fn two_meters_are_told_apart_by_what_they_are_called() {
    let server = device(&[("ups.realpower", "9"), ("outlet.1.realpower", "4")]);
    assert_eq!(open(&spec(&server, ",name=desk")).info().id, "desk");
}
