//! Hashes against the ASIC: by joules, and by how many of these make one.

use maud::{Markup, html};
use perwatt_gap::energy::{EnergyGap, HashEnergy, Hashing, Subject};

use super::{line, plot, table, texts};
use crate::svg::dot::Dot;
use crate::words::gap as words;

/// The section.
pub fn section(gap: &EnergyGap) -> Markup {
    html! {
        section id="hashing" {
            h2 { "Hashes against " (words::name(gap)) }
            @if gap.hashing.is_empty() {
                p { "Not measured: no record has verified double SHA-256." }
            }
            (energies(gap))
            (rates(gap))
            @for row in &gap.hashing { (of(row, gap)) }
        }
    }
}

fn short(subject: &Subject) -> String {
    format!("{} {}", subject.device, subject.backend)
}

fn energies(gap: &EnergyGap) -> Markup {
    let mut dots: Vec<Dot> = Vec::new();
    for row in &gap.hashing {
        for energy in &row.energy {
            let boundary = words::boundary(&energy.joules);
            let name = format!("{}, {boundary}", short(&row.subject));
            dots.push(plot::dot(name, &energy.over_asic, energy.joules.estimate));
        }
    }
    let title = format!(
        "{}: how many times the {}'s",
        words::HASHES.per_tera(),
        gap.asic.model
    );
    let caption = "The scale is logarithmic; the line at 1 is the ASIC. Whiskers hold re-runs, the grey \
                   behind them the meter and the name plate too. A hollow dot is an estimate.";
    html! {
        @if !dots.is_empty() {
            h3 { "Joules for a hash: how many times the ASIC's" }
            (plot::plot(&title, caption, &dots))
        } @else if !gap.hashing.is_empty() {
            h3 { "Joules for a hash" }
            p { "Not measured: no row has joules. Below are rates alone, which say nothing of energy." }
        }
    }
}

fn rates(gap: &EnergyGap) -> Markup {
    let dots: Vec<Dot> = gap
        .hashing
        .iter()
        .map(|row| plot::dot(short(&row.subject), &row.units, false))
        .collect();
    let title = format!("How many of these make one {} by rate", gap.asic.model);
    let caption = "The scale is logarithmic; at the line one device would hash as fast as one ASIC. \
                   Whiskers hold re-runs, the grey behind them the name plate too.";
    html! {
        @if !dots.is_empty() {
            h3 { (title) }
            (plot::plot(&title, caption, &dots))
        }
    }
}

fn of(row: &Hashing, gap: &EnergyGap) -> Markup {
    let plate = gap.asic.provenance.as_source().evidence.word();
    let lines = html! {
        (line("rate", &row.rate_h_per_s.figure, "H/s", "measured"))
        (line("of these make one", &row.units, "", &format!("measured; the ASIC's: {plate}")))
        @for energy in &row.energy { (joules(energy, gap, plate)) }
    };
    let mut said: Vec<String> = words::no_hash_energy(row).into_iter().collect();
    for energy in &row.energy {
        said.extend(words::joules(&energy.joules, energy.note.as_deref()));
    }
    if !row.energy.is_empty() {
        said.push(words::for_one(gap));
    }
    said.push(words::share(words::ALU_MODEL, &row.alu));
    said.extend(words::standing(&row.rate_h_per_s, &row.subject));
    html! {
        h3 { (words::title(&row.subject)) }
        (table(&lines))
        (texts(&said))
    }
}

fn joules(energy: &HashEnergy, gap: &EnergyGap, plate: &str) -> Markup {
    let unit = words::HASHES.per_tera();
    let boundary = words::boundary(&energy.joules);
    let basis = words::basis(&energy.joules);
    let beside = format!("{basis}; the ASIC's: {plate}");
    let price = gap.power_price.source.evidence.word();
    let power_w = words::times(&energy.megawatts, 1e6);
    html! {
        (line(&format!("{unit} ({boundary})"), &energy.j_th.figure, &unit, basis))
        (line("times the ASIC's", &energy.over_asic, "", &beside))
        (line("power for one", &power_w, "W", &beside))
        (line("$/year for one", &energy.usd_per_year, "$", &format!("{beside}; price: {price}")))
    }
}
