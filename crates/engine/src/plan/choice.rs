//! A request, resolved on this machine, and the plan that follows from it.

use std::collections::BTreeSet;

use perwatt_record::schema::{Config, Entry, GpuKind, Plan, Skipped, Threads, Trial};
use perwatt_record::work::Work;

use super::error::PlanError;
use super::meter_note::MeterNote;
use super::plannable::{BackendStatus, Plannable, Wanted};
use super::planned::Planned;
use super::planned_meter::PlannedMeter;
use super::request::{Request, config, threads};
use super::suite::Suite;
use super::trial_round::{covers_any, trial_of};
use super::window::fit;
use crate::device::{CPU, GpuFacts, MachineFacts, Tuning, choose};

/// A request that can be planned: every name in it is known and every number is in range.
/// Nothing has been timed or tuned for it yet.
pub struct Choice<'a> {
    request: &'a Request,
    devices: Vec<String>,
    config: Config,
    threads: Threads,
    workloads: Vec<ChosenWorkload>,
    tunings: Vec<Tuning>,
}

/// A requested kind of workload, and its parameters.
#[derive(Clone)]
struct ChosenWorkload {
    workload: &'static dyn Plannable,
    work: Work,
    params: Option<String>,
}

/// The entries of a request on given backends.
#[derive(Default)]
struct Listed {
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
    tunings: Vec<Tuning>,
}

