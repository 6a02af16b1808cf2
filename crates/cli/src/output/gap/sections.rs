//! What a gap says, in order: the other side, hashes, products, and what is left out.

use perwatt_gap::catalogue::Row;
use perwatt_gap::energy::{
    Against, Answer, Arithmetic, EnergyGap, Figure, HashEnergy, Hashing, Joules, Measured, Side,
    Subject,
};
use perwatt_gap::mark::Source;
use perwatt_report::units::{Scale, significant};

use super::block::Block;
use crate::output::table::Align::{Left, Right};

/// The whole document.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    let mut out = head(gap);
    for row in &gap.hashing {
        out.extend(hashing(row, gap));
    }
    for row in &gap.arithmetic {
        out.extend(arithmetic(row));
    }
    out.extend(accelerators(gap));
    if !gap.left_out.is_empty() {
        out.push(Block::Title("left out".into()));
    }
    for row in &gap.left_out {
        let text = format!("{} on {}: {}", row.name, row.device, row.reason);
        out.push(Block::Text(text));
    }
    out.push(Block::Title("how to read it".into()));
    out.push(Block::Text(
        "The interval \"re-runs\" holds 95 % of medians of re-runs, \"in all\" the scale of the meter \
         and the tolerances of the name plate (k = 2) too, in quadrature."
            .into(),
    ));
    out
}

fn head(gap: &EnergyGap) -> Vec<Block> {
    let asic = &gap.asic;
    let [low, high] = gap.asic_interval_j_th;
    let assumed = match asic.tolerance.assumed {
        true => "tolerances assumed, as the Antminer S19 Pro's",
        false => "tolerances stated",
    };
    let price = &gap.power_price;
    vec![
        Block::Title(format!("against {}", asic.full_name())),
        Block::Text(format!(
            "{} TH/s, {} W at the wall, {} J/TH ({}..{}, {assumed}); {}",
            asic.hashrate_th_s,
            asic.power_w,
            significant(gap.asic_j_th),
            significant(low),
            significant(high),
            words(&asic.provenance.as_source()),
        )),
        Block::Text(gap.asic_arithmetic.into()),
        Block::Text(format!(
            "electricity at ${} per MWh; {}",
            price.usd_per_mwh,
            words(&price.source)
        )),
    ]
}

/// Mark, source and date.
fn words(source: &Source) -> String {
    let date = source.date.as_deref().unwrap_or("undated");
    match source.date {
        None if source.mark == perwatt_gap::Mark::Assumed => {
            format!("{}: {}", source.mark.word(), source.text)
        }
        _ => format!("{}: {}, {date}", source.mark.word(), source.text),
    }
}

fn title(subject: &Subject) -> String {
    let best = match subject.backends {
        0 | 1 => String::new(),
        n => format!(", the best of {n} backends"),
    };
    format!(
        "{} on {} ({}) by {}{best}",
        subject.name, subject.device, subject.device_model, subject.backend
    )
}

/// A figure with its two intervals as cells, on one scale.
fn cells(figure: &Figure, unit: &str) -> [String; 3] {
    let scale = Scale::of(figure.value);
    let span = |interval: Option<[f64; 2]>| match interval {
        Some([low, high]) => format!("{}..{}", scale.number(low), scale.number(high)),
        None => "one run".into(),
    };
    let value = format!("{} {}", scale.number(figure.value), scale.unit(unit));
    [
        value.trim_end().to_owned(),
        span(figure.rerun_interval),
        span(figure.interval),
    ]
}

fn line(name: impl Into<String>, figure: &Figure, unit: &str) -> Vec<String> {
    let [value, rerun, all] = cells(figure, unit);
    vec![name.into(), value, rerun, all]
}

fn grid(rows: Vec<Vec<String>>) -> Block {
    Block::Grid {
        columns: vec![
            ("", Left),
            ("value", Right),
            ("re-runs", Right),
            ("in all", Right),
        ],
        rows,
    }
}

fn hashing(row: &Hashing, gap: &EnergyGap) -> Vec<Block> {
    let mut rows = vec![
        line("rate", &row.rate_h_per_s.figure, "H/s"),
        line("of these make one", &row.units, ""),
    ];
    for energy in &row.energy {
        rows.extend(hash_energy(energy));
    }
    let mut out = vec![Block::Title(title(&row.subject)), grid(rows)];
    if let Some(why) = &row.no_energy {
        out.push(Block::Text(format!("J/TH: {why}")));
    }
    for energy in &row.energy {
        out.extend(joules(&energy.joules, energy.note.as_deref()));
    }
    if !row.energy.is_empty() {
        let text = format!(
            "MW and $/year: of as many as hash like one {}, all year, electricity alone",
            gap.asic.model
        );
        out.push(Block::Text(text));
    }
    out.push(Block::Text(share(
        "the model of its arithmetic units",
        &row.alu,
    )));
    out.extend(standing(&row.rate_h_per_s, &row.subject));
    out
}

fn hash_energy(energy: &HashEnergy) -> Vec<Vec<String>> {
    let estimate = match energy.joules.estimate {
        true => ", estimate",
        false => "",
    };
    let boundary = &energy.joules.boundary;
    let plain = |figure: &Figure| Figure {
        value: figure.value * 1e6,
        rerun_interval: figure.rerun_interval.map(|ends| ends.map(|end| end * 1e6)),
        interval: figure.interval.map(|ends| ends.map(|end| end * 1e6)),
    };
    vec![
        line(
            format!("J/TH ({boundary}{estimate})"),
            &energy.j_th.figure,
            "J/TH",
        ),
        line("  times the ASIC's", &energy.over_asic, ""),
        line("  power for one", &plain(&energy.megawatts), "W"),
        line("  $/year for one", &energy.usd_per_year, "$"),
    ]
}

