//! Blocks as Markdown, for a ticket or a pull request.

use crate::doc::{Align, Block, Cell, Grid, Level, Notes, Part, Row, Tone};
use crate::plain::plain;

/// Renders blocks with an empty line between two of them.
pub fn render(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(one).filter(|of| !of.is_empty()).collect();
    parts.join("\n")
}

fn one(block: &Block) -> String {
    let list = |all: &[String]| -> String {
        let items = all.iter().map(|text| format!("- {}\n", safe(text)));
        items.collect()
    };
    match block {
        Block::Part { title, .. } => format!("## {}\n", safe(title)),
        Block::Heading(level, text) => {
            let signs = match level {
                Level::Section => "###",
                Level::Detail => "####",
            };
            format!("{signs} {}\n", safe(text))
        }
        Block::Sentence(text) => format!("{}\n", safe(text)),
        Block::Warning(text) => format!("**{}**\n", safe(text)),
        Block::Verdict(tone, text) => format!("{}\n", toned(*tone, safe(text))),
        Block::List(all) => list(all),
        Block::Items(all) => {
            let items = all.iter().map(|item| {
                let below = item.below.iter();
                let below: String = below.map(|text| format!("  - {}\n", safe(text))).collect();
                let text = toned(item.tone, safe(&item.text));
                format!("- {text}\n{below}")
            });
            items.collect()
        }
        Block::Steps(all) => {
            let items = (1..).zip(all);
            let items = items.map(|(number, text)| format!("{number}. {}\n", safe(text)));
            items.collect()
        }
        Block::Facts(all) => {
            let items = all.iter().map(|fact| {
                let qualifier = match fact.qualifier {
                    "" => String::new(),
                    qualifier => format!(" ({qualifier})"),
                };
                format!(
                    "- **{}**{qualifier}: {}\n",
                    safe(&fact.name),
                    safe(&fact.text)
                )
            });
            items.collect()
        }
        Block::Grid(of) => grid(of),
        Block::Matrix(of) => grid(&of.wide()),
        Block::Verbatim { text, .. } => format!("```text\n{text}```\n"),
        Block::Details { title, blocks } => {
            format!("### {}\n\n{}", safe(title), render(blocks))
        }
        Block::Plot(_) | Block::Chart(_) | Block::Space => String::new(),
    }
}

fn grid(grid: &Grid) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let names = grid.columns.iter().map(|column| safe(&column.name));
    let rules = grid.columns.iter().map(|column| match column.align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    });
    let mut out = line(names.collect()) + &line(rules.collect());
    let mut notes = Notes::default();
    for row in &grid.rows {
        let mut cells: Vec<String> = match row {
            Row::Group(name) => vec![format!("**{}**", safe(name))],
            Row::Cells { cells, .. } => cells.iter().map(|of| cell(of, &mut notes)).collect(),
        };
        cells.resize(grid.columns.len().max(cells.len()), String::new());
        out += &line(cells);
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for (number, text) in notes.iter() {
        out += &format!("{number}. {}\n", safe(text));
    }
    out
}

fn cell(of: &Cell, notes: &mut Notes) -> String {
    let mut parts: Vec<String> = of.parts.iter().map(part).collect();
    if let (Some(mark), Some(last)) = (of.mark, parts.last_mut()) {
        *last += &safe(mark.sign());
    }
    let numbers = notes.numbers(&of.notes);
    if !numbers.is_empty() {
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        parts.push(format!("<sup>{}</sup>", numbers.join(",")));
    }
    parts.join(" ")
}

fn part(of: &Part) -> String {
    let text = of.value.to_string();
    let text = match of.value.is_words() {
        true => safe(&text),
        false => text,
    };
    toned(of.tone, text)
}

fn toned(tone: Tone, text: String) -> String {
    match tone {
        _ if text.is_empty() => text,
        Tone::Plain | Tone::Soft => text,
        Tone::Strong | Tone::Good | Tone::Bad | Tone::Unclear => format!("**{text}**"),
    }
}

/// Escapes untrusted text: nothing in it is markup, begins a block or ends a cell.
pub fn safe(text: &str) -> String {
    let text = plain(text);
    // Numbers of a list: digits, then `.` or `)`, then a space.
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
    use super::*;
    use crate::doc::{Column, Value};

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

    #[test]
    fn a_table_with_its_notes() {
        let mut grid = Grid::new([Column::left("a|b"), Column::right("ratio")]);
        grid.group("g");
        grid.row(["<x>".into(), Cell::toned("BETTER", Tone::Good).note("n_1")]);
        grid.row([
            "y".into(),
            Cell::from(Value::Ratios([0.8, 1.25])).note("n_1"),
        ]);
        let blocks = [Block::section("t"), Block::Grid(grid), Block::Space];
        assert_eq!(
            render(&blocks),
            "### t\n\n\
             | a\\|b | ratio |\n| --- | ---: |\n| **g** |  |\n\
             | \\<x\\> | **BETTER** <sup>1</sup> |\n\
             | y | [0.800, 1.250] <sup>1</sup> |\n\n1. n\\_1\n"
        );
    }
}
