//! A server with scripted replies, byte for byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The reply to one request.
pub enum Reply {
    /// Status 200 and this text.
    Text(String),
    /// A status, further header lines (each with its line end), and a text.
    Status(u16, String, String),
    /// These bytes; then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, followed by single bytes without end.
    Drip(Vec<u8>),
    /// No reply; the connection stays open.
    Silence,
}

impl Reply {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn redirect(location: impl std::fmt::Display) -> Self {
        Self::Status(302, format!("Location: {location}\r\n"), String::new())
    }
}

type Handler = dyn Fn(&str, usize) -> Reply + Send + Sync;

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server whose `handler` gets the head and the number of each
    /// request, from 0.
    pub fn start(handler: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let handler: Arc<Handler> = Arc::new(handler);
        let (seen, ended) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (handler, seen, ended) =
                    (Arc::clone(&handler), Arc::clone(&seen), Arc::clone(&ended));
                // Errors from a client that has closed the connection are ignored.
                std::thread::spawn(move || {
                    let _ = serve(stream?, handler.as_ref(), &seen, &ended);
                    std::io::Result::Ok(())
                });
            }
        });
        Self {
            address,
            requests,
            stop,
            thread: Some(thread),
        }
    }

    /// Answers all requests with the same text.
    pub fn constant(text: &str) -> Self {
        let text = text.to_owned();
        Self::start(move |_, _| Reply::Text(text.clone()))
    }

    /// The specification of a meter: this server's address between these texts.
    pub fn spec(&self, kind: &str, more: &str) -> String {
        format!("{kind}{}{more}", self.address)
    }

    /// The heads of the requests so far.
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

fn serve(
    mut stream: TcpStream,
    handler: &Handler,
    seen: &Mutex<Vec<String>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(head.clone());
        seen.len() - 1
    };
    let nap = || std::thread::sleep(Duration::from_millis(10));
    match handler(&head, number) {
        Reply::Text(text) => stream.write_all(&whole(200, "", &text)),
        Reply::Status(code, more, text) => stream.write_all(&whole(code, &more, &text)),
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Drip(bytes) => {
            stream.write_all(&bytes)?;
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(b" ")?;
                nap();
            }
            Ok(())
        }
        Reply::Silence => {
            while !stop.load(Ordering::Relaxed) {
                nap();
            }
            Ok(())
        }
    }
}

fn whole(code: u16, more: &str, text: &str) -> Vec<u8> {
    let length = text.len();
    format!(
        "HTTP/1.1 {code} X\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n{text}"
    )
    .into_bytes()
}
