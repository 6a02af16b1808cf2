//! A scenario of a site, with defaults for the values that it does not give.

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::inputs::{Inputs, PriceScale};
use crate::parameter::{Parameter, Rule};
use crate::parameters::{Parameters, index_of, parameters};
use crate::prices::Curve;
use crate::raw::{self, Entry, Fault, Raw};
use crate::settings::{PaidBy, Settings};
use crate::settings_parser;
use perwatt_table::{Evidence, Source};

/// The largest scenario file that is read: some thousand times the size of any real one.
const MAX_BYTES: u64 = 1 << 22;

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The program's default.
    Default,
    /// A line of the scenario.
    Scenario(usize),
    /// `--set`.
    CommandLine,
}

/// The value of a parameter with its range, source and origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// The value; a day as days since 1970-01-01.
    pub value: f64,
    /// The range over which it may move.
    pub range: Option<[f64; 2]>,
    /// The evidence for the value, its source and date.
    pub source: Source,
    /// The source of the range.
    pub range_source: String,
    /// The origin of the value.
    pub origin: Origin,
}

/// A rig of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Rig {
    /// Its model.
    pub model: String,
    /// Its efficiency, J/TH.
    pub efficiency_j_th: f64,
    /// The interval that its specification allows, J/TH.
    pub interval_j_th: [f64; 2],
    /// The source of the specification.
    pub source: Source,
}

/// Finds a rig by its model; otherwise returns a message with the known models.
pub type FindRig<'a> = &'a dyn Fn(&str) -> Result<Rig, String>;

/// A valid scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The path of its file.
    pub path: PathBuf,
    /// The settings that are not numbers.
    pub settings: Settings,
    /// A value for every parameter, in the order of the table.
    pub values: Vec<Value>,
}

/// The reason that a scenario cannot be used.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{path}: {cause}; give a scenario file, or start from perwatt site --example 20mw")]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of reading it.
        cause: std::io::Error,
    },
    /// The scenario has faults.
    #[error("{}", list(path, faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// All faults that were found.
        faults: Vec<Fault>,
    },
}

fn list(path: &Path, faults: &[Fault]) -> String {
    let line = |fault: &Fault| {
        let at = match fault.line {
            Some(line) => format!("{}:{line}", path.display()),
            None => path.display().to_string(),
        };
        match fault.key.as_str() {
            "" => format!("{at}: {}", fault.what),
            key => format!("{at}: {key}: {}", fault.what),
        }
    };
    let lines: Vec<String> = faults.iter().map(line).collect();
    lines.join("\n")
}

impl Scenario {
    /// Reads a scenario file, with settings of the command line over it.
    ///
    /// # Errors
    /// [`ScenarioError`], with every fault that was found.
    pub fn read(path: &Path, set: &[String], find: FindRig) -> Result<Self, ScenarioError> {
        let read = perwatt_host::files::read_text(path, MAX_BYTES);
        let text = read.map_err(|cause| ScenarioError::Read {
            path: path.to_owned(),
            cause,
        })?;
        Self::parse(path, &text, set, find)
    }

    /// Parses a text as the content of the file at `path`.
    ///
    /// # Errors
    /// [`ScenarioError::Faults`].
    pub fn parse(
        path: &Path,
        text: &str,
        set: &[String],
        find: FindRig,
    ) -> Result<Self, ScenarioError> {
        let fail = |faults| ScenarioError::Faults {
            path: path.to_owned(),
            faults,
        };
        let mut entries = raw::entries(text).map_err(fail)?;
        let mut faults = Vec::new();
        for text in set {
            match raw::setting(text) {
                Ok(entry) => {
                    entries.retain(|other| other.key != entry.key);
                    entries.push(entry);
                }
                Err(fault) => faults.push(fault),
            }
        }
        let mut values: Vec<Option<Value>> = parameters().iter().map(default).collect();
        let mut given = vec![None; values.len()];
        let mut rest = Vec::new();
        for entry in entries {
            let Some(index) = index_of(&entry.key) else {
                rest.push(entry);
                continue;
            };
            given[index] = Some(entry.clone());
            match value(&parameters()[index], &entry) {
                Ok(value) => values[index] = Some(value),
                Err(what) => faults.push(fault(&entry, what)),
            }
        }
        let settings = settings_parser::read(&rest, &given, &mut values, find, &mut faults);
        for (value, parameter) in values.iter().zip(parameters()) {
            if value.is_none() && given_fault(&faults, parameter.key).is_none() {
                faults.push(Fault {
                    line: None,
                    key: parameter.key.into(),
                    what: format!(
                        "is missing: {} ({}); no default is published, give your own",
                        parameter.about, parameter.unit
                    ),
                });
            }
        }
        faults.sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
        let values: Option<Vec<Value>> = values.into_iter().collect();
        match (settings, values) {
            (Some(settings), Some(values)) if faults.is_empty() => Ok(Self {
                path: path.to_owned(),
                settings,
                values,
            }),
            _ => Err(fail(faults)),
        }
    }
}

impl Scenario {
    /// The value of every parameter.
    pub fn parameters(&self) -> Parameters {
        let mut all = Parameters::default();
        for (parameter, value) in parameters().iter().zip(&self.values) {
            *(parameter.of)(&mut all) = value.value;
        }
        all
    }

