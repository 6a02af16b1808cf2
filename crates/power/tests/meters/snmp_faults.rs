//! Answers of an SNMP agent, or of a server in its place.

use crate::program::free_udp_port;
use crate::says::{advised, fails, has, told};
use crate::servers::datagrams;
use crate::{make_no_sense, open, refused};
use perwatt_power::{Boundary, Provenance, Quantity, Reason};
use snmp2::Pdu;
use std::sync::Mutex;

fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u8::try_from(body.len()).unwrap();
    match length < 128 {
        true => [&[tag, length][..], &body].concat(),
        false => [&[tag, 0x81, length][..], &body].concat(),
    }
}

/// The response to `request` with this value, in BER.
fn response(request: &[u8], status: u8, value: &[u8]) -> Vec<u8> {
    let asked = Pdu::from_bytes(request).unwrap();
    let (name, _) = asked.varbinds.clone().next().unwrap();
    let varbind = wrap(0x30, &[&wrap(6, &[name.as_bytes()]), value]);
    let id = wrap(2, &[&asked.req_id.to_be_bytes()]);
    let list = wrap(0x30, &[&varbind]);
    let pdu = wrap(0xa2, &[&id, &[2, 1, status, 2, 1, 0], &list]);
    wrap(0x30, &[&[2, 1, 1], &wrap(4, &[asked.community]), &pdu])
}

fn integer(value: i32) -> Vec<u8> {
    wrap(2, &[&value.to_be_bytes()])
}

/// An agent that returns these values in turn, and then repeats the last.
fn agent(values: Vec<Vec<u8>>) -> u16 {
    let left = Mutex::new(values.into_iter().rev().collect::<Vec<_>>());
    datagrams(move |request| {
        let mut left = left.lock().unwrap();
        let value = match left.len() {
            1 => left[0].clone(),
            _ => left.pop().unwrap(),
        };
        vec![(0, response(request, 0, &value))]
    })
}

fn apc(port: u16) -> String {
    format!("snmp=127.0.0.1:{port},preset=apc")
}

fn custom(port: u16, more: &str) -> String {
    format!("snmp=127.0.0.1:{port},oid=1.3.6.1.4.1.9,{more}")
}

#[test]
fn counts_become_watts() {
    let mut source = open(&apc(agent(vec![integer(25)])));
    assert_eq!(source.read(), Ok(250.0));
    let info = source.info();
    assert_eq!(info.boundary, Boundary::Wall);
    assert_eq!(info.provenance, Provenance::PowerSamples);
    assert_eq!(info.quantum_w, Some(10.0));
    assert!(info.notes.iter().any(|n| n.contains("below about 1000 W")));
    assert!(source.pace().blocking);

    let outlet = apc(agent(vec![integer(61)])) + ",outlet=3";
    assert_eq!(open(&outlet).read(), Ok(61.0));
    let kw = custom(agent(vec![b"\x04\x051.234".to_vec()]), "unit=kW");
    let mut source = open(&kw);
    assert_eq!(source.read(), Ok(1234.0));
    assert_eq!(source.info().quantum_w, None);
    let scaled = custom(agent(vec![integer(1234)]), "unit=W,scale=0.1");
    assert!((open(&scaled).read().unwrap() - 123.4).abs() < 1e-9);
}

#[test]
fn raritan_states_its_digits() {
    for (digits, watts) in [(0, 1234.0), (1, 123.4), (3, 1.234)] {
        let port = agent(vec![integer(digits), integer(1234)]);
        let mut source = open(&format!("snmp=127.0.0.1:{port},preset=raritan,outlet=2"));
        assert!((source.read().unwrap() - watts).abs() < 1e-9);
    }
    for digits in [-2, 10, 1_000_000] {
        let port = agent(vec![integer(digits), integer(1234)]);
        let why = refused(&format!("snmp=127.0.0.1:{port},preset=raritan"));
        told(why, Reason::Malformed, "digits");
    }
}

#[test]
fn values_that_are_none_are_refused_by_name() {
    for (value, reason, name) in [
        (integer(-1), Reason::Absent, "-1"),
        (vec![0x80, 0], Reason::Absent, "NoSuchObject"),
        (vec![0x81, 0], Reason::Absent, "NoSuchInstance"),
        (vec![0x82, 0], Reason::Absent, "NoSuchInstance"),
        (vec![5, 0], Reason::Malformed, "NULL"),
        (b"\x04\x02on".to_vec(), Reason::Malformed, "OCTET STRING"),
        (b"\x04\x03nan".to_vec(), Reason::Malformed, "OCTET STRING"),
        (vec![0x43, 1, 9], Reason::Malformed, "TimeTicks"),
        (integer(0), Reason::Malformed, "0 W"),
        (integer(-7), Reason::Malformed, "-70 W"),
        (integer(i32::MAX), Reason::Malformed, "plausible"),
    ] {
        told(refused(&apc(agent(vec![value]))), reason, name);
    }
    for (status, reason, name) in [
        (5, Reason::Absent, "genErr"),
        (16, Reason::NotPermitted, "authorizationError"),
    ] {
        let port = datagrams(move |request| vec![(0, response(request, status, &[5, 0]))]);
        told(refused(&apc(port)), reason, name);
    }
}

