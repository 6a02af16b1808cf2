//! Servers on free ports of this machine: scripted ones, and real programs that end
//! with the test.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};

/// The reaction of a scripted server to one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Sends these bytes.
    Bytes(Vec<u8>),
    /// Sends these bytes, one every 50 ms.
    Dripping(Vec<u8>),
    /// Sends nothing and keeps the connection open.
    Silence,
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
}

impl Reply {
    pub fn line(text: &str) -> Self {
        Self::Bytes(format!("{text}\n").into_bytes())
    }
}

/// A line-based server: `script` gets each line and returns the reaction.
pub struct Lines {
    pub port: u16,
    /// All lines received.
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Lines {
    pub fn start(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (script.clone(), log.clone());
                std::thread::spawn(move || serve(stream, &*script, &log));
            }
        });
        Self { port, seen }
    }

    pub fn saw(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, script: &dyn Fn(&str) -> Reply, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        log.lock().unwrap().push(line.clone());
        let sent = match script(&line) {
            Reply::Bytes(bytes) => stream.write_all(&bytes),
            Reply::Dripping(bytes) => bytes.iter().try_for_each(|byte| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                stream.write_all(&[*byte])
            }),
            Reply::Silence => Ok(()),
            Reply::Close(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// A datagram server: `script` gets each datagram and returns the answers, each
/// with its delay in milliseconds.
pub fn datagrams(script: impl Fn(&[u8]) -> Vec<(u64, Vec<u8>)> + Send + 'static) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            for (delay_ms, answer) in script(&buffer[..length]) {
                std::thread::sleep(std::time::Duration::from_millis(delay_ms));
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    port
}
