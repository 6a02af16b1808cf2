//! The AI figures of measured devices: in each format the fastest verified product by
//! arithmetic that reaches the device's matrix units.

use perwatt_compare::load::Loaded;
use perwatt_record::work::{Axis, NotAi, Work, not_ai};
use serde::Serialize;

use super::Answer;
use super::group::{Joules, Line};
use super::subject::Subject;
use crate::catalogue::Format;

/// The AI figures of a device.
#[derive(Debug, Clone, Serialize)]
pub struct AiFigures {
    /// The machine in words.
    pub machine: String,
    /// This very machine, as [`Subject::specimen`] has it.
    pub specimen: String,
    /// The device: `cpu`, `gpu:0`.
    pub device: String,
    /// Model name of the device.
    pub device_model: String,
    /// The fastest row of each format, or `not measured: …` with the remedy.
    pub rows: Answer<Vec<AiRow>>,
}

/// A row that is an AI figure.
#[derive(Debug, Clone, Serialize)]
pub struct AiRow {
    /// The format.
    pub format: Format,
    /// The workload and its shape.
    pub name: String,
    /// The backend.
    pub backend: String,
    /// Operations per second.
    pub rate_per_s: f64,
    /// Operations per joule by the first of its boundaries, where joules were measured.
    pub per_j: Option<(f64, Joules)>,
}

/// The reason that a line is not its device's AI figure.
pub(super) fn reason(of: &Subject) -> Option<NotAi> {
    match of.workload.work() {
        Some(Work::Matmul(product)) => not_ai(&of.device_model, &of.backend, product),
        _ => None,
    }
}

/// The AI figures of every device that has a product, in order of first appearance.
pub(super) fn figures(lines: &[Line], loaded: &Loaded) -> Vec<AiFigures> {
    let products = || {
        let products = lines.iter();
        products.filter(|line| line.axis() == Axis::ArithmeticEnergy)
    };
    let place = |line: &Line| {
        let of = &line.subject;
        (
            of.specimen.clone(),
            of.device.clone(),
            of.device_model.clone(),
        )
    };
    let mut places: Vec<(String, String, String)> = Vec::new();
    for line in products() {
        if !places.contains(&place(line)) {
            places.push(place(line));
        }
    }
    let of_place = |at: (String, String, String)| {
        let here: Vec<&Line> = products().filter(|line| place(line) == at).collect();
        let rows: Vec<AiRow> = Format::ALL
            .into_iter()
            .filter_map(|format| fastest(&here, format))
            .collect();
        let (specimen, device, device_model) = at;
        let whys: Vec<NotAi> = here
            .iter()
            .filter_map(|line| reason(&line.subject))
            .collect();
        let shaders = whys.iter().find(|why| **why != NotAi::Single);
        let mut sessions = loaded.sessions.iter();
        let bf16 = sessions.any(|session| *session.specimen == *specimen && session.cpu_bf16);
        let absent = match shaders.or(whys.first()) {
            Some(why) => why.in_place(&device, bf16),
            None => "not measured: the catalogue has no such format".into(),
        };
        AiFigures {
            machine: here[0].subject.machine.clone(),
            specimen,
            device,
            device_model,
            rows: match rows.is_empty() {
                true => Answer::Not(absent),
                false => Answer::Is(rows),
            },
        }
    };
    places.into_iter().map(of_place).collect()
}

/// The fastest of a device's lines in a format.
fn fastest(here: &[&Line], format: Format) -> Option<AiRow> {
    let input = |line: &Line| line.subject.workload.work().and_then(Work::input);
    let line = here
        .iter()
        .filter(|line| input(line).and_then(Format::of) == Some(format))
        .filter(|line| reason(&line.subject).is_none())
        .max_by(|a, b| a.rate_per_s.value.total_cmp(&b.rate_per_s.value))?;
    let joules = line.energies.first();
    Some(AiRow {
        format,
        name: line.subject.name.clone(),
        backend: line.subject.backend.clone(),
        rate_per_s: line.rate_per_s.value,
        per_j: joules.map(|of| (1.0 / of.per_unit_j.value, of.joules.clone())),
    })
}
