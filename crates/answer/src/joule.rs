//! Choice of the rows that one joule is divided by; where there are no joules,
//! what one second does.

use perwatt_gap::catalogue::{Catalogue, Format};
use perwatt_gap::energy::{Arithmetic, EnergyGap, Figure, HashEnergy, Joules, STATED, Subject};
use perwatt_power::Boundary;
use perwatt_table::Source;
use serde::Serialize;

use crate::machine::{Machine, no_ai};
use crate::rivals::{MOST_DEPLOYED, bytes, hashes, operations, per_token};
use crate::without::{self, WithoutJoules};

/// The divisor of all figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "per")]
pub enum Basis {
    /// A joule.
    Joule {
        /// Ids of the meters.
        meters: Vec<String>,
        /// True if any of them are estimated rather than measured.
        estimate: bool,
    },
    /// A second: there are no joules.
    Second {
        /// The reason.
        reason: String,
    },
}

/// The kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Buys {
    /// Double SHA-256, hashes.
    Hashes,
    /// Floating-point operations of matrix products.
    Flop(Format),
    /// Integer operations of matrix products.
    Op(Format),
    /// Bytes of memory traffic.
    Bytes,
    /// Tokens, an upper bound by the products with the weights alone.
    Tokens,
}

/// A figure of the machine beside those of its rivals.
#[derive(Debug, Clone, Serialize)]
pub struct Bought {
    /// The kind of work.
    pub buys: Buys,
    /// The work in words.
    pub name: String,
    /// The device.
    pub device: String,
    /// The backend.
    pub backend: String,
    /// The number that one joule or second buys.
    pub own: Figure,
    /// The part of the machine whose joules they are; absent where seconds are divided by.
    pub boundary: Option<Boundary>,
    /// True if the joules behind it are estimated rather than measured.
    pub estimate: bool,
    /// The rivals.
    pub rivals: Vec<Rival>,
}

/// A rival's figure.
#[derive(Debug, Clone, Serialize)]
pub struct Rival {
    /// Maker and model.
    pub name: String,
    /// The model without its maker and series.
    pub short: String,
    /// The reason that it is shown: the best, the most deployed.
    pub role: &'static str,
    /// Date of the share of the network that makes it the most deployed; absent in other
    /// roles.
    pub share_date: Option<String>,
    /// The number that one joule or second buys there.
    pub per: f64,
    /// The evidence for it, its source and date.
    pub source: Source,
    /// Ratio of its figure to the machine's; absent where the two do not compare.
    pub gap: Option<Figure>,
}

/// The chosen figures, with the rows that they rest on.
pub(crate) struct Found {
    pub(crate) basis: Basis,
    pub(crate) bought: Vec<Bought>,
    pub(crate) without_joules: Vec<WithoutJoules>,
    /// The joules of a terahash here, the best joules.
    pub(crate) hash: Option<(Subject, Option<HashEnergy>)>,
    /// Rate of the row of hashes.
    pub(crate) hash_per_s: Option<f64>,
    /// Rate of the product that stands for the machine.
    pub(crate) product_per_s: Option<f64>,
    /// Tokens per second of the row of tokens, an upper bound.
    pub(crate) tokens_per_s: Option<f64>,
    /// Watts of the machine under its best product; absent without joules.
    pub(crate) ai_w: Option<f64>,
    /// The reason that there is no AI figure.
    pub(crate) no_ai: Option<String>,
    /// The rows that are shown.
    pub(crate) subjects: Vec<Subject>,
    /// True if joules rest on watts that the user states with the question.
    pub(crate) stated: bool,
}

impl Found {
    /// True if the joules are estimated.
    pub(crate) fn is_estimate(&self) -> bool {
        matches!(self.basis, Basis::Joule { estimate: true, .. })
    }
}

