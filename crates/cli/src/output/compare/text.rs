//! A comparison for a terminal of 80 columns.

use perwatt_compare::Comparison;
use perwatt_compare::model::{Row, Table as Rows};
use perwatt_report::{cells, words};

use crate::output::table::{Align, Table, wrap};
use crate::output::{plain, standing};

/// Labels longer than this are cut in tables; the list above has them whole.
const LABEL: usize = 20;
/// Columns of a terminal.
const WIDTH: usize = 80;

/// The whole, ending in a newline.
pub fn text(comparison: &Comparison, explain: bool) -> String {
    let mut out = standing::text(&comparison.skipped);
    for stamp in &comparison.not_like_for_like {
        out += &wrap(&format!("NOT LIKE FOR LIKE: {}", plain(stamp)), 2, WIDTH);
    }
    out += &columns(comparison);
    for table in &comparison.tables {
        out.push('\n');
        out += &rows(comparison, table);
        if explain {
            out += &keys(table);
        }
    }
    out += &unmatched(comparison);
    out += &differs(comparison);
    out.push('\n');
    for note in &comparison.notes {
        out += &wrap(&plain(note), 2, WIDTH);
    }
    out += &wrap(&words::family(comparison), 2, WIDTH);
    out += &wrap(words::checked(comparison.checked), 2, WIDTH);
    if explain {
        out.push('\n');
        out += words::EXPLAIN;
    }
    out
}

fn columns(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (i, column) in comparison.columns.iter().enumerate() {
        let base = match i == comparison.baseline {
            true => " (baseline)",
            false => "",
        };
        out += &wrap(
            &format!(
                "{}{base}: {}",
                plain(&column.label),
                plain(&words::described(column))
            ),
            4,
            WIDTH,
        );
    }
    out
}

fn rows(comparison: &Comparison, of: &Rows) -> String {
    let ranked = of
        .rows
        .iter()
        .flat_map(|row| &row.cells)
        .any(|cell| cell.rank.is_some());
    let mut headings = vec![
        ("", Align::Left),
        ("median", Align::Right),
        ("95 %", Align::Right),
        ("ratio", Align::Right),
        ("interval", Align::Right),
        ("verdict", Align::Left),
    ];
    if ranked {
        headings.push(("place", Align::Left));
    }
    let mut table = Table::new(&headings).wrapped(WIDTH);
    for row in &of.rows {
        table.heading(plain(&words::name(row)));
        for line in lines(comparison, of, row, &mut table) {
            table.row(line);
        }
    }
    let mut out = format!("{}\n{}", words::title(of), table.render());
    out += &geomeans(comparison, of);
    out
}

fn lines(comparison: &Comparison, of: &Rows, row: &Row, table: &mut Table) -> Vec<Vec<String>> {
    let style = cells::Style::of(of, &row.cells);
    let mut lines = Vec::new();
    for (column, cell) in comparison.columns.iter().zip(&row.cells) {
        let notes: Vec<String> = cells::notes(cell).iter().map(|note| plain(note)).collect();
        let marks = table.marks(&notes);
        let (figure, spread) = match &cell.figure {
            Some(figure) => (style.figure(figure.median), cells::plus_minus(figure)),
            None => ("-".into(), String::new()),
        };
        let (ratio, interval) = match &cell.outcome {
            perwatt_compare::model::Outcome::Compared(compared) => {
                (cells::ratio(compared), cells::interval(compared))
            }
            _ => (String::new(), String::new()),
        };
        lines.push(vec![
            format!("  {}", cut(&plain(&column.label))),
            figure,
            spread,
            ratio,
            interval,
            format!("{}{marks}", cells::verdict(&cell.outcome)),
            cells::place(cell),
        ]);
    }
    lines
}

fn cut(label: &str) -> String {
    match label.chars().count() {
        // The end tells columns of one name apart.
        n if n > LABEL => {
            let head: String = label.chars().take(LABEL / 2 - 1).collect();
            let tail: String = label.chars().skip(n - LABEL / 2).collect();
            format!("{head}\u{2026}{tail}")
        }
        _ => label.to_owned(),
    }
}

/// One line for each column, over the rows that all of them have.
fn geomeans(comparison: &Comparison, of: &Rows) -> String {
    if of.rows.len() < 2 {
        return String::new();
    }
    let of_rows = match of.geomean_rows {
        0 => {
            return "geometric mean of ratios: none, no row has a figure in every column\n".into();
        }
        n => format!("{n} of {} rows", of.rows.len()),
    };
    let means: Vec<String> = comparison
        .columns
        .iter()
        .zip(&of.geomeans)
        .filter_map(|(column, mean)| {
            Some(format!(
                "{} {}",
                plain(&column.label),
                cells::times((*mean)?)
            ))
        })
        .collect();
    let mut out = wrap(
        &format!(
            "geometric mean of ratios over {of_rows}: {}",
            means.join(", ")
        ),
        2,
        WIDTH,
    );
    if !of.geomean_without.is_empty() {
        out += &wrap(
            &format!("  without: {}", plain(&of.geomean_without.join(", "))),
            4,
            WIDTH,
        );
    }
    out
}

/// What was equal in every figure of each row.
fn keys(of: &Rows) -> String {
    let mut out = String::new();
    for row in &of.rows {
        let fields: Vec<String> = row
            .key
            .fields()
            .map(|(field, value)| format!("{field}={value}"))
            .collect();
        out += &wrap(
            &format!(
                "equal in {}: {}",
                plain(&words::name(row)),
                plain(&fields.join(", "))
            ),
            4,
            WIDTH,
        );
    }
    out
}

fn unmatched(comparison: &Comparison) -> String {
    let rows = comparison.unmatched.iter();
    let lines: String = rows
        .map(|row| {
            wrap(
                &plain(&words::unmatched(row, comparison.columns.len())),
                2,
                WIDTH,
            )
        })
        .collect();
    match lines.is_empty() {
        true => lines,
        false => format!("\n{lines}"),
    }
}

fn differs(comparison: &Comparison) -> String {
    if comparison.differs.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nalso differs:\n");
    for field in &comparison.differs {
        // Columns that agree are named together.
        let mut values: Vec<(String, Vec<String>)> = Vec::new();
        for (column, all) in comparison.columns.iter().zip(&field.values) {
            let value = match all.as_slice() {
                [] => "not read".to_owned(),
                [one] => plain(one),
                many => format!("{} values", many.len()),
            };
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, columns)) => columns.push(plain(&column.label)),
                None => values.push((value, vec![plain(&column.label)])),
            }
        }
        let values: Vec<String> = values
            .into_iter()
            .map(|(value, columns)| format!("{value} in {}", columns.join(", ")))
            .collect();
        out += &wrap(
            &format!("  {}: {}", field.field, values.join("; ")),
            4,
            WIDTH,
        );
    }
    out
}
