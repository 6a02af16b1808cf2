//! A CPU miner with perwatt's own kernels, to try a pool on: what the pool counts can be
//! compared with what the miner decided, and with the rate of the same kernel in `perwatt
//! run`. It rolls no versions.
//!
//! `cargo run --release -p perwatt-stratum --example miner -- 127.0.0.1:3333 NAME [THREADS]`

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use perwatt_sha256d::{Backend, Header, Progress, Rolls, SearchConfig, Target, U256, hex, search};
use perwatt_stratum::difficulty::Difficulty;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the pool asks for.
#[derive(Clone, Default)]
struct Wanted {
    extranonce1: String,
    difficulty: f64,
    notify: Vec<Value>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, name, rest @ ..] = arguments.as_slice() else {
        return Err("give the pool's address and a name".into());
    };
    let threads: NonZeroUsize = rest
        .first()
        .map_or(Ok(NonZeroUsize::MIN), |text| text.parse())?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let reader = BufReader::new(stream.try_clone()?);
    let user_agent = concat!("cpuminer/perwatt-", env!("CARGO_PKG_VERSION"));
    for (id, method, parameters) in [
        (1, "mining.subscribe", json!([user_agent])),
        (2, "mining.authorize", json!([name, "x"])),
    ] {
        let request = json!({"id": id, "method": method, "params": parameters});
        writeln!(stream, "{request}")?;
    }
    let wanted = Arc::new(Mutex::new((Wanted::default(), None::<Arc<Progress>>)));
    let theirs = Arc::clone(&wanted);
    let listening = std::thread::spawn(move || listen(reader, &theirs));
    let (mut extranonce2, mut hashes, began) = (0_u64, 0, Instant::now());
    while !listening.is_finished() {
        let progress = Arc::new(Progress::new(threads.get()));
        let job = {
            let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.1 = Some(Arc::clone(&progress));
            wanted.0.clone()
        };
        if job.notify.is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(10));
            continue;
        }
        extranonce2 += 1;
        let (header, target) = (job.header(extranonce2)?, job.target()?);
        let config = SearchConfig {
            backend: Backend::detect(),
            threads,
            first_nonce: 0,
            last_nonce: u32::MAX,
            on_thread_start: &|_thread| (),
        };
        let out = Mutex::new(stream.try_clone()?);
        let found = search(
            &Rolls::fixed(header, target),
            &config,
            &progress,
            &|share| {
                let parameters = json!([
                    name,
                    job.notify[0],
                    format!("{extranonce2:016x}"),
                    job.notify[7],
                    format!("{:08x}", share.nonce)
                ]);
                let request = json!({"id": 3, "method": "mining.submit", "params": parameters});
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                match writeln!(out, "{request}") {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            },
        );
        hashes += found.hashes;
        let rate = hashes as f64 / began.elapsed().as_secs_f64();
        println!("{hashes} hashes decided, {rate:.4e} H/s since the start");
    }
    listening
        .join()
        .map_err(|_| "the thread that listens panicked")?
}

/// Takes what the pool sends; a job that withdraws others ends the search for them.
fn listen(
    reader: BufReader<TcpStream>,
    wanted: &Mutex<(Wanted, Option<Arc<Progress>>)>,
) -> Result<(), Failure> {
    for line in reader.lines() {
        let message: Value = serde_json::from_str(&line?)?;
        let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let parameters = || message["params"].as_array().cloned().unwrap_or_default();
        match (message["id"].as_u64(), message["method"].as_str()) {
            (Some(1), _) => {
                let extranonce1 = message["result"][1].as_str().unwrap_or_default();
                wanted.0.extranonce1 = extranonce1.to_owned();
            }
            (_, Some("mining.set_difficulty")) => {
                wanted.0.difficulty = message["params"][0].as_f64().unwrap_or_default();
            }
            (_, Some("mining.notify")) => {
                wanted.0.notify = parameters();
                if message["params"][8] == json!(true)
                    && let Some(progress) = wanted.1.take()
                {
                    progress.cancel();
                }
            }
            _ => {}
        }
    }
    Ok(())
}

impl Wanted {
    fn text(&self, at: usize) -> Result<&str, Failure> {
        let text = self.notify.get(at).and_then(Value::as_str);
        text.ok_or_else(|| "the pool sent no such job".into())
    }

    fn number(&self, at: usize) -> Result<u32, Failure> {
        Ok(u32::from_str_radix(self.text(at)?, 16)?)
    }

    /// The header with this extranonce2, its nonce 0.
    fn header(&self, extranonce2: u64) -> Result<Header, Failure> {
        let (coinb1, coinb2) = (self.text(2)?, self.text(3)?);
        let coinbase = format!("{coinb1}{}{extranonce2:016x}{coinb2}", self.extranonce1);
        let bytes = |text: &str| -> Result<Vec<u8>, Failure> {
            let pairs =
                (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16));
            Ok(pairs.collect::<Result<_, _>>()?)
        };
        let mut prev_hash: [u8; 32] = hex::decode(self.text(1)?)?;
        prev_hash.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        let merkle_root = Sha256::digest(Sha256::digest(bytes(&coinbase)?));
        let mut header = self.number(5)?.to_le_bytes().to_vec();
        header.extend(prev_hash);
        header.extend(merkle_root);
        header.extend(self.number(7)?.to_le_bytes());
        header.extend(self.number(6)?.to_le_bytes());
        header.extend([0; 4]);
        Ok(Header::from_bytes(&header)?)
    }

    fn target(&self) -> Result<Target, Failure> {
        let target: U256 = Difficulty::exact(self.difficulty)?.target();
        Ok(Target::from_value(target)?)
    }
}