/// Chooses the figures of a machine.
pub(crate) fn bought(
    machine: &Machine,
    best: &EnergyGap,
    deployed: &EnergyGap,
    catalogue: &Catalogue,
) -> Found {
    let hashing = most(
        &best.hashing,
        |row| &row.subject,
        machine,
        |row| {
            (
                widest(&row.energy, |of| &of.joules).map(|of| 1.0 / of.j_th.figure.value),
                row.rate_h_per_s.figure.value,
            )
        },
    );
    let product = product(machine, best);
    let memory = most(
        &best.memory,
        |row| &row.subject,
        machine,
        |row| {
            (
                widest(&row.energy, |of| &of.joules).map(|of| of.per_j.figure.value),
                row.rate_b_per_s.figure.value,
            )
        },
    );
    let tokens = most(
        &best.arithmetic,
        |row| &row.subject,
        machine,
        |row| {
            let energy = widest(&row.energy, |of| &of.joules);
            (
                energy.and_then(|of| Some(of.tokens_per_j.as_ref()?.figure.value)),
                tokens_per_s(row).unwrap_or(0.0),
            )
        },
    );
    let joules = [
        hashing.and_then(|row| Some(&widest(&row.energy, |of| &of.joules)?.joules)),
        product.and_then(|row| Some(&widest(&row.energy, |of| &of.joules)?.joules)),
        memory.and_then(|row| Some(&widest(&row.energy, |of| &of.joules)?.joules)),
    ];
    let joules: Vec<&Joules> = joules.into_iter().flatten().collect();
    let mut meters: Vec<String> = joules.iter().flat_map(|of| of.meters.clone()).collect();
    meters.sort();
    meters.dedup();
    let basis = match joules.is_empty() {
        false => Basis::Joule {
            meters,
            estimate: joules.iter().any(|of| of.estimate),
        },
        true => Basis::Second {
            reason: hashing
                .and_then(|row| row.no_energy.clone())
                .or_else(|| product.and_then(|row| row.no_energy.clone()))
                .map_or_else(
                    || "joules: not measured".into(),
                    |why| format!("joules: {why}"),
                ),
        },
    };
    let by_joule = matches!(basis, Basis::Joule { .. });
    let mut bought = Vec::new();
    if let Some(row) = hashing {
        let others = deployed.hashing.iter();
        let other = others.clone().find(|of| of.subject == row.subject);
        let role = match best.asic_metered {
            Some(_) => "measured",
            None => "best",
        };
        let sides = [
            Some((row, best, role)),
            other.map(|of| (of, deployed, MOST_DEPLOYED)),
        ];
        bought.extend(hashes(&sides, by_joule));
    }
    if let Some(row) = product {
        bought.extend(operations(row, by_joule));
    }
    if let Some(row) = memory {
        bought.extend(bytes(row, by_joule));
    }
    if let Some(row) = tokens.filter(|_| by_joule) {
        bought.extend(per_token(row, catalogue));
    }
    let without_joules = match by_joule {
        true => without::rows(
            machine,
            (&best.hashing, hashing),
            (&products(machine, best), product),
            (&best.memory, memory),
        ),
        false => Vec::new(),
    };
    let watts = product.and_then(|row| {
        let energy = widest(&row.energy, |of| &of.joules)?;
        Some(row.rate_per_s.figure.value / energy.per_j.figure.value)
    });
    let subjects = [
        hashing.map(|row| row.subject.clone()),
        product.map(|row| row.subject.clone()),
        memory.map(|row| row.subject.clone()),
    ];
    Found {
        basis,
        bought,
        without_joules,
        hash: hashing.map(|row| {
            let energy = widest(&row.energy, |of| &of.joules).cloned();
            (row.subject.clone(), energy)
        }),
        hash_per_s: hashing.map(|row| row.rate_h_per_s.figure.value),
        product_per_s: product.map(|row| row.rate_per_s.figure.value),
        tokens_per_s: tokens.and_then(tokens_per_s),
        ai_w: watts,
        no_ai: no_ai(machine, best),
        subjects: subjects.into_iter().flatten().collect(),
        stated: joules.iter().any(|of| of.meters == [STATED]),
    }
}

fn tokens_per_s(row: &Arithmetic) -> Option<f64> {
    Some(row.tokens_per_s.as_ref()?.figure.value)
}

/// The machine's row with the most work per joule; among rows without joules, per second.
fn most<'a, R>(
    rows: &'a [R],
    subject: impl Fn(&R) -> &Subject,
    machine: &Machine,
    value: impl Fn(&R) -> (Option<f64>, f64),
) -> Option<&'a R> {
    let own = rows.iter().filter(|row| machine.is(subject(row)));
    let known = own
        .map(|row| (value(row), row))
        .filter(|(of, _)| of.0.is_some() || of.1 > 0.0);
    let best = known.max_by(|(a, _), (b, _)| {
        let joules = a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0));
        joules.then(a.1.total_cmp(&b.1))
    });
    best.map(|(_, row)| row)
}

/// The joules of the largest part of the machine: at the wall, where they are known.
pub(crate) fn widest<E>(all: &[E], joules: impl Fn(&E) -> &Joules) -> Option<&E> {
    let rank = |of: &&E| {
        let boundary = joules(of).boundary;
        (boundary.at_wall(), boundary.covers_whole_machine())
    };
    // Of equals the first.
    all.iter().reduce(|kept, next| {
        if rank(&next) > rank(&kept) {
            next
        } else {
            kept
        }
    })
}

/// The products that may stand for the machine: its AI figures where there are any.
fn products<'a>(machine: &Machine, gap: &'a EnergyGap) -> Vec<&'a Arithmetic> {
    let own = gap.ai.iter().filter(|of| of.specimen == machine.specimen);
    let ai: Vec<(&str, &str, &str)> = own
        .flat_map(|of| {
            let rows = of.rows.known().into_iter().flatten();
            rows.map(|row| (of.device.as_str(), row.name.as_str(), row.backend.as_str()))
        })
        .collect();
    let is_ai = |row: &Arithmetic| {
        let of = &row.subject;
        ai.contains(&(&of.device, &of.name, &of.backend))
    };
    let with_format = gap
        .arithmetic
        .iter()
        .filter(|row| row.format.known().is_some());
    with_format
        .filter(|row| machine.is(&row.subject) && (ai.is_empty() || is_ai(row)))
        .collect()
}

/// The product that stands for the machine.
fn product<'a>(machine: &Machine, gap: &'a EnergyGap) -> Option<&'a Arithmetic> {
    let value = |row: &&Arithmetic| {
        let energy = widest(&row.energy, |of| &of.joules);
        (
            energy.map(|of| of.per_j.figure.value),
            row.rate_per_s.figure.value,
        )
    };
    most(&products(machine, gap), |row| &row.subject, machine, value).copied()
}
