//! One sample from the page of a Prometheus exporter.
//!
//! Facts of the format (Prometheus "Exposition formats", text version 0.0.4, and
//! OpenMetrics 1.0): a line is `name{label="value",…} number [timestamp]`; label
//! values escape `\\`, `\"` and `\n`; `# TYPE name counter` says the kind, in
//! OpenMetrics without the counter's `_total`; every line ends with a line feed.
//! OpenMetrics also has `# UNIT name watts`.

mod selector;

use super::unit::last_decimal;
use super::{Reading, ReplyError, Unit, cut, unit_name};
use crate::info::Quantity;
use selector::series;
pub use selector::{Selector, SelectorError};
use std::time::SystemTime;

/// The sample that `selector` selects, in `unit`.
///
/// # Errors
/// As [`Page::finish`].
pub fn reading(text: &str, selector: &Selector, unit: Unit) -> Result<Reading, ReplyError> {
    let mut page = Page::new(selector);
    for line in text.split_inclusive('\n') {
        page.line(line);
    }
    page.finish(unit)
}

/// A page that is read line by line. Only what one sample needs is kept: pages of
/// Kepler and the node exporter have tens of megabytes.
#[derive(Debug)]
pub struct Page<'a> {
    selector: &'a Selector,
    lines: usize,
    kind: String,
    /// The unit in the metric's `# UNIT` line.
    unit: Option<String>,
    /// The number of samples that the selector matches, and the series of the first ones.
    taken: usize,
    series: Vec<String>,
    /// Value and timestamp of the first match.
    value: String,
    timestamp: Option<f64>,
    /// Metrics that the user may have meant.
    offered: Vec<String>,
    bad: Option<ReplyError>,
}

/// Largest distance of a sample's timestamp from the current time, in seconds: the time
/// that Prometheus itself looks back for a sample by default.
const MAX_AGE_S: f64 = 300.0;
/// The number of names that are kept for a message.
const MAX_NAMES: usize = 8;

impl<'a> Page<'a> {
    /// An empty page, before its first line.
    pub fn new(selector: &'a Selector) -> Self {
        Self {
            selector,
            lines: 0,
            kind: "untyped".into(),
            unit: None,
            taken: 0,
            series: Vec::new(),
            value: String::new(),
            timestamp: None,
            offered: Vec::new(),
            bad: None,
        }
    }

    /// Reads the next line, which includes the line feed that ends it.
    pub fn line(&mut self, line: &str) {
        self.lines += 1;
        let number = self.lines;
        let bad = |why: &str| ReplyError::BadLine {
            line: number,
            why: why.to_owned(),
        };
        let taken = match line.ends_with('\n') {
            true => self.sample(line.trim()).map_err(bad),
            // A truncated line would still parse, as a smaller number.
            false => Err(ReplyError::Truncated),
        };
        if let Err(error) = taken {
            self.bad.get_or_insert(error);
        }
    }

    fn sample(&mut self, line: &str) -> Result<(), &'static str> {
        let wanted = self.selector.name.as_str();
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_whitespace();
            let stem = wanted.strip_suffix("_total");
            let about = words.next();
            if words
                .next()
                .is_some_and(|name| name == wanted || Some(name) == stem)
            {
                let word = words.next().unwrap_or_default().to_owned();
                match about {
                    Some("TYPE") => self.kind = word,
                    Some("UNIT") if !word.is_empty() => self.unit = Some(word),
                    _ => {}
                }
            }
            return Ok(());
        }
        // Lines of other metrics are not validated.
        if !line.starts_with(wanted) {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            let telling = ["watt", "joule", "power", "energy"];
            if telling.iter().any(|word| name.contains(word)) {
                self.offer(name);
            }
            return Ok(());
        }
        let (name, labels, rest) = series(line)?;
        let series = line[..line.len() - rest.len()].trim();
        if !self.selector.takes(name, &labels) {
            self.offer(series);
            return Ok(());
        }
        let mut words = rest.split_whitespace();
        let value = words.next().ok_or("it has no value")?;
        let mut words = words.take_while(|word| !word.starts_with('#'));
        let timestamp = words
            .next()
            .map(|word| word.parse::<f64>().ok().filter(|t| t.is_finite()));
        if timestamp == Some(None) || words.next().is_some() {
            return Err("its value is followed by more than a timestamp");
        }
        if self.taken == 0 {
            self.value = cut(value);
            self.timestamp = timestamp.flatten();
        }
        if self.taken < MAX_NAMES {
            self.series.push(cut(series));
        }
        self.taken += 1;
        Ok(())
    }

    fn offer(&mut self, name: &str) {
        let name = cut(name);
        if self.offered.len() < MAX_NAMES && !self.offered.contains(&name) {
            self.offered.push(name);
        }
    }

    /// The one matching sample of the page, in `unit`.
    ///
    /// # Errors
    /// [`ReplyError`] if no sample or several match, if the sample is not a finite
    /// number of at least 0, if its type does not fit the unit, or if a line that was
    /// parsed does not follow the format.
    pub fn finish(mut self, unit: Unit) -> Result<Reading, ReplyError> {
        if let Some(error) = self.bad {
            return Err(error);
        }
        let at = self.selector.name.as_str();
        let series = match self.taken {
            1 => self.series.remove(0),
            0 => {
                return Err(ReplyError::Missing {
                    at: match self.selector.labels.is_empty() {
                        true => format!("metric {at}"),
                        false => format!("metric {at} with these labels"),
                    },
                    hint: match self.offered.is_empty() {
                        true => "; nothing there sounds of power or energy".into(),
                        false => format!("; there is: {}", self.offered.join(", ")),
                    },
                });
            }
            several => {
                let more = several - self.series.len();
                if more > 0 {
                    self.series.push(format!("{more} more"));
                }
                return Err(ReplyError::Ambiguous {
                    wanted: format!("metric {at}"),
                    candidates: self.series.join(", "),
                    hint: "; add a label that tells them apart".into(),
                });
            }
        };
        if let Some(said) = self.unit.filter(|said| !unit_name::says(said, unit)) {
            return Err(ReplyError::WrongUnit {
                at: series,
                found: cut(&said),
                wanted: unit,
            });
        }
        if let Some(timestamp) = self.timestamp
            && age_s(timestamp) > MAX_AGE_S
        {
            return Err(ReplyError::Stale {
                at: series,
                timestamp,
                limit_s: MAX_AGE_S,
            });
        }
        match (self.kind.as_str(), unit.quantity()) {
            ("counter", Quantity::EnergyJ) | ("gauge" | "untyped" | "unknown", _) => {}
            (other, _) => return Err(not_of_type(&series, other, unit)),
        }
        let number = self
            .value
            .parse::<f64>()
            .ok()
            .ok_or_else(|| ReplyError::NotANumber {
                at: series.clone(),
                text: self.value.clone(),
            })?;
        let number = super::json::finite(number, &series)?;
        let si = unit.to_si(super::json::not_negative(number, &series)?);
        let quantum = unit.to_si(last_decimal(number));
        Ok(Reading::of(unit.quantity(), si, quantum))
    }
}

