//! A line of text with tones: its width on a terminal and its wrapping.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::doc::Tone;

/// A line as a list of pieces of text, each with a tone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line(Vec<(Tone, String)>);

impl Line {
    /// A line of one piece.
    pub fn new(tone: Tone, text: &str) -> Self {
        let mut line = Self::default();
        line.push(tone, text);
        line
    }

    /// Appends a piece.
    pub fn push(&mut self, tone: Tone, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((last, known)) if *last == tone => known.push_str(text),
            _ => self.0.push((tone, text.to_owned())),
        }
    }

    /// Appends spaces.
    pub fn pad(&mut self, columns: usize) {
        self.push(Tone::Plain, &" ".repeat(columns));
    }

    /// Appends the pieces of another line.
    pub fn append(&mut self, other: &Self) {
        for (tone, text) in &other.0 {
            self.push(*tone, text);
        }
    }

    /// The width in terminal columns.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width(text)).sum()
    }

    /// True if the line has no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pieces of the line with their tones.
    pub fn pieces(&self) -> &[(Tone, String)] {
        &self.0
    }

    /// The line without trailing spaces.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while let Some((_, text)) = self.0.last_mut() {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() {
                break;
            }
            self.0.pop();
        }
        self
    }

    /// The words of the line; a change of tone does not end a word.
    pub fn words(&self) -> Vec<Self> {
        let mut words = vec![Self::default()];
        for (tone, text) in &self.0 {
            for (i, part) in text.split(' ').enumerate() {
                if i > 0 {
                    words.push(Self::default());
                }
                if let Some(word) = words.last_mut() {
                    word.push(*tone, part);
                }
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(_, text)| f.write_str(text))
    }
}

/// The width of a text in terminal columns: most East Asian characters take two.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Wraps a line between words: the first line is indented by `lead`, the others by `hang`.
/// A word that is wider than the terminal is not broken.
pub fn wrap(line: &Line, lead: usize, hang: usize, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut current = Line::default();
    current.pad(lead);
    let mut used = lead;
    for (i, word) in line.words().iter().enumerate() {
        let needed = word.width();
        if i > 0 && used + 1 + needed > columns {
            lines.push(std::mem::take(&mut current));
            current.pad(hang);
            used = hang;
        } else if i > 0 {
            current.pad(1);
            used += 1;
        }
        current.append(word);
        used += needed;
    }
    lines.push(current.trimmed());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, lead: usize, hang: usize, columns: usize) -> Vec<String> {
        let lines = wrap(&Line::new(Tone::Plain, text), lead, hang, columns);
        lines.iter().map(Line::to_string).collect()
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 0, 2, 8), ["one two", "  three"]);
        let long = wrapped("extraordinary x", 2, 4, 6);
        assert_eq!(long, ["  extraordinary", "    x"]);
        assert_eq!(wrapped("", 0, 2, 8), [""]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("\u{6f22}\u{5b57}"), 4);
        assert_eq!(width("57.31 \u{b5}J\u{b9}\u{2070}"), 10);
        let lines = wrapped("\u{6f22}\u{5b57} \u{6f22}\u{5b57}", 0, 0, 8);
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_tone_within_a_word_does_not_break_it() {
        let mut line = Line::new(Tone::Plain, "a ");
        line.push(Tone::Good, "BETTER");
        line.push(Tone::Plain, "\u{b9} b");
        let words: Vec<String> = line.words().iter().map(Line::to_string).collect();
        assert_eq!(words, ["a", "BETTER\u{b9}", "b"]);
    }
}
