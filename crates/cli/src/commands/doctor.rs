//! `perwatt doctor`: all known sources of energy and of the machine's state, their readings
//! here, and the changes that would make more of them readable.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use perwatt_engine::device::Inquiry;
use perwatt_engine::worker::Road;
use perwatt_power::state::{self, Channel, Probe};
use perwatt_power::{
    Covers, Found, Grade, MeterInfo, MeterName, MeterSpec, Provenance, Quantity, Selection, Source,
    System, Unavailable, detect, known_meters,
};
use perwatt_record::schema::word;
use perwatt_report::doc::{Block, Item};
use serde::Serialize;
use serde_json::{Value, json};

use super::list::{libraries, library};
use super::machine::Machine;
use crate::args::DoctorArgs;
use crate::exit::Exit;
use crate::output::units::significant;
use crate::output::{self, plain, tell};

/// Time between the two readings: long enough for two updates of a wall plug.
const READ_INTERVAL: Duration = Duration::from_secs(2);

/// Additional time limit for a slow meter.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A meter and its power over [`READ_INTERVAL`].
struct Watched {
    info: MeterInfo,
    interval_s: f64,
    power: Result<f64, String>,
    /// True if it gave any reading.
    readable: bool,
}

/// Channels of the machine's state with their values, and its settings.
#[derive(Serialize)]
struct State {
    channels: Vec<Channel>,
    values: Vec<Option<f64>>,
    settings: Vec<(String, String)>,
}

impl State {
    fn read(mut probe: Box<dyn Probe>) -> Self {
        Self {
            values: probe.read(),
            channels: probe.channels().to_vec(),
            settings: probe.settings(),
        }
    }
}

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
    let roads = Inquiry {
        gpus: false,
        library: false,
        roads: true,
    };
    let roads = Machine::find(roads, &Arc::default())?.facts.roads;
    let watched = watch(sources);
    let probes = state::probes(&System::on_disk(&selection.sysfs_root));
    let state: Vec<State> = probes.into_iter().map(State::read).collect();
    let data = document(&watched, &absent, &state, &roads);
    output::view(args.output.format, "perwatt: doctor", &data, || {
        blocks(&watched, &absent, &state, &roads)
    })?;
    let readable = watched.iter().filter(|one| one.readable);
    let readable: Vec<&str> = readable.map(|one| one.info.id.as_str()).collect();
    Ok(asked_for(&args.meter, &readable))
}

/// The exit code for meters `asked` for by name, of which those in `readable` gave a
/// reading: a finding if a name, or a part of it, has no readable meter.
pub(super) fn asked_for(asked: &[String], readable: &[&str]) -> Exit {
    let unread: Vec<String> = asked
        .iter()
        .filter_map(|text| text.parse::<MeterSpec>().ok())
        .filter(|spec| spec.kind != "none" && !readable.iter().any(|id| answers(id, spec)))
        .map(|spec| spec.id())
        .collect();
    if unread.is_empty() {
        return Exit::Done;
    }
    tell!("asked for and not readable: {}", plain(&unread.join(", ")));
    Exit::Finding
}

/// True if the meter of this id belongs to one of the specifications.
pub(super) fn is_asked(asked: &[String], id: &str) -> bool {
    let specs = asked
        .iter()
        .filter_map(|text| text.parse::<MeterSpec>().ok());
    specs.into_iter().any(|spec| answers(id, &spec))
}

