//! The unit that stands beside a figure, as in `{"value": 41, "unit": "kW"}`.

use crate::info::Quantity;
use serde_json::Value;

/// Keys of a unit that is of every figure beside it, in small letters without marks.
const NAMES: [&str; 4] = ["unit", "units", "unitofmeasurement", "uom"];

/// The unit that is stated of the figure at `pointer`: beside it, or in the attributes
/// of what it belongs to (Home Assistant). The figure's own, `power_unit`, comes first.
pub(super) fn of<'a>(document: &'a Value, pointer: &str, quantity: Quantity) -> Option<&'a str> {
    let (mut before, mut key) = pointer.rsplit_once('/')?;
    loop {
        let beside = document.pointer(before)?;
        let places = [Some(beside), beside.get("attributes")];
        let places = || places.into_iter().flatten();
        let stated = places()
            .find_map(|at| text(at, |name| own(name, key)))
            .or_else(|| places().find_map(|at| text(at, |name| NAMES.contains(&name))))
            .or_else(|| places().find_map(|at| text(at, |name| related(name, key, quantity))));
        if stated.is_some() {
            return stated;
        }
        let (above, parent) = before.rsplit_once('/')?;
        if !beside.is_array() {
            // An object of a figure alone: what is above may name its unit.
            let above = document.pointer(above)?;
            return text(above, |name| own(name, parent));
        }
        (before, key) = (above, parent);
    }
}

/// The first text in an object whose key is of the kind.
fn text(at: &Value, is: impl Fn(&str) -> bool) -> Option<&str> {
    let fields = at.as_object()?.iter();
    let mut texts = fields.filter_map(|(name, value)| Some((name, value.as_str()?)));
    texts
        .find(|(name, text)| !text.trim().is_empty() && is(&plain(name)))
        .map(|(_, text)| text)
}

fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// The figure that a key names the unit of: `power` of `power_unit`.
fn stem(name: &str) -> Option<&str> {
    let stem = NAMES.iter().find_map(|end| name.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty())
}

/// Whether a key names the unit of the figure `key` and of no other.
fn own(name: &str, key: &str) -> bool {
    stem(name) == Some(&plain(key))
}

/// Whether a key names the unit of figures such as `key`: `power_unit` is of
/// `power_now`, `active_power` and of any power that has no unit of its own.
fn related(name: &str, key: &str, quantity: Quantity) -> bool {
    let word = match quantity {
        Quantity::PowerW => "power",
        Quantity::EnergyJ => "energy",
    };
    let key = plain(key);
    stem(name).is_some_and(|stem| {
        stem == word || stem.len() > 1 && (key.starts_with(stem) || key.ends_with(stem))
    })
}
