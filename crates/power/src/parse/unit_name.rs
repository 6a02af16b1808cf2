//! The unit that a name implies: `scaph_host_power_microwatts`, `/power/mW`,
//! `PowerConsumedWatts`.
//!
//! A figure read in the wrong unit is off by a power of ten and looks like any other,
//! so the name and the user's statement must agree.

use super::unit::{Unit, UnknownUnit};
use crate::info::Quantity;
use perwatt_table::named_unit::{Measures, spelled};

/// Words at the end of a name that give no unit.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "total", "sum", "avg", "average", "mean", "now", "current", "last", "latest", "value",
    "reading", "instant", "instantaneous", "input", "raw", "min", "max",
];

/// Words for quantities other than power and energy.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "va", "kva", "mva", "volt_amperes", "voltamperes", "voltampere", "kilovoltamperes", "vah",
    "kvah", "var", "kvar", "varh", "volts", "volt", "mv", "millivolts", "amperes", "ampere", "amps",
    "amp", "ma", "milliamperes", "milliamps", "celsius", "kelvin", "fahrenheit", "hertz", "hz",
    "khz", "mhz", "ghz", "percent", "ratio", "rpm", "bytes", "seconds",
];

/// Parts of names, at any place, that mean apparent or reactive power.
const APPARENT: [&str; 3] = ["apparent", "reactive", "aprt_"];

/// The unit that a name gives.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Named {
    /// The name gives no unit.
    Nothing,
    /// One of these units; several where the name does not preserve the case of letters.
    Units(Vec<Unit>),
    /// A quantity that is neither power nor energy.
    Other(String),
}

/// The reason that the unit of a figure is unknown.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UnitError {
    /// `unit=` is not a known unit.
    #[error("unit: {0}")]
    Unknown(#[from] UnknownUnit),
    /// `unit=` and the name give different units.
    #[error("unit={stated}, but {name:?} says {named}; drop unit=, or name the right figure")]
    Contradiction {
        stated: Unit,
        name: String,
        named: String,
    },
    #[error("{name:?} says {named}, which is neither power nor energy; name a figure in W or J")]
    Other { name: String, named: String },
    /// Neither `unit=` nor the name gives a unit.
    #[error(
        "needs unit=, for {name:?} does not end with one (as in _watts or _joules_total): one of \
         W, J, Wh, with n, u, m, k or M before it"
    )]
    Missing { name: String },
    #[error("needs unit=, for {name:?} may mean {named}")]
    Unclear { name: String, named: String },
}

/// The unit of the figure called `name`: the one `stated`, unless it contradicts the
/// name, or otherwise the one that the name gives.
///
/// # Errors
/// [`UnitError`] if the two contradict each other, or neither gives a unit.
pub fn unit_of(name: &str, stated: Option<&str>) -> Result<Unit, UnitError> {
    let stated = stated.map(str::parse::<Unit>).transpose()?;
    let list = |units: &[Unit]| {
        let all: Vec<String> = units.iter().map(Unit::to_string).collect();
        all.join(" or ")
    };
    let name_of = || super::cut(name);
    match (named(name), stated) {
        (Named::Other(named), _) => Err(UnitError::Other {
            name: name_of(),
            named,
        }),
        (Named::Nothing, Some(unit)) => Ok(unit),
        (Named::Nothing, None) => Err(UnitError::Missing { name: name_of() }),
        (Named::Units(units), Some(stated)) => match units.contains(&stated) {
            true => Ok(stated),
            false => Err(UnitError::Contradiction {
                stated,
                name: name_of(),
                named: list(&units),
            }),
        },
        (Named::Units(units), None) => match units[..] {
            [one] => Ok(one),
            _ => Err(UnitError::Unclear {
                name: name_of(),
                named: list(&units),
            }),
        },
    }
}

