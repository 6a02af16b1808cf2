//! `perwatt env`: this machine, as a record describes it.

use std::io::Write;
use std::path::Path;

use perwatt_host::{Environment, MachineKey, describe};
use serde_json::json;

use crate::args::Format;
use crate::exit::Exit;
use crate::output::{self, plain, stdout};
use crate::tool::tool;

pub fn env(format: Format) -> anyhow::Result<Exit> {
    let host = Environment::collect(Path::new("/"));
    let machine = MachineKey::of(&host);
    if format == Format::Json {
        output::json(&json!({ "machine": machine, "host": host, "tool": tool() }))?;
        return Ok(Exit::Done);
    }
    let tool = tool();
    let git = tool.git.as_ref().map_or("no git".into(), |git| {
        let dirty = if git.dirty { ", modified" } else { "" };
        format!("{}{dirty}", git.commit.get(..12).unwrap_or(&git.commit))
    });
    let mut rows = vec![("machine key".to_owned(), machine.short().to_owned())];
    rows.extend(describe(&host));
    rows.push((
        "perwatt".into(),
        format!("{} ({git}), {}, {}", tool.version, tool.rustc, tool.profile),
    ));
    let width = rows
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = stdout();
    for (label, value) in rows {
        writeln!(out, "{label:width$}  {}", plain(&value))?;
    }
    Ok(Exit::Done)
}
