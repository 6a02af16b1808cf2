//! Rows that no joule can be divided by, beside rows that have joules: an answer says what
//! it leaves out.

use perwatt_gap::energy::{Arithmetic, Hashing, Memory, Subject};
use serde::Serialize;

use crate::joule::Buys;
use crate::machine::Machine;
use crate::rivals::operations_bought;

/// The fastest row of its kind, where it has no joules and others have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithoutJoules {
    /// The kind of work.
    pub buys: Buys,
    /// The work in words.
    pub name: String,
    /// The device.
    pub device: String,
    /// The backend.
    pub backend: String,
    /// Work per second.
    pub per_s: f64,
}

impl WithoutJoules {
    fn of(buys: Buys, subject: &Subject, per_s: f64) -> Self {
        Self {
            buys,
            name: subject.name.clone(),
            device: subject.device.clone(),
            backend: subject.backend.clone(),
            per_s,
        }
    }
}

/// The rows without joules that are faster than the one of their kind that is shown, or
/// that alone are of their kind. Each kind is given as all rows, and the one that stands for
/// the machine.
pub(crate) fn rows(
    machine: &Machine,
    hashing: (&[Hashing], Option<&Hashing>),
    products: (&[&Arithmetic], Option<&Arithmetic>),
    memory: (&[Memory], Option<&Memory>),
) -> Vec<WithoutJoules> {
    let (all, chosen) = hashing;
    let own = all.iter().filter(|row| machine.is(&row.subject));
    let rate = |row: &Hashing| (row.energy.is_empty(), row.rate_h_per_s.figure.value);
    let hashes = fastest(own, chosen, rate)
        .map(|row| WithoutJoules::of(Buys::Hashes, &row.subject, rate(row).1));

    let (all, chosen) = products;
    let rate = |row: &Arithmetic| (row.energy.is_empty(), row.rate_per_s.figure.value);
    let product = fastest(all.iter().copied(), chosen, rate);
    let product = product.and_then(|row| {
        let buys = operations_bought(row)?;
        Some(WithoutJoules::of(buys, &row.subject, rate(row).1))
    });

    let (all, chosen) = memory;
    let own = all.iter().filter(|row| machine.is(&row.subject));
    let rate = |row: &Memory| (row.energy.is_empty(), row.rate_b_per_s.figure.value);
    let bytes = fastest(own, chosen, rate)
        .map(|row| WithoutJoules::of(Buys::Bytes, &row.subject, rate(row).1));
    [hashes, product, bytes].into_iter().flatten().collect()
}

/// The fastest row without joules, if it is faster than the chosen one that has them.
/// `rate` gives whether a row has no joules, and its rate.
fn fastest<'a, R>(
    all: impl Iterator<Item = &'a R>,
    chosen: Option<&R>,
    rate: impl Fn(&R) -> (bool, f64),
) -> Option<&'a R> {
    let shown = match chosen.map(&rate) {
        Some((false, per_s)) => per_s,
        _ => 0.0,
    };
    all.filter(|row| matches!(rate(row), (true, per_s) if per_s > shown))
        .max_by(|a, b| rate(a).1.total_cmp(&rate(b).1))
}
