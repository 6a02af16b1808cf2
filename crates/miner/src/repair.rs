//! JSON as miners write it. A reply that is right is read as it stands; otherwise this
//! reader forgives the faults of [`Repair`], and nothing else.

use serde_json::{Map, Number, Value};
use std::collections::BTreeSet;
use std::fmt;

/// Longest reply, in bytes. The longest real one, Avalon's, has some 10 KiB.
pub const MAX_REPLY: usize = 1 << 20;

/// Deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 64;

/// A fault of a reply that was forgiven.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Repair {
    /// Commas where no item is.
    ExtraComma,
    /// No comma between two items.
    MissingComma,
    /// A line feed or another control character in a text.
    RawControl,
    /// A number that is none: `inf`, `nan`. It is read as null.
    NotANumber,
    /// A quote too many or too few before a key.
    StrayQuote,
    /// Pairs of key and value in an array.
    PairsInArray,
    /// No opening brace.
    NoBrace,
    /// The end is missing. What the cut goes through is dropped: half a number is another
    /// number.
    CutOff,
    /// Bytes that are not UTF-8.
    NotUtf8,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExtraComma => "a comma too many",
            Self::MissingComma => "a comma missing",
            Self::RawControl => "a control character in a text",
            Self::NotANumber => "a number that is inf or nan",
            Self::StrayQuote => "a wrong quote before a key",
            Self::PairsInArray => "keys in an array",
            Self::NoBrace => "no brace at the start",
            Self::CutOff => "the end cut off",
            Self::NotUtf8 => "bytes that are not UTF-8",
        })
    }
}

/// Why a reply is not read.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum RepairError {
    /// The reply is longer than [`MAX_REPLY`].
    #[error("it is longer than {} MiB", MAX_REPLY >> 20)]
    TooLong,
    /// The reply is empty.
    #[error("it is empty")]
    Empty,
    /// Arrays in arrays beyond reason.
    #[error("it is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Something that is no JSON, at this byte.
    #[error("it is no JSON from byte {0} on")]
    NotJson(usize),
}

/// Reads a reply, and says what had to be forgiven. What follows a NUL is ignored.
pub fn parse(reply: &[u8]) -> Result<(Value, BTreeSet<Repair>), RepairError> {
    if reply.len() > MAX_REPLY {
        return Err(RepairError::TooLong);
    }
    let reply = reply.split(|b| *b == 0).next().unwrap_or_default();
    if reply.trim_ascii().is_empty() {
        return Err(RepairError::Empty);
    }
    if let Ok(value) = serde_json::from_slice(reply) {
        return Ok((value, BTreeSet::new()));
    }
    let text = String::from_utf8_lossy(reply);
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        repairs: BTreeSet::new(),
    };
    if text.len() != reply.len() {
        reader.repairs.insert(Repair::NotUtf8);
    }
    let value = reader.whole()?;
    Ok((value, reader.repairs))
}

/// A value, or `None` where the reply ends within it.
type Read<T> = Result<Option<T>, RepairError>;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    repairs: BTreeSet<Repair>,
}

