//! Marks of notes on a page: links to the texts, which stand once at the end of the page.

use maud::{Markup, html};

pub use crate::doc::Notes;

impl Notes {
    /// The marks of notes, each a link to its text.
    pub(crate) fn marks(&mut self, texts: &[String]) -> Markup {
        let numbers = self.numbers(texts);
        html! {
            @if !numbers.is_empty() {
                sup {
                    @for (i, number) in numbers.iter().enumerate() {
                        @if i > 0 { "," }
                        a href=(format!("#note-{number}")) { (number) }
                    }
                }
            }
        }
    }

    /// The section with the texts of all notes.
    pub(crate) fn section(&self) -> Markup {
        html! {
            @if !self.is_empty() {
                section id="notes" {
                    h2 { "Notes" }
                    ol.notes {
                        @for (number, text) in self.iter() {
                            li id=(format!("note-{number}")) { (text) }
                        }
                    }
                }
            }
        }
    }
}
