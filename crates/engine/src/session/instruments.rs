//! The meters and probes of a session: found first, and later opened once.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use perwatt_power::state::{self, Probe};
use perwatt_power::{Found, Selection, SelectionError, Source, System, Unavailable, detect_until};

use super::meters::Meters;
use super::state::StateWatch;

/// The meters found here, readable or not; `None` when interrupted. Dropping them closes
/// them, so that no meter's clock runs before [`Instruments::open`].
///
/// # Errors
/// [`SelectionError`] when the selection itself is invalid.
pub fn probe(
    selection: &Selection,
    interrupt: &AtomicBool,
) -> Result<Option<Vec<Found>>, SelectionError> {
    detect_until(selection, interrupt)
}

/// Open meters, and the probes of the machine's state.
#[derive(Default)]
pub struct Instruments {
    /// The meters found here, readable or not.
    pub meters: Vec<Found>,
    /// The probes of the machine's state.
    pub probes: Vec<Box<dyn Probe>>,
    /// The root of the tree with the counters of CPU time; without one they are not read.
    pub counters: Option<PathBuf>,
}

impl Instruments {
    /// Opens everything that is selected and can be read; `None` when interrupted.
    ///
    /// # Errors
    /// As [`probe`].
    pub fn open(
        selection: &Selection,
        interrupt: &AtomicBool,
    ) -> Result<Option<Self>, SelectionError> {
        let Some(meters) = detect_until(selection, interrupt)? else {
            return Ok(None);
        };
        let probes = state::probes(&System::on_disk(&selection.sysfs_root));
        let counters = Some(selection.sysfs_root.clone());
        Ok(Some(Self {
            meters,
            probes,
            counters,
        }))
    }

    /// Starts reading the meters and probes; also returns the reasons that meters cannot be
    /// read.
    pub(super) fn start(self) -> (Meters, StateWatch, Vec<Unavailable>) {
        let mut sources: Vec<Box<dyn Source>> = Vec::new();
        let mut unavailable = Vec::new();
        for found in self.meters {
            match found {
                Found::Available(source) => sources.push(source),
                Found::Unavailable(why) => unavailable.push(why),
            }
        }
        let meters = Meters::start(sources);
        (meters, StateWatch::start(self.probes), unavailable)
    }
}
