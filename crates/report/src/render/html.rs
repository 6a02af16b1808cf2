//! Blocks as HTML. `maud` escapes all texts.

use maud::{Markup, html};

use super::pictures::{chart, plot};
use crate::doc::{Align, Block, Cell, Grid, Level, Notes, Part, Row, Tone};
use crate::page::{LEAD, whole};

/// The number of characters above which the words of a cell may be broken.
const LONG: usize = 40;
/// The longest text that is kept on one line beside longer ones, in characters.
const SHORT: usize = 24;
/// The longest name of a row that is kept on one line, in characters.
const SHORT_NAME: usize = 17;

/// Renders blocks as a complete page.
pub fn page(title: &str, blocks: &[Block]) -> String {
    page_with(title, LEAD, blocks)
}

/// Renders blocks as a complete page with this text below the title, and with links to its
/// sections if there are several.
pub fn page_with(title: &str, lead: &str, blocks: &[Block]) -> String {
    let links = blocks.iter().filter_map(|block| match block {
        Block::Part { id, title } => Some((format!("#{id}"), title.clone())),
        _ => None,
    });
    let mut links: Vec<(String, String)> = links.collect();
    if links.len() == 1 {
        links.clear();
    }
    let mut notes = Notes::default();
    let main = render(blocks, &mut notes);
    whole(title, lead, &links, &main, &notes)
}

/// Renders blocks as part of a page, which prints the notes at its end.
pub fn render(blocks: &[Block], notes: &mut Notes) -> Markup {
    let parts: Vec<Markup> = blocks.iter().map(|block| one(block, notes)).collect();
    html! { @for part in parts { (part) } }
}

fn one(block: &Block, notes: &mut Notes) -> Markup {
    match block {
        Block::Part { id, title } => html! { h2 id=(id) { (title) } },
        Block::Heading(Level::Section, text) => html! { h3 { (text) } },
        Block::Heading(Level::Detail, text) => html! { h4 { (text) } },
        Block::Sentence(text) => html! { p { (text) } },
        Block::Warning(text) => html! { p.warning { (text) } },
        // A sentence, which breaks, unlike the word of a verdict.
        Block::Verdict(tone, text) => {
            let tone = class(*tone).trim_start_matches("v ");
            html! { p class=(format!("verdict {tone}")) { (text) } }
        }
        Block::List(all) if all.is_empty() => html! {},
        Block::Items(all) if all.is_empty() => html! {},
        Block::List(all) => html! { ul.small { @for text in all { li { (text) } } } },
        Block::Items(all) => html! {
            ul.small { @for item in all { li {
                @match class(item.tone) {
                    "" => (item.text),
                    class => span class=(class) { (item.text) },
                }
                @if !item.below.is_empty() { ul { @for text in &item.below { li { (text) } } } }
            } } }
        },
        Block::Steps(all) => html! { ol.small { @for text in all { li { (text) } } } },
        Block::Facts(all) => html! {
            dl { @for fact in all {
                dt { (fact.name) @if !fact.qualifier.is_empty() { " (" (fact.qualifier) ")" } }
                dd { (fact.text) }
            } }
        },
        Block::Grid(of) => grid(of, notes),
        Block::Matrix(of) => grid(&of.wide(), notes),
        Block::Plot(of) => plot(of),
        Block::Chart(of) => chart(of),
        Block::Details { title, blocks } => html! {
            details { summary { (title) } (render(blocks, notes)) }
        },
        Block::Verbatim { title, text } => html! {
            details { summary { (title) } pre.small { (text) } }
        },
        Block::Space => html! {},
    }
}

fn grid(grid: &Grid, notes: &mut Notes) -> Markup {
    let lines: Vec<Markup> = grid
        .rows
        .iter()
        .map(|row| match row {
            Row::Group(name) => html! {
                tr.group { th colspan=(grid.columns.len()) scope="rowgroup" { (name) } }
            },
            Row::Cells { depth, cells } => line(grid, *depth, cells, notes),
        })
        .collect();
    html! {
        // Focusable, so that the keys scroll a table wider than the screen.
        div.wide tabindex="0" role="group" aria-label=(label(grid)) { table {
            thead { tr {
                @for column in &grid.columns {
                    @if column.name.is_empty() { td {} } @else {
                        th.n[column.align == Align::Right] scope="col" { (column.name) }
                    }
                }
            } }
            tbody { @for line in lines { (line) } }
        } }
    }
}