/// Seconds between a timestamp and the current time. The text format counts
/// milliseconds, OpenMetrics seconds; the smaller distance is used.
fn age_s(timestamp: f64) -> f64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0.0, |now| now.as_secs_f64());
    (now - timestamp).abs().min((now - timestamp / 1e3).abs())
}

fn not_of_type(series: &str, kind: &str, unit: Unit) -> ReplyError {
    ReplyError::Invalid {
        at: cut(series),
        why: format!("it is a {}, which is not a reading in {unit}", cut(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NODE: &str = "\
# HELP node_hwmon_power_watt Hardware monitor for power usage in watts (input)
# TYPE node_hwmon_power_watt gauge
node_hwmon_power_watt{chip=\"0000:00:08_1\",sensor=\"power1\"} 31.024
node_hwmon_power_watt{chip=\"pci, \\\"two\\\"\",sensor=\"power1\"} 1.5e2 # {id=\"x\"} 7
# TYPE node_rapl_package_joules_total counter
node_rapl_package_joules_total{index=\"0\",path=\"/sys\"} 143202.55
node_rapl_package_joules_total_more 7
up 1
broken{ 1
";

    fn select(metric: &str, unit: Unit) -> Result<Reading, ReplyError> {
        reading(NODE, &metric.parse().unwrap(), unit)
    }

    #[test]
    fn samples_by_name_and_label() {
        let one = "node_hwmon_power_watt{chip=\"0000:00:08_1\"}";
        assert_eq!(select(one, Unit::W).unwrap().power_w, Some(31.024));
        let two = r#"node_hwmon_power_watt{sensor="power1", chip="pci, \"two\"",}"#;
        assert_eq!(select(two, Unit::W).unwrap().power_w, Some(150.0));
        let energy = select("node_rapl_package_joules_total", Unit::J).unwrap();
        assert_eq!(energy.energy_j, Some(143_202.55));
        assert_eq!(select("up", Unit::W).unwrap().power_w, Some(1.0));
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
        let one = |text: &str| reading(text, &"p".parse().unwrap(), Unit::W).map(|r| r.power_w);
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
    fn a_unit_that_the_page_states_is_believed() {
        let page = "# TYPE p gauge\n# UNIT p milliwatts\np 41250\n";
        let one = |unit| reading(page, &"p".parse().unwrap(), unit).map(|r| r.power_w);
        assert_eq!(one(Unit::MILLI_W), Ok(Some(41.25)));
        assert!(matches!(one(Unit::W), Err(ReplyError::WrongUnit { .. })));
        for said in ["volts", "volt_amperes", "VA", "kilowatts", "watthours"] {
            let page = format!("# UNIT p {said}\np 230\n");
            let error = reading(&page, &"p".parse().unwrap(), Unit::W).unwrap_err();
            assert!(matches!(error, ReplyError::WrongUnit { .. }), "{said}");
        }
    }

    #[test]
    fn a_sample_is_of_now_and_nothing_follows_it() {
        let one = |after: &str| {
            let page = format!("p 55.5 {after}\n");
            reading(&page, &"p".parse().unwrap(), Unit::W).map(|r| r.power_w)
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap().as_secs();
        for after in [
            String::new(),
            format!("{now}"),
            format!("{now}.5"),
            format!("{now}000"),
            format!("{now} # {{id=\"x\"}} 7"),
        ] {
            assert_eq!(one(&after), Ok(Some(55.5)), "{after}");
        }
        for after in ["1000", "0", "-1", "1700000000000", "9e300"] {
            let error = one(after).unwrap_err();
            assert!(matches!(error, ReplyError::Stale { .. }), "{after}");
            let text = error.to_string();
            assert!(text.len() < 200 && text.contains("300 s"), "{text}");
        }
        for after in ["xyz", "NaN", "1 2", &format!("{now} W")] {
            let error = one(after).unwrap_err();
            assert!(matches!(error, ReplyError::BadLine { .. }), "{after}");
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
