//! A device against its own limits: its roofline, and the model of its arithmetic units.

use perwatt_compare::key::Key;
use perwatt_record::work::{Axis, product_bytes};
use serde::Serialize;

use super::group::Line;
use super::{Answer, Options};

/// A product against the device's measured roofline: the lower of its best product in
/// the format and its best stream times the product's operations per byte (Williams,
/// Waterman and Patterson, CACM 52(4), 2009). The best product itself is at 100 %, unless
/// memory bounds it. Matrices that stay in a cache can pass 100 %: streams are of arrays
/// that no cache holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RooflineShare {
    /// The rate as a share of the roof, percent.
    pub percent: f64,
    /// The roof at this product, operations per second.
    pub roof_per_s: f64,
    /// The device's best product in this format, operations per second.
    pub best_product_per_s: f64,
    /// Its best stream, bytes per second.
    pub stream_b_per_s: f64,
    /// Operations per byte: both inputs and the result moved once, which is the least.
    pub per_byte: f64,
    /// True if memory rather than arithmetic is the lower roof.
    pub memory_bound: bool,
}

/// A rate against the limit that a model of the device gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AluShare {
    /// The rate as a share of the limit, percent.
    pub percent: f64,
    /// The limit, units per second.
    pub limit_per_s: f64,
    /// Source of the limit.
    pub source: String,
}

/// The share of the roofline of the same machine and device.
pub(super) fn roofline(line: &Line, all: &[Line]) -> Answer<RooflineShare> {
    let here = |other: &&Line| {
        other.subject.specimen == line.subject.specimen
            && other.subject.device == line.subject.device
            && other.subject.device_model == line.subject.device_model
    };
    let best = |keep: &dyn Fn(&Line) -> bool| {
        all.iter()
            .filter(here)
            .filter(|other| keep(other))
            .map(|other| other.rate_per_s.value)
            .fold(0.0, f64::max)
    };
    let stream_b_per_s = best(&|other| other.axis() == Axis::Bandwidth);
    let best_product_per_s = best(&|other| other.subject.workload == line.subject.workload);
    if stream_b_per_s <= 0.0 {
        return Answer::Not("no memory bandwidth was measured there (workload stream)".into());
    }
    let Some(per_byte) = per_byte(&line.key) else {
        return Answer::Not("the record does not say how many bytes the product moves".into());
    };
    let slope = stream_b_per_s * per_byte;
    let roof_per_s = slope.min(best_product_per_s);
    Answer::Is(RooflineShare {
        percent: 100.0 * line.rate_per_s.value / roof_per_s,
        roof_per_s,
        best_product_per_s,
        stream_b_per_s,
        per_byte,
        memory_bound: slope < best_product_per_s,
    })
}

/// The share of the limit from the caller's `Options::limits`.
pub(super) fn alu(line: &Line, options: &Options<'_>) -> Answer<AluShare> {
    let subject = &line.subject;
    let work = subject.workload.work();
    match work.and_then(|work| (options.limits)(&subject.device_model, work)) {
        Some((limit_per_s, source)) => Answer::Is(AluShare {
            percent: 100.0 * line.rate_per_s.value / limit_per_s,
            limit_per_s,
            source,
        }),
        None => Answer::Not("no limits of this device are known".into()),
    }
}

/// Operations per byte by the key's parameters, which are the entry's.
fn per_byte(key: &Key) -> Option<f64> {
    let bytes = product_bytes(&key.params()).filter(|bytes| *bytes > 0)?;
    Some(key.work_per_step()? as f64 / bytes as f64)
}
