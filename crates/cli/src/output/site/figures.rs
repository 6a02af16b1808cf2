//! Notation of a site's figures.

use perwatt_report::units::{NOT_MEASURED, Scale, significant};
use perwatt_site::figure::Figure;
use perwatt_table::Evidence;

use crate::output::gap::block::Block;
use crate::output::table::superscript;

/// The superscript letter of a kind of evidence.
pub fn letter(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Exact => "\u{1d49}",
        Evidence::Measured => "\u{1d50}",
        Evidence::Nameplate => "\u{207f}",
        Evidence::Sourced => "\u{2e2}",
        Evidence::Assumed => "\u{1d43}",
    }
}

/// The legend of the letters.
pub const LETTERS: &str = "raised letters say what a figure rests on at the weakest: \u{1d50} \
    measured, \u{207f} a name plate, \u{2e2} a source with a date, \u{1d43} an assumption, the \
    scenario's or the program's; \u{1d49} follows from rules alone";

/// A figure without its unit, with the letter of its evidence; a dash if there is no
/// figure.
pub fn cell(figure: &Figure) -> String {
    match figure.value {
        Some(value) => format!("{}{}", number(value), letter(figure.evidence)),
        None => "-".into(),
    }
}

/// The reasons for missing figures, numbered.
#[derive(Default)]
pub struct Notes(Vec<String>);

impl Notes {
    /// A figure, or a dash with the number of the reason that it is missing.
    pub fn cell(&mut self, figure: &Figure) -> String {
        let Some(why) = figure.note.as_ref().filter(|_| figure.value.is_none()) else {
            return cell(figure);
        };
        let known = self.0.iter().position(|note| note == why);
        let index = known.unwrap_or_else(|| {
            self.0.push(why.clone());
            self.0.len() - 1
        });
        format!("-{}", superscript(index + 1))
    }

    /// The reasons with their numbers.
    pub fn blocks(self) -> impl Iterator<Item = Block> {
        let all = self.0.into_iter().enumerate();
        all.map(|(i, why)| Block::Text(format!("{} {why}", superscript(i + 1))))
    }
}

/// A number with four significant digits and a scale: `12.34 M`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => NOT_MEASURED.into(),
        0.0 => "0".into(),
        s if s >= 1e4 => {
            let scale = Scale::of(value);
            let unit = scale.unit("").replace('G', "bn");
            format!("{} {unit}", short(value, scale))
        }
        s if s < 1e-3 => format!("{value:.1e}"),
        _ => trimmed(&significant(value)),
    }
}

fn short(value: f64, scale: Scale) -> String {
    trimmed(&scale.number(value))
}

/// The text without trailing zeros after a decimal point.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// An amount in dollars: `$12.34 M`, `-$3.1 M`.
pub fn dollars(value: f64) -> String {
    match value {
        _ if !value.is_finite() => NOT_MEASURED.into(),
        _ if value < 0.0 => format!("-${}", number(-value)),
        _ => format!("${}", number(value)),
    }
}

/// An amount in dollars with three significant digits, for narrow tables.
pub fn short_dollars(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    dollars(rounded)
}

/// The label of a figure with its unit; the label of a detail is indented.
pub fn name(figure: &Figure) -> String {
    let indent = if figure.detail { "  " } else { "" };
    match figure.unit {
        "" => format!("{indent}{}", figure.label),
        unit => format!("{indent}{}, {unit}", figure.label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_write_them() {
        let cases = [
            (0.0, "0"),
            (0.125, "0.125"),
            (35.8, "35.8"),
            (9999.0, "9999"),
            (1_449_600.0, "1.45 M"),
            (12_510_000_000.0, "12.51 bn"),
            (-4.29e9, "-4.29 bn"),
            (0.000_912, "9.1e-4"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(dollars(-2.5e6), "-$2.5 M");
    }
}
