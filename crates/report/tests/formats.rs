//! The same notation in all formats: each figure of archived records occurs in the text, in
//! the Markdown and on the page, with the digits of the data.

mod common;

use common::gap::{archived_gap, example_sites, gap_of, session};
use common::{archive, archived, compared_archive};
use perwatt_compare::{Input, Options, history, load};
use perwatt_gap::catalogue::Catalogue;
use perwatt_record::Record;
use perwatt_record::work::EnergyUnit;
use perwatt_report::cells::Style;
use perwatt_report::doc::{Block, Cell, Column, Fit, Grid, Matrix, MatrixRow, Row, Value};
use perwatt_report::render::{html, markdown, text};
use perwatt_report::views;
use serde_json::Value as Json;

/// The blocks of a document, with those inside others in the place of these.
fn each(blocks: &[Block]) -> Vec<&Block> {
    let inside = blocks.iter().flat_map(|block| match block {
        Block::Details { blocks, .. } => each(blocks),
        block => vec![block],
    });
    inside.collect()
}

/// The tables of a document; of a matrix, its form on a page.
fn grids(blocks: &[Block]) -> Vec<Grid> {
    let grids = each(blocks).into_iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(grid.clone()),
        Block::Matrix(matrix) => Some(matrix.wide()),
        _ => None,
    });
    grids.collect()
}

/// The formatted figures of a document; those in columns that a terminal may leave out only
/// with `all`.
fn figures(blocks: &[Block], all: bool) -> Vec<String> {
    let mut found = Vec::new();
    for grid in grids(blocks) {
        for row in &grid.rows {
            let Row::Cells { cells, .. } = row else {
                continue;
            };
            for (cell, column) in cells.iter().zip(&grid.columns) {
                if all || !matches!(column.fit, Fit::Drop(_)) {
                    found.extend(of_cell(cell));
                }
            }
        }
    }
    found
}

fn of_cell(cell: &Cell) -> impl Iterator<Item = String> {
    let values = cell.parts.iter().map(|part| &part.value);
    let texts = values.map(Value::to_string);
    texts.filter(|text| text.contains(|c: char| c.is_ascii_digit()))
}

/// The sentences of a document, including those of notes.
fn sentences(blocks: &[Block]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for block in each(blocks) {
        match block {
            Block::Sentence(text) | Block::Warning(text) => found.push(text.clone()),
            Block::List(all) | Block::Steps(all) => found.extend(all.iter().cloned()),
            Block::Facts(all) => found.extend(all.iter().map(|fact| fact.text.clone())),
            _ => {}
        }
    }
    for grid in grids(blocks) {
        for row in grid.rows {
            if let Row::Cells { cells, .. } = row {
                found.extend(cells.into_iter().flat_map(|cell| cell.notes));
            }
        }
    }
    found
}

/// A text without line ends, marks and escapes.
fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn unescaped(markdown: &str) -> String {
    flat(&markdown.replace('\\', "").replace("**", ""))
}

/// The words of an HTML page.
fn words(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in page.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    for (entity, c) in entities {
        out = out.replace(entity, c);
    }
    flat(&out)
}

/// Renders blocks as text of 80 columns, Markdown and a page, and checks that each figure
/// and sentence occurs in all three.
fn everywhere(blocks: &[Block]) -> [String; 3] {
    assert!(figures(blocks, true).len() >= 3);
    let narrow = text::render(blocks, 80).to_string();
    for line in narrow.lines() {
        // A word is not broken, however long it is.
        let word = !line.trim().contains(' ');
        assert!(text::width(line) <= 80 || word, "{line}");
    }
    let narrow = flat(&narrow);
    let wide = flat(&text::render(blocks, 1000).to_string());
    let markdown = unescaped(&markdown::render(blocks));
    let page = words(&html::page("t", blocks));
    for figure in figures(blocks, false) {
        assert!(narrow.contains(&figure), "{figure} in {narrow}");
    }
    for of in figures(blocks, true).iter().chain(&sentences(blocks)) {
        let of = flat(of);
        assert!(wide.contains(&of), "{of} in {wide}");
        assert!(page.contains(&of), "{of} in {page}");
        let of = of.replace('\\', "").replace("**", "");
        assert!(markdown.contains(&of), "{of} in {markdown}");
    }
    [narrow, markdown, page]
}