/// True if `text`, which a meter gives as a figure's unit, means `unit`. A text that is
/// ambiguous by its small letters (`mw`) matches either unit.
pub(super) fn says(text: &str, unit: Unit) -> bool {
    let same = |quantity, factor: f64| {
        quantity == unit.quantity() && (factor / unit.to_si(1.0) - 1.0).abs() < 1e-9
    };
    match spelled(text) {
        Some(Measures::Power(watts)) => same(Quantity::PowerW, watts),
        Some(Measures::Energy(joules)) => same(Quantity::EnergyJ, joules),
        Some(Measures::Unclear) => unit.to_string().eq_ignore_ascii_case(text.trim()),
        Some(Measures::Apparent | Measures::Other) | None => false,
    }
}

/// The unit in the last significant word of a name.
fn named(name: &str) -> Named {
    let name = name.replace(['\u{b5}', '\u{3bc}'], "u");
    let low = name.to_ascii_lowercase();
    // Volt-amperes, whatever the unit at the end; Shelly abbreviates the word.
    if let Some(word) = APPARENT.into_iter().find(|word| low.contains(word)) {
        return Named::Other(word.to_owned());
    }
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let empty = |word: &&&str| {
        let low = word.to_ascii_lowercase();
        ENDINGS.contains(&low.as_str()) || low.bytes().all(|b| b.is_ascii_digit())
    };
    let kept = words.len() - words.iter().rev().take_while(empty).count();
    let Some((last, before)) = words[..kept].split_last() else {
        return Named::Nothing;
    };
    // `watt_hours`, `watt_seconds`, `volt_amperes`.
    let second = ["hour", "hours", "second", "seconds", "ampere", "amperes"];
    let first = before.last().filter(|word| {
        let low = word.to_ascii_lowercase();
        low.contains("watt") || low.contains("volt")
    });
    if let Some(first) = first.filter(|_| second.contains(&&*last.to_ascii_lowercase())) {
        return of_word(&format!("{first}{last}").to_ascii_lowercase());
    }
    of_word(last)
}