#[test]
fn garbage_is_told() {
    for bytes in [
        Vec::new(),
        vec![0; 1500],
        vec![0xff; 1500],
        b"HTTP/1.1 400 Bad Request".to_vec(),
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        vec![0x30, 0x80],
    ] {
        let port = datagrams(move |_| vec![(0, bytes.clone())]);
        let why = refused(&apc(port));
        assert_eq!(why.reason, Reason::Malformed, "{}", why.detail);
    }
    let truncated = datagrams(|request| {
        let whole = response(request, 0, &integer(5));
        vec![(0, whole[..whole.len() - 3].to_vec())]
    });
    assert_eq!(refused(&apc(truncated)).reason, Reason::Malformed);
    // An answer to another request.
    let other = datagrams(|request| {
        let mut other = request.to_vec();
        let end = other.len() - 3;
        other[end] ^= 1;
        vec![(0, response(&other, 0, &integer(5)))]
    });
    has(&refused(&apc(other)).detail, &["not asked"]);
}

#[test]
fn silence_ends_in_time_and_one_loss_costs_nothing() {
    let silent = datagrams(|_| Vec::new());
    let why = refused(&(apc(silent) + ",timeout=0.3"));
    has(&why.detail, &["community"]);
    advised(why, Reason::Unreachable, "auth=");
    assert_eq!(refused(&apc(free_udp_port())).reason, Reason::Unreachable);

    let count = Mutex::new(0);
    let lossy = datagrams(move |request| {
        let mut count = count.lock().unwrap();
        *count += 1;
        match *count {
            1 => Vec::new(),
            _ => vec![(0, response(request, 0, &integer(9)))],
        }
    });
    assert_eq!(open(&(apc(lossy) + ",timeout=0.3")).read(), Ok(90.0));
}

#[test]
fn energy_is_counted_from_the_start_and_backwards_is_a_gap() {
    let counts = [1000, 1000, 1001, 3, 4, -1, 5].map(integer).to_vec();
    let mut source = open(&(apc(agent(counts)) + ",measure=energy"));
    let info = source.info();
    assert_eq!(info.provenance, Provenance::Counter);
    assert_eq!(info.quantity, Quantity::EnergyJ);
    assert_eq!(info.quantum_j, Some(3.6e5));
    assert_eq!(source.read(), Ok(0.0));
    assert_eq!(source.read(), Ok(3.6e5));
    fails(source.as_mut(), "went-backwards");
    assert_eq!(source.read(), Ok(7.2e5));
    has(&source.read().unwrap_err().to_string(), &["-1"]);
    assert_eq!(source.read(), Ok(1.08e6));
}

#[test]
fn a_counter32_wraps_and_an_absurd_jump_does_not_count() {
    let counter = |value: u32| wrap(0x41, &[&[0], &value.to_be_bytes()]);
    let values = [u32::MAX - 10, 39, 1 << 31, (1 << 31) + 7].map(counter);
    let mut source = open(&custom(agent(values.to_vec()), "unit=J"));
    assert_eq!(source.read(), Ok(49.0));
    fails(source.as_mut(), "implausible");
    assert_eq!(source.read(), Ok(56.0));
    let why = refused(&custom(agent(vec![counter(1)]), "unit=J,scale=0.000001"));
    has(&why.detail, &["wrap"]);
}

#[test]
fn the_community_is_sent_and_shown_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("community");
    std::fs::write(&file, "s3cret\n").unwrap();
    let port = datagrams(
        |request| match Pdu::from_bytes(request).unwrap().community {
            b"s3cret" => vec![(0, response(request, 0, &integer(5)))],
            _ => Vec::new(),
        },
    );
    let with = |port| format!("{},auth=file:{}", apc(port), file.display());
    let mut source = open(&with(port));
    assert_eq!(source.read(), Ok(50.0));
    assert!(!format!("{:?}", source.info()).contains("s3cret"));
    let why = refused(&with(free_udp_port()));
    assert!(!format!("{why:?}").contains("s3cret"));
    let why = refused(&(apc(port) + ",timeout=0.3"));
    assert_eq!(why.reason, Reason::Unreachable);
}

#[test]
fn specifications_that_make_no_sense() {
    let specs = [
        ("snmp", "needs a target"),
        ("snmp:1=h,preset=apc", "outlet=N"),
        ("snmp=h", "preset=apc"),
        ("snmp=h,preset=dell", "presets: apc, raritan"),
        ("snmp=h,preset=apc,inlet=1", "does not go"),
        ("snmp=h,preset=apc,outlet=1,module=1", "not both"),
        ("snmp=h,preset=raritan,outlet=1,inlet=1", "not both"),
        ("snmp=h,preset=raritan,outlet=0", "from 1"),
        ("snmp=h,preset=apc,measure=current", "neither"),
        ("snmp=h,oid=1.3.6.1", "unit="),
        ("snmp=h,oid=1.3.6.x,unit=W", "in numbers"),
        ("snmp=h,oid=1.3.6.1,unit=VA", "not a unit of power"),
        ("snmp=h,oid=1.3.6.1,unit=W,scale=0", "scale"),
        ("snmp=h,oid=1.3.6.1,unit=W,outlet=2", "does not go"),
        ("snmp=h,preset=apc,auth=private", "auth=env:NAME"),
    ];
    make_no_sense("auth=private", &specs);
}
