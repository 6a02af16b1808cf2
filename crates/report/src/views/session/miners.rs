//! The miners of a session, and what their shares show.

use perwatt_record::schema::Asic;
use perwatt_record::{Record, pool};

use crate::doc::Block;
use crate::units::significant;

/// Each miner by its name, with its software, model and difficulty, and with the submissions
/// that did not count.
pub fn facts(record: &Record) -> Vec<(String, String)> {
    let miners = record.plan.asics.iter();
    let miners = miners.filter(|asic| asic.members.is_empty());
    miners
        .map(|asic| (asic.name.clone(), fact(record, asic)))
        .collect()
}

fn fact(record: &Record, asic: &Asic) -> String {
    let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
    let refused: Vec<String> = pool::refused(record, &asic.name)
        .into_iter()
        .map(|(class, count)| format!("{count} {class}"))
        .collect();
    let refused = match refused.is_empty() {
        true => String::new(),
        false => format!("; not counted: {}", refused.join(", ")),
    };
    format!(
        "{}, {}, difficulty {}{refused}",
        or(&asic.user_agent, "software not named"),
        or(&asic.model, "model not stated"),
        difficulty(asic.difficulty),
    )
}

/// A difficulty; CPUs have very small ones.
fn difficulty(of: f64) -> String {
    match of < 1e-3 {
        true => format!("{of:.3e}"),
        false => significant(of),
    }
}

/// What the shares of each miner show: alarms, or that there are none.
pub fn trust(record: &Record) -> Vec<Block> {
    let told = pool::trust::told(record).into_iter();
    told.map(|told| match told.is_alarm {
        true => Block::Warning(told.text),
        false => Block::Sentence(told.text),
    })
    .collect()
}
