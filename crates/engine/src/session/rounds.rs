//! The rounds of a session: every entry once in each, in a shuffled order.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_host::clock;
use perwatt_record::order::order_of_round;
use perwatt_record::schema::Record;
use perwatt_record::{RecordFile, WriteError, derive, workload_rules};
use thiserror::Error;

use super::idle::idle;
use super::mend::mend;
use super::observe::Observer;
use super::run::{Place, Watched, run};
use super::start::Session;
use crate::device::llc_bytes;
use crate::plan::{measures_idle, warmup_s};
use crate::worker::{Assignment, WorkerCommand};

/// A session that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its record.
    pub record: Record,
    /// Its file.
    pub path: PathBuf,
    /// True when it was interrupted before the last run.
    pub interrupted: bool,
}

/// A session that measured something and could not be written as requested.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SessionError {
    #[error("{error}. What was measured is in {rescued}; move it to where it belongs")]
    Rescued { error: WriteError, rescued: PathBuf },
    #[error("{error}; and nowhere else either: {second}")]
    Lost {
        error: WriteError,
        second: WriteError,
        record: Box<Record>,
    },
}

impl Session {
    /// Does the runs that are missing. `interrupt` ends the session and discards the run in
    /// progress; everything before it is kept.
    pub fn run(
        mut self,
        command: &WorkerCommand,
        observer: &mut dyn Observer,
        interrupt: &AtomicBool,
    ) -> Result<Finished, SessionError> {
        observer.started(&self.record, self.file.path());
        let interrupted = || interrupt.load(Ordering::Relaxed);
        let segment = self.record.session.segments.len() - 1;
        let origin_ns = self.record.session.segments[segment].clock_origin_ns;
        let entries = self.record.plan.entries.len() as u32;
        self.idle(segment, observer, &interrupted);
        'session: for round in 0..self.record.config.rounds {
            let order = order_of_round(self.record.session.seed, round, entries);
            let mut ran = false;
            for (position, entry) in (0..).zip(order) {
                if self
                    .record
                    .runs
                    .iter()
                    .any(|r| r.entry == entry && r.round == round)
                {
                    continue;
                }
                if interrupted() {
                    break 'session;
                }
                let place = Place {
                    entry,
                    round,
                    position,
                    segment: segment as u32,
                    origin_ns,
                };
                let assignment = assignment(&self.record, &place);
                let planned = &self.record.plan.entries[entry as usize];
                observer.run_started(planned, round);
                let result = run(
                    &self.record,
                    &place,
                    assignment,
                    command,
                    &Watched {
                        meters: &self.meters,
                        state: &self.state,
                        counters: self.counters.as_deref(),
                    },
                    observer,
                    &interrupted,
                );
                let Some(result) = result else { break 'session };
                observer.run_ended(planned, &result);
                self.record.runs.push(result);
                ran = true;
            }
            if ran && let Err(error) = self.write() {
                // The next round writes the whole record again; only the last write counts.
                observer.write_failed(&error);
            }
        }
        self.idle(segment, observer, &interrupted);
        self.finish(segment)
    }

    /// Ends the segment and writes the record.
    pub(super) fn finish(mut self, segment: usize) -> Result<Finished, SessionError> {
        let entries = self.record.plan.entries.len();
        let planned = entries * self.record.config.rounds as usize;
        self.record.complete = self.record.runs.len() == planned;
        let interrupted = !self.record.complete;
        self.record.session.segments[segment].interrupted = interrupted;
        match self.write() {
            Ok(()) => {
                let path = self.file.path().to_owned();
                Ok(Finished {
                    record: self.record,
                    path,
                    interrupted,
                })
            }
            Err(error) => Err(self.rescue(error)),
        }
    }

    /// Leaves the machine idle for a while, where a meter can measure its power then.
    fn idle(
        &mut self,
        segment: usize,
        observer: &mut dyn Observer,
        interrupted: &dyn Fn() -> bool,
    ) {
        let idle_s = self.record.config.protocol.idle_s;
        if idle_s <= 0.0 || !measures_idle(self.meters.infos()) || interrupted() {
            return;
        }
        let origin_ns = self.record.session.segments[segment].clock_origin_ns;
        let runs = u32::try_from(self.record.runs.len()).unwrap_or(u32::MAX);
        let idle = idle(
            &self.meters,
            segment as u32,
            origin_ns,
            runs,
            idle_s,
            observer,
            interrupted,
        );
        self.record.idle.extend(idle);
    }

    pub(super) fn write(&mut self) -> Result<(), WriteError> {
        if let Some(segment) = self.record.session.segments.last_mut() {
            // Not from the time of day, which may be changed during the session.
            let since_ns = clock::monotonic_ns().saturating_sub(segment.clock_origin_ns);
            let now = self.started.checked_add(Duration::from_nanos(since_ns));
            segment.written_utc = clock::rfc3339(now.unwrap_or(self.started));
        }
        self.record.summary = derive::summarise(&self.record);
        match self.file.update(&mut self.record) {
            Err(WriteError::Unreadable { .. }) => {
                mend(&mut self.record);
                self.file.update(&mut self.record)
            }
            written => written,
        }
    }

    /// Measured data must not be lost to a full disk: tries the system's directory for
    /// temporary files.
    fn rescue(mut self, error: WriteError) -> SessionError {
        match RecordFile::create(&std::env::temp_dir(), &mut self.record) {
            Ok(file) => SessionError::Rescued {
                error,
                rescued: file.path().to_owned(),
            },
            Err(second) => SessionError::Lost {
                error,
                second,
                record: Box::new(self.record),
            },
        }
    }
}

/// The assignment of a worker.
pub(super) fn assignment(record: &Record, place: &Place) -> Assignment {
    let protocol = &record.config.protocol;
    let segment = &record.session.segments[place.segment as usize];
    Assignment {
        gpu: record
            .plan
            .gpus
            .iter()
            .find(|gpu| gpu.name == record.plan.entries[place.entry as usize].device)
            .cloned(),
        entry: record.plan.entries[place.entry as usize].clone(),
        threads: record.threads.count,
        pinned_cpus: record.threads.pinned_cpus.clone(),
        check_seed: workload_rules::check_seed(record.session.seed, place.round, place.entry),
        session_id: record.session.id.clone(),
        machine_key: record.machine.key.clone(),
        round: place.round,
        first_time: segment.started_unix_s,
        expected_s: protocol.window_s + warmup_s(protocol),
        llc_bytes: llc_bytes(&record.host),
        clock_ns: clock::monotonic_ns(),
    }
}
