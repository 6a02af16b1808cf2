//! Records and comparisons as test data.
#![allow(dead_code)]

pub mod gap;

use std::path::{Path, PathBuf};

use perwatt_answer::{Answer, Question, Scenario, answer};
use perwatt_compare::intern::Interner;
use perwatt_compare::session::Session;
use perwatt_compare::{By, Comparison, Input, Loaded, Options, compare, load};
use perwatt_gap::catalogue::Catalogue;
use perwatt_record::Record;
use perwatt_record::fixture::{Made, counter, derive_again};
use perwatt_report::Named;

/// The directory of the archived records.
pub fn archive() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results")
}

/// All archived records.
pub fn archived() -> Vec<Named> {
    let paths = perwatt_record::archive::list(&archive()).unwrap();
    assert!(paths.len() > 2);
    paths
        .iter()
        .map(|path| {
            let record = perwatt_record::file::read(path).unwrap().record;
            named(&record.session.label.clone(), record)
        })
        .collect()
}

/// The answer of the archive, for the site of 20 MW.
pub fn answered() -> Answer {
    let input = Input {
        label: None,
        path: archive(),
    };
    let site = gap::site_of("20 MW", "a site", 50);
    let scenario = Scenario {
        name: "20mw".into(),
        example: true,
    };
    let catalogue = Catalogue::builtin().unwrap();
    let question = Question {
        site: Some((&site, scenario)),
        ..Question::new(&catalogue, &|_, _| None)
    };
    let loaded = load(&[input], false).unwrap();
    answer(&loaded, &question).unwrap().unwrap()
}

/// A fleet: sessions of products with a meter, each on a machine of its own.
pub fn fleet(count: u64) -> Loaded {
    let interner = Interner::default();
    let sessions = (0..count).map(|i| {
        let rates = [4e11 * (1.0 + 0.001 * i as f64); 6];
        let mut made = Made::one(&format!("node-{i}"), i, &rates);
        made.cpu = format!("Example CPU {i}");
        made.meter = Some(counter("rapl", None));
        Session::of(Path::new("x.json"), &made.record(), &interner)
    });
    Loaded::of(sessions.collect())
}

pub fn named(label: &str, record: Record) -> Named {
    Named {
        label: label.into(),
        file: "file.json".into(),
        wrong: None,
        record,
    }
}

/// The comparison of all archived records.
pub fn compared_archive() -> Comparison {
    let inputs = [Input {
        label: None,
        path: archive(),
    }];
    let options = Options {
        by: By::Session,
        ..Options::default()
    };
    let comparison = compare(&load(&inputs, false).unwrap(), &options).unwrap();
    assert!(comparison.compared().count() > 5);
    comparison
}

/// The comparison of these records, read from files as in real use.
pub fn compared(records: &[Named]) -> Comparison {
    let dir = tempfile::tempdir().unwrap();
    let inputs: Vec<Input> = records
        .iter()
        .enumerate()
        .map(|(i, named)| {
            let path = dir.path().join(format!("{i}.json"));
            std::fs::write(&path, named.record.to_bytes().unwrap()).unwrap();
            Input {
                label: Some(named.label.clone()),
                path,
            }
        })
        .collect();
    let loaded = load(&inputs, false).unwrap();
    let comparison = compare(&loaded, &Options::default()).unwrap();
    assert!(comparison.compared().count() > 0);
    comparison
}

/// Text that takes effect where it is not escaped.
pub const HOSTILE: &str = "</svg></title></style><script>document.title='owned';console.error('ran')</script><img src=x onerror=\"console.error('ran')\">\u{202e}\"'&amp;`";

/// Two records with a meter in which all texts are hostile or very long.
pub fn hostile() -> Vec<Named> {
    [4e11, 5e11]
        .iter()
        .enumerate()
        .map(|(i, rate)| {
            let rates: Vec<f64> = (0..8)
                .map(|j| rate * (1.0 + 0.003 * f64::from(j)))
                .collect();
            let mut made = Made::one(HOSTILE, i as u64, &rates);
            made.cpu = "W".repeat(400);
            let mut meter = counter("rapl", None);
            meter.id = HOSTILE.into();
            meter.description = "x".repeat(300);
            meter.notes = vec![HOSTILE.into()];
            made.meter = Some(meter);
            let entry = &mut made.entries[0].entry;
            entry.backend_warning = Some(HOSTILE.into());
            entry.backend = format!("{HOSTILE}{}", "y".repeat(200));
            entry.id = format!("matmul/f32/{HOSTILE}/cpu/{}", entry.backend);
            let mut record = made.record();
            record.session.note = Some(HOSTILE.into());
            record.session.argv = vec!["z".repeat(500), HOSTILE.into()];
            record.host.os.kernel = Some(format!("{HOSTILE}{i}"));
            derive_again(&mut record);
            named(HOSTILE, record)
        })
        .collect()
}
