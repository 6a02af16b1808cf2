//! Sentences about the gap to an ASIC and to accelerators.

use perwatt_gap::catalogue::{Format, Row};
use perwatt_gap::energy::{
    Against, AiFigures, AiRow, AluShare, Answer, Arithmetic, EnergyGap, Figure, Hashing, Joules,
    Machine, Measured, RooflineShare, Subject,
};
use perwatt_record::schema::Unit;
use perwatt_record::work::{EnergyUnit, Work};
use perwatt_table::{Evidence, Source};

use crate::doc::Value;
use crate::units::{Scale, counted, days, percent, significant};

/// The unit of work for joules of hashes.
pub const HASHES: EnergyUnit = EnergyUnit(Unit::Hash);

/// The explanation of both intervals.
pub const INTERVALS: &str = "The interval \"re-runs\" holds 95 % of medians of re-runs, \"in all\" the scale of the meter \
     and the tolerances of the other side (k = 2) too, in quadrature.";

/// The limit that a hash rate is given as a share of.
pub const ALU_MODEL: &str = "the model of its arithmetic units";
/// The limit that a product's rate is given as a share of.
pub const MAKERS_PEAK: &str = "its maker's peak";

/// The most machines that are named one by one.
const MOST_MACHINES: usize = 4;

/// The machines that were measured, and when: a line each, or one for many.
pub fn machines(gap: &EnergyGap) -> Vec<String> {
    let all = &gap.machines;
    let counts = |sessions: usize, runs: usize| {
        let runs = counted(runs, "run", "runs");
        match sessions {
            1 => runs,
            n => format!("{n} sessions, {runs}"),
        }
    };
    if all.len() > MOST_MACHINES {
        let sum = |of: fn(&Machine) -> usize| all.iter().map(of).sum();
        let counts = counts(sum(|of| of.sessions), sum(|of| of.runs));
        return vec![format!(
            "{} machines \u{b7} {} \u{b7} {counts}",
            all.len(),
            days(span(gap))
        )];
    }
    let line = |of: &Machine| {
        let node = of.node.iter().map(|node| format!("{node}: "));
        let node: String = node.collect();
        let days = days([&of.first_utc, &of.last_utc]);
        let counts = counts(of.sessions, of.runs);
        format!("{node}{} \u{b7} {days} \u{b7} {counts}", of.name)
    };
    all.iter().map(line).collect()
}

/// The start of the first and of the last session of all machines.
pub fn span(gap: &EnergyGap) -> [&str; 2] {
    let first = gap.machines.iter().map(|of| of.first_utc.as_str()).min();
    let last = gap.machines.iter().map(|of| of.last_utc.as_str()).max();
    [first, last].map(Option::unwrap_or_default)
}

/// The figures on the ASIC's name plate, or measured ones, with their tolerances and source.
pub fn asic(gap: &EnergyGap) -> String {
    let asic = &gap.asic;
    let (at, rests_on) = match &gap.asic_metered {
        Some(of) if of.terms_unknown => (
            of.boundary.to_string(),
            "95 % of the measurement, without terms that are not known",
        ),
        Some(of) => (of.boundary.to_string(), "95 % of the measurement"),
        None if asic.tolerance.assumed => (
            "wall".into(),
            "tolerances assumed, as the Antminer S19 Pro's",
        ),
        None => ("wall".into(), "tolerances stated"),
    };
    let plain = |figure: f64| match gap.asic_metered {
        Some(_) => significant(figure),
        None => figure.to_string(),
    };
    format!(
        "{} TH/s, {} W at the {at}, {} J/TH ({}, {rests_on}); {}",
        plain(asic.hashrate_th_s),
        plain(asic.power_w),
        significant(gap.asic_j_th),
        Value::Interval(gap.asic_interval_j_th, Scale::UNIT),
        source(&asic.provenance.as_source()),
    )
}

/// The price of electricity with its source.
pub fn price(gap: &EnergyGap) -> String {
    let price = &gap.power_price;
    let usd = Value::Dollars(price.usd_per_mwh);
    format!("{usd} per MWh; {}", source(&price.source))
}

/// The kind of evidence, the source and its date.
pub fn source(source: &Source) -> String {
    let date = source.date.as_deref().unwrap_or("undated");
    match source.date {
        None if source.evidence == Evidence::Assumed => {
            format!("{}: {}", source.evidence.word(), source.text)
        }
        _ => format!("{}: {}, {date}", source.evidence.word(), source.text),
    }
}

/// The title of a row: workload, device and backend.
pub fn title(subject: &Subject) -> String {
    let best = match subject.backends {
        0 | 1 => String::new(),
        n => format!(", the best of {n} backends"),
    };
    let node = match &subject.node {
        Some(node) => format!(", node {node}"),
        None => String::new(),
    };
    format!(
        "{} on {} ({}{node}) by {}{best}",
        subject.name, subject.device, subject.device_model, subject.backend
    )
}

/// The unit of a product's operations.
pub fn unit(subject: &Subject) -> Unit {
    subject.workload.work().map_or(Unit::Flop, Work::unit)
}

/// A figure multiplied by `factor`, for a unit that is smaller by that factor.
pub fn times(figure: &Figure, factor: f64) -> Figure {
    let ends = |interval: Option<[f64; 2]>| interval.map(|ends| ends.map(|end| end * factor));
    Figure {
        value: figure.value * factor,
        rerun_interval: ends(figure.rerun_interval),
        interval: ends(figure.interval),
    }
}