/// The name of a table for screen readers.
fn label(grid: &Grid) -> String {
    let names = grid.columns.iter().map(|column| column.name.as_str());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).take(2).collect();
    format!("table: {}", names.join(", "))
}

fn line(grid: &Grid, depth: usize, cells: &[Cell], notes: &mut Notes) -> Markup {
    let grouped = usize::from(grid.grouped());
    let filled: Vec<Markup> = cells.iter().map(|of| cell(of, notes)).collect();
    html! {
        tr {
            @for (i, column) in grid.columns.iter().enumerate() {
                @let inside = filled.get(i);
                @if i == 0 && cells.first().is_some_and(|of| !of.is_empty()) {
                    @let short = cells.first().is_some_and(|of| size(of) <= SHORT_NAME);
                    th.part[depth > grouped].nb[short] scope="row" { @if let Some(of) = inside { (of) } }
                } @else {
                    td class=[class_of(column.align, cells.get(i))] { @if let Some(of) = inside { (of) } }
                }
            }
        }
    }
}

/// The number of characters of a cell.
fn size(cell: &Cell) -> usize {
    cell.text().chars().count()
}

/// The classes of a cell: a figure or a long text, and a shade.
fn class_of(align: Align, cell: Option<&Cell>) -> Option<String> {
    let size = cell.map_or(0, size);
    let kind = match align {
        Align::Right => "n",
        Align::Left if size > LONG => "w",
        Align::Left if size > SHORT => "",
        Align::Left => "nb",
    };
    let shade = cell.and_then(|of| of.shade);
    let shade = shade.map_or_else(String::new, |shade| format!(" h{shade}"));
    let classes = format!("{kind}{shade}");
    (!classes.is_empty()).then_some(classes)
}

fn cell(of: &Cell, notes: &mut Notes) -> Markup {
    let marks = notes.marks(&of.notes);
    html! {
        @for (i, of) in of.parts.iter().enumerate() {
            @if i > 0 { " " }
            (part(of))
        }
        @if let Some(mark) = of.mark { span.mark { (mark.sign()) } }
        (marks)
    }
}

fn part(of: &Part) -> Markup {
    let text = of.value.to_string();
    match class(of.tone) {
        "" if of.value.is_words() => html! {
            // Long names of keys break between their words.
            @for word in text.split_inclusive('_') { (word) @if word.ends_with('_') { wbr; } }
        },
        "" => html! { span.nb { (text) } },
        class => html! { span class=(class) { (text) } },
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Soft => "nb soft",
        Tone::Strong => "v",
        Tone::Good => "v better",
        Tone::Bad => "v worse",
        Tone::Unclear => "v unclear",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Column;

    #[test]
    fn texts_are_escaped_and_notes_are_the_pages() {
        let mut notes = Notes::default();
        notes.number("of another table");
        let mut grid = Grid::new([Column::left("<b>"), Column::right("verdict")]);
        let verdict = Cell::toned("WORSE", Tone::Bad);
        grid.row([
            "<img src=x>".into(),
            verdict.note("n<1>").note("of another table"),
        ]);
        let text = render(&[Block::Grid(grid)], &mut notes).into_string();
        assert!(!text.contains("<img") && text.contains("&lt;img src=x&gt;"));
        assert!(
            text.contains("<span class=\"v worse\">WORSE</span>"),
            "{text}"
        );
        assert!(
            text.contains("#note-1\">1</a>,<a href=\"#note-2\">2</a></sup>"),
            "{text}"
        );
        let section = notes.section().into_string();
        assert!(section.contains("<li id=\"note-2\">n&lt;1&gt;</li>"));
    }
}
