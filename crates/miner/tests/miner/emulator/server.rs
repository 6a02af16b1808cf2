//! A miner's server with scripted replies. One port speaks all protocols: what comes first
//! tells which.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The reply to one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This text in the protocol of the request, and the end of the connection.
    Text(String),
    /// This text without an end; the connection stays open.
    Open(String),
    /// A status of HTTP without a body.
    Status(u16),
    /// These bytes and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes again and again.
    Endless(Vec<u8>),
    /// One byte, and then nothing more.
    Stuck(u8),
    /// Nothing; the connection stays open.
    Silence,
}

type Handler = dyn Fn(&str) -> Reply + Send + Sync;

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server whose `handler` gets each request: the JSON text, or the path.
    pub fn start(
        address: impl ToSocketAddrs,
        handler: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let handler: Arc<Handler> = Arc::new(handler);
        let (seen, ended) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (handler, seen, ended) =
                    (Arc::clone(&handler), Arc::clone(&seen), Arc::clone(&ended));
                // A client that has gone away is no error.
                std::thread::spawn(move || drop(serve(stream, &*handler, &seen, &ended)));
            }
        });
        Ok(Self {
            address,
            requests,
            stop,
            thread: Some(thread),
        })
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Protocol {
    Line,
    Frame,
    Http,
}

fn serve(
    mut stream: TcpStream,
    handler: &Handler,
    seen: &Mutex<Vec<String>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (protocol, request) = request(&mut stream)?;
    seen.lock().unwrap().push(request.clone());
    match handler(&request) {
        Reply::Text(text) => stream.write_all(&whole(&protocol, 200, &text)),
        Reply::Status(code) => stream.write_all(&whole(&protocol, code, "")),
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Open(text) => {
            stream.write_all(text.as_bytes())?;
            wait(&mut stream, stop)
        }
        Reply::Stuck(byte) => {
            stream.write_all(&[byte])?;
            wait(&mut stream, stop)
        }
        Reply::Silence => wait(&mut stream, stop),
        Reply::Endless(bytes) => {
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(&bytes)?;
            }
            Ok(())
        }
    }
}

/// Reads one request.
fn request(stream: &mut TcpStream) -> std::io::Result<(Protocol, String)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk)?;
        bytes.extend(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = match bytes.first() {
            Some(b'{') => serde_json::from_str::<serde_json::Value>(&text)
                .is_ok()
                .then(|| (Protocol::Line, text.trim().to_owned())),
            Some(b'A'..=b'Z') => text
                .split_once("\r\n\r\n")
                .filter(|(head, body)| body.len() >= body_length(head))
                .and_then(|(head, _)| head.split(' ').nth(1))
                .map(|path| (Protocol::Http, path.to_owned())),
            Some(_) => bytes
                .split_first_chunk()
                .filter(|(length, rest)| rest.len() >= u32::from_le_bytes(**length) as usize)
                .map(|(_, rest)| (Protocol::Frame, String::from_utf8_lossy(rest).into_owned())),
            None => None,
        };
        match whole {
            Some(whole) => return Ok(whole),
            None if read == 0 => return Err(ErrorKind::UnexpectedEof.into()),
            None => {}
        }
    }
}

/// The length of the body that a head announces; a login of another reader has one.
fn body_length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    length
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0)
}

/// A whole reply in a protocol.
fn whole(protocol: &Protocol, code: u16, text: &str) -> Vec<u8> {
    match protocol {
        Protocol::Line => [text.as_bytes(), b"\0"].concat(),
        Protocol::Frame => [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat(),
        Protocol::Http => format!(
            "HTTP/1.1 {code} Status\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        )
        .into_bytes(),
    }
}

/// Keeps the connection open until the client closes it or the server stops.
fn wait(stream: &mut TcpStream, stop: &AtomicBool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut [0; 64]) {
            Ok(0) => return Ok(()),
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}
