//! An example meter that is added by the two steps that any meter needs: this file, and its
//! lines in [`super`]. It is compiled only for the tests.
//!
//! `/sys/class/toy/energy_uj` counts microjoules of the whole machine, at the wall.

use super::{Entry, Query, Source, attribute};
use crate::error::ReadError;
use crate::info::{Boundary, Covers, MeterInfo, Quantity};
use crate::select::Found;
use crate::system::System;
use crate::unavailable::Unavailable;
use std::path::Path;

pub(super) const ENTRY: Entry =
    Entry::local("toy", probe).described("counter of microjoules in a file", "toy");

const FILE: &str = "sys/class/toy/energy_uj";

struct Toy {
    info: MeterInfo,
    system: System,
    first_uj: u64,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let first_uj = attribute::unsigned(query.system, Path::new(FILE));
    let first_uj = first_uj.map_err(|error| attribute::refusal("toy", FILE, &error))?;
    let (covers, boundary) = (Covers::Machine, Boundary::Wall);
    let info = MeterInfo::new("toy", "a toy", covers, boundary, Quantity::EnergyJ);
    let system = query.system.clone();
    Ok(vec![Found::Available(Box::new(Toy {
        info,
        system,
        first_uj,
    }))])
}

impl Source for Toy {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let uj = attribute::unsigned(&self.system, Path::new(FILE))?;
        Ok((uj - self.first_uj) as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unavailable::Reason;
    use crate::{Selection, detect};
    use std::fs;

    #[test]
    fn the_toy_meter_is_found_by_its_name_and_read() {
        let tree = tempfile::tempdir().unwrap();
        let selection = Selection {
            sysfs_root: tree.path().into(),
            meters: Some(vec!["toy".into()]),
            ..Selection::default()
        };
        let found = || detect(&selection).unwrap().remove(0);
        let Found::Unavailable(why) = found() else {
            panic!("there is none")
        };
        assert_eq!(why.reason, Reason::Absent);

        let file = tree.path().join(FILE);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "7000000\n").unwrap();
        let Found::Available(mut toy) = found() else {
            panic!("there is one")
        };
        assert_eq!(toy.info().id, "toy");
        assert_eq!(toy.read(), Ok(0.0));
        fs::write(&file, "9500000\n").unwrap();
        assert_eq!(toy.read(), Ok(2.5));
        fs::write(&file, "none\n").unwrap();
        assert!(toy.read().is_err());
    }
}
