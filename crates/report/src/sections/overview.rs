//! Summary of the record ahead of all figures.

use maud::{Markup, html};
use perwatt_record::ai;

use crate::doc::Value;
use crate::page::Named;
use crate::units::counted;
use crate::views::session::gpu_line;

/// The section of the overview.
pub fn section(named: &Named) -> Markup {
    let record = &named.record;
    let planned = record.plan.entries.len() * record.config.rounds as usize;
    let cpu = record.host.cpu.model.as_deref();
    let protocol = &record.config.protocol;
    html! {
        @if let Some(wrong) = &named.wrong {
            p.stamp { "NOT VERIFIED: " (wrong) }
        }
        @if !record.complete {
            p.stamp { "INCOMPLETE: " (record.runs.len()) " of " (planned) " runs" }
        }
        dl {
            dt { "Machine" }
            dd { (cpu.unwrap_or("processor not readable")) }
            @if let Some(node) = &record.session.node { dt { "Node" } dd { (node) } }
            @for gpu in &record.plan.gpus {
                dt { (gpu.name) }
                dd { (gpu_line(gpu)) }
            }
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
            dt { "Measured" }
            dd {
                @for (i, segment) in record.session.segments.iter().enumerate() {
                    @if i > 0 { br; "resumed " }
                    (segment.started_utc)
                    @if segment.interrupted { " (interrupted)" }
                }
            }
            dt { "Session" } dd { (record.session.id) }
            dt { "File" } dd { (named.file) }
            @if let Some(note) = &record.session.note { dt { "Note" } dd { (note) } }
            dt { "Protocol" }
            dd {
                "suite " (record.config.suite) ", "
                (counted(record.config.rounds as usize, "round", "rounds")) " of "
                (protocol.window_s) " s after " (protocol.warmup_min_s) " to "
                (protocol.warmup_max_s) " s of warm-up, each run a fresh process, order by seed "
                (record.session.seed)
            }
            dt { "Checked" }
            dd {
                @match named.wrong {
                    None => "digest, shares and every figure, as perwatt check does",
                    Some(_) => "see above",
                }
            }
        }
    }
}
