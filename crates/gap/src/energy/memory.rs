//! Memory traffic per joule, compared with accelerators by their name plates: the catalogue
//! has no measured bandwidth.

use perwatt_record::work::Axis;
use serde::Serialize;

use super::figure::{Figure, Measured};
use super::group::{Joules, Line};
use super::subject::Subject;
use super::{Options, boundary};
use crate::catalogue::{Accelerator, Row};
use perwatt_table::Source;

/// Bytes in a gigabyte.
const GIGA: f64 = 1e9;

/// The fastest stream of a device.
#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    /// The measured device and workload.
    pub subject: Subject,
    /// Bytes per second.
    pub rate_b_per_s: Measured,
    /// Its joules by boundary; empty where there are none.
    pub energy: Vec<MemoryEnergy>,
    /// Maker and model of the accelerator on the other side; absent without one.
    pub accelerator: Option<MemoryRival>,
}

/// The accelerator on the other side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemoryRival {
    /// Maker and model.
    pub accelerator: String,
    /// Bytes per second by its maker.
    pub per_s: f64,
    /// The same over the board's nameplate power, bytes per joule.
    pub per_j: f64,
    /// The number of the measured devices that equals it in rate.
    pub units: Figure,
    /// Source of its figures.
    pub source: Source,
}

/// Bytes per joule of a device.
#[derive(Debug, Clone, Serialize)]
pub struct MemoryEnergy {
    /// Boundary, device and meters of the joules.
    pub joules: Joules,
    /// Bytes per joule; its interval includes the meter's scale error.
    pub per_j: Measured,
    /// Ratio of the accelerator's to the same; absent without one.
    pub over_device: Option<Figure>,
    /// Note on the boundary, where it differs from the other side's.
    pub note: Option<String>,
}

/// The fastest stream of each device.
pub(super) fn of(lines: &[Line], options: &Options<'_>) -> Vec<Memory> {
    let rival = options.memory_rival();
    let place = |line: &Line| {
        let of = &line.subject;
        (
            of.specimen.clone(),
            of.device.clone(),
            of.device_model.clone(),
        )
    };
    let mut fastest: Vec<&Line> = Vec::new();
    for line in lines.iter().filter(|line| line.axis() == Axis::Bandwidth) {
        match fastest.iter_mut().find(|kept| place(kept) == place(line)) {
            Some(kept) if kept.rate_per_s.value < line.rate_per_s.value => *kept = line,
            Some(_) => {}
            None => fastest.push(line),
        }
    }
    let memory = fastest.into_iter().map(|line| Memory {
        subject: line.subject.clone(),
        rate_b_per_s: line.sample.measured(line.rate_per_s),
        energy: (line.energies.iter())
            .map(|energy| MemoryEnergy {
                joules: energy.joules.clone(),
                per_j: energy.sample.measured(energy.per_unit_j.under(1.0)),
                over_device: rival.map(|(_, _, per_j)| energy.per_unit_j.times(per_j).figure()),
                note: boundary::beside_board(&energy.joules),
            })
            .collect(),
        accelerator: rival.map(|(of, per_s, per_j)| MemoryRival {
            accelerator: of.full_name(),
            per_s,
            per_j,
            units: line.rate_per_s.under(per_s).figure(),
            source: of.provenance.as_source(),
        }),
    });
    memory.collect()
}

impl Options<'_> {
    /// The accelerator that moves most bytes per joule by its name plate, with its bytes
    /// per second and per joule.
    fn memory_rival(&self) -> Option<(&Accelerator, f64, f64)> {
        let all = match self.named.is_empty() {
            true => self.catalogue.accelerators.iter(),
            false => self.named.iter(),
        };
        let known = all.filter_map(|of| {
            let per_s = of.mem_bw_gb_s? * GIGA;
            Some((of, per_s, per_s / of.board_power_w?))
        });
        known.reduce(|kept, next| if next.2 > kept.2 { next } else { kept })
    }
}
