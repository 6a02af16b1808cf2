//! Parameters, each with its range, its source and its meaning.

use perwatt_site::SiteReport;
use perwatt_site::parameter::{Given, Parameter, write};
use perwatt_site::parameters::parameters;
use perwatt_site::report::Input;
use perwatt_site::scenario::Origin;

use crate::doc::{Block, Cell, Column, Grid, Mark};
use crate::words::{gap::source, site as words};

/// The parameters that any figure depends on; with `full`, the others too.
pub fn blocks(report: &SiteReport, full: bool) -> Vec<Block> {
    let (used, idle): (Vec<&Input>, Vec<&Input>) =
        report.inputs.iter().partition(|input| input.used);
    let mut out = vec![
        Block::part("inputs", "what was put in"),
        Block::Sentence(format!(
            "{} parameters, of which figures above rest on {}; ranges are those of the sensitivity and of \
             the draws: what has none stays where it is",
            report.inputs.len(),
            used.len()
        )),
        Block::Grid(table(&used)),
    ];
    let given = idle.iter().filter(|input| input.origin != Origin::Default);
    let given: Vec<&str> = given.map(|input| input.key).collect();
    if !given.is_empty() {
        out.push(Block::Sentence(format!(
            "given, and no figure rests on it: {}",
            given.join(", ")
        )));
    }
    out.extend((full && !idle.is_empty()).then(|| Block::Details {
        title: "parameters that no figure rests on".into(),
        blocks: vec![Block::Grid(table(&idle))],
    }));
    out
}

fn table(inputs: &[&Input]) -> Grid {
    let mut grid = Grid::new([
        Column::left("parameter"),
        Column::left("value"),
        Column::left("range"),
        Column::left("range from").drop(1),
        Column::left("rests on").fold(3),
        Column::left("given by").fold(2),
        Column::left("meaning").drop(0),
    ]);
    for input in inputs {
        let origin = words::origin(&input.origin);
        grid.row([
            input.key.into(),
            Cell::from(with_unit(&input.value, input.unit))
                .mark(Mark::Evidence(input.source.evidence)),
            input.range.as_ref().map(range).into(),
            input.range_source.as_str().into(),
            source(&input.source).into(),
            // A value of the scenario without a source has its line as one.
            Some(origin)
                .filter(|origin| *origin != input.source.text)
                .into(),
            input.about.into(),
        ]);
    }
    grid
}

/// All parameters with their defaults.
pub fn defaults() -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("parameter"),
        Column::left("default"),
        Column::left("range"),
        Column::left("meaning").fold(0),
        Column::left("rests on").fold(1),
        Column::left("range from").fold(2),
    ]);
    for parameter in parameters() {
        grid.row(default(parameter));
    }
    vec![Block::Grid(grid)]
}

fn default(of: &Parameter) -> [Cell; 6] {
    let written = |value| write(of.rule, value);
    let Some(Given {
        value,
        range: ends,
        source: from,
        range_source,
    }) = &of.default
    else {
        let none = format!("no default, {}", words::unit(of.unit));
        let why = "nobody published one that fits all";
        return [of.key, &none, "", of.about, why, ""].map(Cell::from);
    };
    [
        of.key.into(),
        Cell::from(with_unit(&written(*value), of.unit)).mark(Mark::Evidence(from.evidence)),
        ends.map(|ends| range(&ends.map(written))).into(),
        of.about.into(),
        source(from).into(),
        ends.map(|_| range_source.as_str()).into(),
    ]
}

/// Both ends of a range, as they are written.
pub fn range(ends: &[String; 2]) -> String {
    ends.join("..")
}

fn with_unit(value: &str, unit: &str) -> String {
    format!("{value} {}", words::unit(unit))
        .trim_end()
        .to_owned()
}
