//! A comparison as Markdown, for a ticket or a pull request.

use perwatt_compare::Comparison;
use perwatt_compare::model::{Outcome, Table};

use perwatt_report::{cells, words};

use crate::output::{plain, standing};

/// The whole, ending in a newline.
pub fn markdown(comparison: &Comparison, explain: bool) -> String {
    let mut out = standing::markdown(&comparison.skipped);
    for stamp in &comparison.not_like_for_like {
        out += &format!("**NOT LIKE FOR LIKE: {}**\n\n", safe(stamp));
    }
    for (i, column) in comparison.columns.iter().enumerate() {
        let base = match i == comparison.baseline {
            true => " (baseline)",
            false => "",
        };
        out += &format!(
            "- **{}**{base}: {}\n",
            safe(&column.label),
            safe(&words::described(column))
        );
    }
    for table in &comparison.tables {
        out += &of_table(comparison, table);
    }
    if !comparison.unmatched.is_empty() {
        out.push('\n');
    }
    for row in &comparison.unmatched {
        out += &format!(
            "- {}\n",
            safe(&words::unmatched(row, comparison.columns.len()))
        );
    }
    if !comparison.differs.is_empty() {
        out += "\nAlso differs:\n\n";
        out += &header(&["field"], comparison);
        for field in &comparison.differs {
            let values: Vec<String> = field.values.iter().map(|v| safe(&v.join(" / "))).collect();
            out += &format!("| {} | {} |\n", safe(&field.field), values.join(" | "));
        }
    }
    out.push('\n');
    for note in &comparison.notes {
        out += &format!("- {}\n", safe(note));
    }
    out += &format!("- {}\n", words::family(comparison));
    out += &format!("- {}\n", words::checked(comparison.checked));
    if explain {
        out += &format!("\n```text\n{}```\n", words::EXPLAIN);
    }
    out
}

fn header(first: &[&str], comparison: &Comparison) -> String {
    let names: Vec<String> = first
        .iter()
        .map(|name| (*name).to_owned())
        .chain(comparison.columns.iter().map(|column| safe(&column.label)))
        .collect();
    format!(
        "| {} |\n|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    )
}

fn of_table(comparison: &Comparison, table: &Table) -> String {
    let mut out = format!("\n### {}\n\n", safe(&words::title(table)));
    let mut notes: Vec<String> = Vec::new();
    out += &header(&["workload"], comparison);
    for row in &table.rows {
        let style = cells::Style::of(table, &row.cells);
        let line: Vec<String> = row
            .cells
            .iter()
            .map(|cell| {
                let mut parts = Vec::new();
                if let Some(figure) = &cell.figure {
                    parts.push(format!(
                        "{} {}",
                        safe(&style.figure(figure.median)),
                        cells::plus_minus(figure)
                    ));
                }
                match &cell.outcome {
                    Outcome::Compared(compared) => parts.push(format!(
                        "{} {} **{}**",
                        cells::ratio(compared),
                        cells::interval(compared),
                        compared.verdict.word()
                    )),
                    Outcome::NotComparable { .. } => parts.push("**N/A**".into()),
                    Outcome::Absent => parts.push("-".into()),
                    Outcome::Base => {}
                }
                if !cells::place(cell).is_empty() {
                    parts.push(format!("place {}", cells::place(cell)));
                }
                let marks: Vec<String> = cells::notes(cell)
                    .into_iter()
                    .map(|note| {
                        let at = notes.iter().position(|known| *known == note);
                        let at = at.unwrap_or_else(|| {
                            notes.push(note);
                            notes.len() - 1
                        });
                        (at + 1).to_string()
                    })
                    .collect();
                if !marks.is_empty() {
                    parts.push(format!("<sup>{}</sup>", marks.join(",")));
                }
                parts.join(" ")
            })
            .collect();
        out += &format!("| {} | {} |\n", safe(&words::name(row)), line.join(" | "));
    }
    if table.rows.len() > 1 && table.geomean_rows > 0 {
        let means: Vec<String> = table
            .geomeans
            .iter()
            .map(|mean| mean.map_or_else(String::new, cells::times))
            .collect();
        out += &format!(
            "| geometric mean of {} of {} rows | {} |\n",
            table.geomean_rows,
            table.rows.len(),
            means.join(" | ")
        );
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for (i, note) in notes.iter().enumerate() {
        out += &format!("{}. {}\n", i + 1, safe(note));
    }
    out
}

/// Text from a record as text: nothing in it is markup, begins a block or ends a cell.
pub fn safe(text: &str) -> String {
    let text = plain(text);
    // A list's number is digits with a sign and a space after them.
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - behind.len();
    let number = digits > 0 && (behind.starts_with(". ") || behind.starts_with(") "));
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let begins = match c {
            '#' | '-' | '+' => at == 0,
            '.' | ')' => number && at == digits,
            _ => false,
        };
        if begins || "|<>`*_[]\\&~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn markup_is_text() {
        for (given, written) in [
            ("a|b", "a\\|b"),
            ("<img src=x>", "\\<img src=x\\>"),
            ("![x](y)", "!\\[x\\](y)"),
            ("`a` ~~b~~ &lt;", "\\`a\\` \\~\\~b\\~\\~ \\&lt;"),
            ("# a", "\\# a"),
            ("- a-b", "\\- a-b"),
            ("1. a", "1\\. a"),
            ("1.5 a", "1.5 a"),
            ("a\nb\u{9b}m", "a\u{fffd}b\u{fffd}m"),
        ] {
            assert_eq!(safe(given), written, "{given:?}");
        }
    }
}
