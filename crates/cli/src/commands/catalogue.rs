//! `perwatt catalogue`: published figures of ASICs, accelerators and GPUs, which devices
//! are compared with.

use std::io::Write;

use anyhow::anyhow;
use perwatt_gap::catalogue::row::{columns, file_columns};
use perwatt_gap::catalogue::{Catalogue, Filter, Kind, Row, Value, select};
use perwatt_report::doc::Block;
use perwatt_report::views::catalogue::{ACCELERATORS, ASICS, GPUS, Set, blocks};
use serde_json::{Map, json};

use crate::args::{CatalogueArgs, ViewFormat};
use crate::exit::{Coded, Exit};
use crate::output::{self, cell, stdout};

pub fn catalogue(args: &CatalogueArgs) -> anyhow::Result<Exit> {
    if args.format == ViewFormat::Csv && args.table.is_none() {
        return Err(anyhow!(
            "a CSV file has one header: name the table, asics, accelerators or gpus"
        ));
    }
    let catalogue = read(&args.catalogue)?;
    let chosen = Chosen::of(args)?;
    let mut view = View {
        args,
        chosen,
        blocks: Vec::new(),
        csv: String::new(),
        json: Map::new(),
        rows: 0,
    };
    view.table(&catalogue.asics, &ASICS)?;
    view.table(&catalogue.accelerators, &ACCELERATORS)?;
    view.table(&catalogue.gpus, &GPUS)?;
    if view.rows == 0 {
        return Err(Coded {
            exit: Exit::Finding,
            error: anyhow!("no row of the catalogue is left after --filter"),
        }
        .into());
    }
    match args.format {
        ViewFormat::Csv => write!(stdout(), "{}", view.csv)?,
        format => output::view(format, "perwatt: catalogue", &view.json, || view.blocks)?,
    }
    Ok(Exit::Done)
}

/// The built-in catalogue with the user's files added in their order.
pub fn read(files: &[std::path::PathBuf]) -> anyhow::Result<Catalogue> {
    let mut catalogue = Catalogue::builtin()?;
    for file in files {
        catalogue.add_file(file)?;
    }
    Ok(catalogue)
}

/// The selection of tables and rows that the arguments make.
struct Chosen {
    table: Option<Kind>,
    filters: Vec<Filter>,
    sort: Option<&'static str>,
}

impl Chosen {
    fn of(args: &CatalogueArgs) -> anyhow::Result<Self> {
        let filters = args.filter.iter().map(|text| Filter::parse(text));
        let sort = args.sort.as_deref();
        Ok(Self {
            table: args.table.map(Kind::from),
            filters: filters.collect::<Result<_, _>>()?,
            sort: sort
                .map(|name| select::column(name, &select::all_columns()))
                .transpose()?,
        })
    }
}

struct View<'a> {
    args: &'a CatalogueArgs,
    chosen: Chosen,
    blocks: Vec<Block>,
    csv: String,
    json: Map<String, serde_json::Value>,
    rows: usize,
}

impl View<'_> {
    /// Adds one table, if it is selected.
    fn table<R: Row>(&mut self, all: &[R], set: &Set<R>) -> anyhow::Result<()> {
        let named = match self.chosen.table {
            Some(kind) if kind != R::KIND => return Ok(()),
            Some(_) => true,
            None => false,
        };
        let filters = &self.chosen.filters;
        if !filters.iter().all(Filter::concerns::<R>) && !named {
            return Ok(());
        }
        let known: Vec<&'static str> = columns::<R>().collect();
        let sort = match self.chosen.sort {
            // With several tables, those without the column keep their own order.
            Some(name) if !named && !known.contains(&name) => None,
            Some(name) => Some(select::column(name, &known)?),
            None => None,
        };
        // With one named table, the column must be one of that table.
        for name in filters.iter().filter_map(Filter::column) {
            select::column(name, &known)?;
        }
        let keeps = |row: &&R| filters.iter().all(|filter| filter.keeps(*row));
        let mut rows: Vec<R> = all.iter().filter(keeps).cloned().collect();
        select::sort(&mut rows, sort, self.args.reverse);
        self.rows += rows.len();
        match self.args.format {
            ViewFormat::Json => {
                let rows = rows.iter().map(object::<R>).collect();
                self.json.insert(R::KIND.word().to_owned(), rows);
            }
            ViewFormat::Csv => self.csv = csv(&rows)?,
            _ if rows.is_empty() => {}
            _ => self.blocks.extend(blocks(set, &rows, self.args.sources)),
        }
        Ok(())
    }
}

/// A row as a JSON object with all columns, including computed ones.
fn object<R: Row>(row: &R) -> serde_json::Value {
    let fields = columns::<R>().map(|name| {
        let value = match row.value(name) {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Empty => serde_json::Value::Null,
        };
        (name.to_owned(), value)
    });
    serde_json::Value::Object(fields.collect())
}

fn csv<R: Row>(rows: &[R]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(file_columns::<R>())?;
    for row in rows {
        writer.write_record(file_columns::<R>().map(|name| match row.value(name) {
            Value::Text(text) => cell::text(&text),
            Value::Number(figure) => cell::number(figure),
            Value::Empty => String::new(),
        }))?;
    }
    let bytes = writer.into_inner().map_err(|error| anyhow!("{error}"))?;
    Ok(String::from_utf8(bytes)?)
}
