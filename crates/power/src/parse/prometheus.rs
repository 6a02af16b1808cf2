//! One sample out of what a Prometheus exporter serves.
//!
//! Facts of the format (Prometheus "Exposition formats", text version 0.0.4, and
//! OpenMetrics 1.0): a line is `name{label="value",…} number [timestamp]`; label
//! values escape `\\`, `\"` and `\n`; `# TYPE name counter` says the kind, in
//! OpenMetrics without the counter's `_total`; every line ends with a line feed.

use super::unit::last_decimal;
use super::{Reading, ReplyError, Unit, cut, list};
use crate::info::Quantity;
use std::str::FromStr;

/// Which sample: `name{label="value"}`. A label that is not named may be anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selector {
    name: String,
    labels: Vec<(String, String)>,
}

/// A selector that is not one.
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

    fn takes(&self, name: &str, labels: &[(String, String)]) -> bool {
        name == self.name && self.labels.iter().all(|wanted| labels.contains(wanted))
    }
}

/// What an exporter says a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MetricType {
    /// Only rises, and restarts at 0 with the exporter.
    Counter,
    /// Any value at any time.
    Gauge,
    /// It says nothing, or that it does not know.
    Untyped,
}

/// The sample that `selector` takes, in `unit`, and what it is said to be.
///
/// # Errors
/// [`ReplyError`] where none or several samples are taken, where the sample is no
/// finite number of at least 0, where its type cannot be of this unit, or where the
/// text is not of the format as far as that shows.
pub fn reading(
    text: &str,
    selector: &Selector,
    unit: Unit,
) -> Result<(Reading, MetricType), ReplyError> {
    // A line cut short would still parse, as a smaller number.
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(ReplyError::Truncated);
    }
    let mut kind = "untyped";
    let mut taken: Vec<(&str, &str)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_whitespace();
            let stem = selector.name.strip_suffix("_total");
            if words.next() == Some("TYPE")
                && words
                    .next()
                    .is_some_and(|name| name == selector.name || Some(name) == stem)
            {
                kind = words.next().unwrap_or_default();
            }
            continue;
        }
        // Other metrics' lines are their own business.
        if !line.starts_with(&selector.name) {
            continue;
        }
        let bad = |why: &str| ReplyError::BadLine {
            line: index + 1,
            why: why.to_owned(),
        };
        let (name, labels, rest) = series(line).map_err(bad)?;
        if selector.takes(name, &labels) {
            let value = rest
                .split_whitespace()
                .next()
                .ok_or_else(|| bad("it has no value"))?;
            taken.push((line[..line.len() - rest.len()].trim(), value));
        }
    }
    let at = selector.name.as_str();
    let (series, value) = match taken[..] {
        [one] => one,
        [] => {
            return Err(ReplyError::Missing {
                at: format!(
                    "metric {at}{}",
                    if selector.labels.is_empty() {
                        ""
                    } else {
                        " with these labels"
                    }
                ),
                hint: offered(text, at),
            });
        }
        _ => {
            return Err(ReplyError::Ambiguous {
                wanted: format!("metric {at}"),
                candidates: list(taken.iter().map(|(series, _)| *series)),
                hint: "; add a label that tells them apart".into(),
            });
        }
    };
    let kind = match kind {
        "counter" => MetricType::Counter,
        "gauge" => MetricType::Gauge,
        "untyped" | "unknown" => MetricType::Untyped,
        other => return Err(not_of_type(series, other, unit)),
    };
    if kind == MetricType::Counter && unit.quantity() == Quantity::PowerW {
        return Err(not_of_type(series, "counter", unit));
    }
    let number = value
        .parse::<f64>()
        .ok()
        .filter(|number| unit.to_si(*number).is_finite())
        .ok_or_else(|| ReplyError::NotANumber {
            at: cut(series),
            text: cut(value),
        })?;
    let si = unit.to_si(super::json::not_negative(number, series)?);
    let quantum = unit.to_si(last_decimal(number));
    let reading = match unit.quantity() {
        Quantity::PowerW => Reading {
            power_w: Some(si),
            power_quantum_w: Some(quantum),
            ..Reading::default()
        },
        Quantity::EnergyJ => Reading {
            energy_j: Some(si),
            energy_quantum_j: Some(quantum),
            ..Reading::default()
        },
    };
    Ok((reading, kind))
}

fn not_of_type(series: &str, kind: &str, unit: Unit) -> ReplyError {
    ReplyError::Invalid {
        at: cut(series),
        why: format!("it is a {}, which is no reading in {unit}", cut(kind)),
    }
}

