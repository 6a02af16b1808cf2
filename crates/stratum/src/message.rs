//! Messages of Stratum V1: requests as miners write them, and answers they all read.
//!
//! Identifiers are sent back letter for letter (`1`, `"auth"`, `null`, `-1`, `1.0`), and
//! answers are written by hand: some firmware compares bytes. Errors are arrays of three,
//! because the object form is shown as "unknown" by older firmware.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

/// Longest identifier that is sent back.
const MAX_ID: usize = 256;

/// What a line of a miner is.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Something that is asked for.
    Request(Request),
    /// An answer, such as to a ping. Nothing is owed to it.
    Answer,
    /// No JSON object, or one that asks for nothing.
    Unreadable,
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The identifier as it was written; `null` where there is none.
    pub id: String,
    /// The method.
    pub method: String,
    /// The parameters; none where they are not an array.
    pub parameters: Vec<Value>,
}

impl Message {
    /// Reads a line.
    pub fn read(line: &str) -> Self {
        let Ok(Value::Object(mut object)) = serde_json::from_str(line) else {
            return Self::Unreadable;
        };
        let method = match object.remove("method") {
            Some(Value::String(method)) => method,
            _ if object.contains_key("result") || object.contains_key("error") => {
                return Self::Answer;
            }
            _ => return Self::Unreadable,
        };
        // The firmware ESP-Miner answers a ping with a method of this name.
        if method == "pong" {
            return Self::Answer;
        }
        let parameters = match object.remove("params") {
            Some(Value::Array(parameters)) => parameters,
            _ => Vec::new(),
        };
        let id = written_id(line).filter(|id| id.len() <= MAX_ID);
        Self::Request(Request {
            id: id.unwrap_or("null").to_owned(),
            method,
            parameters,
        })
    }
}

/// The text of the last `id` of an object. A number that went through a double would come
/// back as another.
fn written_id(object: &str) -> Option<&str> {
    let mut rest = object.trim_start().strip_prefix('{')?;
    let mut id = None;
    loop {
        let (key, after) = first::<String>(rest)?;
        let value = after.trim_start().strip_prefix(':')?;
        let (_, after) = first::<IgnoredAny>(value)?;
        if key == "id" {
            id = Some(value[..value.len() - after.len()].trim());
        }
        match after.trim_start().strip_prefix(',') {
            Some(after) => rest = after,
            None => return id,
        }
    }
}

/// The first JSON value of a text, and the text after it.
fn first<'a, T: Deserialize<'a>>(text: &'a str) -> Option<(T, &'a str)> {
    let mut values = Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

/// The answer to a request; `result` is JSON.
pub fn answer(id: &str, result: &str) -> String {
    format!("{{\"id\":{id},\"result\":{result},\"error\":null}}\n")
}

/// The refusal of a request.
pub fn refusal(id: &str, (code, text): (i32, &str)) -> String {
    format!("{{\"id\":{id},\"result\":null,\"error\":[{code},\"{text}\",null]}}\n")
}

/// A message that waits for no answer; `parameters` is a JSON array.
pub fn notification(method: &str, parameters: &str) -> String {
    format!("{{\"id\":null,\"method\":\"{method}\",\"params\":{parameters}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(line: &str) -> String {
        match Message::read(line) {
            Message::Request(request) => request.id,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn identifiers_come_back_letter_for_letter() {
        for written in [
            "1",
            "-1",
            "1.0",
            "1e2",
            "null",
            "\"auth\"",
            "\"a\\u0062\"",
            "123456789012345678901234567890",
            "[1, {\"id\":2}]",
        ] {
            let line =
                format!("{{\"params\":[{{\"id\":9}}], \"id\" : {written} ,\"method\":\"m\"}}");
            assert_eq!(id(&line), written);
        }
        assert_eq!(id(r#"{"method":"m"}"#), "null");
        assert_eq!(id(r#"{"id":1,"id":2,"method":"m"}"#), "2");
        let long = format!(r#"{{"id":"{}","method":"m"}}"#, "x".repeat(300));
        assert_eq!(id(&long), "null");
    }

    #[test]
    fn shapes_that_are_no_request() {
        for (line, expected) in [
            ("", Message::Unreadable),
            ("GET / HTTP/1.1", Message::Unreadable),
            ("[]", Message::Unreadable),
            ("{}", Message::Unreadable),
            (r#"{"id":1,"method":5}"#, Message::Unreadable),
            (r#"{"id":1,"result":true,"error":null}"#, Message::Answer),
            (r#"{"id":1,"method":"pong","params":[]}"#, Message::Answer),
        ] {
            assert_eq!(Message::read(line), expected, "{line}");
        }
        let deep = format!(
            "{{\"id\":1,\"method\":\"m\",\"params\":{}}}",
            "[".repeat(20_000)
        );
        assert_eq!(Message::read(&deep), Message::Unreadable);
        let Message::Request(request) = Message::read(r#"{"method":"m","params":{"a":1}}"#) else {
            panic!("parameters by name are none");
        };
        assert!(request.parameters.is_empty());
    }

    #[test]
    fn what_is_sent_is_json() {
        for line in [
            answer("\"x\"", "[true]"),
            refusal("null", (21, "Job not found")),
            notification("mining.set_difficulty", "[0.5]"),
        ] {
            let value: Value = serde_json::from_str(&line).unwrap();
            assert!(line.ends_with('\n') && value.is_object());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(line in ".{0,200}") {
            Message::read(&line);
        }

        #[test]
        fn broken_requests_are_read(cut in 0usize..90, junk in ".{0,8}") {
            let line = r#"{"id": 4, "method": "mining.submit", "params": ["u", "0000000a", "ff", "5e0", "0"]}"#;
            let cut = cut.min(line.len());
            Message::read(&format!("{}{junk}{}", &line[..cut], &line[cut..]));
            Message::read(&format!("{}{junk}", &line[..cut]));
        }
    }
}
