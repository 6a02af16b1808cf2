//! Columns against the baseline: verdicts, and ratios with their intervals.

use perwatt_compare::Comparison;
use perwatt_compare::context::TAG;
use perwatt_compare::metric::FigureUnit;
use perwatt_compare::model::{Cell as Compared, Outcome, Row, Table};

use perwatt_record::cost::Cost;
use perwatt_record::schema::Unit;

use crate::doc::{
    Block, Cell, Column, Dot, Fact, Item, Matrix, MatrixRow, Plot, Tick, Tone, Value,
};
use crate::units::percent;
use crate::{cells, dollars, phrases};

/// The largest number of values of one column that are named; more are counted.
const NAMED: usize = 4;

/// The comparison; with `keys`, also the fields that are equal in each row.
pub fn blocks(comparison: &Comparison, keys: bool) -> Vec<Block> {
    let stamps = comparison.not_like_for_like.iter();
    let mut out: Vec<Block> = stamps
        .map(|stamp| Block::Warning(format!("NOT LIKE FOR LIKE: {stamp}")))
        .collect();
    out.push(columns(comparison));
    for of in &comparison.tables {
        out.push(Block::section(phrases::title(of)));
        out.push(Block::Matrix(matrix(comparison, of)));
        out.extend(plot(comparison, of));
        out.extend(means(comparison, of));
        if keys {
            out.push(Block::List(of.rows.iter().map(equal).collect()));
        }
    }
    if !comparison.unmatched.is_empty() {
        let columns = comparison.columns.len();
        let rows = comparison.unmatched.iter();
        out.push(Block::Space);
        out.push(Block::List(
            rows.map(|row| phrases::unmatched(row, columns)).collect(),
        ));
    }
    out.extend(differs(comparison));
    out.push(Block::Space);
    let mut last = comparison.notes.clone();
    let specimens = comparison
        .columns
        .iter()
        .flat_map(|column| &column.specimens);
    last.extend(phrases::one_machine_ids(specimens.map(String::as_str)));
    last.extend(dollars::legend(comparison.tables.iter().flat_map(costs)));
    last.push(phrases::family(comparison));
    last.push(phrases::checked(comparison.checked, &comparison.skipped));
    out.push(Block::List(last));
    out
}

/// An explanation of the report for its readers.
pub fn explanation() -> Block {
    Block::Verbatim {
        title: "How to read this".into(),
        text: phrases::EXPLAIN.into(),
    }
}

fn labels(comparison: &Comparison) -> Vec<String> {
    let columns = comparison.columns.iter();
    columns.map(|column| column.label.clone()).collect()
}

fn columns(comparison: &Comparison) -> Block {
    let facts = comparison
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| Fact {
            name: column.label.clone(),
            qualifier: match i == comparison.baseline {
                true => "baseline",
                false => "",
            },
            text: phrases::described(column),
        });
    Block::Facts(facts.collect())
}

fn matrix(comparison: &Comparison, of: &Table) -> Matrix {
    let mut parts = vec![
        Column::right("median"),
        Column::right("95 %").fold(1),
        Column::right("ratio"),
        Column::right("interval").fold(2),
        Column::left("verdict"),
    ];
    let priced = match of.unit {
        FigureUnit::Rate(unit) => costs(of).next().map(|_| unit),
        _ => None,
    };
    if priced.is_some() {
        parts.extend(dollars::columns());
    }
    let mut cells = of.rows.iter().flat_map(|row| &row.cells);
    let ranked = cells.any(|cell| cell.rank.is_some());
    if ranked {
        parts.push(Column::left("place").fold(0));
    }
    let needed = phrases::needed_sessions(of.rows.iter().flat_map(|row| &row.cells));
    let rows = of.rows.iter().map(|row| {
        let style = cells::Style::of(of, &row.cells);
        MatrixRow {
            name: phrases::name(row),
            cells: row
                .cells
                .iter()
                .map(|of| cell(of, &style, needed, priced))
                .collect(),
        }
    });
    Matrix {
        corner: "workload",
        columns: labels(comparison),
        rows: rows.collect(),
        named: ranked.then_some(parts.len() - 1),
        parts,
    }
}

/// The costs of a table's figures.
fn costs(of: &Table) -> impl Iterator<Item = &Cost> {
    let cells = of.rows.iter().flat_map(|row| &row.cells);
    cells.filter_map(|cell| cell.figure.as_ref()?.cost.as_ref())
}

