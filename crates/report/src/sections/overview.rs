//! Summary of the record ahead of all tables.

use maud::{Markup, html};
use perwatt_record::ai;
use perwatt_record::cost::Stated;

use crate::doc::Value;
use crate::dollars;
use crate::page::Named;
use crate::views::session::{gpu_line, miners, tags};

/// The section of the overview.
pub fn section(named: &Named) -> Markup {
    let record = &named.record;
    let planned = record.plan.entries.len() * record.config.rounds as usize;
    html! {
        @match &named.wrong {
            Some(wrong) => p.stamp { "NOT VERIFIED: " (wrong) },
            None => p { span.v.better { "VERIFIED" } ": digest, shares and every figure, as perwatt check does" },
        }
        @if !record.complete {
            p.stamp { "INCOMPLETE: " (record.runs.len()) " of " (planned) " runs" }
        }
        dl {
            @for gpu in &record.plan.gpus {
                dt { (gpu.name) }
                dd { (gpu_line(gpu)) }
            }
            @for (name, text) in miners(record) { dt { (name) } dd { (text) } }
            @if let Some(node) = &record.session.node { dt { "Node" } dd { (node) } }
            @for of in ai::figures(record) {
                dt { "AI figure, " (of.device) }
                dd {
                    @for (i, (entry, row)) in of.rows.iter().enumerate() {
                        @if i > 0 { br; }
                        (entry.work_name()) " by " (entry.backend)
                        @if let Some(rate) = &row.rate_per_s {
                            ": " (Value::figure(rate.median, format!("{}/s", entry.unit)).to_string())
                        }
                    }
                    @if let Some(absent) = &of.absent { (absent) }
                }
            }
            @if let Some(tags) = tags(&record.session.tags) { dt { "Tags" } dd { (tags) } }
            @if let Some(stated) = dollars::stated(&Stated::of(&record.session)) { dt { "Money" } dd { (stated) } }
            @if let Some(note) = &record.session.note { dt { "Note" } dd { (note) } }
        }
    }
}
