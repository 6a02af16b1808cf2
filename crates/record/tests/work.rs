//! Comparison of the workload types with the archived records.

use std::path::Path;

use perwatt_record::file;
use perwatt_record::work::{Family, Work};

#[test]
fn archived_entries_count_as_their_workloads_define() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let mut families = Vec::new();
    for found in std::fs::read_dir(results).unwrap() {
        let path = found.unwrap().path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let record = file::read(&path).unwrap().record;
        for entry in &record.plan.entries {
            let work = Work::find(&entry.workload.name).unwrap();
            assert_eq!(entry.workload.named().work(), Some(work));
            assert_eq!(entry.workload.version, work.version());
            assert_eq!(entry.unit, work.unit());
            let counted = work.per_step(&entry.workload.params);
            assert_eq!(counted, Some(entry.work_per_step), "{}", entry.id);
            if !families.contains(&work.family()) {
                families.push(work.family());
            }
        }
    }
    for family in [Family::Sha256d, Family::Matmul, Family::Stream] {
        assert!(families.contains(&family), "{family:?}");
    }
}
