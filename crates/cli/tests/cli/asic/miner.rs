//! A small miner that speaks Stratum V1 and hashes with the `sha2` crate.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::processes::wait_for;

/// The password that miners give; it belongs nowhere.
pub const PASSWORD: &str = "open-sesame-71";
/// Hashes between two pauses, and their length: other tests want the processor too.
const HASHES: u32 = 4_000;
const PAUSE: Duration = Duration::from_millis(5);

/// A miner at work in a thread of its own; it leaves on drop.
pub struct Miner {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Miner {
    /// Connects to the pool at `address` and mines as `name`.
    pub fn start(address: &str, name: &str) -> Self {
        let stream = wait_for("the pool", || TcpStream::connect(address).ok());
        let stop = Arc::new(AtomicBool::new(false));
        let (name, stopped) = (name.to_owned(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || Rig::new(stream, name).mine(&stopped));
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Miner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("it leaves once");
        // A panic of the miner's is one of its test.
        if thread.join().is_err() && !std::thread::panicking() {
            panic!("the miner panicked");
        }
    }
}

struct Rig {
    stream: TcpStream,
    name: String,
    text: String,
    extranonce1: String,
    difficulty: f64,
    /// The parameters of the last job.
    job: Vec<Value>,
    extranonce2: u64,
}

impl Rig {
    fn new(stream: TcpStream, name: String) -> Self {
        stream.set_nonblocking(true).expect("a socket");
        Self {
            stream,
            name,
            text: String::new(),
            extranonce1: String::new(),
            difficulty: f64::INFINITY,
            job: Vec::new(),
            extranonce2: 0,
        }
    }

    /// Mines until it is stopped or the pool has gone.
    fn mine(mut self, stopped: &AtomicBool) {
        self.send(1, "mining.subscribe", json!(["cpuminer/test"]));
        self.send(2, "mining.authorize", json!([self.name, PASSWORD]));
        let mut nonce = 0;
        let mut header = Vec::new();
        while !stopped.load(Ordering::Relaxed) {
            let Some(is_new) = self.listen() else {
                return;
            };
            if is_new {
                (header, nonce) = (self.header(), 0);
            }
            if !header.is_empty() {
                for _ in 0..HASHES {
                    header.splice(76.., u32::to_le_bytes(nonce));
                    if self.is_share(&header) {
                        self.submit(nonce);
                    }
                    nonce += 1;
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn send(&mut self, id: u32, method: &str, params: Value) {
        let line = json!({"id": id, "method": method, "params": params});
        // The pool may have gone; the next read tells.
        let _ = self.stream.write_all(format!("{line}\n").as_bytes());
    }

    /// Takes what the pool sent; true for a new job, `None` once the pool has gone.
    fn listen(&mut self) -> Option<bool> {
        let mut bytes = [0; 4096];
        match self.stream.read(&mut bytes) {
            Ok(0) => return None,
            Ok(length) => self.text += std::str::from_utf8(&bytes[..length]).expect("ASCII"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
        let mut is_new = false;
        while let Some((line, rest)) = self.text.split_once('\n') {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            self.text = rest.to_owned();
            match (line["id"].as_u64(), line["method"].as_str()) {
                (Some(1), _) => {
                    self.extranonce1 = line["result"][1].as_str().expect("hex").into();
                }
                (_, Some("mining.set_difficulty")) => {
                    self.difficulty = line["params"][0].as_f64().expect("a number");
                }
                (_, Some("mining.notify")) => {
                    self.job = line["params"].as_array().expect("a job").clone();
                    is_new = true;
                }
                _ => {}
            }
        }
        Some(is_new)
    }

    fn word(&self, at: usize) -> &str {
        self.job[at].as_str().expect("hex")
    }

    /// The header of the job with the next extranonce2 and nonce 0.
    fn header(&mut self) -> Vec<u8> {
        self.extranonce2 += 1;
        let extranonces = format!("{}{:016x}", self.extranonce1, self.extranonce2);
        let coinbase = [self.word(2), &extranonces, self.word(3)].concat();
        let reversed = |hex: &str| bytes(hex).into_iter().rev().collect::<Vec<u8>>();
        let mut previous = bytes(self.word(1));
        previous.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        [
            reversed(self.word(5)),
            previous,
            sha256d(&bytes(&coinbase)).to_vec(),
            reversed(self.word(7)),
            reversed(self.word(6)),
            vec![0; 4],
        ]
        .concat()
    }

    /// True if the top 64 bits of the hash, as a number, are below the target's.
    fn is_share(&self, header: &[u8]) -> bool {
        let hash = sha256d(header);
        let top = u64::from_le_bytes(hash[24..].try_into().expect("8 bytes"));
        // Difficulty 1 is 0xffff shifted by 208 bits.
        (top as f64) < 65_535.0 * 65_536.0 / self.difficulty
    }

    fn submit(&mut self, nonce: u32) {
        let extranonce2 = format!("{:016x}", self.extranonce2);
        let nonce = format!("{nonce:08x}");
        let share = json!([self.name, self.word(0), extranonce2, self.word(7), nonce]);
        self.send(4, "mining.submit", share);
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect("hex"))
        .collect()
}

fn sha256d(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}