/// Checks that a figure of the data occurs in each rendering.
fn written(value: &Value, renderings: &[String; 3]) {
    for rendering in renderings {
        assert!(
            rendering.contains(&value.to_string()),
            "{value} in {rendering}"
        );
    }
}

/// Checks that each figure of a record occurs in each rendering; returns the number of
/// figures of joules.
fn of_record(record: &Record) -> usize {
    let renderings = everywhere(&views::session::blocks(record, Vec::new()));
    let json: Json = serde_json::from_slice(&record.to_bytes().unwrap()).unwrap();
    let mut with_joules = 0;
    for row in json["summary"].as_array().unwrap() {
        let entry = &record.plan.entries[row["entry"].as_u64().unwrap() as usize];
        let rate = row["rate_per_s"]["median"].as_f64().unwrap();
        written(&Value::rate(rate, entry.unit), &renderings);
        for energy in row["energy"].as_array().into_iter().flatten() {
            let joules = energy["energy_per_unit_j"]["median"].as_f64().unwrap();
            let figure = Value::figure(EnergyUnit::tera(joules), EnergyUnit(entry.unit).per_tera());
            written(&figure, &renderings);
            with_joules += 1;
        }
    }
    with_joules
}

#[test]
fn records() {
    let records = archived();
    assert!(records.len() >= 3);
    for named in &records {
        of_record(&named.record);
    }
    for estimate in [false, true] {
        assert_eq!(of_record(&session(estimate).record()), 4);
    }
}

#[test]
fn a_comparison() {
    let comparison = compared_archive();
    let renderings = everywhere(&views::comparison::blocks(&comparison, true));
    let json = serde_json::to_value(&comparison).unwrap();
    let mut ratios = 0;
    let tables = json["tables"].as_array().unwrap();
    for (table, of) in tables.iter().zip(&comparison.tables) {
        for (row, of_row) in table["rows"].as_array().unwrap().iter().zip(&of.rows) {
            let style = Style::of(of, &of_row.cells);
            for cell in row["cells"].as_array().unwrap() {
                if let Some(median) = cell["figure"]["median"].as_f64() {
                    written(&style.figure(median), &renderings);
                }
                if let Some(ratio) = cell["outcome"]["ratio"].as_f64() {
                    written(&Value::Ratio(ratio), &renderings);
                    ratios += 1;
                }
            }
        }
    }
    assert!(ratios > 5);
}

#[test]
fn a_history() {
    let input = Input {
        label: None,
        path: archive(),
    };
    let loaded = load(&[input], false).unwrap();
    let history = history(&loaded, &Options::default()).unwrap();
    let renderings = everywhere(&views::history::blocks(&history));
    let json = serde_json::to_value(&history).unwrap();
    for machine in json["machines"].as_array().unwrap() {
        for row in machine["rows"].as_array().unwrap() {
            for point in row["points"].as_array().unwrap() {
                if let Some(ratio) = point["step"]["ratio"].as_f64() {
                    written(&Value::Ratio(ratio), &renderings);
                }
            }
        }
    }
}

#[test]
fn a_gap() {
    everywhere(&views::gap::blocks(&gap_of(&[session(false)])));
    let gap = archived_gap();
    let renderings = everywhere(&views::gap::blocks(&gap));
    let json = serde_json::to_value(&gap).unwrap();
    for row in json["hashing"].as_array().unwrap() {
        let rate = row["rate_h_per_s"]["value"].as_f64().unwrap();
        written(&Value::figure(rate, "H/s"), &renderings);
        let units = row["units"]["value"].as_f64().unwrap();
        written(&Value::figure(units, ""), &renderings);
    }
}

/// Checks that each figure of a list of a site's figures occurs in each rendering.
fn of_lines(lines: &Json, renderings: &[String; 3]) {
    for line in lines.as_array().unwrap() {
        if let Some(value) = line["value"].as_f64() {
            let money = line["unit"].as_str().unwrap().starts_with('$');
            let of = if money { Value::Dollars } else { Value::Amount };
            written(&of(value), renderings);
        }
    }
}

