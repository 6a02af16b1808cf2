//! Gaps and sites as test data.

use std::path::{Path, PathBuf};

use perwatt_compare::intern::Interner;
use perwatt_compare::load::{Input, Loaded, load};
use perwatt_compare::session::Session;
use perwatt_gap::catalogue::{Catalogue, Row};
use perwatt_gap::energy::{EnergyGap, Options, gap};
use perwatt_power::Provenance;
use perwatt_record::fixture::{Made, MadeEntry, counter, hashes, square, ten_around};
use perwatt_record::schema::Entry;
use perwatt_record::work::{Matmul, Work};
use perwatt_site::curtail::{Prices, ReadOptions};
use perwatt_site::figure::Figures;
use perwatt_site::{self as site, Rig, Scenario, SiteReport};

use super::HOSTILE;

fn product(workload: &str) -> Entry {
    let mut entry = square("cpu", "embedded");
    entry.id = entry.id.replace("matmul/f32", workload);
    entry.workload.name = workload.into();
    entry
}

/// A session of hashes and products, by a meter that measures or, with `estimate`,
/// estimates.
pub fn session(estimate: bool) -> Made {
    let of = |entry, rate, power_w| MadeEntry {
        entry,
        rates_per_s: ten_around(rate),
        power_w,
    };
    let mut made = Made::one("made up", 1, &[1.0]);
    made.entries = vec![
        of(hashes("cpu", "avx512"), 8e7, 120.0),
        of(product("matmul/f32"), 1e12, 100.0),
        of(product("matmul/f16"), 2e12, 100.0),
        of(product("matmul/f64"), 4e11, 100.0),
    ];
    let mut meter = counter("rapl", (!estimate).then_some(0.03));
    if estimate {
        meter.provenance = Provenance::DeviceEstimate;
    }
    made.meter = Some(meter);
    made
}

/// The gap of these sessions. They are not read from files: their hashes lack the proof
/// that would verify.
pub fn gap_of(all: &[Made]) -> EnergyGap {
    let interner = Interner::default();
    let session = |made: &Made| Session::of(Path::new("x.json"), &made.record(), &interner);
    set_against(&Loaded::of(all.iter().map(session).collect()))
}

/// The gap of the archive, which has no joules.
pub fn archived_gap() -> EnergyGap {
    gap_at(super::archive())
}

/// The gap of the archived sessions without any meter.
pub fn gap_without_joules() -> EnergyGap {
    gap_at(super::archive().join("reruns"))
}

fn gap_at(path: PathBuf) -> EnergyGap {
    let input = Input { label: None, path };
    set_against(&load(&[input], false).unwrap())
}

fn set_against(loaded: &Loaded) -> EnergyGap {
    let catalogue = Catalogue::builtin().unwrap();
    let limits = |_: &str, work: Work| {
        (work == Work::Matmul(Matmul::F32)).then(|| (2e12, "a table of its maker".to_owned()))
    };
    let options = Options::new(&catalogue, Some("S21 XP"), &[], &limits).unwrap();
    gap(loaded, &options)
}

/// A gap in which all texts are hostile or very long.
pub fn hostile_gap() -> EnergyGap {
    let mut made = session(false);
    made.cpu = HOSTILE.into();
    if let Some(meter) = &mut made.meter {
        meter.id = HOSTILE.into();
    }
    for entry in &mut made.entries {
        entry.entry.backend = format!("{HOSTILE}{}", "y".repeat(200));
        entry.entry.id = format!("{}/{HOSTILE}", entry.entry.id);
    }
    let mut found = gap_of(&[made]);
    found.asic.model = HOSTILE.into();
    found.asic.provenance.source = format!("{HOSTILE}{}", "z".repeat(300));
    for row in &mut found.hashing {
        row.subject.notes.push(HOSTILE.into());
    }
    for against in found.arithmetic.iter_mut().flat_map(|row| &mut row.against) {
        against.accelerator = HOSTILE.into();
    }
    found
}

/// The report of the 20 MW scenario with another name and description.
pub fn site_of(name: &str, about: &str, draws: u32) -> SiteReport {
    let text = std::fs::read_to_string(site_file("scenarios/site-20mw.toml")).unwrap();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut changed = String::new();
    for line in text.lines() {
        match line.split(" =").next() {
            Some("name") => changed += &format!("name = {}\n", quoted(name)),
            Some("about") => changed += &format!("about = {}\n", quoted(about)),
            _ => changed += &format!("{line}\n"),
        }
    }
    site_report(&changed, None, draws)
}

/// The reports of both scenarios that come with the program.
pub fn example_sites(draws: u32) -> [SiteReport; 2] {
    let prices = site_file("data/prices_example.csv");
    let prices = Prices::read(&prices, &ReadOptions::default()).unwrap();
    let given = [("20mw", None), ("200mw", Some(&prices))];
    given.map(|(name, prices)| {
        let path = site_file(&format!("scenarios/site-{name}.toml"));
        site_report(&std::fs::read_to_string(path).unwrap(), prices, draws)
    })
}

fn site_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../site")
        .join(name)
}

fn site_report(text: &str, prices: Option<&Prices>, draws: u32) -> SiteReport {
    let catalogue = Catalogue::builtin().unwrap();
    let find = |name: &str| {
        let asic = catalogue.asic(name).map_err(|error| error.to_string())?;
        Ok(Rig {
            model: asic.full_name(),
            efficiency_j_th: asic.efficiency_j_th(),
            interval_j_th: asic.efficiency_interval_j_th(),
            source: asic.provenance.as_source(),
        })
    };
    let scenario = Scenario::parse(Path::new("site.toml"), text, &[], &find).unwrap();
    let options = site::Options {
        draws,
        ..site::Options::default()
    };
    site::report(&scenario, prices, &options).unwrap()
}

/// The report of a bare scenario with these settings at these hourly prices, or the reason
/// that there is none.
pub fn random_site(set: &[String], hours: &[f64]) -> Result<SiteReport, String> {
    let text = "[site]\ngross_mw = 20\n[finance]\ndiscount_rate = 0.1\n[hosting]\n\
                power_paid_by = \"landlord\"\n[curtailment]\nprices = \"p.csv\"\n\
                contract = \"fixed\"\n";
    let none = |name: &str| Err(format!("no {name}"));
    let scenario = Scenario::parse(Path::new("site.toml"), text, set, &none);
    let scenario = scenario.map_err(|error| error.to_string())?;
    let prices = Prices::new(0, 3600, 0, hours.to_vec()).unwrap();
    let options = site::Options {
        draws: 20,
        ..site::Options::default()
    };
    site::report(&scenario, Some(&prices), &options).map_err(|error| error.to_string())
}

/// The same report with hostile texts in all fields that hold text.
pub fn hostile_site() -> SiteReport {
    let endless = format!("{HOSTILE}{}", "w".repeat(400));
    let mut report = site_of(HOSTILE, &endless, 50);
    report.settings.accelerator = HOSTILE.into();
    report.settings.newer_asic = Some(endless.clone());
    for input in &mut report.inputs {
        input.source.text = endless.clone();
        input.source.date = Some(HOSTILE.into());
        input.range_source = HOSTILE.into();
        input.value = HOSTILE.into();
    }
    for swing in &mut report.tornado {
        swing.ends = [HOSTILE.into(), endless.clone()];
    }
    for outcome in &mut report.uses {
        let mut figures = Vec::new();
        outcome.figures.each(&mut figures);
        for figure in figures {
            figure.note = Some(HOSTILE.into());
        }
    }
    report
}
