//! Selectors of one sample on a page: its name and labels, as exporters write them.

use crate::parse::cut;
use std::str::FromStr;

/// A selector, `name{label="value"}`. Labels that are not named may have any value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selector {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
}

/// The reason that a text is not a selector.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[error("{text:?} selects no sample: {why}; write name{{label=\"value\"}}")]
pub struct SelectorError {
    text: String,
    why: String,
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let error = |why: &str| SelectorError {
            text: cut(text),
            why: why.to_owned(),
        };
        let (name, labels, rest) = series(text.trim()).map_err(error)?;
        match rest.trim().is_empty() {
            true => Ok(Self {
                name: name.to_owned(),
                labels,
            }),
            false => Err(error("something follows it")),
        }
    }
}

impl Selector {
    /// The metric's name, without labels.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn takes(&self, name: &str, labels: &[(String, String)]) -> bool {
        name == self.name && self.labels.iter().all(|wanted| labels.contains(wanted))
    }
}

pub(super) type Series<'a> = (&'a str, Vec<(String, String)>, &'a str);

/// Name, labels, and the rest of the text after them.
pub(super) fn series(text: &str) -> Result<Series<'_>, &'static str> {
    let name_end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it begins with no metric name");
    }
    let Some(mut rest) = rest.trim_start().strip_prefix('{') else {
        return Ok((name, Vec::new(), rest));
    };
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((name, labels, after));
        }
        let (label, after) = rest.split_once('=').ok_or("a label has no value")?;
        let label = label.trim();
        if label.is_empty()
            || !label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return Err("a label is compared otherwise than by =");
        }
        let after = after
            .trim_start()
            .strip_prefix('"')
            .ok_or("a label's value is not in quotation marks")?;
        let (value, after) = unquote(after).ok_or("a label's value does not end")?;
        labels.push((label.to_owned(), value));
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(after) => after,
            None if rest.starts_with('}') => rest,
            None => return Err("the labels do not end"),
        };
    }
}

/// The text up to the closing quotation mark, and the rest after it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (escaped, c) {
            (true, 'n') => value.push('\n'),
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, '"') => return Some((value, &text[at + 1..])),
            (_, c) => value.push(c),
        }
        escaped = false;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_selects_nothing() {
        #[rustfmt::skip]
        let cases = [
            "", "9a", "a{b}", "a{b=c}", "a{b=\"c\"", "a{b!=\"c\"}", "a b", "a{b=\"c}",
        ];
        for text in cases {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
