//! Labels of a session, by which archives are filtered and grouped (`session.tags`).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::unseen::is_unseen;

/// The tags of a session: values by their keys.
pub type Tags = BTreeMap<String, String>;

/// Most tags of a session.
pub const MOST: usize = 32;
/// Most characters of a key.
pub const MOST_KEY: usize = 32;
/// Most characters of a value.
pub const MOST_VALUE: usize = 128;

/// A tag that no record can have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TagError {
    #[error("the tag {text:?} has no value; write key=value, such as site=lab2")]
    NoValue { text: String },
    #[error("{key:?} is no key of a tag; give 1 to {MOST_KEY} of a-z, 0-9, _, . and -")]
    Key { key: String },
    #[error("the tag {key} has an empty value; give a text, or leave the tag out")]
    Empty { key: String },
    #[error("the value of the tag {key} has {characters} characters; give at most {MOST_VALUE}")]
    TooLong { key: String, characters: usize },
    #[error(
        "the value of the tag {key} has a character that is not printed, {found:?}; leave it out"
    )]
    Unseen { key: String, found: char },
    #[error("the value {value:?} of the tag {key} begins or ends with a space; give {:?}", value.trim())]
    Padded { key: String, value: String },
    #[error("the tag {key} is given twice, as {first:?} and {second:?}; give it once")]
    Twice {
        key: String,
        first: String,
        second: String,
    },
    #[error("there are {count} tags; give at most {MOST}")]
    TooMany { count: usize },
}

fn check_key(key: &str) -> Result<(), TagError> {
    let plain = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
    match (1..=MOST_KEY).contains(&key.len()) && key.bytes().all(plain) {
        true => Ok(()),
        false => Err(TagError::Key { key: key.into() }),
    }
}

fn check_value(key: &str, value: &str) -> Result<(), TagError> {
    let key = key.to_owned();
    let characters = value.chars().count();
    if characters > MOST_VALUE {
        return Err(TagError::TooLong { key, characters });
    }
    if let Some(found) = value.chars().find(|c| is_unseen(*c)) {
        return Err(TagError::Unseen { key, found });
    }
    match value.trim() {
        "" => Err(TagError::Empty { key }),
        trimmed if trimmed.len() < value.len() => {
            let value = value.to_owned();
            Err(TagError::Padded { key, value })
        }
        _ => Ok(()),
    }
}

/// Checks that a session may have these tags.
///
/// # Errors
/// [`TagError`]: the first that it may not have.
pub fn check(tags: &Tags) -> Result<(), TagError> {
    let count = tags.len();
    if count > MOST {
        return Err(TagError::TooMany { count });
    }
    tags.iter().try_for_each(|(key, value)| {
        check_key(key)?;
        check_value(key, value)
    })
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl FromStr for Tag {
    type Err = TagError;

    /// Parses `key=value`.
    fn from_str(text: &str) -> Result<Self, TagError> {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            let text = text.to_owned();
            TagError::NoValue { text }
        })?;
        check_key(key)?;
        check_value(key, value)?;
        Ok(Self {
            key: key.into(),
            value: value.into(),
        })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// The tags of a session from those given for it.
///
/// # Errors
/// [`TagError`]: a key is given twice, or there are too many.
pub fn collect(given: impl IntoIterator<Item = Tag>) -> Result<Tags, TagError> {
    let mut tags = Tags::new();
    for Tag { key, value } in given {
        if let Some(first) = tags.get(&key) {
            return Err(TagError::Twice {
                first: first.clone(),
                second: value,
                key,
            });
        }
        tags.insert(key, value);
    }
    check(&tags).map(|()| tags)
}

/// A tag that sessions must have: with this value, or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    key: String,
    value: Option<String>,
}

impl Wanted {
    /// True if these tags have it.
    pub fn is_in(&self, tags: &Tags) -> bool {
        let found = tags.get(&self.key);
        found.is_some_and(|found| self.value.as_ref().is_none_or(|value| value == found))
    }
}

