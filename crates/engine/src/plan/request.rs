//! Building a plan.

use perwatt_record::schema::{Config, Entry, Plan, Skipped, Threads, Trial};
use perwatt_record::work::Family;

use super::error::PlanError;
use super::facts::Facts;
use super::ranges::{check_config, check_threads};
use super::suite::Suite;
use crate::device::{CPU, GpuFacts, WGSL, choose};
use crate::library::CBLAS;
use crate::workload::{BackendStatus, REGISTRY, Workload};

/// What the user asked for; empty lists and `None` mean the suite's choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// How much.
    pub suite: Suite,
    /// `sha256d`, `matmul`, `matmul/f32`, `matmul/f32:512x512x512`, …
    pub workloads: Vec<String>,
    /// `cpu`, `gpu`, `gpu:0`, a PCI address or a part of a GPU's model.
    pub devices: Vec<String>,
    /// Backend names, or `all`.
    pub backends: Vec<String>,
    /// Runs of each entry.
    pub rounds: Option<u32>,
    /// Length of the measured window.
    pub seconds: Option<f64>,
    /// Threads of CPU runs.
    pub threads: Option<u32>,
    /// One thread on each CPU.
    pub pin: bool,
    /// Silence after which a worker is taken for hung.
    pub stall_timeout_s: Option<f64>,
    /// Length of the idle stretches before and after; 0 for none.
    pub idle_s: Option<f64>,
    /// Error that the edges of a meter's window may cost, relative.
    pub energy_error_rel: Option<f64>,
}

impl Request {
    /// Whether any GPU could do what is asked for.
    pub(crate) fn may_want_gpus(&self) -> bool {
        let device = self.devices.is_empty() || self.devices.iter().any(|name| name != CPU);
        let backend = |name: &String| name == "all" || name.starts_with(WGSL);
        device && (self.backends.is_empty() || self.backends.iter().any(backend))
    }

    /// Whether a CBLAS library could do what is asked for.
    pub(crate) fn may_want_library(&self) -> bool {
        let any = |names: &[String], wanted: fn(&str) -> bool| {
            names.is_empty() || names.iter().any(|name| wanted(name))
        };
        any(&self.devices, |name| name == CPU)
            && any(&self.backends, |name| name == "all" || name == CBLAS)
            && any(&self.workloads, |name| {
                name.starts_with(Family::Matmul.name())
            })
    }
}

/// A plan and the settings that go with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// What to measure.
    pub plan: Plan,
    /// How.
    pub config: Config,
    /// On how many threads.
    pub threads: Threads,
}

/// Plans a session.
pub fn build(request: &Request, facts: &Facts) -> Result<Planned, PlanError> {
    let devices = choose(&request.devices, &facts.gpus).map_err(|error| {
        match (error, &facts.gpu_trouble) {
            (PlanError::UnknownDevice { name, .. }, Some(trouble)) => PlanError::UnknownDevice {
                name,
                known: format!("the GPUs cannot be listed: {trouble}"),
            },
            (error, _) => error,
        }
    })?;
    let config = config(request)?;
    let threads = threads(request, facts)?;
    let chosen = choose_workloads(&request.workloads)?;
    let statuses: Vec<Vec<BackendStatus>> = chosen
        .iter()
        .map(|choice| statuses(choice.workload, &devices, facts))
        .collect();
    check_backends(&request.backends, &statuses)?;

    let mut plan = Plan {
        entries: Vec::<Entry>::new(),
        skipped: Vec::new(),
        trials: Vec::new(),
        gpus: Vec::new(),
    };
    for (choice, backends) in chosen.iter().zip(&statuses) {
        plan.trials.extend(trials(choice.kind, backends));
        for backend in backends {
            if !wanted(backend, request) {
                continue;
            }
            if let Some(reason) = &backend.unavailable {
                let what = format!("{}/{}/{}", choice.kind, backend.device, backend.name);
                if !plan.skipped.iter().any(|skipped| skipped.what == what) {
                    plan.skipped.push(Skipped {
                        what,
                        reason: reason.clone(),
                        fix: None,
                    });
                }
                continue;
            }
            let entries = |suite| {
                choice.workload.entries(
                    choice.kind,
                    choice.params.as_deref(),
                    suite,
                    backend,
                    facts,
                )
            };
            let mut entries_here = entries(request.suite)?;
            if entries_here.is_empty() && !request.workloads.is_empty() {
                // Asked for by name, and a suite so short has none of it.
                entries_here = entries(Suite::Standard)?;
            }
            for entry in entries_here {
                if !plan.entries.iter().any(|known| known.id == entry.id) {
                    plan.entries.push(entry);
                }
            }
        }
    }
    if let Some(trouble) = &facts.gpu_trouble {
        plan.skipped.push(Skipped {
            what: "gpu".into(),
            reason: trouble.clone(),
            fix: Some("see whether other programs can use it".into()),
        });
    }
    let named = |gpu: &&GpuFacts| plan.entries.iter().any(|e| e.device == gpu.gpu.name);
    let gpus = facts.gpus.iter().filter(named);
    plan.gpus = gpus.map(|facts| facts.gpu.clone()).collect();
    if plan.entries.is_empty() {
        let reason = plan.skipped.first().map_or_else(
            || "no workload that was asked for has a backend that was asked for".into(),
            |skipped| format!("{}: {}", skipped.what, skipped.reason),
        );
        return Err(PlanError::Empty { reason });
    }
    Ok(Planned {
        plan,
        config,
        threads,
    })
}