#[test]
fn sites() {
    for report in example_sites(100) {
        let renderings = everywhere(&views::site::blocks(&report, true));
        let json = serde_json::to_value(&report).unwrap();
        let uses = json["uses"].as_array().unwrap().iter();
        // The one figure of a sale is in the summary.
        let uses = uses.filter(|of| of["kind"] != "sell-now");
        for of in json["summary"]["uses"].as_array().unwrap() {
            for usd in [&of["npv_usd"], &of["annual_over_sell_usd"]] {
                if usd.as_f64() != Some(0.0) {
                    written(&Value::Dollars(usd.as_f64().unwrap()), &renderings);
                }
            }
        }
        for of in uses.chain(json["curtailment"]["uses"].as_array().unwrap()) {
            of_lines(&of["lines"], &renderings);
        }
        for impact in json["network"].as_array().unwrap() {
            of_lines(&impact["leaving"], &renderings);
            for state in impact["states"].as_array().unwrap() {
                let all: Json = state.as_object().unwrap().values().cloned().collect();
                of_lines(&all, &renderings);
            }
        }
        let swings = json["tornado"].as_array().unwrap().iter();
        let ends = swings.flat_map(|swing| swing["advantage_usd_per_year"].as_array().unwrap());
        let drawn = json["monte_carlo"]["uses"].as_array().unwrap().iter();
        let drawn = drawn.flat_map(|of| [0, 2, 4].map(|at| &of["npv_usd"][at]));
        for usd in ends.chain(drawn) {
            written(&Value::Dollars(usd.as_f64().unwrap()), &renderings);
        }
        for name in ["hashprice", "power_alone"] {
            let rows = json["surface"][name].as_array().unwrap().iter();
            for of in rows.flat_map(|row| row.as_array().unwrap()) {
                written(&Value::Fixed(of.as_f64().unwrap(), 1), &renderings);
            }
        }
        for input in json["inputs"].as_array().unwrap() {
            let value = input["value"].as_str().unwrap();
            written(&Value::from(value), &renderings);
        }
    }
    everywhere(&views::site::defaults());
}

#[test]
fn the_catalogue() {
    use views::catalogue::{ACCELERATORS, ASICS, GPUS, blocks};

    let catalogue = Catalogue::builtin().unwrap();
    everywhere(&blocks(&ASICS, &catalogue.asics, true));
    everywhere(&blocks(&ACCELERATORS, &catalogue.accelerators, true));
    everywhere(&blocks(&GPUS, &catalogue.gpus, true));
}

/// Cells of one row are joined with their notes, and a note of several cells stands once.
#[test]
fn a_note_of_several_cells_stands_once_in_every_format() {
    let part = |notes: &[&str]| Cell::from("x").notes(notes.iter().map(|&note| note.to_owned()));
    let (first, second) = ["the first note", "the second note"].into();
    let matrix = Matrix {
        corner: "workload",
        columns: vec!["a".into(), "b".into()],
        parts: vec![Column::right("median"), Column::left("verdict")],
        named: None,
        rows: vec![MatrixRow {
            name: "sha256d".into(),
            cells: vec![
                vec![part(&[first, second]), part(&[first])],
                vec![part(&[second]), part(&[])],
            ],
        }],
    };
    let blocks = [Block::Matrix(matrix)];
    let (text, markdown, page) = (
        text::render(&blocks, 80).to_string(),
        markdown::render(&blocks),
        html::page("page", &blocks),
    );
    for written in [&text, &markdown, &page] {
        for note in [first, second] {
            assert_eq!(written.matches(note).count(), 1, "{written}");
        }
    }
    assert!(text.contains("x\u{b9},\u{b2}  x\u{b9}\n"), "{text}");
    assert!(text.contains("x\u{b2}  x\n"), "{text}");
    let row = "| sha256d | x x <sup>1,2</sup> | x x <sup>2</sup> |";
    assert!(markdown.contains(row), "{markdown}");
    assert_eq!(page.matches("href=\"#note-2\"").count(), 2, "{page}");
}
