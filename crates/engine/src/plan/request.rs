//! The user's request, and the settings that follow from it.

use perwatt_matmul::Backend;
use perwatt_record::schema::{Config, Threads};
use perwatt_record::work::Family;

use super::error::PlanError;
use super::ranges::{check_config, check_threads};
use super::suite::Suite;
use crate::device::{CPU, Inquiry, MachineFacts, WGSL, is_road};

/// The user's request; empty lists and `None` mean the suite's choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The amount of work.
    pub suite: Suite,
    /// `sha256d`, `matmul`, `matmul/f32`, `matmul/f32:512x512x512`, …
    pub workloads: Vec<String>,
    /// `cpu`, `gpu`, `gpu:0`, a PCI address or a part of a GPU's model.
    pub devices: Vec<String>,
    /// Backend names, or `all`.
    pub backends: Vec<String>,
    /// Runs of each entry.
    pub rounds: Option<u32>,
    /// Length of the measured window in seconds.
    pub seconds: Option<f64>,
    /// Threads of CPU runs.
    pub threads: Option<u32>,
    /// One thread on each CPU.
    pub pin: bool,
    /// Silence after which a run counts as hung.
    pub stall_timeout_s: Option<f64>,
    /// Length of the idle stretches before and after in seconds; 0 for none.
    pub idle_s: Option<f64>,
    /// Largest relative error that the edges of a meter's window may cause.
    pub energy_error_rel: Option<f64>,
    /// True if the meters were named, so that windows are to suit them.
    pub meters_named: bool,
    /// True where the session compares the machine with itself; this is kept in its record.
    pub selfcheck: bool,
    /// Number of cards that are measured at the same time, each by a session of its own.
    pub cards_at_once: Option<u32>,
}

impl Request {
    /// The facts that this request depends on and that only workers determine.
    pub fn inquiry(&self) -> Inquiry {
        Inquiry {
            gpus: self.may_want_gpus(),
            library: self.may_want_library(),
            roads: self.may_want_roads(),
        }
    }

    /// True where a GPU could do the requested work.
    fn may_want_gpus(&self) -> bool {
        let device = self.devices.is_empty() || self.devices.iter().any(|name| name != CPU);
        let backend = |name: &String| name == "all" || name.starts_with(WGSL) || is_road(name);
        device && (self.backends.is_empty() || self.backends.iter().any(backend))
    }

    /// True where the library of a GPU's vendor could do the requested work.
    fn may_want_roads(&self) -> bool {
        let backend = |name: &String| name == "all" || is_road(name);
        let work = |name: &String| name.starts_with(Family::Matmul.name());
        self.may_want_gpus()
            && (self.backends.is_empty() || self.backends.iter().any(backend))
            && (self.workloads.is_empty() || self.workloads.iter().any(work))
    }

    /// True where a library for CPUs could do the requested work.
    fn may_want_library(&self) -> bool {
        let any = |names: &[String], wanted: fn(&str) -> bool| {
            names.is_empty() || names.iter().any(|name| wanted(name))
        };
        any(&self.devices, |name| name == CPU)
            && any(&self.backends, |name| name == "all" || is_library(name))
            && any(&self.workloads, |name| {
                name.starts_with(Family::Matmul.name())
            })
    }
}

/// True for the backend of a library for CPUs, which only workers load.
pub(crate) fn is_library(backend: &str) -> bool {
    Backend::by_name(backend).is_ok_and(Backend::is_loaded)
}

/// The settings of a session, before its meters are known.
pub(super) fn config(request: &Request) -> Result<Config, PlanError> {
    let mut protocol = request.suite.protocol();
    let set = |to: &mut f64, value: Option<f64>| *to = value.unwrap_or(*to);
    set(&mut protocol.window_s, request.seconds);
    set(&mut protocol.stall_timeout_s, request.stall_timeout_s);
    set(&mut protocol.idle_s, request.idle_s);
    set(&mut protocol.energy_error_rel, request.energy_error_rel);
    let config = Config {
        suite: request.suite.name().into(),
        rounds: request.rounds.unwrap_or(request.suite.rounds()),
        protocol,
        selfcheck: request.selfcheck,
        cards_at_once: request.cards_at_once,
    };
    check_config(&config)?;
    Ok(config)
}

/// The beginning of the reason where the command line gives the number of threads.
const AS_ASKED: &str = "as asked for (--threads)";

fn as_asked(facts: &MachineFacts) -> String {
    let cpus = facts.cpus.len();
    format!("{AS_ASKED}, where this process may use {cpus} CPUs")
}

/// The reason for a number of threads, in the words for the same request on this machine.
pub(crate) fn reason_here(theirs: &str, facts: &MachineFacts) -> String {
    match theirs.starts_with(AS_ASKED) {
        true => as_asked(facts),
        false => facts.threads_reason.clone(),
    }
}

/// The threads that a request asks for.
pub fn threads(request: &Request, facts: &MachineFacts) -> Result<Threads, PlanError> {
    let count = request.threads.unwrap_or(facts.default_threads);
    check_threads(count, facts.cpus.len(), request.pin)?;
    let pinned_cpus = request.pin.then(|| facts.cpus[..count as usize].to_vec());
    let reason = match request.threads {
        Some(_) => as_asked(facts),
        None => facts.threads_reason.clone(),
    };
    Ok(Threads {
        count,
        reason,
        pinned_cpus,
    })
}
