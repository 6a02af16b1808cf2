//! Sessions of miners in comparisons: their windows, their models and their names.

mod common;

use common::{compared, loaded};
use perwatt_compare::key::Field;
use perwatt_compare::session::machine_name;
use perwatt_compare::{Options, history};
use perwatt_record::Record;
use perwatt_record::fixture::Made;
use perwatt_record::fixture::miner::{MadeMiner, mined};

fn session(id: u64, difficulty_log2: i32) -> Record {
    let miner = MadeMiner {
        difficulty_log2,
        power_w: Some(15.0),
        ..MadeMiner::new("bitaxe")
    };
    mined(id, &[miner], 3, 20)
}

#[test]
fn share_difficulties_do_not_keep_miners_apart() {
    let comparison = compared(&[session(1, -24), session(2, -23)], &Options::default());
    assert_eq!(comparison.compared().count(), 2, "{comparison:#?}");
    let key = &comparison.tables[0].rows[0].key;
    assert_eq!(key.text(&Field::Replicate).as_deref(), Some("window"));
    assert_eq!(key.text(&Field::Window).as_deref(), Some("20"));
    assert_eq!(key.text(&Field::WorkPerStep), None);
    let differs = comparison.cells().flat_map(|cell| &cell.differs);
    assert!(differs.into_iter().any(|of| of.field == "miner.difficulty"));
}

#[test]
fn a_column_names_the_miner_and_its_model() {
    let mut record = session(1, -24);
    let name = machine_name(&record);
    assert!(name.starts_with("miner bitaxe, counted by "), "{name}");
    let models = |record: &Record| {
        let found = compared(std::slice::from_ref(record), &Options::default());
        assert_eq!(found.columns[0].machines, [machine_name(record)]);
        found.columns[0].devices.clone()
    };
    assert_eq!(models(&record), ["made-up/1.0"]);
    record.plan.asics[0].model = Some("Bitaxe 601".into());
    assert_eq!(models(&record), ["Bitaxe 601"]);
    record.plan.asics[0].model = None;
    record.plan.asics[0].user_agent = None;
    assert_eq!(models(&record), ["unknown miner"]);
}

#[test]
fn a_miner_is_another_machine_than_the_one_that_counts() {
    let host = Made::one("host", 3, &[1e11; 3]).record();
    let found = history(&loaded(&[session(1, -24), host]), &Options::default()).unwrap();
    let names: Vec<&str> = found.machines.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("miner bitaxe")));
}
