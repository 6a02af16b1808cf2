//! The thread of one connection: bytes in and out, limits, and when to send what.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use crate::client::{Client, Due, Outbox};
use crate::difficulty::Difficulty;
use crate::event::{Ending, Quirk, What};
use crate::shared::Shared;
use crate::wire::{Line, Lines};

/// Bytes read at once.
const CHUNK: usize = 16 * 1024;

/// Serves a connection until it ends.
pub fn serve(stream: TcpStream, shared: &Arc<Shared>, number: u32) {
    let mut connection = Connection {
        client: Client::new(number, shared.config.limits.times),
        stream,
        shared,
        number,
        lines: Lines::default(),
        out: Outbox::default(),
        suggested: None,
        session: shared.session_number(),
        second: (0, 0),
    };
    let reason = match connection.run() {
        Ok(never) => match never {},
        Err(reason) => reason,
    };
    if let Some(name) = connection.client.worker() {
        shared.workers().closed(name);
    }
    shared.tell(number, What::Disconnected { reason });
}

struct Connection<'a> {
    client: Client,
    stream: TcpStream,
    shared: &'a Shared,
    number: u32,
    lines: Lines,
    out: Outbox,
    /// The suggestion that was passed on.
    suggested: Option<Difficulty>,
    /// The number of the session that its last job is of.
    session: u32,
    /// The present second, and the lines handled in it.
    second: (u64, u32),
}