/// The parts of a matrix cell, with its costs where work is `priced`.
fn cell(
    of: &Compared,
    style: &cells::Style,
    needed: Option<[usize; 2]>,
    priced: Option<Unit>,
) -> Vec<Cell> {
    let figure = of.figure.as_ref();
    let (ratio, interval, verdict) = match &of.outcome {
        Outcome::Compared(compared) => (
            Cell::from(Value::Ratio(compared.ratio)),
            match compared.interval {
                Some(ends) => Cell::toned(Value::Ratios(ends), Tone::Soft),
                None => "-".into(),
            },
            Cell::verdict(compared.verdict),
        ),
        Outcome::NotComparable { .. } => {
            let word = cells::verdict(&of.outcome);
            (
                Cell::empty(),
                Cell::empty(),
                Cell::toned(word, Tone::Strong),
            )
        }
        Outcome::Base | Outcome::Absent => {
            let word = cells::verdict(&of.outcome);
            (Cell::empty(), Cell::empty(), Cell::from(word))
        }
    };
    let place = cells::place(of);
    let mut out = vec![
        figure.map(|figure| style.figure(figure.median)).into(),
        figure.map(cells::spread).into(),
        ratio,
        interval,
        verdict.notes(cells::notes(of, needed)),
    ];
    if let Some(unit) = priced {
        let cost = figure.and_then(|figure| figure.cost).unwrap_or_default();
        out.extend(dollars::cells(&cost, unit));
    }
    out.push((!place.is_empty()).then_some(place).into());
    out
}

/// The geometric means of the ratios, over the rows that have a figure in every column.
fn means(comparison: &Comparison, of: &Table) -> Vec<Block> {
    if of.rows.len() < 2 {
        return Vec::new();
    }
    if of.geomean_rows == 0 {
        return vec![Block::sentence(
            "geometric mean of ratios: none, no row has a figure in every column",
        )];
    }
    let means = comparison.columns.iter().zip(&of.geomeans);
    let means: Vec<String> = means
        .filter_map(|(column, mean)| Some(format!("{} {}", column.label, Value::Ratio((*mean)?))))
        .collect();
    let mut out = vec![Block::Sentence(format!(
        "geometric mean of ratios over {} of {} rows: {}",
        of.geomean_rows,
        of.rows.len(),
        means.join(", ")
    ))];
    if !of.geomean_without.is_empty() {
        let without = of.geomean_without.join(", ");
        out.push(Block::Items(vec![Item::new(format!("without: {without}"))]));
    }
    out
}

/// The key that all figures of a row have in common.
fn equal(row: &Row) -> String {
    let fields = row.key.fields();
    let fields: Vec<String> = fields
        .map(|(field, value)| format!("{field}={value}"))
        .collect();
    format!("equal in {}: {}", phrases::name(row), fields.join(", "))
}

/// Other differences between columns, which do not rule out a comparison.
fn differs(comparison: &Comparison) -> Vec<Block> {
    if comparison.differs.is_empty() {
        return Vec::new();
    }
    let mut matrix = Matrix::of_words("field", labels(comparison));
    for field in &comparison.differs {
        let cells = field.values.iter().map(|values| match values.len() {
            0 if field.field.starts_with(TAG) => vec![Cell::from("not set")],
            0 => vec![Cell::from("not read")],
            n if n > NAMED => vec![Cell::from(format!("{n} values"))],
            _ => vec![Cell::from(values.join(" / "))],
        });
        matrix.rows.push(MatrixRow {
            name: field.field.clone(),
            cells: cells.collect(),
        });
    }
    vec![
        Block::Space,
        Block::sentence("also differs:"),
        Block::Matrix(matrix),
    ]
}

/// A plot of the ratios of a table with their intervals; the margin is shaded.
fn plot(comparison: &Comparison, of: &Table) -> Option<Block> {
    let mut dots = Vec::new();
    let mut margin: f64 = 0.0;
    for row in &of.rows {
        for (column, cell) in comparison.columns.iter().zip(&row.cells) {
            if let Outcome::Compared(compared) = &cell.outcome {
                margin = margin.max(compared.margin);
                dots.push(Dot {
                    name: format!("{} {}", phrases::name(row), column.label),
                    text: format!(
                        "{} {}",
                        Value::Ratio(compared.ratio),
                        compared.verdict.word()
                    ),
                    value: compared.ratio,
                    interval: compared.interval,
                    range: None,
                    hollow: false,
                });
            }
        }
    }
    let ends = || {
        let dots = dots.iter();
        dots.flat_map(|dot| dot.interval.unwrap_or([dot.value; 2]))
    };
    let low = ends().fold(1.0 / (1.0 + margin), f64::min);
    let high = ends().fold(1.0 + margin, f64::max);
    let room = 0.05 * (high - low);
    let widest = match comparison.margin < margin {
        true => "widest ",
        false => "",
    };
    (!dots.is_empty()).then(|| {
        Block::Plot(Plot {
            title: format!("Ratios to the baseline: {}", phrases::title(of)),
            caption: format!(
                "Ratio to the baseline with its interval, all intervals of the report together at \
                 their confidence. The band is the {widest}margin, {}.",
                percent(margin, 1)
            ),
            from: [low - room, high + room],
            log: false,
            tick: Tick::Ratio,
            band: Some([1.0 / (1.0 + margin), 1.0 + margin]),
            line: Some(1.0),
            dots,
        })
    })
}
