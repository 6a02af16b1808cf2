//! What the threads of a pool share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::client::{Now, Times};
use crate::difficulty::Difficulty;
use crate::event::{Event, What};
use crate::job::Session;
use crate::transcript::Transcript;
use crate::workers::{Steering, Workers};

/// How a pool behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Also listen on an address that is not of a private network.
    pub allow_public: bool,
    /// The session whose shares are asked for. One pool for each: the numbers of its jobs
    /// and connections begin at 1.
    pub session_id: String,
    /// The moment from which times are counted; the clock that also stamps the meters.
    pub epoch: Instant,
    /// How difficulties are chosen.
    pub steering: Steering,
    /// Difficulties of workers that had theirs before, by name: they keep it.
    pub difficulties: BTreeMap<String, Difficulty>,
    /// Largest transcript in bytes; 0 keeps none.
    pub transcript_bytes: usize,
    /// Limits and times.
    pub limits: Limits,
}

impl Config {
    /// Two shares per second of each worker, no transcript, ordinary limits.
    pub fn new(listen: SocketAddr, session_id: &str, epoch: Instant) -> Self {
        let (per_s, period_s) = (2.0, 10.0);
        Self {
            listen,
            allow_public: false,
            session_id: session_id.to_owned(),
            epoch,
            steering: Steering::Wanted { per_s, period_s },
            difficulties: BTreeMap::new(),
            transcript_bytes: 0,
            limits: Limits::default(),
        }
    }
}

/// Limits on peers, and times. Tests make them small.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections; others are told so and closed.
    pub connections: u32,
    /// Lines of a connection that are handled in a second; others wait.
    pub lines_per_s: u32,
    /// Lines that are no requests, before a connection is closed.
    pub unreadable_lines: u32,
    /// From the beginning of a line to its end.
    pub line_s: f64,
    /// From the connection to `mining.subscribe`.
    pub subscribe_s: f64,
    /// Between two lines of a miner. A machine that lost its power is gone without a word.
    pub silent_s: f64,
    /// Until a miner takes what it is sent.
    pub write_s: f64,
    /// Between two looks at what is due.
    pub tick_s: f64,
    /// Times of jobs.
    pub times: Times,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            lines_per_s: 200,
            unreadable_lines: 20,
            line_s: 10.0,
            subscribe_s: 30.0,
            silent_s: 900.0,
            write_s: 10.0,
            tick_s: 0.05,
            // cgminer holds a pool for dead after 90 s of silence, others after 60 s.
            times: Times {
                keepalive_s: 25.0,
                probe_s: 0.5,
                late_s: 10.0,
            },
        }
    }
}

/// The session whose jobs are handed out.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its number among those of this pool.
    pub number: u32,
    /// The session.
    pub session: Session,
    /// The number of its next job.
    pub job: u32,
}

/// The state of a pool.
#[derive(Debug)]
pub struct Shared {
    pub config: Config,
    current: Mutex<Current>,
    workers: Mutex<Workers>,
    transcript: Mutex<Transcript>,
    events: SyncSender<Event>,
    pub open: AtomicU32,
    is_stopped: AtomicBool,
}

impl Shared {
    pub fn new(config: Config, events: SyncSender<Event>) -> Self {
        Self {
            current: Mutex::new(Current {
                number: 0,
                session: Session::new(&config.session_id),
                job: 1,
            }),
            workers: Mutex::new(Workers::new(config.steering, config.difficulties.clone())),
            transcript: Mutex::new(Transcript::new(config.transcript_bytes)),
            events,
            open: AtomicU32::new(0),
            is_stopped: AtomicBool::new(false),
            config,
        }
    }

    pub fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        Now {
            time_s: self.config.epoch.elapsed().as_secs_f64(),
            unix_s: unix.map_or(0, |since| since.as_secs() as u32),
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins another session, whose jobs are numbered from `job`, or later: numbers rise
    /// as long as the pool is open, and a connection finds its jobs by that.
    pub fn begin(&self, id: &str, job: u32) {
        let mut current = self.current();
        let job = job.max(current.job);
        *current = Current {
            number: current.number + 1,
            session: Session::new(id),
            job,
        };
    }

    /// The number of the present session.
    pub fn session_number(&self) -> u32 {
        self.current().number
    }

    /// The session and number of a new job.
    pub fn next_job(&self) -> Current {
        let mut current = self.current();
        let job = current.clone();
        current.job = job.job.wrapping_add(1);
        job
    }

    pub fn workers(&self) -> MutexGuard<'_, Workers> {
        // A thread that panicked left counts that are each still whole.
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn transcript(&self) -> MutexGuard<'_, Transcript> {
        let lock = self.transcript.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Tells the caller. Where it does not listen the thread waits, and by it the miner;
    /// where it went away nothing is told.
    pub fn tell(&self, connection: u32, what: What) {
        let time_s = self.now().time_s;
        let mut event = Event {
            time_s,
            connection,
            what,
        };
        loop {
            match self.events.try_send(event) {
                Err(TrySendError::Full(back)) if !self.is_stopped() => event = back,
                _ => return,
            }
            sleep(Duration::from_millis(5));
        }
    }
}
