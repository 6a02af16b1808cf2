//! Inputs of a site's report, each with its source.

use perwatt_report::words::gap::source as words;
use perwatt_site::SiteReport;
use perwatt_site::parameter::{Parameter, write};
use perwatt_site::parameters::parameters;
use perwatt_site::report::Input;
use perwatt_site::scenario::Origin;
use serde_json::{Value, json};

use crate::output::gap::block::Block;

/// The parameters that any figure depends on.
pub fn blocks(report: &SiteReport) -> Vec<Block> {
    let mut all = vec![Block::Title("what was put in".into())];
    all.extend(
        report
            .inputs
            .iter()
            .filter(|input| input.used)
            .map(|input| Block::Text(line(input))),
    );
    let unused: Vec<&str> = report
        .inputs
        .iter()
        .filter(|input| !input.used && input.origin != Origin::Default)
        .map(|input| input.key)
        .collect();
    if !unused.is_empty() {
        all.push(Block::Text(format!(
            "given, and no figure rests on it: {}",
            unused.join(", ")
        )));
    }
    all
}

fn line(input: &Input) -> String {
    let unit = match input.unit {
        "" | "date" => String::new(),
        unit => format!(" {unit}"),
    };
    let range = match &input.range {
        Some([low, high]) => format!(" ({low}..{high})"),
        None => String::new(),
    };
    let default = match input.origin {
        Origin::Default => "default, ",
        Origin::Scenario(_) | Origin::CommandLine => "",
    };
    format!(
        "{} = {}{unit}{range}: {default}{}",
        input.key,
        input.value,
        words(&input.source)
    )
}

/// All parameters with their defaults.
pub fn defaults() -> Vec<Block> {
    let mut all = Vec::new();
    let mut section = "";
    for parameter in parameters() {
        let of = parameter.key.split('.').next().unwrap_or_default();
        if of != section {
            section = of;
            all.push(Block::Title(of.to_owned()));
        }
        all.push(Block::Text(described(parameter)));
    }
    all
}

fn described(parameter: &Parameter) -> String {
    let Parameter {
        key,
        unit,
        rule,
        about,
        default,
        ..
    } = parameter;
    let unit = match *unit {
        "" | "date" => String::new(),
        unit => format!(" {unit}"),
    };
    match default {
        Some(given) => {
            let value = write(*rule, given.value);
            let range = given.range.map_or_else(String::new, |[low, high]| {
                format!(
                    "; range {}..{}, {}",
                    write(*rule, low),
                    write(*rule, high),
                    given.range_source
                )
            });
            format!(
                "{key} = {value}{unit}: {about}. {}{range}",
                words(&given.source)
            )
        }
        None => format!("{key} ={unit}: {about}. No default: nobody published one that fits all"),
    }
}

/// All parameters with their defaults, as JSON.
pub fn defaults_json() -> Value {
    let all = parameters().iter().map(|parameter| {
        json!({
            "key": parameter.key,
            "unit": parameter.unit,
            "about": parameter.about,
            "value": parameter.default.as_ref().map(|given| write(parameter.rule, given.value)),
            "range": parameter.default.as_ref().and_then(|given| given.range),
            "range_source": parameter.default.as_ref().map(|given| &given.range_source),
            "source": parameter.default.as_ref().map(|given| &given.source),
        })
    });
    Value::Array(all.collect())
}
