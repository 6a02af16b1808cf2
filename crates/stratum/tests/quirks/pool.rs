//! A pool and a miner for tests. The miner builds headers from the text of messages alone,
//! as firmware does, and shares no code with the pool.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use perwatt_stratum::difficulty::Difficulty;
use perwatt_stratum::share::Class;
use perwatt_stratum::{Config, Ending, Event, Quirk, Server, Steering, What};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// About one hash in 256 is a share.
pub const EXPONENT: i32 = -24;

pub struct Pool {
    pub server: Server,
    events: Receiver<Event>,
}

impl Pool {
    /// Every job has difficulty 2^-24, and nothing happens by the clock.
    pub fn fixed() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("127.0.0.1:0".parse().unwrap(), "00ff", Instant::now());
        config.steering = Steering::Fixed(Difficulty::power_of_two(EXPONENT));
        config.limits.tick_s = 0.005;
        config.limits.lines_per_s = 10_000;
        config.limits.times.probe_s = 1e9;
        change(&mut config);
        let (server, events) = Server::start(config).unwrap();
        Self { server, events }
    }

    pub fn miner(&self) -> Miner {
        let stream = TcpStream::connect(self.server.address()).unwrap();
        // So long only when the test fails.
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Miner {
            stream,
            reader,
            last_id: 1000,
            heard: Vec::new(),
            extranonce1: String::new(),
        }
    }

    /// The submissions of a worker by class.
    pub fn counts(&self, worker: &str) -> Vec<(Class, u64)> {
        let workers = self.server.workers();
        let counts = workers.get(worker).cloned().unwrap_or_default();
        let all = Class::ALL.iter().map(|class| (*class, counts.of(*class)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// What was told since the last call.
    pub fn told(&self) -> Vec<What> {
        self.events.try_iter().map(|event| event.what).collect()
    }

    pub fn quirks(&self) -> Vec<Quirk> {
        let quirks = self.told().into_iter().filter_map(|what| match what {
            What::Quirk(quirk) => Some(quirk),
            _ => None,
        });
        quirks.collect()
    }

    /// Waits for the end of a connection.
    pub fn ending(&self) -> Ending {
        loop {
            let event = self.events.recv_timeout(Duration::from_secs(20)).unwrap();
            if let What::Disconnected { reason } = event.what {
                return reason;
            }
        }
    }
}

pub struct Miner {
    pub stream: TcpStream,
    reader: BufReader<TcpStream>,
    last_id: u32,
    /// Messages in the order of arrival that nobody waited for.
    pub heard: Vec<Value>,
    pub extranonce1: String,
}

impl Miner {
    pub fn send(&mut self, text: &str) {
        self.stream
            .write_all(format!("{text}\n").as_bytes())
            .unwrap();
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line
    }

    /// The next message; `None` at the end of the connection.
    pub fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&line).expect("the pool sends JSON")),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing more is heard: {error}"),
        }
    }

    /// Sends a request and returns its answer.
    pub fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let id = json!(self.last_id);
        self.send(&json!({"id": id, "method": method, "params": parameters}).to_string());
        loop {
            let message = self.next().expect("the pool answers");
            if message["id"] == id {
                return message;
            }
            self.heard.push(message);
        }
    }

    pub fn result(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.ask(method, parameters);
        assert_eq!(answer["error"], Value::Null, "{answer}");
        answer["result"].clone()
    }

    /// Everything that the pool had to send by now: it looks at what is due after the first
    /// of two pings at the latest.
    pub fn settle(&mut self) -> Vec<Value> {
        for _ in 0..2 {
            self.result("mining.ping", json!([]));
        }
        std::mem::take(&mut self.heard)
    }

    /// Waits for a notification; returns its parameters.
    pub fn wait(&mut self, method: &str) -> Value {
        loop {
            let found = self
                .heard
                .iter()
                .position(|message| message["method"] == method);
            if let Some(at) = found {
                return self.heard.remove(at)["params"].take();
            }
            let message = self.next().expect("the pool sends a notification");
            self.heard.push(message);
        }
    }

    pub fn subscribe(&mut self, parameters: Value) {
        let result = self.result("mining.subscribe", parameters);
        self.extranonce1 = result[1].as_str().unwrap().to_owned();
        assert_eq!((self.extranonce1.len(), &result[2]), (8, &json!(8)));
    }

    pub fn authorize(&mut self, worker: &str) {
        let result = self.result("mining.authorize", json!([worker, "x"]));
        assert_eq!(result, json!(true));
    }

    /// Waits for a job.
    pub fn job(&mut self) -> Job {
        let notify = self.wait("mining.notify");
        Job {
            extranonce1: self.extranonce1.clone(),
            notify,
        }
    }

    /// Subscribes and authorises; returns the first job.
    pub fn login(&mut self, worker: &str) -> Job {
        self.subscribe(json!(["test/1"]));
        self.authorize(worker);
        self.job()
    }

    /// Submits; returns the code of the error, 0 where the share was taken.
    pub fn submit(&mut self, parameters: Value) -> i64 {
        let answer = self.ask("mining.submit", parameters);
        match &answer["error"] {
            Value::Null => {
                assert_eq!(answer["result"], json!(true), "{answer}");
                0
            }
            error => {
                assert_eq!(error.as_array().unwrap().len(), 3, "{answer}");
                assert!(error[1].is_string() && error[2].is_null(), "{answer}");
                error[0].as_i64().unwrap()
            }
        }
    }
}

