//! Avalon. The figures are a text within the JSON, `KEY[v v v] KEY[v]`, one for each module:
//! in `MM ID0`, or in `MM ID0:Summary` with braces around it.
//!
//! Rates are in GH/s: `GHSspd` now, `GHSavg` since the start with its ramp, `GHSmm` in theory
//! at this clock. `PS` has an error, millivolts that are asked for, the output in hundredths
//! of a volt, its amperes, its **watts**, and after these what is asked for and more: an idle
//! Avalon Q shows `PS[0 1221 4 0 0 2245 146]` and draws no 2245 W. `WALLPOWER` of newer ones
//! has no flag; a Nano 3 shows 326 W where a meter shows 80.

use super::cgminer::{DIFFICULTY, MHS_AVERAGE, UPTIME};
use super::{Facts, Firmware, SUMMARY, VERSION, mentions};
use crate::claim::Provenance::{self, Model, Nameplate, SensorDc, Unknown};
use crate::claim::Quantity::{self, *};
use crate::field::{GIGA, PERCENT, field};
use crate::link::{Request, Via};
use crate::number::{clean, leading};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Avalon;

static FACTS: Facts = Facts {
    name: "avalon",
    title: "Avalon with Canaan's firmware",
    port: 4028,
    via: Via::Line,
    requests: &[
        VERSION,
        SUMMARY,
        Request::new("stats", r#"{"command":"stats"}"#),
        Request::new("estats", r#"{"command":"estats"}"#),
    ],
    fields: &[MHS_AVERAGE, UPTIME, DIFFICULTY],
    model: ("version", "/VERSION/0/PROD"),
    version: ("version", "/VERSION/0/LVERSION"),
};

/// A figure of a module: the key, the index of the value, and what it claims. Rates are in
/// GH/s, and errors in percent.
struct Part(&'static str, usize, Quantity, Provenance, &'static str);

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part("GHSspd", 0, RateNow, Unknown, ""),
    Part("GHSavg", 0, RateAverage, Unknown, "since the start, with its ramp"),
    Part("GHSmm", 0, RateNominal, Model, "in theory at this clock"),
    Part("WALLPOWER", 0, Power, Unknown, "no flag says whether it is measured"),
    Part("MPO", 0, PowerLimit, Nameplate, ""),
    Part("TMax", 0, Temperature, Unknown, "the hottest chip"),
    Part("TAvg", 0, Temperature, Unknown, "chips"),
    Part("ITemp", 0, Temperature, Unknown, "air"),
    Part("Fan1", 0, Fan, Unknown, ""),
    Part("Fan2", 0, Fan, Unknown, ""),
    Part("Fan3", 0, Fan, Unknown, ""),
    Part("Fan4", 0, Fan, Unknown, ""),
    Part("DH", 0, HardwareErrors, Unknown, ""),
];

impl Firmware for Avalon {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        mentions(first, "avalon")
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let modules = ["estats", "stats"].iter().find_map(|request| {
            let found = modules(replies, request);
            (!found.is_empty()).then_some(found)
        });
        let modules = modules.unwrap_or_default();
        let (before, count) = (report.claims.len(), modules.len());
        for (place, text) in modules {
            let values = values(text);
            if report.identity.version.is_none() {
                report.identity.version = values.get("Ver").map(|version| clean(version));
            }
            for part in PARTS {
                take(part, &place, &values, report);
            }
            take(&supply(&values), &place, &values, report);
            if let Some(state) = values.get("SYSTEMSTATU") {
                let state = state.split(',').next().unwrap_or_default();
                let claim = field(State, "", "")
                    .claim(format!("{place}/SYSTEMSTATU"), &Value::from(clean(state)));
                claim.into_iter().for_each(|claim| report.push(claim));
            }
        }
        for claim in report.claims.iter_mut().skip(before).filter(|_| count > 1) {
            claim.remark(&format!("one module of {count}"));
        }
    }
}

/// The texts of the modules, with their places.
fn modules<'a>(replies: &'a Replies, request: &str) -> Vec<(String, &'a str)> {
    let named = |place: &str| {
        let key = place.rsplit('/').next().unwrap_or_default();
        key.starts_with("MM ID") && (!key.contains(':') || key.ends_with(":Summary"))
    };
    let all = replies.all(request, "/STATS/*/*").into_iter();
    all.filter(|(place, _)| named(place))
        .filter_map(|(place, value)| Some((place, value.as_str()?)))
        .collect()
}

/// The values of `KEY[v v v]`; of a key that comes twice, the first.
fn values(text: &str) -> BTreeMap<&str, &str> {
    let mut values = BTreeMap::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((value, next)) = after.split_once(']') else {
            break;
        };
        let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let key = &before[start.map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        })..];
        if !key.is_empty() {
            values.entry(key).or_insert(value);
        }
        rest = next;
    }
    values
}

fn take(part: &Part, place: &str, values: &BTreeMap<&str, &str>, report: &mut Report) {
    let Part(key, index, quantity, provenance, note) = part;
    let word = values
        .get(key)
        .and_then(|value| value.split_whitespace().nth(*index));
    if let Some(word) = word {
        let field = field(*quantity, "", "").from(*provenance).note(note);
        let field = match quantity {
            quantity if quantity.is_rate() => field.times(GIGA),
            HardwareErrors => field.times(PERCENT),
            _ => field,
        };
        let claim = field.claim(format!("{place}/{key}/{index}"), &Value::from(word));
        claim.into_iter().for_each(|claim| report.push(claim));
    }
}

/// The power in `PS`. Output volts times amperes confirm that it is the direct current.
fn supply(values: &BTreeMap<&str, &str>) -> Part {
    let words = values.get("PS").copied().unwrap_or_default();
    let numbers: Vec<_> = words.split_whitespace().map(leading).collect();
    let at = |index: usize| numbers.get(index).copied().flatten();
    let product = || Some(at(2)? * 0.01 * at(3)?);
    let agrees = |(product, watts): (f64, f64)| (product - watts).abs() <= 0.05 * watts;
    match product().zip(at(4)).is_some_and(agrees) {
        true => Part(
            "PS",
            4,
            Power,
            SensorDc,
            "output volts times amperes, without the power supply's loss",
        ),
        false => Part(
            "PS",
            4,
            Power,
            Unknown,
            "output volts times amperes are another figure",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_of_modules_are_taken_apart() {
        let values =
            values("'STATS':{Ver[Q] PS[0 1222 4 0 0] é_x[1] Nonce Mask[25] DH[2.4%] open[");
        assert_eq!(values["PS"], "0 1222 4 0 0");
        assert_eq!(values["Mask"], "25");
        assert_eq!(values["_x"], "1");
        assert_eq!(values.len(), 5);
    }

    #[test]
    fn modules_are_not_taken_for_the_machine() {
        let stats = r#"{"STATS":[{"MM ID0":"GHSspd[5]","MM ID1":"GHSspd[6]","MM Count":2}]}"#;
        let kind = crate::Kind::named("avalon").unwrap();
        let report = crate::read_replies(kind, &[b"", b"", stats.as_bytes()]);
        let read: Vec<_> = report
            .claims
            .iter()
            .map(|c| (c.value, c.note.as_deref()))
            .collect();
        let note = Some("one module of 2");
        assert_eq!(read, [(Some(5e9), note), (Some(6e9), note)]);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[A-Za-zé_ 0-9\\[\\]{}':.%]{0,80}") {
            let _ = supply(&values(&text));
        }
    }
}
