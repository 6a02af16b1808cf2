//! A workload that is added by the steps that any workload needs: this file, and its line in
//! a list of workloads. It copies an array on the CPU, which records define (`stream/copy`)
//! and this program measures on GPUs alone.

use std::sync::atomic::AtomicBool;

use perwatt_engine::device::{CPU, MachineFacts};
use perwatt_engine::plan::{BackendStatus, Choice, PlanError, Plannable, Request, Wanted};
use perwatt_engine::session::Instruments;
use perwatt_engine::worker::{Assignment, Load, RunError};
use perwatt_engine::workload::{Done, Runnable, Workloads};
use perwatt_power::Selection;
use perwatt_record::schema::{Entry, Proof, Status};
use perwatt_record::work::{Stream, Work, array_elements};

use crate::fixture::*;

pub static WORKLOADS: &Workloads = &[&Toy];

struct Toy;

impl Plannable for Toy {
    fn works(&self) -> &'static [Work] {
        &[Work::Stream(Stream::Copy)]
    }

    fn description(&self) -> &'static str {
        "copy of an array: bytes counted the STREAM way"
    }

    fn backends(&self, _facts: &MachineFacts) -> Vec<BackendStatus> {
        vec![BackendStatus::new("toy", CPU, "a plain loop on one thread")]
    }

    fn entries(&self, wanted: &Wanted<'_>) -> Result<Vec<Entry>, PlanError> {
        wanted.no_params()?;
        let params = [("array_bytes", "65536".into()), ("dtype", "f64".into())];
        Ok(vec![wanted.entry("", params, "copy of 64 KiB".into())?])
    }
}

impl Runnable for Toy {
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
        let bytes: usize = assignment.param("array_bytes")?;
        let from: Vec<f64> = (0..bytes / 8).map(|i| i as f64).collect();
        let mut to = vec![0.0; from.len()];
        load.run(|| to.copy_from_slice(std::hint::black_box(&from)))?;
        match to == from {
            true => Ok(Done::by(Proof::Exact {
                elements: to.len() as u64,
            })),
            false => Err(RunError::Unverified("the copy differs".into())),
        }
    }
}

trials![planned_run_recorded_and_checked];

fn planned_run_recorded_and_checked() {
    let facts = facts();
    let request = Request {
        workloads: vec!["stream/copy".into()],
        ..Request::default()
    };
    let choice = Choice::new(&request, &facts, &[&Toy]).unwrap();
    let entries = choice.plan(&facts).unwrap().entries;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["stream/copy/cpu/toy"]);

    let mut new = new_session(entries, 2);
    // A meter that is found by its name.
    let selection = Selection {
        user_watts: Some(25.0),
        meters: Some(vec!["user-watts".into()]),
        ..Selection::default()
    };
    let instruments = Instruments::open(&selection, &AtomicBool::new(false));
    new.instruments.meters = instruments.unwrap().unwrap().meters;
    let (_dir, finished) = run(new, "toy");
    assert_archived(&finished, false);
    let record = &finished.record;
    let elements = array_elements(&record.plan.entries[0].workload.params).unwrap();
    assert_eq!(record.runs.len(), 2);
    for run in &record.runs {
        assert_eq!(run.status, Status::Ok);
        assert_eq!(run.proof, Some(Proof::Exact { elements }));
        assert!(run.work.len() > 2, "{:?}", run.work);
        let energy = &run.measured.as_ref().unwrap().energy[0];
        assert!((energy.power_w - 25.0).abs() < 1e-9 && energy.energy_j > 0.0);
    }
    let row = &record.summary[0];
    assert!(row.verified && row.rate_per_s.is_some());
    assert!(row.energy[0].energy_per_unit_j.is_some());
}
