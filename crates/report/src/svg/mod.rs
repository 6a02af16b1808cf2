//! Pictures as inline SVG, each with a title and a description in words.

pub mod curves;
pub mod dot;
pub mod line;
pub mod log;
pub mod scale;
pub mod strip;
pub mod tornado;
pub mod waterfall;

use maud::{Markup, html};

/// The width of all pictures in their own units: about a telephone's screen, so that their
/// letters are readable there; wider screens show pictures side by side.
pub const WIDTH: f64 = 380.0;
/// The height of a line of text.
pub const LINE: f64 = 14.0;
/// The height of the labels of a horizontal axis below it, where a vertical axis has labels
/// too.
const BELOW: f64 = LINE + 4.0;
/// The space between texts on one line.
const SPACE: f64 = 8.0;
/// The size of the letters of ticks over that of the others.
const TICK: f64 = 10.0 / 11.0;

/// A picture of this height with its title, its description and its contents.
pub fn picture(height: f64, title: &str, words: &str, inside: &Markup) -> Markup {
    html! {
        svg role="img" xmlns="http://www.w3.org/2000/svg"
            viewBox=(format!("0 0 {WIDTH} {height:.0}")) {
            title { (title) }
            desc { (words) }
            (inside)
        }
    }
}

/// A coordinate with one decimal: a tenth of a unit is finer than any screen.
pub fn at(x: f64) -> String {
    format!("{x:.1}")
}

/// The width of a letter in units of the picture, rather too large: the font is the reader's.
fn letter(c: char) -> f64 {
    match c {
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 11.5,
        'A'..='Z' | '+' | '<' | '>' | '=' => 8.4,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 4.0,
        c if c.is_ascii() => 7.0,
        _ => 11.5,
    }
}

fn width(text: &str) -> f64 {
    text.chars().map(letter).sum()
}

/// The lines of a text that are `room` wide at most, broken between words where possible.
fn lines(text: &str, room: f64) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    let breaks = |c: char| matches!(c, ' ' | '/' | '-' | ',' | '_');
    for word in text.split_inclusive(breaks) {
        let mut is_over = used + width(word.trim_end()) > room;
        for c in word.chars() {
            if used > 0.0 && c != ' ' && (is_over || used + letter(c) > room) {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            is_over = false;
            line.push(c);
            used += letter(c);
        }
    }
    lines.push(line);
    lines
}

/// The head of a row that begins at the place `x`, `y`: its name, on as many lines as it
/// takes, and its figure at the right end. Returns its height too.
pub fn head(name: &str, text: &str, [x, y]: [f64; 2]) -> (Markup, f64) {
    let room = WIDTH - x;
    let left = room - width(text) - SPACE;
    let beside = left > 0.4 * room;
    let lines = match beside {
        true => lines(name, left),
        false => [lines(name, room), lines(text, room)].concat(),
    };
    let height = LINE * lines.len() as f64;
    let drawn = html! {
        @for (i, line) in lines.iter().enumerate() {
            text x=(at(x)) y=(at(y + LINE * (i as f64 + 0.8))) { (line.trim_end()) }
        }
        @if beside && !text.is_empty() {
            text x=(at(WIDTH)) y=(at(y + 0.8 * LINE)) text-anchor="end" { (text) }
        }
    };
    (drawn, height)
}

/// Rows below each other, each a head above its bar.
pub struct Rows {
    /// The heads.
    pub heads: Markup,
    /// The height at which each bar begins.
    pub tops: Vec<f64>,
    /// The height at which the last row ends.
    pub bottom: f64,
}

impl Rows {
    /// Rows from the height `top` on with these names and figures, and bars of one height.
    pub fn new<A: AsRef<str>, B: AsRef<str>>(
        names: impl IntoIterator<Item = (A, B)>,
        top: f64,
        bar: f64,
    ) -> Self {
        let (mut heads, mut tops, mut bottom) = (Vec::new(), Vec::new(), top);
        for (name, text) in names {
            let (drawn, height) = head(name.as_ref(), text.as_ref(), [0.0, bottom]);
            heads.push(drawn);
            tops.push(bottom + height + 2.0);
            bottom += height + bar + SPACE;
        }
        let heads = html! { @for head in heads { (head) } };
        Self {
            heads,
            tops,
            bottom,
        }
    }
}

/// Labels below a horizontal axis, at the height `y`; those without room are left out.
pub fn ticks(labels: impl IntoIterator<Item = (f64, String)>, y: f64) -> Markup {
    let mut free = 0.0;
    let mut placed = Vec::new();
    for (x, text) in labels {
        let width = TICK * width(&text);
        let left = (x - width / 2.0).min(WIDTH - width).max(0.0);
        if left >= free {
            free = left + width + SPACE;
            placed.push((left + width / 2.0, text));
        }
    }
    html! {
        @for (x, text) in placed {
            text.tick x=(at(x)) y=(at(y)) text-anchor="middle" { (text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_broken_between_words_and_never_cut() {
        let name = "matmul/f32/prefill512-attn-4096x4096/cpu/embedded";
        let found = lines(name, 220.0);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found.concat(), name);
        assert!(found[0].ends_with(['/', '-']), "{found:?}");
    }

    proptest! {
        #[test]
        fn every_letter_stays_and_every_line_fits(text in "\\PC{0,200}", room in 20.0..400.0_f64) {
            let found = lines(&text, room);
            prop_assert_eq!(found.concat(), text);
            for line in found {
                prop_assert!(width(line.trim_end()) <= room + 1e-9, "{}", line);
            }
        }

        #[test]
        fn ticks_do_not_overlap(places in prop::collection::vec(0.0..WIDTH, 0..9)) {
            let mut places = places;
            places.sort_by(f64::total_cmp);
            let drawn = ticks(places.iter().map(|x| (*x, "1.234 k".to_owned())), 0.0).into_string();
            let found = drawn.split("x=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse::<f64>().unwrap());
            let found: Vec<f64> = found.collect();
            for pair in found.windows(2) {
                prop_assert!(pair[1] - pair[0] >= TICK * width("1.234 k"), "{}", drawn);
            }
        }
    }
}
