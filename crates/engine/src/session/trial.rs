//! The trial round before a session: every entry once, without a file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use perwatt_record::Record;
use perwatt_record::order::order_of_round;

use super::observe::Observer;
use super::rounds::assignment;
use super::run::{Place, Watched, run};
use super::start::{Begun, NewSession, StartError, begin};
use crate::worker::WorkerCommand;

/// Runs every entry once and returns the record, which is nowhere written; `None` when
/// interrupted. It shows the meters under load and gives no result.
///
/// # Errors
/// [`StartError::Clock`].
pub fn trial_round(
    new: NewSession,
    command: &WorkerCommand,
    observer: &mut dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Option<Record>, StartError> {
    let Begun {
        mut record,
        meters,
        state,
        counters,
    } = begin(new, SystemTime::now())?;
    let interrupted = || interrupt.load(Ordering::Relaxed);
    // Any id will do, for nobody checks the shares of this round.
    record.session.id = record.session.salt.clone().unwrap_or_default();
    observer.trial_started(&record);
    let entries = record.plan.entries.len() as u32;
    for (position, entry) in (0..).zip(order_of_round(record.session.seed, 0, entries)) {
        let place = Place {
            entry,
            round: 0,
            position,
            segment: 0,
            origin_ns: record.session.segments[0].clock_origin_ns,
        };
        let planned = &record.plan.entries[entry as usize];
        observer.run_started(planned, 0);
        let result = run(
            &record,
            &place,
            assignment(&record, &place),
            command,
            &Watched {
                meters: &meters,
                state: &state,
                counters: counters.as_deref(),
            },
            observer,
            &interrupted,
        );
        let Some(result) = result.filter(|_| !interrupted()) else {
            return Ok(None);
        };
        observer.run_ended(planned, &result);
        record.runs.push(result);
    }
    Ok(Some(record))
}
