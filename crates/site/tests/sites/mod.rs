//! A site for tests.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use perwatt_site::figure::{Figure, Figures};
use perwatt_site::{Options, Rig, Scenario, SiteReport, Use, report};
use perwatt_table::{Evidence, Source};

pub const BASE: &str = "\
name = \"test\"
[site]
gross_mw = 20
[finance]
discount_rate = 0.1
[hosting]
power_paid_by = \"landlord\"
";

pub fn rig(name: &str) -> Result<Rig, String> {
    match name {
        "S21 XP" => Ok(Rig {
            model: "Antminer S21 XP".into(),
            efficiency_j_th: 13.5,
            interval_j_th: [12.6, 14.4],
            source: Source {
                evidence: Evidence::Nameplate,
                text: "maker".into(),
                date: Some("2024-12".into()),
            },
        }),
        _ => Err(format!("no model {name:?}; the nearest is Antminer S21 XP")),
    }
}

pub fn scenario(text: &str, set: &[&str]) -> Result<Scenario, String> {
    let set: Vec<String> = set.iter().map(|s| (*s).to_owned()).collect();
    Scenario::parse(Path::new("s.toml"), text, &set, &rig).map_err(|error| error.to_string())
}

pub fn of(text: &str, set: &[&str]) -> SiteReport {
    let options = Options {
        draws: 0,
        ..Options::default()
    };
    report(&scenario(text, set).unwrap(), None, &options).unwrap()
}

pub fn value(report: &SiteReport, kind: Use, id: &str) -> f64 {
    figure(report, kind, id)
        .value
        .unwrap_or_else(|| panic!("{kind:?} has no {id}"))
}

pub fn figure<'a>(report: &'a SiteReport, kind: Use, id: &str) -> &'a Figure {
    let outcome = report.uses.iter().find(|o| o.kind == kind).unwrap();
    let all = outcome.figures.list();
    let found = all.iter().find(|named| named.id == id);
    found
        .unwrap_or_else(|| panic!("{kind:?} has no {id}"))
        .figure
}

pub fn near(a: f64, b: f64, rel: f64) -> bool {
    (a / b - 1.0).abs() <= rel
}
