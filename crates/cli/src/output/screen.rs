//! Filter for all output of the program, so that no text in a record, a file name or a
//! message acts as a command on a terminal.
//!
//! Untrusted texts are made [`plain`](super::plain) where they are put into a line, line
//! ends included. This module is the second line of defence: the writer replaces what was
//! missed there. `clippy.toml` forbids other ways of output.

use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::sync::OnceLock;

use clap::ColorChoice;
use perwatt_report::doc::Tone;
use perwatt_report::plain::{MARK, is_unseen};
use perwatt_report::render::text::{Signs, Toned, WIDTH};

/// The smallest and the largest width of text, in columns; longer lines are hard to read.
const WIDTHS: [usize; 2] = [40, 120];

/// The replacement for characters that must not reach a screen.
#[derive(Debug, Clone, Copy)]
enum Instead {
    /// A visible mark, in texts.
    Mark,
    /// An escape such as `\u202e`, in JSON: there these characters occur only inside
    /// strings.
    Escape,
}

/// A writer of UTF-8 that passes line ends and replaces other characters that act on a
/// screen.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    instead: Instead,
    /// The first bytes of a character that is not complete yet.
    begun: Vec<u8>,
}

/// Standard output for text, filtered.
#[allow(clippy::disallowed_methods)]
pub fn stdout() -> Screen<StdoutLock<'static>> {
    text(io::stdout().lock())
}

/// Standard output for JSON, filtered.
#[allow(clippy::disallowed_methods)]
pub fn json_stdout() -> Screen<BufWriter<StdoutLock<'static>>> {
    json(BufWriter::new(io::stdout().lock()))
}

/// Standard output without a filter, for output without untrusted text and for bytes that
/// were requested unchanged.
#[allow(clippy::disallowed_methods)]
pub fn exact_stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// The filter of [`stdout`] over another writer.
pub fn text<W: Write>(out: W) -> Screen<W> {
    Screen::new(out, Instead::Mark)
}

/// The filter of [`json_stdout`] over another writer.
pub fn json<W: Write>(out: W) -> Screen<W> {
    Screen::new(out, Instead::Escape)
}

/// Prints a line to standard error. Errors are ignored: a lost message must not fail a
/// command.
#[allow(clippy::disallowed_methods)]
pub fn tell_line(line: fmt::Arguments<'_>) {
    let mut whole = line.to_string();
    whole.push('\n');
    let _ = text(io::stderr().lock()).write_all(whole.as_bytes());
}

/// True if standard output is a terminal.
#[allow(clippy::disallowed_methods)]
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// The width of text in columns: the value of `COLUMNS`, else the width of the terminal,
/// else a default.
#[allow(clippy::disallowed_methods)]
pub fn columns() -> usize {
    let [least, most] = WIDTHS;
    let given = std::env::var("COLUMNS").ok();
    if let Some(columns) = given.and_then(|text| text.parse::<usize>().ok()) {
        return columns.max(least);
    }
    width_of(io::stdout()).map_or(WIDTH, |columns| columns.clamp(least, most))
}

/// The width of the terminal that standard error goes to, or a default.
#[allow(clippy::disallowed_methods)]
pub fn stderr_columns() -> usize {
    width_of(io::stderr()).unwrap_or(WIDTH)
}

#[cfg(unix)]
fn width_of(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

#[cfg(windows)]
fn width_of(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// The choice of the command line, for the whole process.
static COLOURS: OnceLock<ColorChoice> = OnceLock::new();

/// Sets whether standard output is coloured.
pub fn set_colours(choice: ColorChoice) {
    // A second choice cannot come: the command line is read once.
    let _ = COLOURS.set(choice);
}

/// True if standard output is coloured.
fn coloured() -> bool {
    let choice = COLOURS.get().copied().unwrap_or_default();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    is_coloured(choice, set, stdout_is_terminal())
}

/// True if output is coloured by this choice, these variables of the environment that are
/// not empty, and whether it goes to a terminal: <https://no-color.org>,
/// <https://bixense.com/clicolors>.
fn is_coloured(
    choice: ColorChoice,
    set: impl Fn(&str) -> Option<String>,
    to_terminal: bool,
) -> bool {
    let is = |name: &str, of: fn(&str) -> bool| set(name).is_some_and(|value| of(&value));
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is("NO_COLOR", |_| true) => false,
        ColorChoice::Auto if is("CLICOLOR_FORCE", |value| value != "0") => true,
        ColorChoice::Auto => {
            to_terminal
                && is("TERM", |term| term != "dumb")
                && !is("CLICOLOR", |value| value == "0")
        }
    }
}

/// The signs for plots that the locale has.
pub fn signs() -> Signs {
    signs_of(|name| std::env::var(name).ok())
}

fn signs_of(set: impl Fn(&str) -> Option<String>) -> Signs {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let mut locales = names.filter_map(|name| set(name).filter(|value| !value.is_empty()));
    let locale = locales.next().unwrap_or_default().to_ascii_lowercase();
    match cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8") {
        true => Signs::Unicode,
        false => Signs::Ascii,
    }
}

