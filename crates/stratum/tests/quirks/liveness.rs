//! Row 41 and peers that mean no good: silence, slowness, floods, crowds.

use std::io::{Read, Write};
use std::net::TcpStream;

use perwatt_stratum::share::Class;
use perwatt_stratum::{Ending, Limits, Quirk, What};
use serde_json::{Value, json};

use crate::pool::Pool;

fn limited(change: impl FnOnce(&mut Limits)) -> Pool {
    Pool::with(|config| change(&mut config.limits))
}

#[test]
fn a_line_that_does_not_end_is_not_waited_for() {
    let pool = limited(|limits| limits.line_s = 0.1);
    let mut slow = pool.miner();
    slow.login("w");
    slow.stream.write_all(b"{\"id\":1,").unwrap();
    assert_eq!(pool.ending(), Ending::SlowLine);
    assert_eq!(slow.next(), None);
    // One byte now and then does not help.
    let mut loris = pool.miner();
    let mut bytes = std::iter::repeat_n(b"x", 10_000);
    while bytes
        .next()
        .is_some_and(|byte| loris.stream.write_all(byte).is_ok())
    {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(pool.ending(), Ending::SlowLine);
    // Nor does a line that is too long already.
    let mut long = pool.miner();
    long.stream.write_all(&vec![b'x'; 40_000]).unwrap();
    assert_eq!(pool.ending(), Ending::SlowLine);
}

#[test]
fn silence_ends_a_connection() {
    let pool = limited(|limits| limits.subscribe_s = 0.02);
    let mut mute = pool.miner();
    assert_eq!(pool.ending(), Ending::NoSubscription);
    assert_eq!(mute.next(), None);
    // A machine without power says nothing, and nothing that is sent to it fails.
    let pool = limited(|limits| {
        limits.silent_s = 0.1;
        limits.times.keepalive_s = 0.01;
    });
    let mut gone = pool.miner();
    gone.login("w");
    assert_eq!(pool.ending(), Ending::Silent);
    assert_eq!(pool.server.workers()["w"].open, 0);
}

#[test]
fn a_peer_that_does_not_read_is_closed() {
    let pool = limited(|limits| {
        limits.write_s = 0.05;
        limits.lines_per_s = u32::MAX;
    });
    let mut deaf = pool.miner();
    let line = format!(
        "{{\"id\":\"{}\",\"method\":\"mining.subscribe\"}}\n",
        "x".repeat(200)
    );
    let many = line.repeat(100);
    while deaf.stream.write_all(many.as_bytes()).is_ok() {}
    let ending = pool.ending();
    assert!(
        matches!(ending, Ending::Unwritable | Ending::Broken(_)),
        "{ending:?}"
    );
}

#[test]
fn other_protocols_and_junk_are_closed() {
    for (bytes, expected) in [
        (&b"\x16\x03\x01\x02\x00\x01"[..], Ending::Encrypted),
        (b"GET / HTTP/1.1\r\n\r\n", Ending::Http),
        (b"POST / HTTP/1.1\r\n", Ending::Http),
    ] {
        let pool = Pool::fixed();
        pool.miner().stream.write_all(bytes).unwrap();
        assert_eq!(pool.ending(), expected);
    }
    let pool = limited(|limits| limits.unreadable_lines = 5);
    let mut miner = pool.miner();
    let junk: Vec<u8> = (0..60_000_u32).map(|i| ((i * i) >> 7) as u8).collect();
    miner.stream.write_all(&junk).unwrap();
    assert_eq!(pool.ending(), Ending::Unreadable);
    let mut deep = pool.miner();
    deep.send(&format!("{{\"id\":{}", "[".repeat(30_000)));
    deep.subscribe(json!([]));
}

#[test]
fn a_flood_is_held_up_and_loses_nothing() {
    let pool = limited(|limits| limits.lines_per_s = 40);
    let mut miner = pool.miner();
    let job = miner.login("w");
    let share = |en2: u64| json!({"id": en2, "method": "mining.submit", "params": job.share(en2)});
    let many: String = (0..50).map(|en2| share(en2).to_string() + "\n").collect();
    miner.stream.write_all(many.as_bytes()).unwrap();
    for en2 in 0..50 {
        let answer = miner.next().unwrap();
        assert_eq!(
            (&answer["id"], &answer["result"]),
            (&json!(en2), &json!(true))
        );
    }
    assert_eq!(pool.counts("w"), [(Class::Ok, 50)]);
    assert_eq!(pool.quirks(), [Quirk::Flood { lines_per_s: 40 }]);
}

#[test]
fn of_a_thousand_connections_sixty_four_are_kept() {
    let pool = Pool::fixed();
    let mut kept: Vec<_> = (0..64).map(|_| pool.miner()).collect();
    kept.iter_mut().for_each(|miner| miner.subscribe(json!([])));
    for _ in 64..1000 {
        let mut stream = TcpStream::connect(pool.server.address()).unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["method"], "client.show_message");
        let text = told["params"][0].as_str().unwrap();
        assert!(text.contains("all 64 connections are taken"), "{text}");
    }
    for miner in &mut kept {
        assert_eq!(miner.result("mining.ping", json!([])), "pong");
    }
    let told = pool.told();
    let away = told
        .iter()
        .filter(|what| matches!(what, What::TurnedAway { .. }));
    assert_eq!(away.count(), 936);
    // A place that is left is taken again.
    drop(kept.pop());
    assert_eq!(pool.ending(), Ending::ByMiner);
    while pool.server.open_connections() == 64 {
        std::thread::yield_now();
    }
    pool.miner().login("w");
}

#[test]
fn the_end_of_the_pool_is_the_end_of_its_connections() {
    let Pool { server, .. } = Pool::fixed();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let address = server.address();
    server.shutdown();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn machines_that_share_a_name_are_told_and_counted_together() {
    let pool = Pool::fixed();
    let (mut one, mut two) = (pool.miner(), pool.miner());
    let jobs = [one.login("w"), two.login("w")];
    assert_eq!(one.submit(jobs[0].share(1)), 0);
    assert_eq!(two.submit(jobs[1].share(1)), 0);
    assert_eq!(pool.counts("w"), [(Class::Ok, 2)]);
    assert_eq!(pool.server.workers()["w"].open, 2);
    assert_eq!(pool.quirks(), [Quirk::NameShared { connections: 2 }]);
}

#[test]
fn a_transcript_has_everything_but_passwords() {
    // Row 47.
    let pool = Pool::with(|config| config.transcript_bytes = 1 << 20);
    let mut miner = pool.miner();
    miner.subscribe(json!(["Avalon/1"]));
    miner.result("mining.authorize", json!(["w", "hunter2"]));
    let job = miner.job();
    assert_eq!(miner.submit(job.share(1)), 0);
    let text = pool.server.transcript();
    for part in [
        "Avalon/1",
        "mining.authorize",
        "mining.notify",
        "mining.submit",
        "\"result\":true",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("hunter2"));
    let told: Vec<String> = pool.told().iter().map(|what| format!("{what:?}")).collect();
    assert!(!told.concat().contains("hunter2"));
}
