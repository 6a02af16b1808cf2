//! Numbers as firmware writes them, and text that is fit to be kept.

use serde_json::Value;

/// Longest text that is kept of a reply, in characters.
const MAX_TEXT: usize = 80;

/// The number that a value is or begins with: `12`, `"12.5"`, `"58.94W"`, `"3250 W"`,
/// `"2.7%"`. Text such as `inf` and `nan` is none.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|n| n.is_finite()),
        Value::String(text) => leading(text),
        _ => None,
    }
}

/// The number at the start of a text.
pub(crate) fn leading(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)))
        .unwrap_or(text.len());
    // After the digits only a unit may stand: `12:30` and `1.2e5x` are no numbers.
    let unit = |c: char| c.is_alphabetic() || "%°/ ".contains(c);
    let (digits, rest) = text.split_at(end);
    let exponent = rest.starts_with(['e', 'E']);
    match exponent {
        true => text.parse().ok(),
        false if rest.chars().all(unit) => digits.parse().ok(),
        false => None,
    }
    .filter(|n: &f64| n.is_finite())
}

/// A value as text that may be kept and shown.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    }
}

/// Removes what must not be kept or shown from a miner's text: control characters, those
/// that turn the direction of writing, MAC addresses, and all after 80 characters.
pub(crate) fn clean(text: &str) -> String {
    let hidden = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    // A little more is taken, so that an address at the end is whole when it is looked for.
    let kept: Vec<char> = text
        .trim()
        .chars()
        .filter(hidden)
        .take(MAX_TEXT + 17)
        .collect();
    let mut clean = String::new();
    let mut rest = &kept[..];
    while let [first, after @ ..] = rest {
        rest = match rest.get(..17).is_some_and(is_mac) {
            true => {
                clean.push_str("(MAC)");
                &rest[17..]
            }
            false => {
                clean.push(*first);
                after
            }
        };
    }
    clean.chars().take(MAX_TEXT).collect()
}

/// True for six pairs of hexadecimal digits with the same sign between them.
fn is_mac(text: &[char]) -> bool {
    text.iter().enumerate().all(|(at, c)| match at % 3 {
        2 => matches!(c, ':' | '-') && *c == text[2],
        _ => c.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_with_and_without_units() {
        for (value, is) in [
            (json!(3), Some(3.0)),
            (json!("37603.30"), Some(37603.3)),
            (json!("58.94W"), Some(58.94)),
            (json!("3250 W"), Some(3250.0)),
            (json!(" 2.732% "), Some(2.732)),
            (json!("-1"), Some(-1.0)),
            (json!("1.5e3"), Some(1500.0)),
            (json!("4052.00 RPM"), Some(4052.0)),
            (json!("inf"), None),
            (json!("nan"), None),
            (json!(""), None),
            (json!("10 days, 18:00"), None),
            (json!("49-49-66"), None),
            (json!("1e999"), None),
            (json!(true), None),
        ] {
            assert_eq!(number(&value), is, "{value}");
        }
    }

    #[test]
    fn secrets_and_controls_are_not_kept() {
        assert_eq!(clean("a\u{1b}[31mb\n"), "a[31mb");
        assert_eq!(clean("S21 at 02:00:5E:10:00:0a!"), "S21 at (MAC)!");
        assert_eq!(clean("02-00-5E-10-00-0a"), "(MAC)");
        assert_eq!(clean("12:30:45"), "12:30:45");
        let late = format!("{}02:00:5E:10:00:0a", "x".repeat(70));
        assert!(!clean(&late).contains("02:"));
        assert_eq!(clean(&"é".repeat(500)).chars().count(), 80);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>()) {
            prop_assert!(leading(&text).is_none_or(f64::is_finite));
            prop_assert!(clean(&text).chars().count() <= 80);
        }
    }
}