/// Metrics that may have been meant.
fn offered(text: &str, wanted: &str) -> String {
    let mut names: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| match line.starts_with(wanted) {
            // The metric is there with other labels.
            true => line.rsplit_once(' ').map(|(series, _)| series),
            false => line.split(['{', ' ']).next(),
        })
        .filter(|name| {
            ["watt", "joule", "power", "energy"]
                .iter()
                .any(|word| name.contains(word))
                || name.starts_with(wanted)
        })
        .collect();
    names.dedup();
    match names.is_empty() {
        true => "; nothing there sounds of power or energy".into(),
        false => format!("; there is: {}", list(names.into_iter())),
    }
}

type Series<'a> = (&'a str, Vec<(String, String)>, &'a str);

/// Name, labels, and what follows them.
fn series(text: &str) -> Result<Series<'_>, &'static str> {
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

/// The text up to the closing quotation mark, and what follows it.
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
    use proptest::prelude::*;

    const NODE: &str = "\
# HELP node_hwmon_power_watt Hardware monitor for power usage in watts (input)
# TYPE node_hwmon_power_watt gauge
node_hwmon_power_watt{chip=\"0000:00:08_1\",sensor=\"power1\"} 31.024
node_hwmon_power_watt{chip=\"pci, \\\"two\\\"\",sensor=\"power1\"} 1.5e2 1700000000000
# TYPE node_rapl_package_joules_total counter
node_rapl_package_joules_total{index=\"0\",path=\"/sys\"} 143202.55
node_rapl_package_joules_total_more 7
up 1
broken{ 1
";

    fn select(metric: &str, unit: Unit) -> Result<(Reading, MetricType), ReplyError> {
        reading(NODE, &metric.parse().unwrap(), unit)
    }

    #[test]
    fn samples_by_name_and_label() {
        let one = "node_hwmon_power_watt{chip=\"0000:00:08_1\"}";
        let (power, kind) = select(one, Unit::W).unwrap();
        assert_eq!((power.power_w, kind), (Some(31.024), MetricType::Gauge));
        let two = r#"node_hwmon_power_watt{sensor="power1", chip="pci, \"two\"",}"#;
        assert_eq!(select(two, Unit::W).unwrap().0.power_w, Some(150.0));
        let (energy, kind) = select("node_rapl_package_joules_total", Unit::J).unwrap();
        assert_eq!(
            (energy.energy_j, kind),
            (Some(143_202.55), MetricType::Counter)
        );
        assert_eq!(select("up", Unit::W).unwrap().1, MetricType::Untyped);
    }

    #[test]
    fn what_is_not_one_sample_names_the_candidates() {
        let error = select("node_hwmon_power_watt", Unit::W).unwrap_err();
        assert!(matches!(error, ReplyError::Ambiguous { .. }));
        let text = error.to_string();
        assert!(
            text.contains("chip=\"0000:00:08_1\"") && text.contains("two"),
            "{text}"
        );
        let absent = select("node_power_watts", Unit::W).unwrap_err().to_string();
        assert!(absent.contains("node_hwmon_power_watt"), "{absent}");
        let label = select("node_hwmon_power_watt{chip=\"x\"}", Unit::W).unwrap_err();
        assert!(label.to_string().contains("sensor=\"power1\""), "{label}");
        let watts = select("node_rapl_package_joules_total", Unit::W).unwrap_err();
        assert!(matches!(watts, ReplyError::Invalid { .. }), "{watts}");
        let line = select("broken", Unit::W).unwrap_err();
        assert!(
            matches!(line, ReplyError::BadLine { line: 9, .. }),
            "{line}"
        );
    }

    #[test]
    fn values_that_are_no_figure() {
        let one = |text: &str| reading(text, &"p".parse().unwrap(), Unit::W).map(|r| r.0.power_w);
        assert_eq!(one("p 0\n"), Ok(Some(0.0)));
        for value in ["NaN", "+Inf", "-Inf", "x", "1e999"] {
            let error = one(&format!("p {value}\n")).unwrap_err();
            assert!(matches!(error, ReplyError::NotANumber { .. }), "{error}");
        }
        assert!(matches!(one("p -1\n"), Err(ReplyError::Negative { .. })));
        assert!(matches!(one("p\n"), Err(ReplyError::BadLine { .. })));
        assert_eq!(one("p 12"), Err(ReplyError::Truncated));
        let histogram = one("# TYPE p histogram\np 1\n").unwrap_err();
        assert!(
            matches!(histogram, ReplyError::Invalid { .. }),
            "{histogram}"
        );
    }

    #[test]
    fn what_selects_nothing() {
        for text in [
            "",
            "9a",
            "a{b}",
            "a{b=c}",
            "a{b=\"c\"",
            "a{b!=\"c\"}",
            "a b",
            "a{b=\"c}",
        ] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(p|#|[{}=,\" \\\\\n1e]|.){0,60}", metric in "[a-z{}=\",\\\\]{0,20}") {
            let _ = metric.parse::<Selector>();
            let _ = reading(&text, &"p".parse().unwrap(), Unit::W);
        }
    }
}
