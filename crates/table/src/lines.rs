//! The line of a CSV file on which a record begins.
//!
//! The csv reader reports the end of the previous record instead, which is too low by
//! the comments and empty lines between the two.

/// Counts the lines of a file as its records are read.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    comment: Option<u8>,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    /// A counter for `bytes`, the input of the csv reader; comments begin with `comment`.
    pub fn new(bytes: &'a [u8], comment: Option<u8>) -> Self {
        Self {
            bytes,
            comment,
            at: 0,
            line: 1,
        }
    }

    /// The byte at which the last requested record begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The line, from 1, on which a record begins; `byte` is that of the record's
    /// `position()`. Records must be requested in their order.
    ///
    /// `None` where only comments and empty lines are left: the csv reader returns a
    /// last comment without a line end as a record, which it is not.
    pub fn begin(&mut self, byte: u64) -> Option<usize> {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        let mut start = from.clamp(self.at, self.bytes.len());
        loop {
            match self.bytes.get(start) {
                Some(b'\n' | b'\r') => start += 1,
                Some(first) if Some(*first) == self.comment => {
                    let rest = &self.bytes[start..];
                    let end = rest.iter().position(|b| *b == b'\n').map(|n| n + 1);
                    start += end.unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        let ends = |i: &usize| match self.bytes[*i] {
            b'\n' => true,
            b'\r' => self.bytes.get(i + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += (self.at..start).filter(ends).count();
        self.at = start;
        (start < self.bytes.len()).then_some(self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn begins(text: &str, comment: Option<u8>) -> Vec<Option<usize>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(comment)
            .from_reader(text.as_bytes());
        let mut lines = Lines::new(text.as_bytes(), comment);
        reader
            .byte_records()
            .map(|record| lines.begin(record.unwrap().position().unwrap().byte()))
            .collect()
    }

    #[test]
    fn past_comments_empty_lines_and_quotes() {
        let text = "# one\n\na\n\"b\n\nb\"\n# seven\nc\n# nine";
        let wanted = [Some(3), Some(4), Some(8), None];
        assert_eq!(begins(text, Some(b'#')), wanted);
        assert_eq!(begins(&text.replace('\n', "\r\n"), Some(b'#')), wanted);
        let all = [1, 3, 4, 7, 8, 9].map(Some);
        assert_eq!(begins(text, None), all);
        assert_eq!(begins(&text.replace('\n', "\r"), None), all);
    }

    proptest! {
        #[test]
        fn each_record_is_on_its_own_line(widths in prop::collection::vec(0..4usize, 0..20)) {
            let text: String = widths.iter().map(|n| format!("{}\n", "x".repeat(*n))).collect();
            let wanted: Vec<Option<usize>> = (1..)
                .zip(&widths)
                .filter(|(_, n)| **n > 0)
                .map(|(line, _)| Some(line))
                .collect();
            prop_assert_eq!(begins(&text, None), wanted);
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>, at: Vec<u64>) {
            let mut lines = Lines::new(&bytes, Some(b'#'));
            let found: Vec<usize> = at.iter().filter_map(|byte| lines.begin(*byte)).collect();
            prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
