//! Plots of dots with intervals on a terminal: a line for each dot where its name leaves
//! room, else two.

use super::line::{Line, width, wrap};
use crate::doc::{Dot, Plot, Tone};
use crate::plain::plain;
use crate::render::pictures::MOST;
use crate::svg::scale::Axis;

/// The signs of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// Lines and dots beyond ASCII.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// The signs for each part of a plot.
struct Set {
    dot: char,
    hollow: char,
    ends: [char; 2],
    interval: char,
    range: char,
    band: char,
    line: char,
    axis: char,
    tick: char,
}

const UNICODE: Set = Set {
    dot: '\u{25cf}',
    hollow: '\u{25cb}',
    ends: ['\u{251c}', '\u{2524}'],
    interval: '\u{2500}',
    range: '\u{2508}',
    band: '\u{2591}',
    line: '\u{2502}',
    axis: '\u{2500}',
    tick: '\u{2534}',
};
const ASCII: Set = Set {
    dot: '*',
    hollow: 'o',
    ends: ['[', ']'],
    interval: '-',
    range: '.',
    band: ':',
    line: '|',
    axis: '-',
    tick: '+',
};

/// The narrowest bar that is worth a place beside its name.
const LEAST: usize = 24;
/// The widest bar.
const WIDEST: usize = 72;
/// Spaces between a name, its bar and its figure.
const BETWEEN: usize = 2;

/// Renders a plot for a terminal of `columns` columns.
pub fn render(plot: &Plot, signs: Signs, columns: usize, out: &mut Vec<Line>) {
    let mut say = |text: String, lead: usize| {
        let line = Line::new(Tone::Plain, &text);
        out.extend(wrap(&line, lead, lead + 2, columns));
    };
    if plot.dots.is_empty() {
        return;
    }
    let title = plain(&plot.title);
    if plot.dots.len() > MOST {
        let rows = plot.dots.len();
        say(
            format!("no plot of {title}: of {rows} rows more than {MOST} cannot be read"),
            0,
        );
        return;
    }
    let set = match signs {
        Signs::Unicode => &UNICODE,
        Signs::Ascii => &ASCII,
    };
    say(title, 0);
    let longest = |of: fn(&Dot) -> &String| {
        let all = plot.dots.iter().map(|dot| width(&plain(of(dot))));
        all.max().unwrap_or(0)
    };
    let (name, text) = (longest(|dot| &dot.name), longest(|dot| &dot.text));
    let beside = columns.saturating_sub(name + text + 2 * BETWEEN);
    let is_beside = beside >= LEAST;
    let (left, room) = match is_beside {
        true => (name + BETWEEN, beside.min(WIDEST)),
        false => (BETWEEN, columns.saturating_sub(BETWEEN).clamp(2, WIDEST)),
    };
    let axis = plot.axis([0.0, (room - 1) as f64]);
    for dot in &plot.dots {
        let bar = bar(plot, dot, axis, set, room);
        let (name, text) = (plain(&dot.name), plain(&dot.text));
        if is_beside {
            let pad = " ".repeat(left - width(&name));
            let bar = format!("{bar:<0$}", room + BETWEEN);
            out.push(Line::new(Tone::Plain, &format!("{name}{pad}{bar}{text}")).trimmed());
        } else {
            let line = Line::new(Tone::Plain, &format!("{name}  {text}"));
            out.extend(wrap(&line, 0, 2, columns));
            out.push(Line::new(Tone::Plain, &format!("{:left$}{bar}", "")).trimmed());
        }
    }
    for line in scale(plot, axis, set, room) {
        out.push(Line::new(Tone::Plain, &format!("{:left$}{line}", "")).trimmed());
    }
    let line = Line::new(Tone::Plain, &key(plot, set));
    out.extend(wrap(&line, 0, 2, columns));
}

/// The place of a figure on a bar.
fn place(axis: Axis, value: f64, room: usize) -> usize {
    (axis.at(value).round().max(0.0) as usize).min(room - 1)
}

/// The bar of a dot: what stands for more covers what stands for less.
fn bar(plot: &Plot, dot: &Dot, axis: Axis, set: &Set, room: usize) -> String {
    let mut signs = vec![' '; room];
    let at = |value: f64| place(axis, value, room);
    let mut fill = |[low, high]: [f64; 2], sign: char, ends: Option<[char; 2]>| {
        let (from, to) = (at(low), at(high.max(low)));
        signs[from..=to].fill(sign);
        if let Some([first, last]) = ends.filter(|_| to > from) {
            (signs[from], signs[to]) = (first, last);
        }
    };
    if let Some(band) = plot.band {
        fill(band, set.band, None);
    }
    if let Some(line) = plot.line {
        fill([line; 2], set.line, None);
    }
    if let Some(range) = dot.range {
        fill(range, set.range, None);
    }
    if let Some(interval) = dot.interval {
        fill(interval, set.interval, Some(set.ends));
    }
    let sign = if dot.hollow { set.hollow } else { set.dot };
    fill([dot.value; 2], sign, None);
    signs.into_iter().collect::<String>().trim_end().to_owned()
}

