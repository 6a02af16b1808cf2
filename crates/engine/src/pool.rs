//! The pool of a session of miners.

use std::sync::mpsc::Receiver;
use std::time::Instant;

use perwatt_host::clock;
use perwatt_stratum::{Config, Event, Server, StartError, WorkerCounts};

/// A pool that is open, and what it tells.
pub struct Pool {
    server: Server,
    events: Receiver<Event>,
    epoch_ns: u64,
}

impl Pool {
    /// Opens a pool, whose first jobs are of no session.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(config: Config) -> Result<Self, StartError> {
        // The two clocks are one; only their origins differ.
        let config = Config {
            epoch: Instant::now(),
            ..config
        };
        let epoch_ns = clock::monotonic_ns();
        let (server, events) = Server::start(config)?;
        Ok(Self {
            server,
            events,
            epoch_ns,
        })
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// All events that wait.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.events.try_iter()
    }

    /// Time 0 of events by the monotonic clock.
    pub fn epoch_ns(&self) -> u64 {
        self.epoch_ns
    }

    /// Fixes the difficulties and hands out work of this session, numbered from `first_job`.
    pub fn begin(&self, session_id: &str, first_job: u32) {
        self.server.freeze();
        self.server.begin(session_id, first_job);
    }

    /// The counts of one worker.
    pub fn worker(&self, name: &str) -> Option<WorkerCounts> {
        self.server.workers().remove(name)
    }
}
