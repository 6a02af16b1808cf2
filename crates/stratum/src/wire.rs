//! Lines out of a stream of bytes, whatever the peer sends.

/// Longest line that is read, in bytes.
pub const MAX_LINE: usize = 32 * 1024;

/// What stands between two line feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line that is not blank, without blanks, carriage returns and zero bytes around it.
    /// Bytes that are no UTF-8 are replaced.
    Text(String),
    /// A line of more than [`MAX_LINE`] bytes; it is skipped up to its line feed.
    TooLong,
}

/// Collects bytes and hands out lines; holds at most one line and what was pushed last.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Bytes of lines that were handed out.
    done: usize,
    /// Bytes known to hold no line feed after those.
    searched: usize,
    is_skipping: bool,
}

impl Lines {
    /// Adds bytes as they were received.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.done);
        self.searched -= self.done;
        self.done = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// True while the beginning of a line waits for the rest of it.
    pub fn is_partial(&self) -> bool {
        self.is_skipping || self.done < self.bytes.len()
    }

    /// The next line, as far as it has arrived.
    pub fn next_line(&mut self) -> Option<Line> {
        loop {
            let unseen = &self.bytes[self.searched..];
            let Some(feed) = unseen.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.bytes.len();
                let is_long = self.searched - self.done > MAX_LINE;
                let is_news = is_long && !self.is_skipping;
                self.is_skipping |= is_long;
                if self.is_skipping {
                    self.done = self.searched;
                }
                return is_news.then_some(Line::TooLong);
            };
            let end = self.searched + feed;
            let line = &self.bytes[self.done..end];
            (self.done, self.searched) = (end + 1, end + 1);
            if std::mem::take(&mut self.is_skipping) {
                continue;
            }
            if line.len() > MAX_LINE {
                return Some(Line::TooLong);
            }
            let text = String::from_utf8_lossy(line);
            let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
            if !text.is_empty() {
                return Some(Line::Text(text.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(lines: &mut Lines) -> Vec<Line> {
        std::iter::from_fn(|| lines.next_line()).collect()
    }

    fn text(text: &str) -> Line {
        Line::Text(text.into())
    }

    #[test]
    fn lines_are_joined_split_and_trimmed() {
        let mut lines = Lines::default();
        lines.push(b"one\ntwo\r\n\r\n \nthr");
        assert_eq!(all(&mut lines), [text("one"), text("two")]);
        assert!(lines.is_partial());
        lines.push(b"ee\0\n");
        assert_eq!(all(&mut lines), [text("three")]);
        assert!(!lines.is_partial());
    }

    #[test]
    fn a_long_line_is_told_once_and_skipped() {
        let mut lines = Lines::default();
        let mut told = Vec::new();
        for _ in 0..100 {
            lines.push(&[b'x'; 4096]);
            told.extend(all(&mut lines));
            assert!(lines.bytes.len() <= MAX_LINE + 4096);
        }
        assert_eq!(told, [Line::TooLong]);
        lines.push(b"end\nnext\n");
        assert_eq!(all(&mut lines), [text("next")]);
        // Whole in one piece.
        lines.push(&[b'y'; MAX_LINE + 1]);
        lines.push(b"\n");
        assert_eq!(all(&mut lines), [Line::TooLong]);
        lines.push(&[b'y'; MAX_LINE]);
        lines.push(b"\n");
        assert_eq!(all(&mut lines), [text(&"y".repeat(MAX_LINE))]);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(bytes: Vec<u8>, cuts in proptest::collection::vec(1usize..9, 1..50)) {
            let mut whole = Lines::default();
            whole.push(&bytes);
            let expected = all(&mut whole);
            let (mut pieces, mut found, mut rest) = (Lines::default(), Vec::new(), &bytes[..]);
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at(rest.len().min(*cut));
                pieces.push(piece);
                found.extend(all(&mut pieces));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