fn answers(id: &str, spec: &MeterSpec) -> bool {
    let rest = id.strip_prefix(&spec.id());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Reads all sources at the same time: a slow one delays no other one, and the wait is
/// limited.
fn watch(sources: Vec<Box<dyn Source>>) -> Vec<Watched> {
    let (send, receive) = mpsc::channel();
    let mut all = Vec::with_capacity(sources.len());
    for (index, mut source) in sources.into_iter().enumerate() {
        all.push(Watched {
            info: source.info().clone().looking_back(source.pace()),
            interval_s: source.pace().interval_s,
            power: Err(format!(
                "it did not answer in {} s",
                (READ_INTERVAL + READ_TIMEOUT).as_secs()
            )),
            readable: false,
        });
        let send = send.clone();
        let started = std::thread::Builder::new().spawn(move || {
            // The receiver may have given up waiting.
            let _ = send.send((index, read_twice(source.as_mut())));
        });
        if let Err(error) = started {
            all[index].power = Err(format!("no thread can be started to read it: {error}"));
        }
    }
    drop(send);
    let deadline = Instant::now() + READ_INTERVAL + READ_TIMEOUT;
    let left = || deadline.saturating_duration_since(Instant::now());
    while let Ok((index, (power, readable))) = receive.recv_timeout(left()) {
        all[index].power = power;
        all[index].readable = readable;
    }
    all
}

/// The power between two readings, and whether there was a reading.
fn read_twice(source: &mut dyn Source) -> (Result<f64, String>, bool) {
    let mut read = || {
        let reading = source.read().map_err(|error| error.to_string());
        (Instant::now(), reading)
    };
    let (t1, first) = read();
    std::thread::sleep(READ_INTERVAL);
    let (t2, second) = read();
    let readable = first.is_ok() || second.is_ok();
    let power = match source.info().quantity {
        Quantity::PowerW => second,
        Quantity::EnergyJ => {
            first.and_then(|first| match (second? - first) / (t2 - t1).as_secs_f64() {
                power_w if power_w > 0.0 => Ok(power_w),
                _ => Err(format!("it did not move in {} s", READ_INTERVAL.as_secs())),
            })
        }
    };
    (power, readable)
}

fn blocks(
    watched: &[Watched],
    absent: &[Unavailable],
    state: &[State],
    roads: &[Road],
) -> Vec<Block> {
    let title = match watched.is_empty() {
        true => "no source of energy can be read here",
        false => "sources of energy that can be read",
    };
    let mut out = vec![
        Block::section(title),
        Block::Items(watched.iter().map(available).collect()),
    ];
    if !absent.is_empty() {
        out.push(Block::section("sources that cannot be read"));
        let absent = absent.iter().map(|why| {
            let item = Item::new(format!("{}: {}: {}", why.id, why.reason, why.detail))
                .below(format!("looked for {}", why.looked_for));
            match &why.fix {
                Some(fix) => item.below(format!("to change that: {fix}")),
                None => item,
            }
        });
        out.push(Block::Items(absent.collect()));
    }
    let named = known_meters().into_iter().filter(by_name);
    let named = named.map(|meter| Item::new(meter.usage).below(meter.description));
    let keys = "each also takes name=, boundary=, covers= (machine, cpu, gpu or a PCI address), accuracy= (percent, 95 %), interval=, averaging= and delay= (seconds)";
    out.push(Block::section(
        "sources to name yourself, as perwatt run --meter SPEC",
    ));
    out.push(Block::Items(named.chain([Item::new(keys)]).collect()));
    out.push(Block::section(
        "state of the machine that runs are watched for",
    ));
    out.push(Block::Items(of_machine(state)));
    let libraries = roads.iter();
    let libraries = libraries.map(|road| Item::new(format!("{}: {}", road.backend, library(road))));
    out.push(Block::section("matrix libraries of GPU vendors"));
    out.push(Block::Items(libraries.collect()));
    out
}

/// Readings and settings of the machine's state.
fn of_machine(state: &[State]) -> Vec<Item> {
    let mut items = Vec::new();
    for of in state {
        for (channel, value) in of.channels.iter().zip(&of.values) {
            let now = value.map_or_else(
                || "cannot be read now".to_owned(),
                |value| format!("{} now", significant(value)),
            );
            items.push(Item::new(format!(
                "{}: {} ({}), {now}",
                channel.id,
                channel.description,
                word(&channel.gauge)
            )));
        }
        let settings = of.settings.iter();
        items.extend(settings.map(|(name, value)| Item::new(format!("{name}: {value}"))));
    }
    if !state.iter().any(|of| !of.channels.is_empty()) {
        items.push(Item::new(
            "nothing: no temperature, clock, limit or throttling can be read here",
        ));
    }
    items
}

fn available(watched: &Watched) -> Item {
    let info = &watched.info;
    let now = match &watched.power {
        Ok(power_w) => format!("{} W now", significant(*power_w)),
        Err(why) => format!("no reading now: {why}"),
    };
    let mut item = Item::new(format!("{}: {}", info.id, info.description))
        .below(format!(
            "{now}; boundary {}, provenance {}, grade {} at best; covers {}",
            info.boundary,
            word(&info.provenance),
            Grade::best(info),
            covers(&info.covers)
        ))
        .below(quality(info, watched.interval_s));
    if !info.domains.is_empty() {
        item = item.below(format!("counts {}", info.domains.join(", ")));
    }
    for excluded in &info.excluded_domains {
        item = item.below(format!("leaves out {excluded}"));
    }
    for note in &info.notes {
        item = item.below(format!("note: {note}"));
    }
    item
}

fn covers(covers: &Covers) -> String {
    match covers {
        Covers::Machine => "the whole machine".into(),
        Covers::Cpu => "the processor".into(),
        Covers::Pci(address) => format!("the device at {address}"),
        Covers::UnknownGpu => "a GPU".into(),
        Covers::Asic(name) => format!("the miner {name}"),
        Covers::Asics => "all miners".into(),
    }
}

/// True if the meter is used only when it is named.
fn by_name(meter: &MeterName) -> bool {
    !meter.automatic && meter.name != "none"
}

/// The period, the step and the scale error, each where it is known.
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
    // Where it is not the time that it averages over.
    parts.extend(
        info.look_back_s
            .filter(|s| *s > 0.0 && Some(*s) != info.averaging_s)
            .map(|s| format!("looks back {} s", significant(s))),
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
        None => "scale error not specified".into(),
    });
    parts.join(", ")
}

fn document(watched: &[Watched], absent: &[Unavailable], state: &[State], roads: &[Road]) -> Value {
    let available: Vec<Value> = watched
        .iter()
        .map(|one| {
            json!({
                "meter": &one.info,
                "best_grade": Grade::best(&one.info),
                "interval_s": one.interval_s,
                "power_w": one.power.as_ref().ok(),
                "trouble": one.power.as_ref().err(),
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
    json!({
        "available": available,
        "unavailable": absent,
        "on_request": on_request,
        "state": state,
        "libraries": libraries(roads),
    })
}
