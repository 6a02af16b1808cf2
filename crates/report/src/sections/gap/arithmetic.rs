//! Products against accelerators: peak and measured apart.

use maud::{Markup, html};
use perwatt_gap::energy::{Against, Answer, Arithmetic, EnergyGap, Side};
use perwatt_record::schema::Unit;
use perwatt_record::work::EnergyUnit;

use super::{line, plot, table, texts};
use crate::svg::dot::Dot;
use crate::words::gap as words;

/// The section.
pub fn section(gap: &EnergyGap) -> Markup {
    html! {
        section id="arithmetic" {
            h2 { "Arithmetic against accelerators" }
            p { "The ASIC has no place here: " (gap.asic_arithmetic) "." }
            @if gap.arithmetic.is_empty() {
                p { "Not measured: no record has a verified matrix product." }
            }
            @for row in &gap.arithmetic { (of(row)) }
        }
    }
}

/// An accelerator's two sides that are known, by what they are called.
fn sides(row: &Arithmetic) -> impl Iterator<Item = (&Against, &'static str, &Side)> {
    row.against.iter().flat_map(|against| {
        let both = [("peak", &against.peak), ("measured", &against.measured)];
        let known = both.into_iter();
        known.filter_map(move |(what, side)| Some((against, what, side.known()?)))
    })
}

fn of(row: &Arithmetic) -> Markup {
    let unit = words::unit(&row.subject);
    let lines = html! {
        (line("rate", &row.rate_per_s.figure, &format!("{unit}/s"), "measured"))
        @for energy in &row.energy {
            @let name = format!("{} ({})", EnergyUnit(unit).per_joule(), words::boundary(&energy.joules));
            (line(&name, &energy.per_j.figure, &EnergyUnit(unit).per_joule(), words::basis(&energy.joules)))
        }
    };
    let mut said: Vec<String> = words::no_energy(row).into_iter().collect();
    for energy in &row.energy {
        said.extend(words::joules(&energy.joules, energy.note.as_deref()));
    }
    said.push(words::roofline(&row.roofline));
    said.push(words::share(words::MAKERS_PEAK, &row.alu));
    said.extend(words::standing(&row.rate_per_s, &row.subject));
    html! {
        h3 { (words::title(&row.subject)) }
        (table(&lines))
        p { (words::format(&row.format)) }
        (plots(row, unit))
        (against(row, unit))
        (texts(&said))
    }
}

/// By rate, and by joules of each boundary.
fn plots(row: &Arithmetic, unit: Unit) -> Markup {
    let name = |against: &Against, what: &str| format!("{what}: {}", against.accelerator);
    let rates: Vec<Dot> = sides(row)
        .map(|(of, what, side)| plot::dot(name(of, what), &side.units, what == "peak"))
        .collect();
    let caption = "The scale is logarithmic; the line at 1 is this device. A hollow dot is the accelerator's \
                   peak, which its maker says; a filled one somebody measured. Whiskers hold re-runs of this \
                   device.";
    let title = format!("How many of these make one accelerator by rate in {unit}/s");
    html! {
        @if !rates.is_empty() {
            h4 { (title) }
            (plot::plot(&title, caption, &rates))
        }
        @for (i, energy) in row.energy.iter().enumerate() {
            @let dots: Vec<Dot> = sides(row)
                .filter_map(|(of, what, side)| {
                    let over = side.over_device.get(i)?;
                    Some(plot::dot(name(of, what), over, what == "peak"))
                })
                .collect();
            @let boundary = words::boundary(&energy.joules);
            @let title = format!("{}: how many times this device's ({boundary})", EnergyUnit(unit).per_joule());
            @if !dots.is_empty() {
                h4 { (title) }
                (plot::plot(&title, "", &dots))
            }
        }
    }
}

fn against(row: &Arithmetic, unit: Unit) -> Markup {
    let lines: Vec<Markup> = sides(row)
        .map(|(against, what, side)| side_lines(row, against, what, side, unit))
        .collect();
    html! {
        @if !lines.is_empty() {
            div.wide { table {
                thead { tr {
                    th scope="col" { "accelerator" } th scope="col" { "what" }
                    th.n scope="col" { "its" } th.n scope="col" { "times" }
                    th.n scope="col" { "re-runs" } th.n scope="col" { "in all" }
                    th scope="col" { "rests on" }
                } }
                tbody { @for line in lines { (line) } }
            } }
        }
    }
}

fn side_lines(row: &Arithmetic, of: &Against, what: &str, side: &Side, unit: Unit) -> Markup {
    let [times, rerun, all] = words::cells(&side.units, "");
    let mark = side.evidence.word();
    html! {
        tr {
            th scope="row" { (of.accelerator) } td { (what) }
            td.n { (words::plain(side.per_s, &format!("{unit}/s"))) }
            td.n { (times) } td.n { (rerun) } td.n { (all) }
            td.w { "its: " (mark) "; this device: measured" }
        }
        @if let Answer::Is(per_j) = &side.per_j {
            @for (over, energy) in side.over_device.iter().zip(&row.energy) {
                @let [times, rerun, all] = words::cells(over, "");
                tr {
                    th scope="row" { "beside " (words::boundary(&energy.joules)) } td { (what) }
                    td.n { (words::plain(*per_j, &EnergyUnit(unit).per_joule())) }
                    td.n { (times) } td.n { (rerun) } td.n { (all) }
                    td.w {
                        "its: " (mark) " over the board's nameplate power; this device: "
                        (words::basis(&energy.joules))
                    }
                }
            }
        }
    }
}