/// The energy boundary, marked where the joules are an estimate.
pub fn boundary(joules: &Joules) -> String {
    match joules.estimate {
        true => format!("{}, estimate", joules.boundary),
        false => joules.boundary.to_string(),
    }
}

/// The basis of a figure of joules.
pub fn basis(joules: &Joules) -> &'static str {
    match joules.estimate {
        true => "estimate",
        false => Evidence::Measured.word(),
    }
}

/// The remarks on a figure of joules.
pub fn joules(of: &Joules, note: Option<&str>) -> Vec<String> {
    let meters = of.meters.join(", ");
    let kind = match of.estimate {
        true => "an estimate, not a measurement",
        false => "measured",
    };
    let mut out = vec![format!(
        "joules: {kind}, boundary {}, covers {}, by {meters}",
        of.boundary, of.covers
    )];
    if !of.gain_unknown.is_empty() {
        out.push(format!(
            "the scale error of {} is not specified: no interval includes it",
            of.gain_unknown.join(", ")
        ));
    }
    out.extend(note.map(str::to_owned));
    out
}

/// The meaning of the figures for one ASIC's worth of devices.
pub fn for_one(gap: &EnergyGap) -> String {
    format!(
        "power for one, and electricity: of as many as hash like one {}, all year",
        gap.asic.model
    )
}

/// The scope of the interval of re-runs, and the notes of a row.
pub fn standing(of: &Measured, subject: &Subject) -> Vec<String> {
    let mut out = vec![format!("re-runs: {}", of.scope.words())];
    out.extend(subject.notes.iter().cloned());
    out
}

/// A share of a limit, or the reason that there is none.
pub fn share(of: &str, answer: &Answer<AluShare>) -> String {
    match answer {
        Answer::Is(found) => format!(
            "{} of {of} ({})",
            percent(found.percent / 100.0, 0),
            found.source
        ),
        Answer::Not(why) => format!("share of {of}: {why}"),
    }
}

/// A share of the device's own roofline, or the reason that there is none.
pub fn roofline(answer: &Answer<RooflineShare>) -> String {
    match answer {
        Answer::Is(found) => format!(
            "{} of its own roofline ({} bound, measured here){}",
            percent(found.percent / 100.0, 0),
            match found.memory_bound {
                true => "memory",
                false => "arithmetic",
            },
            // The stream's arrays exceed every cache.
            match found.percent > 100.5 {
                true => ": its matrices stay in a cache, which the stream does not",
                false => "",
            }
        ),
        Answer::Not(why) => format!("share of its own roofline: {why}"),
    }
}

/// The AI figures of a device, or the reason that there are none.
pub fn ai(of: &AiFigures) -> Vec<String> {
    let device = format!("{} ({})", of.device, of.device_model);
    let rows = match &of.rows {
        Answer::Is(rows) => rows,
        Answer::Not(why) => return vec![format!("{device}: {why}")],
    };
    let line = |row: &AiRow| {
        let unit = match row.format {
            Format::Int8 => Unit::Op,
            _ => Unit::Flop,
        };
        let rate = Value::figure(row.rate_per_s, format!("{unit}/s"));
        let joules = row.per_j.as_ref().map(|(per_j, joules)| {
            let per_joule = Value::figure(*per_j, EnergyUnit(unit).per_joule());
            format!(", {per_joule} ({})", boundary(joules))
        });
        let joules = joules.unwrap_or_default();
        format!("{device}: {} by {}: {rate}{joules}", row.name, row.backend)
    };
    rows.iter().map(line).collect()
}

/// The number format of the accelerators' figures, or the reason that there are none.
pub fn format(answer: &Answer<Format>) -> String {
    match answer {
        Answer::Is(format) => format!(
            "against accelerators in {}, each over this device:",
            format.word()
        ),
        Answer::Not(why) => why.clone(),
    }
}

/// The reason that a row of hashes has no joules.
pub fn no_hash_energy(row: &Hashing) -> Option<String> {
    let why = row.no_energy.as_ref()?;
    Some(format!("{}: {why}", HASHES.per_tera()))
}

/// The reason that a product has no joules.
pub fn no_energy(row: &Arithmetic) -> Option<String> {
    let why = row.no_energy.as_ref()?;
    let per_joule = EnergyUnit(unit(&row.subject)).per_joule();
    Some(format!("{per_joule}: {why}"))
}

/// The sources of the accelerators' figures, and the reasons for missing ones, without
/// repetitions.
pub fn accelerators(gap: &EnergyGap) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for against in gap.arithmetic.iter().flat_map(|row| &row.against) {
        let from = |of: &Source| format!("{}: {}", against.accelerator, source(of));
        let measured = [&against.burst, &against.sustained];
        let measured = measured.iter().any(|side| side.known().is_some());
        let sources = [
            Some(from(&against.source)),
            measured.then(|| from(&against.measured_source)),
        ];
        for text in sources.into_iter().flatten().chain(lacks(against)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

/// The reasons for the missing figures of an accelerator.
fn lacks(against: &Against) -> impl Iterator<Item = String> {
    // Where there is no burst there is no sustained rate either.
    let measured = against.burst.known().is_some() || against.sustained.known().is_some();
    let sustained = measured.then_some(&against.sustained);
    let sides = [&against.peak, &against.burst].into_iter();
    sides.chain(sustained).filter_map(|side| match side {
        Answer::Is(side) => match &side.per_j {
            Answer::Is(_) => None,
            Answer::Not(why) => Some(why.clone()),
        },
        Answer::Not(why) => Some(why.clone()),
    })
}

/// The full name of the ASIC.
pub fn name(gap: &EnergyGap) -> String {
    gap.asic.full_name()
}