/// True if these tags have all of the wanted ones.
pub fn has_all(tags: &Tags, wanted: &[Wanted]) -> bool {
    wanted.iter().all(|tag| tag.is_in(tags))
}

impl FromStr for Wanted {
    type Err = TagError;

    /// Parses `key=value`, or `key` alone.
    fn from_str(text: &str) -> Result<Self, TagError> {
        if text.contains('=') {
            let Tag { key, value } = text.parse()?;
            let value = Some(value);
            return Ok(Self { key, value });
        }
        check_key(text)?;
        Ok(Self {
            key: text.into(),
            value: None,
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        match &self.value {
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

/// The key of a tag.
///
/// # Errors
/// [`TagError::Key`]: no tag can have it.
pub fn key(text: &str) -> Result<String, TagError> {
    check_key(text).map(|()| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(text: &str) -> Result<Tag, TagError> {
        text.parse()
    }

    #[test]
    fn what_no_record_can_have_is_refused_with_its_reason() {
        let long = format!("k={}", "\u{e9}".repeat(MOST_VALUE + 1));
        let key = format!("{}=v", "k".repeat(MOST_KEY + 1));
        for (text, part) in [
            ("site", "has no value; write key=value"),
            ("", "has no value"),
            ("=v", "\"\" is no key"),
            ("Site=v", "\"Site\" is no key"),
            ("a b=v", "is no key"),
            (&key, "1 to 32"),
            ("site=", "the tag site has an empty value"),
            ("site=  ", "empty value"),
            ("site= v", "give \"v\""),
            ("site=a\nb", "'\\n'"),
            ("site=a\u{202e}b", "not printed"),
            (&long, "129 characters"),
        ] {
            let said = tag(text).unwrap_err().to_string();
            assert!(said.contains(part), "{text:?}: {said}");
        }
        let twice = [tag("a=1").unwrap(), tag("a=1").unwrap()];
        let said = collect(twice).unwrap_err().to_string();
        assert!(said.contains("the tag a is given twice"), "{said}");
        let many = |n| collect((0..n).map(|i| tag(&format!("k{i}=v")).unwrap()));
        assert_eq!(many(MOST).unwrap().len(), MOST);
        assert_eq!(many(MOST + 1), Err(TagError::TooMany { count: MOST + 1 }));
        assert_eq!(check(&Tags::from([("K".into(), "v".into())])).ok(), None);
    }

    #[test]
    fn a_wanted_tag_has_its_value_or_any() {
        let tags = Tags::from([("site".into(), "a=b".into()), ("bios".into(), "1".into())]);
        let is_in = |text: &str| text.parse::<Wanted>().unwrap().is_in(&tags);
        assert!(is_in("site") && is_in("site=a=b") && is_in("bios=1"));
        assert!(!is_in("rack") && !is_in("site=a") && !is_in("bios=2"));
        assert!("site=".parse::<Wanted>().is_err());
        assert!("Site".parse::<Wanted>().is_err());
    }

    proptest! {
        #[test]
        fn a_sound_tag_is_parsed_as_it_is_written(
            key in "[a-z0-9_.-]{1,32}",
            value in "[!-~\u{e9}\u{6f22}]{1,2}([ -~]{0,120}[!-~])?",
        ) {
            let text = format!("{key}={value}");
            let parsed = tag(&text).unwrap();
            prop_assert_eq!(parsed.to_string(), text.clone());
            let tags = collect([parsed]).unwrap();
            prop_assert_eq!(tags.get(&key), Some(&value));
            for wanted in [&text, &key] {
                let parsed: Wanted = wanted.parse().unwrap();
                prop_assert!(parsed.is_in(&tags));
                prop_assert_eq!(&parsed.to_string(), wanted);
            }
        }

        #[test]
        fn any_text_is_a_tag_that_a_record_can_have_or_is_refused(text in ".{0,160}|[a-z]{1,3}=.{0,140}") {
            if let Ok(parsed) = tag(&text) {
                prop_assert!(collect([parsed]).is_ok());
            }
        }
    }
}
