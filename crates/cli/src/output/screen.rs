//! The way out of the program: everything printed goes through here, so that no text
//! of a record, a file name or a message reaches a terminal as a command to it.
//!
//! Texts that others wrote are made [`plain`](super::plain) where they are set in a
//! line, ends of lines included. This is the net below: whatever was forgotten there
//! is caught by the writer. `clippy.toml` keeps other ways out closed.

use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use perwatt_report::plain::{MARK, is_unseen};

/// How what must not be seen is written instead.
#[derive(Debug, Clone, Copy)]
enum Instead {
    /// As a visible mark, in texts.
    Mark,
    /// As `\u202e`, in JSON: there it stands inside strings alone.
    Escape,
}

/// A writer of UTF-8 that lets through lines and nothing that acts on a screen.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    instead: Instead,
    /// The first bytes of a character whose rest has not come yet.
    begun: Vec<u8>,
}

/// Standard output for text.
#[allow(clippy::disallowed_methods)]
pub fn stdout() -> Screen<StdoutLock<'static>> {
    text(io::stdout().lock())
}

/// Standard output for JSON.
#[allow(clippy::disallowed_methods)]
pub fn json_stdout() -> Screen<BufWriter<StdoutLock<'static>>> {
    json(BufWriter::new(io::stdout().lock()))
}

/// Standard output as it is, for what holds no text of others and for bytes that were
/// asked for as they are.
#[allow(clippy::disallowed_methods)]
pub fn exact_stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// As [`stdout`], to another writer.
pub fn text<W: Write>(out: W) -> Screen<W> {
    Screen::new(out, Instead::Mark)
}

/// As [`json_stdout`], to another writer.
pub fn json<W: Write>(out: W) -> Screen<W> {
    Screen::new(out, Instead::Escape)
}

/// Prints a line to standard error. A message that cannot be printed is nobody's
/// loss, so that fails nothing.
#[allow(clippy::disallowed_methods)]
pub fn tell_line(line: fmt::Arguments<'_>) {
    let mut whole = line.to_string();
    whole.push('\n');
    let _ = text(io::stderr().lock()).write_all(whole.as_bytes());
}

/// Whether somebody reads standard output on a terminal.
#[allow(clippy::disallowed_methods)]
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether somebody reads standard error on a terminal.
#[allow(clippy::disallowed_methods)]
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Prints a line to standard error, as `eprintln!` does, through [`tell_line`].
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::output::screen::tell_line(format_args!($($text)*))
    };
}
pub(crate) use tell;

impl<W: Write> Screen<W> {
    fn new(out: W, instead: Instead) -> Self {
        Self {
            out,
            instead,
            begun: Vec::new(),
        }
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn valid(&mut self, text: &str) -> io::Result<()> {
        let caught = |c: char| c != '\n' && is_unseen(c);
        let mut rest = text;
        while let Some(at) = rest.find(caught) {
            let (before, from) = rest.split_at(at);
            self.out.write_all(before.as_bytes())?;
            let mut after = from.chars();
            let c = after.next().unwrap_or(MARK);
            self.out.write_all(replaced(c, self.instead).as_bytes())?;
            rest = after.as_str();
        }
        self.out.write_all(rest.as_bytes())
    }
}

fn replaced(c: char, instead: Instead) -> String {
    let mut text = String::new();
    match instead {
        Instead::Mark => text.push(MARK),
        Instead::Escape => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        let bytes_in = match all.is_empty() {
            true => bytes,
            false => {
                all.extend_from_slice(bytes);
                &all
            }
        };
        let mut chunks = bytes_in.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.valid(chunk.valid())?;
            let invalid = chunk.invalid();
            let unfinished = std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none());
            if chunks.peek().is_none() && unfinished {
                self.begun = invalid.to_vec();
            } else if !invalid.is_empty() {
                self.valid("\u{fffd}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind of what is caught, one of them outside the basic plane.
    const HOSTILE: &str =
        "a\u{1b}[2J\u{9b}m\u{7f}\t\r\u{202e}\u{200b}\u{2029}\u{e0001}\u{e9}\u{1f980}z";

    fn through<'a>(mut screen: Screen<Vec<u8>>, parts: impl Iterator<Item = &'a [u8]>) -> String {
        for part in parts {
            screen.write_all(part).unwrap();
        }
        String::from_utf8(screen.out).unwrap()
    }

    #[test]
    fn however_it_is_cut_the_text_comes_out_plain() {
        let expected = perwatt_report::plain::plain(HOSTILE);
        for length in 1..=HOSTILE.len() {
            let parts = HOSTILE.as_bytes().chunks(length);
            assert_eq!(through(text(Vec::new()), parts), expected, "{length}");
        }
        let lines = through(text(Vec::new()), ["a\nb\n".as_bytes()].into_iter());
        assert_eq!(lines, "a\nb\n");
        let broken = through(text(Vec::new()), [&b"a\xff\x9bz"[..]].into_iter());
        assert_eq!(broken, "a\u{fffd}\u{fffd}z");
    }

    #[test]
    fn json_keeps_every_character_and_shows_none_that_acts() {
        let document = serde_json::to_string(HOSTILE).unwrap();
        for length in [1, 3, document.len()] {
            let parts = document.as_bytes().chunks(length);
            let printed = through(json(Vec::new()), parts);
            assert!(!printed.contains(is_unseen), "{printed:?}");
            assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), HOSTILE);
        }
    }
}