/// What is to be said of joules.
fn joules(of: &Joules, note: Option<&str>) -> Vec<Block> {
    let mut out = Vec::new();
    let meters = of.meters.join(", ");
    let kind = match of.estimate {
        true => "an estimate, not a measurement",
        false => "measured",
    };
    out.push(Block::Text(format!(
        "joules: {kind}, boundary {}, covers {}, by {meters}",
        of.boundary, of.covers
    )));
    if !of.gain_unknown.is_empty() {
        out.push(Block::Text(format!(
            "nobody says how far off the scale of {} is: no interval holds that",
            of.gain_unknown.join(", ")
        )));
    }
    out.extend(note.map(|note| Block::Text(note.to_owned())));
    out
}

fn standing(of: &Measured, subject: &Subject) -> Vec<Block> {
    let mut out = vec![Block::Text(format!("re-runs: {}", of.scope.words()))];
    out.extend(subject.notes.iter().map(|note| Block::Text(note.clone())));
    out
}

fn share(of: &str, answer: &Answer<perwatt_gap::energy::AluShare>) -> String {
    match answer {
        Answer::Is(found) => format!("{:.0} % of {of} ({})", found.percent, found.source),
        Answer::Not(why) => format!("no share of {of}: {why}"),
    }
}

fn arithmetic(row: &Arithmetic) -> Vec<Block> {
    let unit = match row.subject.workload.as_str() {
        "matmul/i8" => "OP",
        _ => "FLOP",
    };
    let mut rows = vec![line("rate", &row.rate_per_s.figure, &format!("{unit}/s"))];
    for energy in &row.energy {
        let estimate = match energy.joules.estimate {
            true => ", estimate",
            false => "",
        };
        let name = format!("{unit}/J ({}{estimate})", energy.joules.boundary);
        rows.push(line(name, &energy.per_j.figure, &format!("{unit}/J")));
    }
    let mut out = vec![Block::Title(title(&row.subject)), grid(rows)];
    match &row.format {
        Answer::Is(format) => out.push(Block::Text(format!(
            "against accelerators in {}, each over this device:",
            format.word()
        ))),
        Answer::Not(why) => out.push(Block::Text(why.clone())),
    }
    out.extend(sides(row, unit));
    if let Some(why) = &row.no_energy {
        out.push(Block::Text(format!("{unit}/J: {why}")));
    }
    for energy in &row.energy {
        out.extend(joules(&energy.joules, energy.note.as_deref()));
    }
    out.push(Block::Text(match &row.roofline {
        Answer::Is(found) => format!(
            "{:.0} % of its own roofline ({} bound, measured here){}",
            found.percent,
            match found.memory_bound {
                true => "memory",
                false => "arithmetic",
            },
            // The stream is of arrays that no cache holds.
            match found.percent > 100.5 {
                true => ": its matrices stay in a cache, which the stream does not",
                false => "",
            }
        ),
        Answer::Not(why) => format!("no share of its own roofline: {why}"),
    }));
    out.push(Block::Text(share("its maker's peak", &row.alu)));
    out.extend(standing(&row.rate_per_s, &row.subject));
    out
}

/// The accelerators' columns, peak and measured apart.
fn sides(row: &Arithmetic, unit: &str) -> Option<Block> {
    let mut rows = Vec::new();
    for against in &row.against {
        for (what, side) in [("peak", &against.peak), ("measured", &against.measured)] {
            if let Answer::Is(side) = side {
                rows.extend(side_rows(against, what, side, row, unit));
            }
        }
    }
    let columns = vec![
        ("accelerator", Left),
        ("what", Left),
        ("its", Right),
        ("times", Right),
        ("re-runs", Right),
    ];
    (!rows.is_empty()).then_some(Block::Grid { columns, rows })
}

/// Where the accelerators' figures are from and which they lack, each once.
fn accelerators(gap: &EnergyGap) -> Vec<Block> {
    let mut texts: Vec<String> = Vec::new();
    for against in gap.arithmetic.iter().flat_map(|row| &row.against) {
        let source = format!("{}: {}", against.accelerator, words(&against.source));
        let sides = [&against.peak, &against.measured].into_iter();
        let lacks = sides.filter_map(|side| match side {
            Answer::Is(side) => match &side.per_j {
                Answer::Is(_) => None,
                Answer::Not(why) => Some(why.clone()),
            },
            Answer::Not(why) => Some(why.clone()),
        });
        for text in std::iter::once(source).chain(lacks) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    if texts.is_empty() {
        return Vec::new();
    }
    let title = Block::Title("accelerators".into());
    let texts = texts.into_iter().map(Block::Text);
    std::iter::once(title).chain(texts).collect()
}

fn side_rows(
    against: &Against,
    what: &str,
    side: &Side,
    row: &Arithmetic,
    unit: &str,
) -> Vec<Vec<String>> {
    let its = |value: f64, unit: &str| {
        let scale = Scale::of(value);
        format!("{} {}", scale.number(value), scale.unit(unit))
    };
    let [times, rerun, _] = cells(&side.units, "");
    let mut rows = vec![vec![
        against.accelerator.clone(),
        what.to_owned(),
        its(side.per_s, &format!("{unit}/s")),
        times,
        rerun,
    ]];
    if let Answer::Is(per_j) = &side.per_j {
        for (over, energy) in side.over_device.iter().zip(&row.energy) {
            let [times, rerun, _] = cells(over, "");
            rows.push(vec![
                format!("  beside {}", energy.joules.boundary),
                what.to_owned(),
                its(*per_j, &format!("{unit}/J")),
                times,
                rerun,
            ]);
        }
    }
    rows
}
