//! `perwatt doctor`: every source of energy and of the machine's state that is
//! known, what it gives here, and what would make it give more.

use std::io::Write;
use std::time::{Duration, Instant};

use perwatt_power::state::{self, Probe};
use perwatt_power::{
    Covers, Environment, Found, Grade, MeterInfo, MeterName, Provenance, Quantity, Selection,
    Source, Unavailable, detect, known_meters,
};
use serde_json::{Value, json};

use crate::args::{DoctorArgs, Format};
use crate::exit::Exit;
use crate::output::units::significant;
use crate::output::{self, plain, stdout};
use perwatt_record::schema::word;

/// How long the meters are watched: long enough for two updates of a wall plug.
const WATCH: Duration = Duration::from_secs(2);

pub fn doctor(args: &DoctorArgs) -> anyhow::Result<Exit> {
    let selection = Selection {
        user_watts: args.watts,
        meters: (!args.meter.is_empty()).then(|| args.meter.clone()),
        ..Selection::default()
    };
    let (mut sources, mut absent) = (Vec::new(), Vec::new());
    for found in detect(&selection)? {
        match found {
            Found::Available(source) => sources.push(source),
            Found::Unavailable(why) => absent.push(why),
        }
    }
    let powers = watch(&mut sources);
    let mut probes = state::probes(&Environment::on_disk(&selection.sysfs_root));
    match args.format {
        Format::Json => output::json(&document(&sources, &powers, &absent, &mut probes))?,
        Format::Text => text(&sources, &powers, &absent, &mut probes)?,
    }
    Ok(Exit::Done)
}

/// What each source says the power is, over a short while; or what it says instead.
fn watch(sources: &mut [Box<dyn Source>]) -> Vec<Result<f64, String>> {
    let mut read_all = || -> Vec<(Instant, Result<f64, String>)> {
        sources
            .iter_mut()
            .map(|source| {
                let reading = source.read().map_err(|error| error.to_string());
                (Instant::now(), reading)
            })
            .collect()
    };
    let first = read_all();
    if first.is_empty() {
        return Vec::new();
    }
    std::thread::sleep(WATCH);
    let second = read_all();
    let quantities = sources.iter().map(|source| source.info().quantity);
    quantities
        .zip(first.into_iter().zip(second))
        .map(|(quantity, ((t1, first), (t2, second)))| match quantity {
            Quantity::PowerW => second,
            Quantity::EnergyJ => match (second? - first?) / (t2 - t1).as_secs_f64() {
                power_w if power_w > 0.0 => Ok(power_w),
                _ => Err(format!("it did not move in {} s", WATCH.as_secs())),
            },
        })
        .collect()
}

fn text(
    sources: &[Box<dyn Source>],
    powers: &[Result<f64, String>],
    absent: &[Unavailable],
    probes: &mut [Box<dyn Probe>],
) -> anyhow::Result<()> {
    let mut out = stdout();
    match sources.is_empty() {
        true => writeln!(out, "no source of energy can be read here")?,
        false => writeln!(out, "sources of energy that can be read")?,
    }
    for (source, power) in sources.iter().zip(powers) {
        available(&mut out, source.as_ref(), power)?;
    }
    if !absent.is_empty() {
        writeln!(out, "\nsources that cannot be read")?;
    }
    for why in absent {
        writeln!(
            out,
            "  {}: {}: {}",
            plain(&why.id),
            why.reason,
            plain(&why.detail)
        )?;
        writeln!(out, "      looked for {}", plain(&why.looked_for))?;
        if let Some(fix) = &why.fix {
            writeln!(out, "      to change that: {}", plain(fix))?;
        }
    }
    writeln!(
        out,
        "\nsources to name yourself, as perwatt run --meter SPEC"
    )?;
    for meter in known_meters().iter().filter(|meter| by_name(meter)) {
        writeln!(out, "  {}", meter.usage)?;
        writeln!(out, "      {}", meter.description)?;
    }
    writeln!(
        out,
        "  each also takes name=, boundary=, covers= (machine, cpu, gpu or a PCI address), accuracy= (percent, 95 %) and interval= (seconds)"
    )?;
    writeln!(out, "\nstate of the machine that runs are watched for")?;
    let mut none = true;
    for probe in probes {
        let values = probe.read();
        for (channel, value) in probe.channels().iter().zip(values) {
            none = false;
            let now = value.map_or_else(
                || "cannot be read now".to_owned(),
                |value| format!("{} now", significant(value)),
            );
            writeln!(
                out,
                "  {}: {} ({}), {now}",
                plain(&channel.id),
                plain(&channel.description),
                word(&channel.gauge)
            )?;
        }
        for (name, value) in probe.settings() {
            writeln!(out, "  {}: {}", plain(&name), plain(&value))?;
        }
    }
    if none {
        writeln!(
            out,
            "  nothing: no temperature, clock, limit or throttling can be read here"
        )?;
    }
    Ok(())
}

