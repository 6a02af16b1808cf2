//! Lines of NUT's network protocol, as `upsd` sends them.
//!
//! Facts (Network UPS Tools, `docs/net-protocol.txt` and `docs/nut-names.txt`): a line
//! is a list of words separated by spaces; a word in quotation marks may contain
//! spaces, and `\"` and `\\` in it stand for the character itself. The answer to
//! `GET VAR ups name` is `VAR ups name "value"`; a refused request gets `ERR CODE`.

/// Longest line accepted, in bytes; upsd's own limit on an answer is 512.
pub const MAX_LINE: usize = 2048;

/// One answer of `upsd`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// `VAR ups name "value"`.
    Var {
        /// The UPS that the value belongs to.
        ups: String,
        /// The variable.
        name: String,
        /// Its value.
        value: String,
    },
    /// `OK`, possibly with further words.
    Ok,
    /// `ERR CODE`, such as `DATA-STALE`.
    Err(String),
}

/// The reason that a line is not an answer of `upsd`.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NutError {
    #[error("the line is not text")]
    NotText,
    /// The line is longer than [`MAX_LINE`].
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    #[error("a quotation mark is out of place")]
    Quotes,
    #[error("it is not an answer of upsd: {0:?}")]
    Unknown(String),
}

/// Parses a line, which must not include its line feed.
///
/// # Errors
/// [`NutError`] for anything but one well-formed answer.
pub fn answer(line: &[u8]) -> Result<Answer, NutError> {
    if line.len() > MAX_LINE {
        return Err(NutError::TooLong);
    }
    let text = std::str::from_utf8(line).map_err(|_| NutError::NotText)?;
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.chars().any(char::is_control) {
        return Err(NutError::NotText);
    }
    let words = words(text)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["VAR", ups, name, value] => Ok(Answer::Var {
            ups: (*ups).to_owned(),
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        }),
        ["OK", ..] => Ok(Answer::Ok),
        ["ERR", code, ..] => Ok(Answer::Err((*code).to_owned())),
        _ => Err(NutError::Unknown(text.chars().take(64).collect())),
    }
}

/// The words of a line, without quotation marks and escapes.
fn words(text: &str) -> Result<Vec<String>, NutError> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if_eq(&' ').is_some() {}
        let Some(first) = rest.next() else {
            return Ok(words);
        };
        let mut word = String::new();
        if first == '"' {
            loop {
                match rest.next().ok_or(NutError::Quotes)? {
                    '"' => break,
                    '\\' => word.push(rest.next().ok_or(NutError::Quotes)?),
                    c => word.push(c),
                }
            }
            if rest.peek().is_some_and(|c| *c != ' ') {
                return Err(NutError::Quotes);
            }
        } else {
            word.push(first);
            while let Some(c) = rest.next_if(|c| *c != ' ') {
                if c == '"' {
                    return Err(NutError::Quotes);
                }
                word.push(c);
            }
        }
        words.push(word);
    }
}

/// Writes a word so that `upsd` reads it as one.
pub fn quoted(word: &str) -> String {
    let mut text = String::from('"');
    for c in word.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

/// The number in a value; `None` for anything but a finite plain decimal.
pub fn number(value: &str) -> Option<f64> {
    let value = value.trim();
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+');
    if !value.bytes().all(plain) {
        return None;
    }
    value.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_answers_of_the_protocol() {
        let var = |value: &str| Answer::Var {
            ups: "rack".into(),
            name: "ups.realpower".into(),
            value: value.into(),
        };
        assert_eq!(
            answer(b"VAR rack ups.realpower \"123.4\"\r"),
            Ok(var("123.4"))
        );
        assert_eq!(
            answer(br#"VAR rack ups.realpower "a \"b\" \\ c""#),
            Ok(var(r#"a "b" \ c"#))
        );
        assert_eq!(answer(b"VAR rack ups.realpower \"\""), Ok(var("")));
        assert_eq!(answer(b"OK TRACKING 1"), Ok(Answer::Ok));
        assert_eq!(
            answer(b"ERR DATA-STALE"),
            Ok(Answer::Err("DATA-STALE".into()))
        );
    }

    #[test]
    fn what_is_no_answer() {
        for (line, error) in [
            (&b"VAR a b \"c"[..], NutError::Quotes),
            (b"VAR a b \"c\"d", NutError::Quotes),
            (b"VAR a b c\"d\"", NutError::Quotes),
            (b"VAR a b \"\\", NutError::Quotes),
            (b"\xff", NutError::NotText),
            (b"VAR a b \"\x07\"", NutError::NotText),
            (b"", NutError::Unknown(String::new())),
            (b"VAR a b", NutError::Unknown("VAR a b".into())),
            (&[b'A'; MAX_LINE + 1], NutError::TooLong),
        ] {
            assert_eq!(answer(line), Err(error));
        }
    }

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(number(" 12.50 "), Some(12.5));
        assert_eq!(number("-3"), Some(-3.0));
        for value in [
            "", "nan", "inf", "1e3", "12 W", "0x10", "1.2.3", "--1", "1_0",
        ] {
            assert_eq!(number(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_back_through_quotes(value in "[^\\pC]{0,80}") {
            let line = format!("VAR u n {}", quoted(&value));
            let expected = Answer::Var { ups: "u".into(), name: "n".into(), value };
            prop_assert_eq!(answer(line.as_bytes()), Ok(expected));
        }

        #[test]
        fn any_line_is_an_answer_or_an_error(line in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Answer::Var { value, .. }) = answer(&line) {
                prop_assert!(number(&value).is_none_or(f64::is_finite));
            }
        }
    }
}