impl Connection<'_> {
    fn run(&mut self) -> Result<std::convert::Infallible, Ending> {
        let limits = self.shared.config.limits;
        let broken = |error: std::io::Error| Ending::Broken(error.to_string());
        self.stream.set_nodelay(true).map_err(broken)?;
        let tick = Some(Duration::from_secs_f64(limits.tick_s));
        self.stream.set_read_timeout(tick).map_err(broken)?;
        let write = Some(Duration::from_secs_f64(limits.write_s));
        self.stream.set_write_timeout(write).map_err(broken)?;
        let began_s = self.shared.now().time_s;
        let (mut heard_s, mut partial_s) = (began_s, None);
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(Ending::ByMiner),
                Ok(length) => {
                    let bytes = &chunk[..length];
                    if !self.client.is_subscribed() {
                        refuse_other_protocols(bytes)?;
                    }
                    self.lines.push(bytes);
                }
                Err(error) if is_pause(error.kind()) => {}
                Err(error) => return Err(broken(error)),
            }
            let now_s = self.shared.now().time_s;
            while let Some(line) = self.lines.next_line() {
                heard_s = now_s;
                partial_s = None;
                self.line(line, now_s)?;
            }
            self.flush()?;
            self.advance();
            self.flush()?;

            if self.shared.is_stopped() {
                return Err(Ending::Shutdown);
            }
            if self.client.unreadable > limits.unreadable_lines {
                return Err(Ending::Unreadable);
            }
            partial_s = self.lines.is_partial().then(|| partial_s.unwrap_or(now_s));
            if partial_s.is_some_and(|since_s| now_s - since_s > limits.line_s) {
                return Err(Ending::SlowLine);
            }
            if !self.client.is_subscribed() && now_s - began_s > limits.subscribe_s {
                return Err(Ending::NoSubscription);
            }
            if now_s - heard_s > limits.silent_s {
                return Err(Ending::Silent);
            }
        }
    }

    /// Handles a line that arrived at this time.
    fn line(&mut self, line: Line, arrived_s: f64) -> Result<(), Ending> {
        self.pace()?;
        match line {
            Line::Text(text) => {
                self.shared
                    .transcript()
                    .received(arrived_s, self.number, &text);
                let now = crate::client::Now {
                    time_s: arrived_s,
                    ..self.shared.now()
                };
                self.client.line(&text, now, &mut self.out);
            }
            Line::TooLong => {
                self.client.unreadable += 1;
                self.client.quirk(Quirk::LongLine, &mut self.out);
            }
        }
        self.tell();
        Ok(())
    }

    /// Stops reading until the next second after too many lines in one; the sender is held
    /// up by TCP then. Nothing is refused.
    fn pace(&mut self) -> Result<(), Ending> {
        let limits = self.shared.config.limits;
        let second = self.shared.now().time_s as u64;
        if self.second.0 != second {
            self.second = (second, 0);
        }
        self.second.1 += 1;
        if self.second.1 <= limits.lines_per_s {
            return Ok(());
        }
        let lines_per_s = limits.lines_per_s;
        self.client
            .quirk(Quirk::Flood { lines_per_s }, &mut self.out);
        self.flush()?;
        // A higher difficulty ends a flood.
        if self.client.is_welcomed() {
            self.advance();
        }
        self.flush()?;
        while self.shared.now().time_s as u64 == second && !self.shared.is_stopped() {
            sleep(Duration::from_secs_f64(limits.tick_s));
        }
        Ok(())
    }

    /// Passes on what the client told, in order.
    fn tell(&mut self) {
        for what in std::mem::take(&mut self.out.told) {
            match &what {
                What::Share { worker, judged } => self.shared.workers().count(worker, judged),
                What::Authorised { worker, .. } => {
                    let now_s = self.shared.now().time_s;
                    let mut workers = self.shared.workers();
                    let connections = workers.opened(worker, &self.client, now_s);
                    drop(workers);
                    self.suggested = self.client.suggested();
                    if connections > 1 {
                        self.client
                            .quirk(Quirk::NameShared { connections }, &mut self.out);
                    }
                }
                _ => {}
            }
            self.shared.tell(self.number, what);
        }
        // What came up on the way: quirks, which bring up nothing more.
        for what in std::mem::take(&mut self.out.told) {
            self.shared.tell(self.number, what);
        }
    }

    /// Sends a job where one is due or the difficulty changes.
    fn advance(&mut self) {
        let now = self.shared.now();
        let due = self.client.due(now.time_s);
        if due.is_none() && self.client.difficulty().is_none() {
            return;
        }
        let mut workers = self.shared.workers();
        if let Some(name) = self.client.worker()
            && let Some(suggested) = self.client.suggested()
            && self.suggested != Some(suggested)
        {
            workers.suggest(name, suggested);
            self.suggested = Some(suggested);
        }
        let difficulty = workers.difficulty(&self.client, now.time_s);
        let is_other = self.shared.session_number() != self.session;
        if due.is_none() && self.client.difficulty() == Some(difficulty) && !is_other {
            return;
        }
        // Versions may be rolled from the next job on: the old one is withdrawn for it.
        let is_mask = due == Some(Due::Mask) && !workers.is_frozen();
        if let Some(name) = self.client.worker() {
            workers.sent(name, difficulty);
        }
        drop(workers);
        let next = self.shared.next_job();
        let is_clean = is_mask || next.number != self.session;
        self.session = next.number;
        let (client, out) = (&mut self.client, &mut self.out);
        client.job(&next.session, next.job, difficulty, is_clean, now, out);
        self.tell();
    }

    fn flush(&mut self) -> Result<(), Ending> {
        if self.out.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.out.text);
        let now_s = self.shared.now().time_s;
        self.shared.transcript().sent(now_s, self.number, &text);
        let written = self.stream.write_all(text.as_bytes());
        written.map_err(|error| match is_pause(error.kind()) {
            true => Ending::Unwritable,
            false => Ending::Broken(error.to_string()),
        })
    }
}

/// True for errors that mean that the time was up, on any system.
fn is_pause(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Recognises the two protocols that pools are mistaken for.
fn refuse_other_protocols(bytes: &[u8]) -> Result<(), Ending> {
    let is_http = ["GET ", "POST ", "HEAD ", "CONNECT ", "OPTIONS "];
    match bytes {
        [0x16, 0x03, ..] => Err(Ending::Encrypted),
        _ if is_http
            .iter()
            .any(|verb| bytes.starts_with(verb.as_bytes())) =>
        {
            Err(Ending::Http)
        }
        _ => Ok(()),
    }
}