/// The axis and its labels; those without room are left out.
fn scale(plot: &Plot, axis: Axis, set: &Set, room: usize) -> [String; 2] {
    let mut line = vec![set.axis; room];
    let mut labels = String::new();
    for tick in axis.ticks() {
        let (at, text) = (place(axis, tick, room), plot.tick.text(tick));
        let wide = width(&text);
        let begins = at.saturating_sub(wide / 2).min(room.saturating_sub(wide));
        let used = width(&labels);
        if begins > used || used == 0 {
            labels += &" ".repeat(begins - used);
            labels += &text;
            line[at] = set.tick;
        }
    }
    [line.into_iter().collect(), labels]
}

/// The meaning of the signs that the plot has.
fn key(plot: &Plot, set: &Set) -> String {
    let any = |of: fn(&Dot) -> bool| plot.dots.iter().any(of);
    let [first, last] = set.ends;
    let parts = [
        Some(format!("{} value", set.dot)),
        any(|dot| dot.hollow).then(|| format!("{} of another kind", set.hollow)),
        any(|dot| dot.interval.is_some())
            .then(|| format!("{first}{}{last} interval", set.interval)),
        any(|dot| dot.range.is_some()).then(|| format!("{} range", set.range)),
        plot.band.map(|_| format!("{} margin", set.band)),
        plot.line
            .map(|line| format!("{} {}", set.line, plot.tick.text(line))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Tick;
    use proptest::prelude::*;

    fn dot(name: &str, value: f64, interval: Option<[f64; 2]>) -> Dot {
        Dot {
            name: name.into(),
            text: format!("{value:.2}x"),
            value,
            interval,
            range: None,
            hollow: false,
        }
    }

    fn ratios(dots: Vec<Dot>) -> Plot {
        Plot {
            title: "Ratios".into(),
            caption: String::new(),
            dots,
            from: [0.8, 1.2],
            log: false,
            tick: Tick::Ratio,
            band: Some([0.98, 1.02]),
            line: Some(1.0),
        }
    }

    fn text(plot: &Plot, signs: Signs, columns: usize) -> String {
        let mut out = Vec::new();
        render(plot, signs, columns, &mut out);
        out.iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn bars_stand_between_names_and_figures() {
        let plot = ratios(vec![
            dot("a", 1.1, Some([1.05, 1.15])),
            dot("bb", 0.9, None),
        ]);
        assert_eq!(
            text(&plot, Signs::Ascii, 51),
            [
                "Ratios\n",
                "a                     ::|:  [----*----]       1.10x\n",
                "bb            *       ::|:                    0.90x\n",
                "    +---------+---------+--------+---------+\n",
                "    0.80x   0.90x     1.00x    1.10x   1.20x\n",
                "* value [-] interval : margin | 1.00x\n",
            ]
            .concat()
        );
    }

    #[test]
    fn more_dots_than_can_be_read_are_counted() {
        let dots = (0..=MOST).map(|i| dot(&i.to_string(), 1.0, None));
        let said = text(&ratios(dots.collect()), Signs::Unicode, 80);
        assert!(said.contains("of 61 rows"), "{said}");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(
            columns in 40_usize..130,
            name in "[a-z/ ]{0,60}",
            value in prop::num::f64::ANY,
            ends in prop::option::of(prop::array::uniform2(prop::num::f64::ANY)),
            log in any::<bool>(),
            unicode in any::<bool>(),
        ) {
            let mut one = dot(&name, 1.0, ends);
            one.value = value;
            let plot = Plot { log, ..ratios(vec![one, dot("b", 1.0, Some([0.9, 1.1]))]) };
            let signs = if unicode { Signs::Unicode } else { Signs::Ascii };
            let said = text(&plot, signs, columns);
            for line in said.lines() {
                let longest = line.split(' ').map(width).max().unwrap_or(0);
                prop_assert!(width(line) <= columns.max(longest), "{columns}: {line:?}");
            }
            prop_assert!(unicode || said.is_ascii(), "{said}");
        }
    }
}
