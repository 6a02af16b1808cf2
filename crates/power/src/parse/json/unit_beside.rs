//! The unit given next to a figure, as in `{"value": 41, "unit": "kW"}`.

use crate::info::Quantity;
use serde_json::Value;

/// Keys of a unit that applies to every figure beside it, in small letters without separators.
const NAMES: [&str; 4] = ["unit", "units", "unitofmeasurement", "uom"];

/// The unit stated for the figure at `pointer`: beside it, or in the attributes of its
/// parent (Home Assistant). The figure's own unit, `power_unit`, comes first.
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
            // An object with only the figure: its parent may name the unit.
            let above = document.pointer(above)?;
            return text(above, |name| own(name, parent));
        }
        (before, key) = (above, parent);
    }
}

/// The first non-empty text in an object whose key satisfies `is`.
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

/// The figure whose unit a key names: `power` of `power_unit`.
fn stem(name: &str) -> Option<&str> {
    let stem = NAMES.iter().find_map(|end| name.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty())
}

/// True if a key names the unit of the figure `key` only.
fn own(name: &str, key: &str) -> bool {
    stem(name) == Some(&plain(key))
}

/// True if a key names the unit of figures such as `key`: `power_unit` applies to
/// `power_now`, `active_power` and any power that has no unit of its own.
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
