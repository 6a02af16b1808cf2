//! Numbered notes: a mark where they apply, the text once at the end.

use maud::{Markup, html};

/// The notes of a page.
#[derive(Debug, Default)]
pub struct Notes(Vec<String>);

impl Notes {
    /// The mark of a note, the same for the same text, with a link to it.
    pub fn mark(&mut self, text: &str) -> Markup {
        let index = self.0.iter().position(|known| known == text);
        let index = index.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        let number = index + 1;
        html! { sup { a href=(format!("#note-{number}")) { (number) } } }
    }

    /// The marks of several notes.
    pub fn marks<T: AsRef<str>>(&mut self, texts: &[T]) -> Markup {
        let marks: Vec<Markup> = texts.iter().map(|text| self.mark(text.as_ref())).collect();
        html! { @for mark in marks { (mark) } }
    }

    /// The section with all of them.
    pub fn section(&self) -> Markup {
        html! {
            @if !self.0.is_empty() {
                section id="notes" {
                    h2 { "Notes" }
                    ol.notes {
                        @for (i, note) in self.0.iter().enumerate() {
                            li id=(format!("note-{}", i + 1)) { (note) }
                        }
                    }
                }
            }
        }
    }
}
