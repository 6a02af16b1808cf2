//! `perwatt config`: the settings that hold, and where each comes from.

use perwatt_power::public_text;
use perwatt_report::doc::{Block, Column, Grid};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::ViewFormat;
use crate::args::config::{Origin, Setting, Settings, texts};
use crate::exit::Exit;
use crate::output;

pub fn config(format: ViewFormat) -> anyhow::Result<Exit> {
    let settings = Settings::find()?;
    let rows: Vec<Row> = settings.all.iter().map(row).collect();
    let files = settings.files.iter();
    let files: Vec<(String, bool)> = files
        .map(|file| (file.path.display().to_string(), file.is_there))
        .collect();
    let of_file = |(path, read): &(String, bool)| json!({ "path": path, "read": read });
    let data = json!({
        "settings": rows,
        "files": files.iter().map(of_file).collect::<Value>(),
    });
    output::view(format, "perwatt: settings", &data, || blocks(&rows, &files))?;
    Ok(Exit::Done)
}

/// A setting as it is shown.
#[derive(Serialize)]
struct Row {
    key: &'static str,
    value: Option<Value>,
    from: String,
}

fn row(setting: &Setting) -> Row {
    let value = setting.value.as_ref();
    // Addresses of meters are shown as in records: without what may be a secret.
    let value = value.map(|value| match setting.key.name == "meters" {
        true => texts(value).iter().map(|spec| public_text(spec)).collect(),
        false => value.clone(),
    });
    Row {
        key: setting.key.name,
        value,
        from: match &setting.origin {
            Origin::Variable(name) => format!("${name}"),
            Origin::File(path, line) => format!("{}:{line}", path.display()),
            Origin::Default => "default".into(),
        },
    }
}

fn blocks(rows: &[Row], files: &[(String, bool)]) -> Vec<Block> {
    let mut grid = Grid::new(["setting", "value", "from"].map(Column::left));
    for Row { key, value, from } in rows {
        let value = value.as_ref().map(|value| texts(value).join(", "));
        let value = value.unwrap_or_else(|| "not set".into());
        grid.row([(*key).into(), value.into(), from.as_str().into()]);
    }
    let mut all = vec![Block::Grid(grid), Block::Space];
    all.extend(files.iter().map(|(path, read)| match read {
        true => Block::sentence(format!("read: {path}")),
        false => Block::sentence(format!("not there: {path}")),
    }));
    if files.is_empty() {
        all.push(Block::sentence("no file is read: PERWATT_CONFIG is none"));
    }
    all
}
