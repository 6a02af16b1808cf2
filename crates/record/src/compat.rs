//! Figures that files of older minor versions lack. They are removed from the figures that
//! this build derives before the two are compared.

use crate::schema::{Measured, SchemaId, Summary};

/// The first minor version with uncertainty, grades and net figures.
const WITH_UNCERTAINTY: u32 = 2;

/// Removes from a run's figures those that files of this version lack.
pub fn measured(mut figures: Measured, schema: &SchemaId) -> Measured {
    if schema.minor < WITH_UNCERTAINTY {
        figures.cold = None;
        figures.state.clear();
        for energy in &mut figures.energy {
            energy.updates = 0;
            energy.edge_period_s = None;
            energy.gaps = 0;
            energy.grade = None;
            energy.uncertainty = None;
        }
    }
    figures
}

/// Removes from the rows the figures that files of this version lack.
pub fn summary(mut rows: Vec<Summary>, schema: &SchemaId) -> Vec<Summary> {
    if schema.minor < WITH_UNCERTAINTY {
        for row in &mut rows {
            row.disagreements.clear();
            row.cold_over_sustained = None;
            for energy in &mut row.energy {
                energy.time_s = 0.0;
                energy.updates = 0;
                energy.grade = None;
                energy.uncertainty = None;
                energy.idle = None;
                energy.net_energy_per_unit_j = None;
                energy.net_relative_uncertainty = None;
                energy.needed_window_s = None;
            }
        }
    }
    rows
}
