//! `perwatt env`: the description of this machine, as in a record.

use std::path::Path;

use perwatt_host::{Environment, MachineKey, describe};
use perwatt_report::doc::{Block, Column, Grid};
use serde_json::json;

use crate::args::ViewFormat;
use crate::exit::Exit;
use crate::output;
use crate::tool::tool;

pub fn env(format: ViewFormat) -> anyhow::Result<Exit> {
    let host = Environment::collect(Path::new("/"));
    let machine = MachineKey::of(&host);
    let tool = tool();
    let data = json!({ "machine": machine, "host": host, "tool": tool });
    output::view(format, "perwatt: this machine", &data, || {
        let git = tool.git.as_ref().map_or("no git".into(), |git| {
            let dirty = if git.dirty { ", modified" } else { "" };
            format!("{}{dirty}", git.commit.get(..12).unwrap_or(&git.commit))
        });
        let mut grid = Grid::new([Column::left(""), Column::left("")]);
        grid.row(["machine key".into(), machine.short().into()]);
        for (label, value) in describe(&host) {
            grid.row([label.into(), value.into()]);
        }
        let perwatt = format!("{} ({git}), {}, {}", tool.version, tool.rustc, tool.profile);
        grid.row(["perwatt".into(), perwatt.into()]);
        vec![Block::Grid(grid)]
    })?;
    Ok(Exit::Done)
}
