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

/// The width of all pictures in their own units; the page scales them.
pub const WIDTH: f64 = 720.0;

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

/// A label cut to `most` characters, so that it fits beside a plot.
pub fn label(text: &str, most: usize) -> String {
    match text.chars().count() {
        n if n > most => {
            let head: String = text.chars().take(most / 2 - 1).collect();
            let tail: String = text.chars().skip(n - most / 2).collect();
            format!("{head}\u{2026}{tail}")
        }
        _ => text.to_owned(),
    }
}
