//! A plan with its settings, and what its trial rounds change in them.

use perwatt_record::Record;
use perwatt_record::schema::{Config, Plan, Protocol, Threads};

use super::meter_note::MeterNote;
use super::planned_meter::PlannedMeter;
use super::request::Request;
use super::trial_round::{covers_any, longer_trial, show};
use super::window::fit;

/// A plan and the settings that go with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The entries to measure.
    pub plan: Plan,
    /// Rounds and protocol.
    pub config: Config,
    /// Threads of CPU runs.
    pub threads: Threads,
    /// Notes on the meters for the user, before anything is measured.
    pub notes: Vec<MeterNote>,
    /// The timing of the [trial round](Planned::trial_round) that must show whether windows
    /// keep the error that was asked for; `None` where none is needed.
    pub trial: Option<Protocol>,
}

impl Planned {
    /// This plan as its trial round; `None` where it needs none.
    pub fn trial_round(&self) -> Option<Self> {
        let protocol = self.trial.clone()?;
        Some(Self {
            config: Config {
                rounds: 1,
                protocol,
                ..self.config.clone()
            },
            notes: Vec::new(),
            trial: None,
            ..self.clone()
        })
    }

    /// Fits the windows to what the record of the trial round shows of the meters, or plans a
    /// longer trial.
    pub fn learn(&mut self, trial: &Record, meters: &[PlannedMeter], request: &Request) {
        let here = meters
            .iter()
            .filter(|m| covers_any(&m.info.covers, &self.plan));
        let mut here: Vec<PlannedMeter> = here.cloned().collect();
        show(&mut here, trial, self.config.protocol.energy_error_rel);
        self.trial = longer_trial(&trial.config.protocol, &here);
        if self.trial.is_none() {
            self.notes = fit(&mut self.config.protocol, &here, request);
        }
    }
}
