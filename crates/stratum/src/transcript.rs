//! What was said, for the search for faults in miners and in this pool; without passwords.

use std::fmt::Write;

use crate::message::{Message, Request};

/// Text of what was received and sent, up to a number of bytes.
#[derive(Debug, Default)]
pub struct Transcript {
    text: String,
    limit: usize,
    is_full: bool,
}

impl Transcript {
    /// An empty transcript of at most `limit` bytes; 0 keeps nothing.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// The lines so far: time, connection, direction, message.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a line of a miner's. Of an authorisation only the user is kept; of requests
    /// that the pool does not know, and of lines that are none, no content at all, since a
    /// password may be in it.
    pub fn received(&mut self, time_s: f64, connection: u32, line: &str) {
        if self.limit == 0 {
            return;
        }
        let kept = match Message::read(line) {
            Message::Request(request) => redacted(&request, line),
            Message::Answer => line.to_owned(),
            Message::Unreadable => format!("({} bytes that are no request)", line.len()),
        };
        self.add(time_s, connection, '<', &kept);
    }

    /// Adds what was sent, one or more lines.
    pub fn sent(&mut self, time_s: f64, connection: u32, text: &str) {
        for line in text.lines() {
            self.add(time_s, connection, '>', line);
        }
    }

    fn add(&mut self, time_s: f64, connection: u32, direction: char, line: &str) {
        if self.is_full || self.limit == 0 {
            return;
        }
        if self.text.len() + line.len() + 40 > self.limit {
            self.is_full = true;
            self.text += "(the transcript ends here; it has reached its limit)\n";
            return;
        }
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{time_s:.3} {connection} {direction} {line}");
    }
}

/// A request without what may be a password.
fn redacted(request: &Request, line: &str) -> String {
    let Request {
        id,
        method,
        parameters,
    } = request;
    match method.as_str() {
        "mining.subscribe"
        | "mining.configure"
        | "mining.submit"
        | "mining.suggest_difficulty"
        | "mining.suggest_target"
        | "mining.extranonce.subscribe"
        | "mining.ping" => line.to_owned(),
        "mining.authorize" => {
            let user = parameters.first().map_or("".into(), ToString::to_string);
            format!(r#"{{"id":{id},"method":"{method}","params":[{user},"(not kept)"]}}"#)
        }
        _ => {
            let count = parameters.len();
            format!("(the method {method:?} with {count} parameters)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_kept_however_they_are_sent() {
        let mut transcript = Transcript::new(1 << 16);
        for line in [
            r#"{"id":1,"method":"mining.authorize","params":["user","hunter2"]}"#,
            r#"{"id":1,"method":"mining.authorize","params":["user","x","hunter2"],"pass":"hunter2"}"#,
            r#"{"id":1,"method":"mining.authorize","params":{"user":"u","pass":"hunter2"}}"#,
            r#"{"id":1,"method":"mining.authorize","params":["user","hunter2""#,
            r#"{"id":1,"method":"login","params":["user","hunter2"]}"#,
            r#"{"id":1,"user":"user","password":"hunter2"}"#,
        ] {
            transcript.received(1.0, 2, line);
        }
        let text = transcript.text();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.lines().count(), 6);
        assert!(text.starts_with(
            "1.000 2 < {\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"user\","
        ));
    }

    #[test]
    fn it_is_bounded_and_says_so() {
        let mut transcript = Transcript::new(1000);
        (0..1000).for_each(|_| transcript.sent(0.0, 1, "one\ntwo\n"));
        assert!(transcript.text().len() < 1100);
        assert!(transcript.text().ends_with("limit)\n"));
        let mut none = Transcript::new(0);
        none.sent(0.0, 1, "one");
        assert_eq!(none.text(), "");
    }
}
