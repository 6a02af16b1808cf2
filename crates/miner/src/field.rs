//! A place in a reply, and the claim that stands there.

use crate::claim::{Claim, Provenance, Quantity};
use crate::number::{self, number};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

/// Hashes per second in one MH/s, GH/s and TH/s.
pub(crate) const MEGA: f64 = 1e6;
pub(crate) const GIGA: f64 = 1e9;
pub(crate) const TERA: f64 = 1e12;
pub(crate) const PERCENT: f64 = 0.01;
pub(crate) const MILLI: f64 = 1e-3;

/// Where a firmware states a quantity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    quantity: Quantity,
    request: &'static str,
    path: &'static str,
    /// The field's unit in the quantity's own.
    scale: f64,
    provenance: Provenance,
    note: &'static str,
}

/// A field in the quantity's own unit, whose provenance is unknown. In the path `*` stands
/// for each item.
pub(crate) const fn field(quantity: Quantity, request: &'static str, path: &'static str) -> Field {
    Field {
        quantity,
        request,
        path,
        scale: 1.0,
        provenance: Provenance::Unknown,
        note: "",
    }
}

impl Field {
    /// The field has this unit.
    pub const fn times(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// The figure comes from there.
    pub const fn from(self, provenance: Provenance) -> Self {
        Self { provenance, ..self }
    }

    /// What must be known to read the figure.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// Adds the claims at this place to the report.
    pub fn take(&self, replies: &Replies, report: &mut Report) {
        for (place, value) in replies.all(self.request, self.path) {
            if let Some(claim) = self.claim(place, value) {
                report.push(claim);
            }
        }
    }

    /// Adds one claim: the sum of all figures at this place, of boards or of power supplies.
    /// There is none if one of them is missing, because the rest is not the machine's.
    pub fn take_sum(&self, replies: &Replies, report: &mut Report) {
        let parts = replies.all(self.request, self.path);
        if parts.len() < 2 {
            return self.take(replies, report);
        }
        let figures: Option<Vec<f64>> = parts.iter().map(|(_, part)| number(part)).collect();
        let sum = figures.map(|figures| Value::from(figures.iter().sum::<f64>()));
        let place = format!("{}{}", self.request, self.path);
        if let Some(mut claim) = sum.and_then(|sum| self.claim(place, &sum)) {
            claim.remark(&format!("the sum of {}", parts.len()));
            report.push(claim);
        }
    }

    /// The claim that a value makes; `None` for one that stands for "unknown".
    pub fn claim(&self, place: String, value: &Value) -> Option<Claim> {
        let text = number::text(value);
        let figure = match self.quantity {
            Quantity::State => None,
            quantity => Some(scaled(number(value)?, self.scale)).filter(|v| quantity.allows(*v)),
        };
        let words = self.quantity == Quantity::State && !value.is_null() && !text.is_empty();
        (figure.is_some() || words).then(|| Claim {
            quantity: self.quantity,
            value: figure,
            unit: self.quantity.unit(),
            provenance: self.provenance,
            field: place,
            text,
            note: (!self.note.is_empty()).then(|| self.note.to_owned()),
            unit_doubtful: false,
        })
    }
}

/// The product without the noise in its last digits, so that 2.8 % is 0.028.
fn scaled(value: f64, scale: f64) -> f64 {
    format!("{:.13e}", value * scale)
        .parse()
        .unwrap_or(f64::NAN)
}

/// The hash rates of a unit's name, such as `GH/s` or `TH`; `None` for an unknown name.
pub(crate) fn rate_unit(name: &str) -> Option<f64> {
    let name = name.trim().to_ascii_lowercase();
    match name.strip_suffix("/s").unwrap_or(&name) {
        "mh" | "mhs" => Some(MEGA),
        "gh" | "ghs" => Some(GIGA),
        "th" | "ths" => Some(TERA),
        _ => None,
    }
}