impl<'a> Choice<'a> {
    /// Resolves a request, choosing among `workloads`.
    ///
    /// # Errors
    /// [`PlanError`] for every request that cannot be planned.
    pub fn new(
        request: &'a Request,
        facts: &MachineFacts,
        workloads: &[&'static dyn Plannable],
    ) -> Result<Self, PlanError> {
        let mut devices = choose(&request.devices, facts)?;
        devices.retain(|name| !passes_over(request, facts, name));
        let choice = Self {
            devices,
            config: config(request)?,
            threads: threads(request, facts)?,
            workloads: choose_workloads(&request.workloads, workloads)?,
            tunings: Vec::new(),
            request,
        };
        let backends = choice.backends(facts, false)?;
        let mut tunings = choice.list(&backends, facts)?.tunings;
        let position = |tuning: &Tuning| {
            let mut gpus = facts.gpus.iter();
            gpus.position(|facts| facts.gpu.name == tuning.gpu)
        };
        tunings.sort_by(|a, b| (position(a), &a.key).cmp(&(position(b), &b.key)));
        tunings.dedup();
        Ok(Self { tunings, ..choice })
    }

    /// Threads of CPU runs.
    pub fn threads(&self) -> &Threads {
        &self.threads
    }

    /// Kernels to tune on the GPUs before planning.
    pub fn tunings(&self) -> &[Tuning] {
        &self.tunings
    }

    /// The plan. Times backends of the CPU where they are chosen by speed; `facts` should
    /// contain the results of the [`tunings`](Self::tunings).
    ///
    /// # Errors
    /// As [`Choice::new`], where a backend turns out not to work.
    pub fn plan(&self, facts: &MachineFacts) -> Result<Plan, PlanError> {
        let backends = self.backends(facts, true)?;
        let listed = self.list(&backends, facts)?;
        let chosen = self.workloads.iter().zip(&backends);
        let named = |gpu: &&GpuFacts| listed.entries.iter().any(|e| e.device == gpu.gpu.name);
        let gpus = facts.gpus.iter().filter(named);
        Ok(Plan {
            gpus: gpus.map(|facts| facts.gpu.clone()).collect(),
            trials: chosen
                .flat_map(|(chosen, backends)| trials(chosen.work, backends))
                .collect(),
            entries: listed.entries,
            skipped: listed.skipped,
            asics: Vec::new(),
        })
    }

    /// Combines a plan with the settings of this request. Where no length of the window was
    /// requested, it is as long as the meters that were named need, and as an energy error
    /// that was requested needs.
    pub fn complete(self, plan: Plan, meters: &[PlannedMeter]) -> Planned {
        let mut config = self.config;
        let covers = |meter: &&PlannedMeter| covers_any(&meter.info.covers, &plan);
        let (here, elsewhere): (Vec<_>, Vec<_>) = meters.iter().partition(covers);
        let here: Vec<PlannedMeter> = here.into_iter().cloned().collect();
        let mut notes = fit(&mut config.protocol, &here, self.request);
        if self.request.meters_named {
            let none = elsewhere.iter().map(|of| MeterNote::Elsewhere {
                meter: of.info.id.clone(),
            });
            notes.extend(none);
        }
        Planned {
            plan,
            trial: trial_of(&config.protocol, &here, self.request),
            config,
            threads: self.threads,
            notes,
        }
    }

    /// The backends of each chosen workload on the chosen devices.
    fn backends(
        &self,
        facts: &MachineFacts,
        timed: bool,
    ) -> Result<Vec<Vec<BackendStatus>>, PlanError> {
        let chosen = |name: &str| self.devices.iter().any(|device| device == name);
        let of = |workload: &dyn Plannable| {
            let mut backends = match chosen(CPU) {
                true => workload.backends(facts),
                false => Vec::new(),
            };
            if chosen(CPU) && timed {
                backends = workload.timed(backends);
            }
            for gpu in facts.gpus.iter().filter(|facts| chosen(&facts.gpu.name)) {
                backends.extend(workload.gpu_backends(gpu));
            }
            backends
        };
        let all = self.workloads.iter().map(|chosen| of(chosen.workload));
        let all: Vec<_> = all.collect();
        check_backends(&self.request.backends, &all)?;
        Ok(all)
    }

    /// The entries on those of these backends that were requested.
    fn list(
        &self,
        backends: &[Vec<BackendStatus>],
        facts: &MachineFacts,
    ) -> Result<Listed, PlanError> {
        let mut listed = Listed::default();
        for (chosen, backends) in self.workloads.iter().zip(backends) {
            if backends.is_empty() && !self.request.workloads.is_empty() {
                listed.skipped.push(self.on_gpus_only(chosen.work, facts));
            }
            for backend in backends.iter().filter(|one| self.wants(one)) {
                match &backend.unavailable {
                    Some(reason) => {
                        let gpu = facts.gpu(&backend.device);
                        let none_runs = gpu.and_then(GpuFacts::lacks_shaders);
                        let (work, device) = (chosen.work.name(), &backend.device);
                        let what = match none_runs.as_ref() == Some(reason) {
                            true => format!("shaders on {device}"),
                            false => format!("{work}/{device}/{}", backend.name),
                        };
                        listed.skip(what, reason);
                    }
                    None => {
                        let entries = self.entries(chosen, backend, facts)?;
                        listed.add(chosen.workload, entries, facts);
                    }
                }
            }
        }
        let over = facts.gpus.iter().map(|facts| &facts.gpu.name);
        for gpu in over.filter(|name| passes_over(self.request, facts, name)) {
            listed.skipped.push(Skipped {
                what: gpu.clone(),
                reason: "a software adapter: the CPU does its work".into(),
                fix: Some(format!("--device {gpu} measures it all the same")),
            });
        }
        if let Some(error) = &facts.gpu_error {
            listed.skipped.push(Skipped {
                what: "gpu".into(),
                reason: error.clone(),
                fix: Some("see whether other programs can use it".into()),
            });
        }
        if listed.entries.is_empty() {
            let reason = listed.skipped.first().map_or_else(
                || "no workload that was asked for has a backend that was asked for".into(),
                |skipped| format!("{}: {}", skipped.what, skipped.reason),
            );
            return Err(PlanError::Empty { reason });
        }
        Ok(listed)
    }

    /// The reason that a workload has no backend on any chosen device.
    fn on_gpus_only(&self, work: Work, facts: &MachineFacts) -> Skipped {
        let (why, fix) = match facts.gpus.is_empty() {
            true => ("none is found", "perwatt doctor says why"),
            false => ("none is chosen", "add --device gpu"),
        };
        let (what, reason) = match self.devices.iter().any(|device| device == CPU) {
            true => ("GPUs", why),
            false => ("the CPU", "it is not chosen"),
        };
        Skipped {
            what: work.name().into(),
            reason: format!("it runs on {what} only, and {reason}"),
            fix: Some(match what {
                "GPUs" => fix.into(),
                _ => "add --device cpu".into(),
            }),
        }
    }

    fn entries(
        &self,
        chosen: &ChosenWorkload,
        backend: &BackendStatus,
        facts: &MachineFacts,
    ) -> Result<Vec<Entry>, PlanError> {
        let entries = |suite| {
            chosen.workload.entries(&Wanted {
                work: chosen.work,
                params: chosen.params.as_deref(),
                suite,
                backend,
                facts,
            })
        };
        let of_suite = entries(self.request.suite)?;
        if of_suite.is_empty() && !self.request.workloads.is_empty() {
            // The kind was named, but a suite this short contains none of it.
            return entries(Suite::Standard);
        }
        Ok(of_suite)
    }

    fn wants(&self, backend: &BackendStatus) -> bool {
        let names = &self.request.backends;
        if names.is_empty() {
            let from = backend.unnamed_from;
            return from.is_some_and(|suite| suite <= self.request.suite);
        }
        let named = |name: &String| name == "all" || *name == backend.name;
        names.iter().any(named)
    }
}

/// True for a software adapter where the request names nothing and is for the quick suite:
/// its figures say nothing of any GPU, and would take a third of the session.
fn passes_over(request: &Request, facts: &MachineFacts, device: &str) -> bool {
    let named = [&request.devices, &request.workloads, &request.backends];
    request.suite == Suite::Quick
        && named.iter().all(|names| names.is_empty())
        && facts
            .gpu(device)
            .is_some_and(|facts| facts.gpu.kind == GpuKind::Software)
}

impl Listed {
    fn skip(&mut self, what: String, reason: &str) {
        if !self.skipped.iter().any(|skipped| skipped.what == what) {
            self.skipped.push(Skipped {
                what,
                reason: reason.into(),
                fix: None,
            });
        }
    }