/// True if standard error is a terminal.
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

    /// Writes a text, with its tones as colours if standard output shows them.
    pub fn toned(&mut self, text: &Toned) -> io::Result<()> {
        match coloured() {
            true => self.painted(text),
            false => write!(self, "{text}"),
        }
    }

    /// Writes a text with its tones as colours. Only the colour codes bypass the filter.
    fn painted(&mut self, text: &Toned) -> io::Result<()> {
        for line in text.lines() {
            for (tone, text) in line {
                let colour: &[u8] = match tone {
                    Tone::Plain | Tone::Soft => b"",
                    Tone::Strong => b"\x1b[1m",
                    Tone::Good => b"\x1b[32m",
                    Tone::Bad => b"\x1b[31m",
                    Tone::Unclear => b"\x1b[33m",
                };
                self.out.write_all(colour)?;
                self.write_all(text.as_bytes())?;
                if !colour.is_empty() {
                    self.out.write_all(b"\x1b[0m")?;
                }
            }
            self.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Returns the inner writer.
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

    /// One character of each kind that is filtered, one of them outside the basic plane.
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
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        let of = |choice, vars: &[(&str, &str)], to_terminal| {
            let find = |name: &str| vars.iter().find(|(known, _)| *known == name);
            let set = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
            is_coloured(choice, set, to_terminal)
        };
        let auto = ColorChoice::Auto;
        let term = ("TERM", "xterm");
        assert!(of(auto, &[term], true));
        assert!(!of(auto, &[term], false));
        assert!(!of(auto, &[("TERM", "dumb")], true));
        assert!(!of(auto, &[], true));
        assert!(!of(auto, &[term, ("NO_COLOR", "1")], true));
        assert!(!of(auto, &[term, ("CLICOLOR", "0")], true));
        assert!(of(auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!of(auto, &[("CLICOLOR_FORCE", "0")], false));
        assert!(!of(
            auto,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            false
        ));
        assert!(of(ColorChoice::Always, &[("NO_COLOR", "1")], false));
        assert!(!of(ColorChoice::Never, &[("CLICOLOR_FORCE", "1")], true));
    }

    #[test]
    fn signs_are_those_of_the_locale() {
        let of = |name: &'static str, value: &'static str| {
            signs_of(|asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(of("LANG", "en_US.UTF-8"), Signs::Unicode);
        assert_eq!(of("LC_ALL", "C.utf8"), Signs::Unicode);
        if cfg!(not(windows)) {
            assert_eq!(of("LANG", "C"), Signs::Ascii);
            assert_eq!(of("HOME", "/"), Signs::Ascii);
        }
    }

    #[test]
    fn tones_are_the_only_colours() {
        use perwatt_report::doc::{Block, Cell, Column, Grid};
        use perwatt_report::render::text::render;

        let mut grid = Grid::new([Column::left("a"), Column::left("verdict")]);
        grid.row(["\u{1b}[2J".into(), Cell::toned("BETTER", Tone::Good)]);
        let mut screen = text(Vec::new());
        let blocks = [Block::Warning("w".into()), Block::Grid(grid)];
        screen.painted(&render(&blocks, 80)).unwrap();
        let printed = String::from_utf8(screen.out).unwrap();
        assert_eq!(
            printed,
            "\u{1b}[31mw\u{1b}[0m\na     verdict\n\u{fffd}[2J  \u{1b}[32mBETTER\u{1b}[0m\n"
        );
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
