//! The replies of one reading, and the places in them.

use serde_json::Value;

/// The replies to the requests of one kind, by name; requests without one are absent.
#[derive(Default)]
pub(crate) struct Replies(Vec<(&'static str, Value)>);

/// Most places that a path with `*` leads to.
const MOST: usize = 32;

impl Replies {
    pub fn push(&mut self, name: &'static str, reply: Value) {
        self.0.push((name, reply));
    }

    /// The reply to a request.
    pub fn reply(&self, request: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| *name == request)
            .map(|(_, reply)| reply)
    }

    /// The value at a JSON pointer without escapes.
    pub fn at(&self, request: &str, path: &str) -> Option<&Value> {
        Some(self.all(request, path).into_iter().next()?.1)
    }

    /// The text at a place, if there is one.
    pub fn text(&self, request: &str, path: &str) -> Option<String> {
        let value = self.at(request, path)?;
        let text = crate::number::text(value);
        (!text.is_empty() && !value.is_null()).then_some(text)
    }

    /// The number at a place.
    pub fn number(&self, request: &str, path: &str) -> Option<f64> {
        self.at(request, path).and_then(crate::number::number)
    }

    /// All values at a path, in which `*` stands for each item; with their places.
    pub fn all<'a>(&'a self, request: &str, path: &str) -> Vec<(String, &'a Value)> {
        let start = self.reply(request).map(|reply| (request.to_owned(), reply));
        path.split('/')
            .skip(1)
            .fold(start.into_iter().collect(), |found, step| {
                let next = found
                    .into_iter()
                    .flat_map(|(place, value)| children(place, value, step));
                next.take(MOST).collect()
            })
    }
}

fn children<'a>(place: String, value: &'a Value, step: &str) -> Vec<(String, &'a Value)> {
    let at = |step: &str| format!("{place}/{step}");
    match value {
        Value::Array(items) if step == "*" => {
            let items = items.iter().take(MOST).enumerate();
            items.map(|(i, item)| (at(&i.to_string()), item)).collect()
        }
        Value::Object(pairs) if step == "*" => {
            let pairs = pairs.iter().take(MOST);
            pairs
                .map(|(key, item)| (at(&crate::number::clean(key)), item))
                .collect()
        }
        Value::Array(items) => {
            let item = step.parse().ok().and_then(|i: usize| items.get(i));
            item.map(|item| (at(step), item)).into_iter().collect()
        }
        Value::Object(pairs) => {
            let item = pairs.get(step);
            item.map(|item| (at(step), item)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_one_place_or_to_many() {
        let mut replies = Replies::default();
        replies.push(
            "fans",
            json!({"FANS": [{"RPM": 1}, {"no": 2}, {"RPM": "3"}]}),
        );
        replies.push("list", json!([{"a": null}]));
        assert_eq!(replies.number("fans", "/FANS/2/RPM"), Some(3.0));
        let all = replies.all("fans", "/FANS/*/RPM");
        assert_eq!(all[0].0, "fans/FANS/0/RPM");
        assert_eq!(all[1], ("fans/FANS/2/RPM".into(), &json!("3")));
        assert_eq!(replies.all("fans", "/*/*/no").len(), 1);
        assert_eq!(replies.text("list", "/0/a"), None);
        assert_eq!(replies.at("other", "/FANS"), None);
        assert_eq!(replies.at("fans", "/FANS/x/RPM"), None);
    }
}