    fn add(&mut self, workload: &dyn Plannable, entries: Vec<Entry>, facts: &MachineFacts) {
        for entry in entries {
            if self.entries.iter().any(|known| known.id == entry.id) {
                continue;
            }
            if let Some(on) = facts.gpu(&entry.device)
                && let Some(key) = workload.tuning_key(&entry)
            {
                self.tunings.push(Tuning {
                    gpu: on.gpu.name.clone(),
                    key,
                });
            }
            self.entries.push(entry);
        }
    }
}

/// The results of the trials of one workload's backends.
fn trials(work: Work, backends: &[BackendStatus]) -> Vec<Trial> {
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
                workload: work.name().into(),
                device: status.device.clone(),
                backend: status.name.clone(),
                rate_per_s,
                chosen: rate_per_s == most(&status.device),
            })
        })
        .collect()
}

fn choose_workloads(
    names: &[String],
    workloads: &[&'static dyn Plannable],
) -> Result<Vec<ChosenWorkload>, PlanError> {
    let all = || {
        workloads.iter().flat_map(|workload| {
            workload.works().iter().map(|work| ChosenWorkload {
                workload: *workload,
                work: *work,
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
        let named = |work: Work| [work.name(), work.family().name()].contains(&base);
        chosen.extend(all().filter(|choice| named(choice.work)).map(|choice| {
            let params = params.clone();
            ChosenWorkload { params, ..choice }
        }));
        if chosen.len() == before {
            let known: Vec<_> = all().map(|choice| choice.work.name()).collect();
            return Err(PlanError::UnknownWorkload {
                name: name.clone(),
                known: known.join(", "),
            });
        }
    }
    Ok(chosen)
}

fn check_backends(names: &[String], statuses: &[Vec<BackendStatus>]) -> Result<(), PlanError> {
    let all = || statuses.iter().flatten();
    for name in names.iter().filter(|name| *name != "all") {
        let of = all().filter(|status| status.name == *name);
        // The backend may be available on one device and not on another.
        let reasons: Option<Vec<_>> = of.map(|status| status.unavailable.clone()).collect();
        match reasons.map(|all| all.into_iter().next()) {
            None => {}
            Some(Some(reason)) => {
                return Err(PlanError::UnavailableBackend {
                    name: name.clone(),
                    reason,
                });
            }
            Some(None) => {
                let names: BTreeSet<&str> = all().map(|status| status.name.as_str()).collect();
                let names: Vec<&str> = names.into_iter().collect();
                return Err(PlanError::UnknownBackend {
                    name: name.clone(),
                    known: format!("all, {}", names.join(", ")),
                });
            }
        }
    }
    Ok(())
}