/// The unit in one word: in all of it, or in the part from its last capital on.
fn of_word(word: &str) -> Named {
    let low = word.to_ascii_lowercase();
    if OTHERS.contains(&low.as_str()) {
        return Named::Other(word.to_owned());
    }
    let capitals = !word.bytes().any(|b| b.is_ascii_lowercase());
    let whole = match word.parse::<Unit>() {
        // `mW` is certain, but a name all in capitals may mean either MW or mW.
        Ok(unit) if !capitals || word.len() == 1 => Some(unit),
        _ => Unit::of_word(&low),
    };
    if let Some(unit) = whole {
        // Small letters only, or capitals only, do not separate a milliwatt from a
        // megawatt. For power in small letters, milli is assumed wherever the value is
        // plausible for a machine; for a counter, the value gives no such evidence.
        let both = low.starts_with('m') && !low.starts_with("milli") && !low.starts_with("mega");
        let unclear = both && (capitals || low == "mwh");
        let twin = low
            .replacen('m', "M", 1)
            .replace('w', "W")
            .replace('j', "J");
        return Named::Units(match (unclear, twin.parse::<Unit>()) {
            (true, Ok(mega)) => vec![unit, mega],
            _ => vec![unit],
        });
    }
    let tail = word
        .char_indices()
        .rev()
        .find(|(at, c)| {
            let before = word[..*at].chars().next_back();
            c.is_ascii_uppercase() && before.is_some_and(|b| b.is_ascii_lowercase())
        })
        .map(|(at, _)| word.split_at(at));
    let Some((head, tail)) = tail else {
        return Named::Nothing;
    };
    match of_word(tail) {
        // `EnergykWh`: the small letter before the capital may be a prefix.
        Named::Units(mut units) => {
            let prefix = head.chars().next_back().unwrap_or_default();
            if let Ok(unit) = format!("{prefix}{tail}").parse::<Unit>() {
                units.push(unit);
            }
            Named::Units(units)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_name(name: &str) -> String {
        match named(name) {
            Named::Nothing => "nothing".into(),
            Named::Other(word) => format!("other {word}"),
            Named::Units(units) => {
                let units: Vec<String> = units.iter().map(Unit::to_string).collect();
                units.join(" or ")
            }
        }
    }

    #[test]
    fn units_by_the_words_of_names() {
        for (name, unit) in [
            ("scaph_host_power_microwatts", "uW"),
            ("scaph_host_energy_microjoules", "uJ"),
            ("power1_uw", "uW"),
            ("energy_uj", "uJ"),
            ("nvidia_power_milliwatts", "mW"),
            ("power_mw", "mW"),
            ("energy_mj", "mJ"),
            ("grid_kilowatts", "kW"),
            ("grid_kw", "kW"),
            ("grid_megawatts", "MW"),
            ("kepler_node_cpu_watts", "W"),
            ("node_hwmon_power_average_watt", "W"),
            ("apower_w", "W"),
            ("node_rapl_package_joules_total", "J"),
            ("kepler_node_kilojoules_total", "kJ"),
            ("shelly_aenergy_watt_hours_total", "Wh"),
            ("shelly_watthours", "Wh"),
            ("meter_kwh_total", "kWh"),
            ("meter_kilowatt_hours", "kWh"),
            ("meter_watt_seconds_total", "J"),
            ("meter_mwh", "mWh or MWh"),
            ("POWER_MW", "mW or MW"),
            ("POWER_KW", "kW"),
            ("POWER_W", "W"),
            ("/power/mW", "mW"),
            ("/power_MW_now", "mW or MW"),
            ("/P/kWh", "kWh"),
            ("/Power (\u{b5}W)", "uW"),
            ("/Power [\u{3bc}W]", "uW"),
            ("/PowerControl/0/PowerConsumedWatts", "W"),
            ("/EnergyJoules/Reading", "J"),
            ("/EnergykWh/Reading", "Wh or kWh"),
            ("/powerMw", "mW"),
            ("/powerW/0", "W"),
            ("/a/0/milliWatts", "mW"),
            ("ups_power_va", "other va"),
            ("ups_power_volt_amperes", "other voltamperes"),
            ("current_kVA", "other kVA"),
            ("ups_apparent_power", "other apparent"),
            ("/StatusSNS/ENERGY/ReactivePower", "other reactive"),
            ("/em:0/total_aprt_power", "other aprt_"),
            ("node_hwmon_temp_celsius", "other celsius"),
            ("cpu_seconds_total", "other seconds"),
            ("DCGM_FI_DEV_POWER_USAGE", "nothing"),
            ("/LOW", "nothing"),
            ("/now", "nothing"),
            ("/p", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(by_name(name), unit, "{name}");
        }
    }

    #[test]
    fn what_is_stated_must_be_what_the_name_says() {
        let unit = |name: &str, stated| unit_of(name, stated).map(|unit| unit.to_string());
        assert_eq!(unit("x_microwatts", None), Ok("uW".into()));
        assert_eq!(unit("x_microwatts", Some("\u{b5}W")), Ok("uW".into()));
        assert_eq!(unit("x", Some("\u{3bc}J")), Ok("uJ".into()));
        assert_eq!(unit("P_MW", Some("mW")), Ok("mW".into()));
        let said = |name: &str, stated| unit_of(name, stated).unwrap_err().to_string();
        let error = said("host_energy_microjoules", Some("J"));
        assert!(
            error.contains("unit=J") && error.contains("microjoules") && error.contains("says uJ"),
            "{error}"
        );
        assert!(said("x_watts", Some("J")).contains("says W"));
        assert!(said("x_va", Some("W")).contains("says va"));
        assert!(said("x_mwh", None).contains("mWh or MWh"));
        assert!(said("x", None).contains("needs unit="));
        assert!(said("x", Some("VA")).contains("not a unit of power"));
    }

    proptest! {
        #[test]
        fn nothing_panics(name in "\\PC{0,30}|[a-zA-Z_/0-9]{0,30}", unit: Option<String>) {
            let _ = unit_of(&name, unit.as_deref());
        }
    }
}
