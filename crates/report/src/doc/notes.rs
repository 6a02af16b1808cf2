//! Numbered notes: a mark at each place that a note applies to, and the text once.

/// The notes in the order of their numbers.
#[derive(Debug, Default)]
pub struct Notes(Vec<String>);

impl Notes {
    /// The number of a note, counted from 1; equal texts have the same number.
    pub fn number(&mut self, text: &str) -> usize {
        let known = self.0.iter().position(|note| note == text);
        1 + known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        })
    }

    /// The numbers of several notes, ascending and without repetitions.
    pub fn numbers(&mut self, texts: &[String]) -> Vec<usize> {
        let mut numbers: Vec<usize> = texts.iter().map(|text| self.number(text)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The notes with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.0.iter().map(String::as_str))
    }

    /// True if there are no notes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A number in superscript digits.
pub fn superscript(number: usize) -> String {
    let digit = |digit| match digit {
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        other => char::from_u32(0x2070 + other as u32 - '0' as u32).unwrap_or(other),
    };
    number.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number() {
        let mut notes = Notes::default();
        let texts = ["a", "b", "a"].map(str::to_owned);
        assert_eq!(notes.numbers(&texts), [1, 2]);
        assert_eq!(notes.number("c"), 3);
        let texts = ["c", "a"].map(str::to_owned);
        assert_eq!(notes.numbers(&texts), [1, 3]);
        let all: Vec<(usize, &str)> = notes.iter().collect();
        assert_eq!(all, [(1, "a"), (2, "b"), (3, "c")]);
    }

    #[test]
    fn raised_digits() {
        assert_eq!(superscript(10), "\u{b9}\u{2070}");
        assert_eq!(superscript(45), "\u{2074}\u{2075}");
    }
}