    /// The inputs at those values, with `prices` under the scenario's contract.
    pub fn inputs<'a>(&self, prices: Option<&'a Curve>) -> Inputs<'a> {
        let contract = self.settings.prices.as_ref().map(|file| file.contract);
        Inputs {
            parameters: self.parameters(),
            power_paid_by: self.settings.power_paid_by.unwrap_or(PaidBy::Tenant),
            prices: prices.zip(contract),
            scale: PriceScale::default(),
        }
    }
}

fn given_fault<'a>(faults: &'a [Fault], key: &str) -> Option<&'a Fault> {
    faults.iter().find(|fault| fault.key == key)
}

/// The fault of an entry.
pub(crate) fn fault(entry: &Entry, what: String) -> Fault {
    Fault {
        line: entry.line,
        key: entry.key.clone(),
        what,
    }
}

fn default(parameter: &Parameter) -> Option<Value> {
    let given = parameter.default.as_ref()?;
    Some(Value {
        value: given.value,
        range: given.range,
        source: given.source.clone(),
        range_source: given.range_source.clone(),
        origin: Origin::Default,
    })
}

/// The origin of the value in an entry.
pub(crate) fn origin(entry: &Entry) -> Origin {
    entry.line.map_or(Origin::CommandLine, Origin::Scenario)
}

/// The source of a value for which the scenario names none: the entry itself.
pub(crate) fn own_word(entry: &Entry) -> Source {
    Source {
        evidence: Evidence::Assumed,
        text: match entry.line {
            Some(line) => format!("scenario, line {line}"),
            None => "command line".into(),
        },
        date: None,
    }
}

/// The value of a parameter as its entry gives it.
fn value(parameter: &Parameter, entry: &Entry) -> Result<Value, String> {
    let number = |raw: &Raw| number(parameter, raw);
    let mut value = Value {
        value: 0.0,
        range: None,
        source: own_word(entry),
        range_source: String::new(),
        origin: origin(entry),
    };
    let Raw::Table(parts) = &entry.value else {
        value.value = number(&entry.value)?;
        return Ok(value);
    };
    let (mut found, mut low, mut high, mut mark) = (None, None, None, None);
    for (name, raw) in parts {
        match (name.as_str(), raw) {
            ("value", raw) => found = Some(number(raw)?),
            ("low", raw) => low = Some(number(raw)?),
            ("high", raw) => high = Some(number(raw)?),
            ("source", Raw::Text(text)) if !text.trim().is_empty() => {
                value.source.text.clone_from(text);
                value.source.evidence = Evidence::Sourced;
            }
            ("date", Raw::Text(text)) => value.source.date = Some(text.clone()),
            ("mark", Raw::Text(text)) => mark = Some(marked(text)?),
            ("source" | "date" | "mark", _) => return Err(format!("{name} must be a text")),
            _ => {
                let near = nearest(name, ["value", "low", "high", "source", "date", "mark"]);
                return Err(format!("has no part {name:?}{near}"));
            }
        }
    }
    match (mark, value.source.evidence) {
        (Some(mark), Evidence::Sourced) => value.source.evidence = mark,
        (Some(_), _) => return Err("has a mark and no source; say who measured or said it".into()),
        (None, _) => {}
    }
    value.value = found.ok_or("has no value; write { value = …, low = …, high = … }")?;
    value.range = match (low, high) {
        (None, None) => None,
        (Some(low), Some(high)) if low <= value.value && value.value <= high && low < high => {
            Some([low, high])
        }
        (Some(low), Some(high)) => {
            return Err(format!(
                "low {low}, value {} and high {high} are not in order; a range lies around its value",
                value.value
            ));
        }
        _ => return Err("has one end of a range; give low and high, or neither".into()),
    };
    if value.range.is_some() {
        value.range_source = value.source.text.clone();
    }
    Ok(value)
}

/// The evidence of this name, of the kinds that a given figure can have.
fn marked(text: &str) -> Result<Evidence, String> {
    [
        Evidence::Measured,
        Evidence::Nameplate,
        Evidence::Sourced,
        Evidence::Assumed,
    ]
    .into_iter()
    .find(|mark| mark.word() == text)
    .ok_or_else(|| format!("has no mark {text:?}; use measured, nameplate, sourced or assumed"))
}

/// Reads a number that the parameter's rule allows.
fn number(parameter: &Parameter, raw: &Raw) -> Result<f64, String> {
    let shown = match raw {
        Raw::Number(number) => format!("{number}"),
        Raw::Text(text) => format!("{text:?}"),
        Raw::List(_) => "a list".into(),
        Raw::Table(_) => "a table".into(),
        Raw::Other(what) => (*what).into(),
    };
    let value = match (parameter.rule, raw) {
        (Rule::Date, Raw::Text(text)) => crate::date::read(text),
        (Rule::Date, _) => None,
        (_, Raw::Number(number)) => Some(*number),
        _ => None,
    };
    let about = || format!("{} ({})", parameter.about, parameter.unit);
    let Some(value) = value else {
        let what = match parameter.rule {
            Rule::Date => "a day such as 2026-10-03",
            _ => "a number",
        };
        return Err(format!("is {shown}, and must be {what}: {}", about()));
    };
    match parameter.rule.fault(value) {
        Some(must) => Err(format!("is {shown}, and {must}: {}", about())),
        None => Ok(value),
    }
}

/// `; did you mean x?` if one of these is near, else a pointer to the list of keys.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match perwatt_table::nearest(name, known) {
        Some(known) => format!("; did you mean {known}?"),
        None => "; perwatt site --defaults lists what there is".into(),
    }
}
