//! Many meters that do not answer, or answer late.

use perwatt_power::{Found, Reason, Selection, detect, detect_until};
use std::net::{TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn selection(meters: Vec<String>) -> Selection {
    Selection {
        sysfs_root: "/nowhere".into(),
        user_watts: Some(65.0),
        meters: Some(meters),
    }
}

/// A server that accepts connections and never answers.
struct Mute(TcpListener);

impl Mute {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn specs(&self, kinds: &[&str], timeout_s: &str) -> Vec<String> {
        let address = self.0.local_addr().unwrap();
        let named = kinds.iter().enumerate();
        let spec = |(i, kind): (usize, &&str)| {
            let more = match *kind {
                "json" => ",pointer=/p,unit=W,boundary=wall",
                "prometheus" => ",metric=p_watts,boundary=wall",
                _ => "",
            };
            let target = if *kind == "nut" { "ups@" } else { "" };
            format!("{kind}={target}{address},name=m{i},timeout={timeout_s}{more}")
        };
        named.map(spec).collect()
    }
}

#[test]
fn dead_meters_cost_one_time_limit_and_keep_their_order() {
    let kinds = ["shelly", "tasmota", "json", "nut", "prometheus", "redfish"];
    let mute = Mute::new();
    let mut specs = mute.specs(&kinds.repeat(4), "2");
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let agent = datagrams.local_addr().unwrap();
    specs.push(format!("snmp={agent},preset=apc,timeout=1,name=pdu"));
    let start = Instant::now();
    let found = detect(&selection(specs)).unwrap();
    // In sequence they would take more than a minute.
    assert!(
        start.elapsed() < Duration::from_secs(25),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(found.len(), 26);
    let silent = |f: &&Found| matches!(f, Found::Unavailable(w) if w.reason == Reason::Unreachable);
    assert_eq!(found.iter().filter(silent).count(), 25, "{found:?}");
    let ids: Vec<&str> = found.iter().map(Found::id).collect();
    // Kinds in the order of the registry; within a kind, in the user's order.
    assert_eq!(ids[..5], ["m0", "m6", "m12", "m18", "m1"]);
    assert_eq!(ids[24..], ["pdu", "user-watts"]);
}

#[test]
fn slow_meters_end_with_the_limit() {
    let mute = Mute::new();
    // Each meter requests many resources, and each request takes nearly its time limit.
    let specs = mute.specs(&["redfish"; 100], "0.4");
    let start = Instant::now();
    assert_eq!(detect(&selection(specs)).unwrap().len(), 101);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn an_interrupt_is_heard_while_meters_are_asked() {
    let mute = Mute::new();
    let specs = mute.specs(&["shelly", "json"], "50");
    let interrupt = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&interrupt);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        set.store(true, Ordering::Relaxed);
    });
    let start = Instant::now();
    let found = detect_until(&selection(specs), &interrupt).unwrap();
    assert!(found.is_none());
    assert!(start.elapsed() < Duration::from_secs(20));
}