impl Reader<'_> {
    fn whole(&mut self) -> Result<Value, RepairError> {
        self.blanks();
        if self.commas() {
            self.repairs.insert(Repair::ExtraComma);
        }
        let value = match self.peek() {
            Some(b'"') => {
                self.repairs.insert(Repair::NoBrace);
                self.object(0)?
            }
            Some(b'{' | b'[') => self.value(0)?.unwrap_or_default(),
            _ => return Err(self.wrong()),
        };
        self.blanks();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.wrong()),
        }
    }

    fn value(&mut self, depth: usize) -> Read<Value> {
        if depth > MAX_DEPTH {
            return Err(RepairError::TooDeep);
        }
        match self.peek() {
            None => Ok(self.cut()),
            Some(b'{') => {
                self.at += 1;
                self.object(depth).map(Some)
            }
            Some(b'[') => {
                self.at += 1;
                self.array(depth).map(Some)
            }
            Some(b'"') => Ok(self.string()?.map(Value::String)),
            Some(_) => self.word(),
        }
    }

    /// The pairs after an opening brace, and the closing one.
    fn object(&mut self, depth: usize) -> Result<Value, RepairError> {
        let mut object = Map::new();
        let mut first = true;
        loop {
            if self.end_of_items(b'}', first) {
                return Ok(Value::Object(object));
            }
            first = false;
            let Some(key) = self.key()? else { break };
            match self.pair(key, depth)? {
                Some((key, value)) => object.insert(key, value),
                None => break,
            };
        }
        Ok(Value::Object(object))
    }

    /// The items after an opening bracket, and the closing one.
    fn array(&mut self, depth: usize) -> Result<Value, RepairError> {
        let mut array = Vec::new();
        let mut first = true;
        while !self.end_of_items(b']', first) {
            first = false;
            let Some(item) = self.value(depth + 1)? else {
                break;
            };
            self.blanks();
            match (item, self.peek()) {
                (Value::String(key), Some(b':')) => {
                    self.repairs.insert(Repair::PairsInArray);
                    let Some(pair) = self.pair(key, depth)? else {
                        break;
                    };
                    array.push(Value::Object(Map::from_iter([pair])));
                }
                (item, _) => array.push(item),
            }
        }
        Ok(Value::Array(array))
    }

    /// Skips the commas before an item; true if the end or the closing sign is there instead.
    fn end_of_items(&mut self, close: u8, first: bool) -> bool {
        self.blanks();
        let before = self.at;
        let comma = self.commas();
        let more_than_one = self.bytes[before..self.at]
            .iter()
            .filter(|b| **b == b',')
            .count()
            > 1;
        let end = match self.peek() {
            None => {
                self.cut::<()>();
                return true;
            }
            Some(byte) => byte == close,
        };
        if comma && (first || end || more_than_one) {
            self.repairs.insert(Repair::ExtraComma);
        }
        if !comma && !first && !end {
            self.repairs.insert(Repair::MissingComma);
        }
        self.at += usize::from(end);
        end
    }

    /// A key, whose opening quote may be doubled or missing.
    fn key(&mut self) -> Read<String> {
        let named = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        match self.peek() {
            Some(b'"') => {
                let key = self.string()?;
                if key.as_ref().is_none_or(|key| !key.is_empty()) || !named(self.peek()) {
                    return Ok(key);
                }
            }
            byte if !named(byte) => return Err(self.wrong()),
            _ => {}
        }
        self.repairs.insert(Repair::StrayQuote);
        self.text_until_quote()
    }

    /// The colon and the value after a key.
    fn pair(&mut self, key: String, depth: usize) -> Read<(String, Value)> {
        self.blanks();
        match self.peek() {
            None => return Ok(self.cut()),
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.wrong()),
        }
        self.blanks();
        Ok(self.value(depth + 1)?.map(|value| (key, value)))
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        self.text_until_quote()
    }

    fn text_until_quote(&mut self) -> Read<String> {
        let mut text = Vec::new();
        loop {
            let Some(byte) = self.next() else {
                return Ok(self.cut());
            };
            match byte {
                b'"' => return Ok(Some(String::from_utf8_lossy(&text).into_owned())),
                b'\\' => {
                    let Some(c) = self.escape() else {
                        return Ok(self.cut());
                    };
                    text.extend(c.encode_utf8(&mut [0; 4]).bytes());
                }
                0..0x20 => {
                    self.repairs.insert(Repair::RawControl);
                    text.push(byte);
                }
                _ => text.push(byte),
            }
        }
    }

    /// The character after a backslash; `None` at the end of the reply.
    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            // Halves of pairs are not joined: no field that is read has such characters.
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                let code = std::str::from_utf8(digits).ok();
                let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                if code.is_some() {
                    self.at += 4;
                }
                code.and_then(char::from_u32)
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            byte if byte.is_ascii() => char::from(byte),
            // The rest of the character follows as it is, after this sign for its start.
            _ => char::REPLACEMENT_CHARACTER,
        })
    }

    /// A number, `true`, `false`, `null`, or a number that is none.
    fn word(&mut self) -> Read<Value> {
        let start = self.at;
        let part = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        while self.peek().is_some_and(part) {
            self.at += 1;
        }
        if self.at == self.bytes.len() {
            return Ok(self.cut());
        }
        let word = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let finite = |n: f64| Number::from_f64(n).map(Value::Number);
        let value = match word.to_ascii_lowercase().trim_start_matches(['+', '-']) {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            "inf" | "infinity" | "nan" => {
                self.repairs.insert(Repair::NotANumber);
                Some(Value::Null)
            }
            _ => match word.parse::<i64>() {
                Ok(whole) => Some(Value::from(whole)),
                Err(_) => word.parse().ok().and_then(finite),
            },
        };
        match value {
            Some(value) => Ok(Some(value)),
            None => {
                self.at = start;
                Err(self.wrong())
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Skips commas and blanks; true if there was a comma.
    fn commas(&mut self) -> bool {
        let mut any = false;
        while self.peek() == Some(b',') {
            any = true;
            self.at += 1;
            self.blanks();
        }
        any
    }

    /// Ends the reading at the end of the reply, where something is missing.
    fn cut<T>(&mut self) -> Option<T> {
        self.repairs.insert(Repair::CutOff);
        self.at = self.bytes.len();
        None
    }

    fn wrong(&self) -> RepairError {
        RepairError::NotJson(self.at)
    }
}

#[cfg(test)]
mod tests;
