//! A measured miner in place of a name plate, and as the device that is compared.

mod sessions;

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::Loaded;
use perwatt_compare::session::Session;
use perwatt_gap::catalogue::{MeasuredAsic, RivalError, Row};
use perwatt_power::Boundary;
use perwatt_record::Record;
use perwatt_record::file::parse;
use perwatt_record::fixture;
use perwatt_record::fixture::miner::{MadeMiner, mined};
use perwatt_table::Evidence;

use sessions::{made, near, of, of_all, of_loaded};

fn session(power_w: Option<f64>) -> Record {
    let miner = MadeMiner {
        power_w,
        ..MadeMiner::new("bitaxe")
    };
    mined(5, &[miner], 3, 60)
}

fn measured(record: &Record) -> Result<MeasuredAsic, RivalError> {
    let loaded = parse(Path::new("m.json"), &record.to_bytes().unwrap()).unwrap();
    MeasuredAsic::of(&loaded, "m.json")
}

#[test]
fn a_measured_miner_is_the_rival_with_its_uncertainty() {
    let record = session(Some(15.0));
    let rival = measured(&record).unwrap();
    let row = &record.summary[0];
    let joules = row.energy[0].energy_per_unit_j.as_ref().unwrap();
    let j_th = joules.median * 1e12;
    near(rival.asic.efficiency_j_th(), j_th);
    let rel = row.energy[0].uncertainty.as_ref().unwrap().relative;
    assert!((rival.asic.tolerance.efficiency_rel() / rel - 1.0).abs() < 0.05);
    assert_eq!(rival.metered.boundary, Boundary::Wall);
    assert_eq!(rival.metered.windows, 3);
    let source = rival.asic.provenance.as_source();
    assert_eq!(source.evidence, Evidence::Measured);
    assert!(
        source
            .text
            .contains("made-up/1.0, by its shares and plug:bitaxe in m.json")
    );

    let mut device = made(1, vec![of(fixture::hashes("cpu", "avx2"), 1e9, 100.0)]);
    device.meter = Some(fixture::counter("rapl", Some(0.03)));
    let found = of_all(&[device], |options| options.set_against(&rival));
    assert_eq!(found.asic.full_name(), "miner bitaxe");
    near(found.hashing[0].energy[0].over_asic.value, 1e5 / j_th);
    assert!(found.asic_metered.is_some());
}

#[test]
fn the_miner_itself_is_a_device_of_the_gap() {
    let record = session(Some(15.0));
    let session = Session::of(Path::new("m.json"), &record, &Interner::default());
    let found = of_loaded(&Loaded::of(vec![session]), |_| {});
    assert!(
        found.machines[0]
            .name
            .starts_with("miner bitaxe, counted by ")
    );
    let row = &found.hashing[0];
    assert_eq!(row.subject.device_model, "made-up/1.0");
    assert_eq!(row.energy[0].joules.boundary, Boundary::Wall);
}

#[test]
fn what_is_no_rival_is_refused_with_a_sentence() {
    let error = measured(&session(None)).unwrap_err();
    assert!(matches!(error, RivalError::NoJoules { .. }));
    assert!(
        error.to_string().contains("perwatt asic --meter METER"),
        "{error}"
    );
    let error = measured(&made(1, vec![of(fixture::hashes("cpu", "avx2"), 1e9, 1.0)]).record());
    assert!(matches!(error, Err(RivalError::NotMiners { .. })));
    let mut edited = session(Some(15.0));
    edited.summary[0].energy[0]
        .energy_per_unit_j
        .as_mut()
        .unwrap()
        .median /= 2.0;
    edited.seal().unwrap();
    assert!(matches!(
        measured(&edited),
        Err(RivalError::NotVerified { .. })
    ));
}

#[test]
fn stated_watts_make_an_estimate_of_a_rival() {
    let miner = MadeMiner {
        power_w: Some(15.0),
        is_stated: true,
        ..MadeMiner::new("bitaxe")
    };
    let record = mined(5, &[miner], 1, 60);
    let rival = measured(&record).unwrap();
    assert!(rival.metered.estimate);
    assert_eq!(
        rival.asic.provenance.as_source().evidence,
        Evidence::Assumed
    );
}
