//! Description and settings of the machine.

use maud::{Markup, html};
use perwatt_record::Record;

/// The section of the environment: everything in the record, one line for each fact.
pub fn section(record: &Record) -> Markup {
    let mut facts = Vec::new();
    if let Ok(host) = serde_json::to_value(&record.host) {
        flatten("", &host, &mut facts);
    }
    let missing = &record.host.missing;
    let tool = &record.tool;
    html! {
        h3 { "Environment" }
        dl {
            @for (name, value) in facts.iter().filter(|(name, _)| !name.starts_with("missing")) {
                dt { (name) } dd { (value) }
            }
            dt { "threads" } dd { (record.threads.count) ", " (record.threads.reason) }
            dt { "machine key" } dd { (record.machine.key) }
            @for (name, value) in record.session.segments.iter().flat_map(|s| &s.settings) {
                dt { (name) } dd { (value) }
            }
            dt { "perwatt" }
            dd {
                (tool.version)
                @if let Some(git) = &tool.git {
                    ", commit " (git.commit)
                    @if git.dirty { " with changes" }
                }
                ", " (tool.rustc) ", " (tool.target) ", " (tool.profile)
            }
            dt { "command" } dd { (record.session.argv.join(" ")) }
        }
        @if !missing.is_empty() {
            p.small.soft { "Not read:" }
            ul.small.soft {
                @for gap in missing {
                    li {
                        (gap.field) ": " (gap.reason)
                        @if let Some(fix) = &gap.fix { "; " (fix) }
                    }
                }
            }
        }
    }
}

/// Flattens a JSON value to its leaves with their paths. Lists of plain values take one
/// line; nulls are left out.
fn flatten(path: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
    use serde_json::Value;
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, out);
            }
        }
        Value::Array(all) if all.iter().all(|v| !v.is_object() && !v.is_array()) => {
            let texts: Vec<String> = all.iter().map(text).collect();
            if !texts.is_empty() {
                out.push((path.to_owned(), texts.join(", ")));
            }
        }
        Value::Array(all) => {
            for (i, value) in all.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), value, out);
            }
        }
        leaf => out.push((path.to_owned(), text(leaf))),
    }
}

fn text(value: &serde_json::Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
