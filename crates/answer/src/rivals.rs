//! The rows of the table: a figure of the machine beside its rivals.

use perwatt_gap::catalogue::{Accelerator, Catalogue, Row, short_name};
use perwatt_gap::energy::{
    Against, Answer as Known, Arithmetic, ArithmeticEnergy, EnergyGap, Figure, Hashing, Measured,
    Memory, Side,
};
use perwatt_record::schema::Unit;
use perwatt_record::work::Work;
use perwatt_table::{Evidence, Source};

use crate::joule::{Bought, Buys, Rival, widest};

/// Hashes in a terahash.
const TERA: f64 = 1e12;
/// The role of the ASIC with the largest share of the network.
pub(crate) const MOST_DEPLOYED: &str = "most deployed";

/// The row of hashes: the machine's figure beside an ASIC's for each side.
pub(crate) fn hashes(
    sides: &[Option<(&Hashing, &EnergyGap, &'static str)>],
    by_joule: bool,
) -> Option<Bought> {
    let (row, ..) = sides.first().copied().flatten()?;
    let energy = widest(&row.energy, |of| &of.joules);
    let rival = |(row, gap, role): (&Hashing, &EnergyGap, &'static str)| {
        let energy = widest(&row.energy, |of| &of.joules);
        Some(Rival {
            short: short_name(&gap.asic.model),
            name: gap.asic.full_name(),
            role,
            share_date: (role == MOST_DEPLOYED)
                .then(|| gap.asic.network_share_date.clone())
                .filter(|date| !date.is_empty()),
            per: match by_joule {
                true => TERA / gap.asic_j_th,
                false => gap.asic.hashrate_th_s * TERA,
            },
            source: gap.asic.provenance.as_source(),
            gap: Some(match by_joule {
                true => energy?.over_asic.clone(),
                false => row.units.clone(),
            }),
        })
    };
    let mut rivals: Vec<Rival> = sides
        .iter()
        .flatten()
        .filter_map(|side| rival(*side))
        .collect();
    rivals.dedup_by(|b, a| a.name == b.name);
    Some(Bought {
        buys: Buys::Hashes,
        name: row.subject.name.clone(),
        device: row.subject.device.clone(),
        backend: row.subject.backend.clone(),
        own: match by_joule {
            true => inverse(&energy?.j_th, TERA),
            false => row.rate_h_per_s.figure.clone(),
        },
        boundary: energy.filter(|_| by_joule).map(|of| of.joules.boundary),
        estimate: by_joule && energy.is_some_and(|of| of.joules.estimate),
        rivals,
    })
}

/// A number over a figure; the ends of its intervals change places.
fn inverse(of: &Measured, numerator: f64) -> Figure {
    let ends = |interval: Option<[f64; 2]>| {
        interval.map(|[low, high]| [numerator / high, numerator / low])
    };
    Figure {
        value: numerator / of.figure.value,
        rerun_interval: ends(of.figure.rerun_interval),
        interval: ends(of.figure.interval),
    }
}

/// The kind of work of a product; `None` in a format that no rival has.
pub(crate) fn operations_bought(row: &Arithmetic) -> Option<Buys> {
    let format = *row.format.known()?;
    Some(match row.subject.workload.work().map(Work::unit) {
        Some(Unit::Op) => Buys::Op(format),
        _ => Buys::Flop(format),
    })
}

/// The row of operations, beside the accelerator with the best sustained rate that somebody
/// measured in the same format; where the catalogue has none, by the best peak.
pub(crate) fn operations(row: &Arithmetic, by_joule: bool) -> Option<Bought> {
    let buys = operations_bought(row)?;
    let wide = |of: &[ArithmeticEnergy]| {
        let found = widest(of, |of| &of.joules)?;
        of.iter().position(|one| std::ptr::eq(one, found))
    };
    let at = wide(&row.energy);
    let side = |kind: fn(&Against) -> &Known<Side>, word: &str| {
        let all = row.against.iter().filter_map(|of| {
            let side = kind(of).known()?;
            let (per, gap) = match by_joule {
                true => (*side.per_j.known()?, side.over_device.get(at?)?.clone()),
                false => (side.per_s, side.units.clone()),
            };
            let source = match word {
                "sustained" => of.measured_source.clone(),
                _ => of.source.clone(),
            };
            Some(Rival {
                short: short_name(&of.accelerator),
                name: of.accelerator.clone(),
                role: match word {
                    "sustained" => "best sustained",
                    _ => "best by name plate",
                },
                share_date: None,
                per,
                source: Source {
                    evidence: match word {
                        "sustained" => Evidence::Measured,
                        _ => Evidence::Nameplate,
                    },
                    ..source
                },
                gap: Some(gap),
            })
        });
        all.max_by(|a, b| a.per.total_cmp(&b.per))
    };
    let rival = side(|of| &of.sustained, "sustained").or_else(|| side(|of| &of.peak, "peak"));
    let energy = at.map(|at| &row.energy[at]);
    Some(Bought {
        buys,
        name: row.subject.name.clone(),
        device: row.subject.device.clone(),
        backend: row.subject.backend.clone(),
        own: match by_joule {
            true => energy?.per_j.figure.clone(),
            false => row.rate_per_s.figure.clone(),
        },
        boundary: energy.filter(|_| by_joule).map(|of| of.joules.boundary),
        estimate: by_joule && energy.is_some_and(|of| of.joules.estimate),
        rivals: rival.into_iter().collect(),
    })
}

/// The row of memory traffic.
pub(crate) fn bytes(row: &Memory, by_joule: bool) -> Option<Bought> {
    let energy = widest(&row.energy, |of| &of.joules);
    let rival = row.accelerator.as_ref().and_then(|of| {
        Some(Rival {
            short: short_name(&of.accelerator),
            name: of.accelerator.clone(),
            role: "best by name plate",
            share_date: None,
            per: if by_joule { of.per_j } else { of.per_s },
            source: Source {
                evidence: Evidence::Nameplate,
                ..of.source.clone()
            },
            gap: match by_joule {
                true => energy?.over_device.clone(),
                false => Some(of.units.clone()),
            },
        })
    });
    Some(Bought {
        buys: Buys::Bytes,
        name: row.subject.name.clone(),
        device: row.subject.device.clone(),
        backend: row.subject.backend.clone(),
        own: match by_joule {
            true => energy?.per_j.figure.clone(),
            false => row.rate_b_per_s.figure.clone(),
        },
        boundary: energy.filter(|_| by_joule).map(|of| of.joules.boundary),
        estimate: by_joule && energy.is_some_and(|of| of.joules.estimate),
        rivals: rival.into_iter().collect(),
    })
}

/// The row of tokens: an upper bound here, and others' joules of an output token there, of
/// another model, so that the two have no gap.
pub(crate) fn per_token(row: &Arithmetic, catalogue: &Catalogue) -> Option<Bought> {
    let energy = widest(&row.energy, |of| &of.joules)?;
    let known = catalogue.accelerators.iter();
    let known = known.filter_map(|of: &Accelerator| Some((of.j_per_token?, of)));
    let rival = known
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(j_per_token, of)| Rival {
            short: short_name(&of.model),
            name: format!("{}, {}", of.full_name(), of.j_per_token_of),
            role: "best measured",
            share_date: None,
            per: 1.0 / j_per_token,
            source: Source {
                evidence: Evidence::Sourced,
                text: of.j_per_token_source.clone(),
                date: Some(of.j_per_token_date.clone()),
            },
            gap: None,
        });
    Some(Bought {
        buys: Buys::Tokens,
        name: row.subject.name.clone(),
        device: row.subject.device.clone(),
        backend: row.subject.backend.clone(),
        own: energy.tokens_per_j.as_ref()?.figure.clone(),
        boundary: Some(energy.joules.boundary),
        estimate: energy.joules.estimate,
        rivals: rival.into_iter().collect(),
    })
}
