//! The page of an answer.

use perwatt_answer::Answer;

use crate::render::html::page_with;
use crate::views::answer as view;

/// The page of an answer: the machine and the day, the verdict, and the tables.
pub fn page(answer: &Answer) -> String {
    let verdict = answer.money.as_ref().map(view::verdict);
    let lead = verdict
        .as_deref()
        .map_or("", |text| text.trim_start_matches("=> "));
    page_with(&view::title(answer), lead, &view::parts(answer))
}
