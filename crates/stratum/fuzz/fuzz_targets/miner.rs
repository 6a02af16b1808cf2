//! A miner that sends arbitrary bytes, in two pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_stratum::Limits;
use perwatt_stratum::client::{Client, Now, Outbox};
use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::job::Session;
use perwatt_stratum::wire::{Line, Lines};

fuzz_target!(|bytes: &[u8]| {
    let (session, limits) = (Session::new("00ff"), Limits::default());
    let (mut lines, mut client) = (Lines::default(), Client::new(1, limits.times));
    let (mut out, mut counter) = (Outbox::default(), 0);
    for (at, piece) in bytes.chunks(bytes.len() / 2 + 1).enumerate() {
        lines.push(piece);
        let now = Now {
            time_s: at as f64 * 30.0,
            unix_s: 1_764_000_000,
        };
        while let Some(line) = lines.next_line() {
            if let Line::Text(text) = line {
                client.line(&text, now, &mut out);
            }
        }
        if client.due(now.time_s).is_some() {
            counter += 1;
            client.job(&session, counter, Difficulty::ONE, false, now, &mut out);
        }
    }
    for line in out.text.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
});