/// The ways to run a workload on each of the devices.
fn statuses(workload: &dyn Workload, devices: &[String], facts: &Facts) -> Vec<BackendStatus> {
    let chosen = |name: &str| devices.iter().any(|device| device == name);
    let mut statuses = Vec::new();
    if chosen(CPU) {
        statuses.extend(workload.backends(facts));
    }
    for gpu in facts.gpus.iter().filter(|facts| chosen(&facts.gpu.name)) {
        statuses.extend(workload.gpu_backends(gpu));
    }
    statuses
}

/// What the backends of one workload did in their trials, once.
fn trials(kind: &str, backends: &[BackendStatus]) -> Vec<Trial> {
    let rate = |status: &BackendStatus| status.trial_rate_per_s;
    let most = |device: &str| {
        let own = backends.iter().filter(|status| status.device == device);
        own.filter_map(rate).fold(0.0, f64::max)
    };
    backends
        .iter()
        .filter_map(|status| {
            let rate_per_s = rate(status)?;
            Some(Trial {
                workload: kind.into(),
                device: status.device.clone(),
                backend: status.name.clone(),
                rate_per_s,
                chosen: rate_per_s == most(&status.device),
            })
        })
        .collect()
}

struct Choice {
    workload: &'static dyn Workload,
    kind: &'static str,
    params: Option<String>,
}

fn choose_workloads(names: &[String]) -> Result<Vec<Choice>, PlanError> {
    let all = || {
        REGISTRY.iter().flat_map(|workload| {
            workload.kinds().iter().map(|kind| Choice {
                workload: *workload,
                kind,
                params: None,
            })
        })
    };
    if names.is_empty() {
        return Ok(all().collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let (base, params) = match name.split_once(':') {
            Some((base, params)) => (base, Some(params.to_owned())),
            None => (name.as_str(), None),
        };
        let before = chosen.len();
        chosen.extend(
            all()
                .filter(|choice| choice.kind == base || choice.workload.family() == base)
                .map(|choice| Choice {
                    params: params.clone(),
                    ..choice
                }),
        );
        if chosen.len() == before {
            let known: Vec<_> = all().map(|choice| choice.kind).collect();
            return Err(PlanError::UnknownWorkload {
                name: name.clone(),
                known: known.join(", "),
            });
        }
    }
    Ok(chosen)
}

fn wanted(backend: &BackendStatus, request: &Request) -> bool {
    if request.backends.is_empty() {
        return backend
            .unnamed_from
            .is_some_and(|suite| suite <= request.suite);
    }
    request
        .backends
        .iter()
        .any(|name| name == "all" || *name == backend.name)
}

fn check_backends(names: &[String], statuses: &[Vec<BackendStatus>]) -> Result<(), PlanError> {
    for name in names.iter().filter(|name| *name != "all") {
        let known: Vec<&BackendStatus> = statuses
            .iter()
            .flatten()
            .filter(|status| status.name == *name)
            .collect();
        let reason = |status: &&BackendStatus| status.unavailable.clone();
        let reasons: Option<Vec<String>> = known.iter().map(reason).collect();
        match known.first() {
            None => {
                let mut names: Vec<&str> = statuses
                    .iter()
                    .flatten()
                    .map(|status| status.name.as_str())
                    .collect();
                names.sort_unstable();
                names.dedup();
                let known = format!("all, {}", names.join(", "));
                return Err(PlanError::UnknownBackend {
                    name: name.clone(),
                    known,
                });
            }
            // It may run on one device and not on another.
            Some(_) => {
                if let Some(reason) = reasons.and_then(|all| all.into_iter().next()) {
                    return Err(PlanError::UnavailableBackend {
                        name: name.clone(),
                        reason,
                    });
                }
            }
        }
    }
    Ok(())
}

fn config(request: &Request) -> Result<Config, PlanError> {
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
        selfcheck: false,
    };
    check_config(&config)?;
    Ok(config)
}

/// How a reason begins where the command line gave the number of threads.
const AS_ASKED: &str = "as asked for (--threads)";

fn as_asked(facts: &Facts) -> String {
    let cpus = facts.cpus.len();
    format!("{AS_ASKED}, where this process may use {cpus} CPUs")
}

/// How the reason for a number of threads would read if the same was asked for here.
pub(crate) fn reason_here(theirs: &str, facts: &Facts) -> String {
    match theirs.starts_with(AS_ASKED) {
        true => as_asked(facts),
        false => facts.threads_reason.clone(),
    }
}

/// The threads that a request asks for.
pub fn threads(request: &Request, facts: &Facts) -> Result<Threads, PlanError> {
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