/// A job as the miner received it.
#[derive(Clone)]
pub struct Job {
    pub extranonce1: String,
    pub notify: Value,
}

impl Job {
    fn text(&self, at: usize) -> &str {
        self.notify[at].as_str().unwrap()
    }

    pub fn id(&self) -> &str {
        self.text(0)
    }

    pub fn ntime(&self) -> u32 {
        u32::from_str_radix(self.text(7), 16).unwrap()
    }

    /// True if a submission is a share of this job.
    pub fn is_share(&self, parameters: &Value) -> bool {
        let number = |at: usize| u32::from_str_radix(parameters[at].as_str().unwrap(), 16);
        let extranonce2 = parameters[2].as_str().unwrap();
        self.zeros(extranonce2, number(3).unwrap(), number(4).unwrap(), 0) >= 8
    }

    /// Leading zero bits of the hash.
    fn zeros(&self, extranonce2: &str, ntime: u32, nonce: u32, bits: u32) -> u32 {
        let coinbase = [self.text(2), &self.extranonce1, extranonce2, self.text(3)].concat();
        let version = u32::from_str_radix(self.text(5), 16).unwrap() | bits;
        let number = |at: usize| u32::from_str_radix(self.text(at), 16).unwrap();
        let mut header = version.to_le_bytes().to_vec();
        for word in bytes(self.text(1)).chunks(4) {
            header.extend(word.iter().rev());
        }
        header.extend(double(&bytes(&coinbase)));
        header.extend(ntime.to_le_bytes());
        header.extend(number(6).to_le_bytes());
        header.extend(nonce.to_le_bytes());
        let mut hash = double(&header);
        hash.reverse();
        u32::from_be_bytes(hash[..4].try_into().unwrap()).leading_zeros()
    }

    /// Parameters of a submission whose hash is far below the target of 2^-24, or above it.
    fn find(&self, extranonce2: u64, ntime: u32, bits: Option<u32>, is_share: bool) -> Value {
        let extranonce2 = format!("{extranonce2:016x}");
        let fits = |nonce: &u32| {
            let zeros = self.zeros(&extranonce2, ntime, *nonce, bits.unwrap_or(0));
            if is_share { zeros >= 9 } else { zeros < 8 }
        };
        let nonce = (0..).find(fits).unwrap();
        let (ntime, nonce) = (format!("{ntime:08x}"), format!("{nonce:08x}"));
        let mut parameters = json!(["w", self.id(), extranonce2, ntime, nonce]);
        if let Some(bits) = bits {
            let list = parameters.as_array_mut().unwrap();
            list.push(json!(format!("{bits:08x}")));
        }
        parameters
    }

    pub fn share(&self, extranonce2: u64) -> Value {
        self.find(extranonce2, self.ntime(), None, true)
    }

    pub fn rolled(&self, extranonce2: u64, bits: u32) -> Value {
        self.find(extranonce2, self.ntime(), Some(bits), true)
    }

    pub fn at(&self, extranonce2: u64, ntime: u32) -> Value {
        self.find(extranonce2, ntime, None, true)
    }

    pub fn low(&self, extranonce2: u64) -> Value {
        self.find(extranonce2, self.ntime(), None, false)
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn double(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}
