//! Removes long lists of numbers from a record's text before it is parsed. They are most of
//! the text, and a reader of figures would otherwise parse and skip each number.

use std::borrow::Cow;

use memchr::memmem::{self, Finder};

/// Fields whose value is a list of lists of numbers that readers of figures do not need.
const FIELDS: [&str; 2] = ["\"shares\":", "\"samples\":"];

/// Bytes that are searched first for the end of a list.
const FIRST_BLOCK: usize = 128;

/// Returns the text with every list under one of [`FIELDS`] emptied. A list that holds
/// anything but numbers is kept, so that the parser still reports the fault.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    match cut_bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        // Only ASCII between ASCII characters was removed.
        Cow::Owned(bytes) => String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

fn cut_bytes(text: &[u8]) -> Cow<'_, [u8]> {
    let finders = FIELDS.map(Finder::new);
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut copied = 0;
    let mut places: Vec<usize> = FIELDS
        .iter()
        .zip(&finders)
        .flat_map(|(field, finder)| finder.find_iter(text).map(|at| at + field.len()))
        .collect();
    places.sort_unstable();
    for place in places {
        if let Some((from, to)) = list(text, place) {
            out.extend_from_slice(&text[copied..from]);
            copied = to;
        }
    }
    match copied {
        0 => Cow::Borrowed(text),
        _ => {
            out.extend_from_slice(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

/// Returns the range inside the list of lists that begins at or just after `place`, behind
/// a field's name.
///
/// The name was found as bytes. Within a string its second quote would be escaped, so it
/// always ends a key, though possibly a longer one.
fn list(text: &[u8], place: usize) -> Option<(usize, usize)> {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let open = place + text[place..].iter().position(|byte| !blank(byte))?;
    let inner = open + 1 + text.get(open + 1..)?.iter().position(|byte| !blank(byte))?;
    if (text[open], text[inner]) != (b'[', b'[') {
        return None;
    }
    // In files as perwatt writes them, the end is the first `]]`. The search goes in
    // blocks, each twice as long as the one before, so that it stops near the end of the
    // list rather than at the end of the file.
    let (mut at, mut size) = (inner, FIRST_BLOCK);
    while let Some(block) = text.get(at..text.len().min(at + size)) {
        let end = memmem::find(block, b"]]").map(|length| length + 1);
        // No early exit, so that the loop is vectorized.
        let numbers = &block[..end.unwrap_or(block.len())];
        let plain = numbers.iter().fold(true, |all, byte| all & is_plain(*byte));
        match (plain, end) {
            (true, Some(length)) => return Some((open + 1, at + length)),
            (true, None) if block.len() == size => {
                at += size - 1;
                size *= 2;
            }
            _ => break,
        }
    }
    let mut depth = 1_usize;
    for (i, byte) in text[open + 1..].iter().enumerate() {
        match byte {
            b'0'..=b'9' | b',' | b'-' | b'+' | b'.' | b'e' | b'E' => {}
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some((open + 1, open + 1 + i));
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => return None,
        }
    }
    None
}

/// True for the bytes of numbers and of lists of them, white space excepted.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_digit()
        | (byte == b',')
        | (byte == b'[')
        | (byte == b']')
        | (byte == b'.')
        | (byte == b'-')
        | (byte == b'+')
        | (byte == b'e')
        | (byte == b'E')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut_text(text: &str) -> String {
        cut(text).into_owned()
    }

    #[test]
    fn lists_of_numbers_go_and_all_else_stays() {
        assert_eq!(
            cut_text(r#"{"a":1,"shares": [ [1,2],[3,4]],"samples":[[1,-2.5e3]],"b":[[1]]}"#),
            r#"{"a":1,"shares": [],"samples":[],"b":[[1]]}"#
        );
        for kept in [
            r#"{"shares":[]}"#,
            r#"{"shares":[["x"]]}"#,
            r#"{"shares":[[1,"x"]]}"#,
            r#"{"shares":[[1,2]"#,
            r#"{"shares":"#,
            r#"{"note":"\"shares\":[[1]]"}"#,
        ] {
            assert_eq!(cut_text(kept), kept);
        }
    }

    #[test]
    fn long_lists_end_where_they_end() {
        for pairs in [1, 1000, 1638, 1639, 4000, 10_000] {
            let list = "[1234567],".repeat(pairs);
            let text = format!("{{\"samples\":[{list}[1]],\"b\":[[2]]}}");
            assert_eq!(cut_text(&text), "{\"samples\":[],\"b\":[[2]]}", "{pairs}");
        }
    }

    #[test]
    fn lists_whose_end_is_written_otherwise_are_not_looked_for_to_the_end_of_the_file() {
        let one = "{\"samples\":[[1] ]},";
        let text = one.repeat(100_000);
        // A search to the end of the file for each list would take minutes.
        let before = std::time::Instant::now();
        assert_eq!(cut_text(&text), "{\"samples\":[]},".repeat(100_000));
        assert!(before.elapsed().as_secs() < 20);
    }

    proptest! {
        #[test]
        fn what_was_json_stays_json(
            pairs in prop::collection::vec(prop::collection::vec(any::<i32>(), 0..3), 0..6),
            note in any::<String>(),
        ) {
            let before = serde_json::json!({ "note": note, "shares": pairs, "x": [{ "samples": pairs }] });
            for text in [before.to_string(), serde_json::to_string_pretty(&before).unwrap()] {
                let after: serde_json::Value = serde_json::from_str(&cut_text(&text)).unwrap();
                prop_assert_eq!(&after["note"], &before["note"]);
                let left = after["shares"].as_array().unwrap();
                prop_assert!(left.is_empty());
            }
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>, text in "[\\[\\]0-9, ]{0,20}") {
            cut_bytes(&bytes);
            cut(&format!("\"shares\":{text}"));
        }
    }
}
