//! Parameters, each with its range, its source and its meaning.

use perwatt_site::SiteReport;
use perwatt_site::parameter::{Parameter, write};
use perwatt_site::parameters::parameters;
use perwatt_site::report::Input;
use perwatt_site::scenario::Origin;
use perwatt_table::Source;

use crate::doc::{Block, Cell, Column, Fit, Grid, Mark};
use crate::phrases::{gap::source, site as phrases};
use crate::units;

/// The parameters that any figure depends on; with `full`, the others too.
pub fn blocks(report: &SiteReport, full: bool) -> Vec<Block> {
    let (used, idle): (Vec<&Input>, Vec<&Input>) =
        report.inputs.iter().partition(|input| input.used);
    let mut out = vec![
        Block::part("inputs", "inputs"),
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

/// A table of parameters.
fn columns(meaning: Fit) -> Grid {
    let meaning = Column {
        fit: meaning,
        ..Column::left("meaning")
    };
    let first = ["parameter", "value", "range"].map(Column::left);
    let last = [meaning, Column::left("rests on").fold(1)];
    Grid::new(first.into_iter().chain(last))
}

fn table(inputs: &[&Input]) -> Grid {
    let mut grid = columns(Fit::Drop(0));
    for input in inputs {
        let origin = phrases::origin(&input.origin);
        let ends = input.range.as_ref();
        let from = ends.map_or("", |_| input.range_source.as_str());
        grid.row([
            input.key.into(),
            value(&input.value, input.unit, &input.source),
            ends.map(|ends| range(ends, input.unit)).into(),
            input.about.into(),
            rests_on(&input.source, &origin, from).into(),
        ]);
    }
    grid
}

/// All parameters with their defaults.
pub fn defaults() -> Vec<Block> {
    let mut grid = columns(Fit::Fold(0));
    for parameter in parameters() {
        grid.row(default(parameter));
    }
    vec![Block::Grid(grid)]
}

fn default(of: &Parameter) -> [Cell; 5] {
    let Some(given) = &of.default else {
        let none = format!("no default, {}", phrases::unit(of.unit));
        let why = "no published value fits all sites";
        return [of.key, &none, "", of.about, why].map(Cell::from);
    };
    let written = |value| write(of.rule, value);
    let from = given.range.map_or("", |_| given.range_source.as_str());
    [
        of.key.into(),
        value(&written(given.value), of.unit, &given.source),
        given
            .range
            .map(|ends| range(&ends.map(written), of.unit))
            .into(),
        of.about.into(),
        rests_on(&given.source, "", from).into(),
    ]
}

/// A value with its unit and the letter of its evidence.
fn value(value: &str, unit: &str, source: &Source) -> Cell {
    let text = units::written(value, phrases::unit(unit));
    Cell::from(text).mark(Mark::Evidence(source.evidence))
}

/// The source of a value, its origin, and the source of its range; a line of the scenario
/// may be all of them, and is named once.
fn rests_on(of: &Source, origin: &str, range: &str) -> String {
    let other = |text: &str| !text.is_empty() && text != of.text;
    let mut out = source(of);
    if other(origin) {
        out += &format!(" ({origin})");
    }
    if other(range) {
        out += &format!("; range: {range}");
    }
    out
}

/// Both ends of a range, as they are written; the unit stands beside them, but for `$`.
fn range(ends: &[String; 2], unit: &str) -> String {
    range_with(ends, if unit.starts_with('$') { "$" } else { "" })
}

/// Both ends of a range, as they are written, with their unit.
pub fn range_with([low, high]: &[String; 2], unit: &str) -> String {
    let unit = phrases::unit(unit);
    let low = match unit.starts_with('$') {
        true => units::written(low, "$"),
        false => low.clone(),
    };
    format!("{low}..{}", units::written(high, unit))
}