fn available(
    out: &mut impl Write,
    source: &dyn Source,
    power: &Result<f64, String>,
) -> anyhow::Result<()> {
    let info = source.info();
    let now = match power {
        Ok(power_w) => format!("{} W now", significant(*power_w)),
        Err(why) => format!("no reading now: {}", plain(why)),
    };
    writeln!(out, "  {}: {}", plain(&info.id), plain(&info.description))?;
    writeln!(
        out,
        "      {now}; boundary {}, provenance {}, grade {} at best; covers {}",
        word(&info.boundary),
        word(&info.provenance),
        Grade::best(info),
        covers(&info.covers)
    )?;
    writeln!(out, "      {}", quality(info, source.pace().interval_s))?;
    if !info.domains.is_empty() {
        writeln!(out, "      counts {}", plain(&info.domains.join(", ")))?;
    }
    for excluded in &info.excluded_domains {
        writeln!(out, "      leaves out {}", plain(excluded))?;
    }
    for note in &info.notes {
        writeln!(out, "      note: {}", plain(note))?;
    }
    Ok(())
}

fn covers(covers: &Covers) -> String {
    match covers {
        Covers::Machine => "the whole machine".into(),
        Covers::Cpu => "the processor".into(),
        Covers::Pci(address) => format!("the device at {}", plain(address)),
        Covers::UnknownGpu => "a GPU".into(),
    }
}

/// Whether it is looked for only when it is named.
fn by_name(meter: &MeterName) -> bool {
    !meter.automatic && meter.name != "none"
}

/// Period, step and scale error, each as far as it is known.
fn quality(info: &MeterInfo, interval_s: f64) -> String {
    if info.provenance == Provenance::User {
        return "a constant; only you know how far off it is".into();
    }
    let mut parts = vec![match info.update_period_s {
        Some(period_s) => format!("updates every {} s", significant(period_s)),
        None => "update period not known".into(),
    }];
    parts.push(format!("read every {} s", significant(interval_s)));
    parts.extend(
        info.averaging_s
            .map(|s| format!("averages over {} s", significant(s))),
    );
    parts.extend(
        info.quantum_j
            .map(|step| format!("steps of {} J", significant(step))),
    );
    parts.extend(
        info.quantum_w
            .map(|step| format!("steps of {} W", significant(step))),
    );
    parts.push(match info.gain_uncertainty_rel {
        Some(gain) => format!("scale error {} % (95 %)", significant(100.0 * gain)),
        None => "scale error stated by nobody".into(),
    });
    parts.join(", ")
}

fn document(
    sources: &[Box<dyn Source>],
    powers: &[Result<f64, String>],
    absent: &[Unavailable],
    probes: &mut [Box<dyn Probe>],
) -> Value {
    let available: Vec<Value> = sources
        .iter()
        .zip(powers)
        .map(|(source, power)| {
            json!({
                "meter": source.info(),
                "best_grade": Grade::best(source.info()),
                "interval_s": source.pace().interval_s,
                "power_w": power.as_ref().ok(),
                "trouble": power.as_ref().err(),
            })
        })
        .collect();
    let on_request: Vec<Value> = known_meters()
        .iter()
        .filter(|meter| by_name(meter))
        .map(|meter| {
            json!({"kind": meter.name, "usage": meter.usage, "description": meter.description})
        })
        .collect();
    let state: Vec<Value> = probes
        .iter_mut()
        .map(|probe| {
            json!({
                "channels": probe.channels(),
                "values": probe.read(),
                "settings": probe.settings(),
            })
        })
        .collect();
    json!({
        "available": available,
        "unavailable": absent,
        "on_request": on_request,
        "state": state,
    })
}
