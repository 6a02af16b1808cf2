//! Differences between a record's surroundings and those here, each with its name. A fact
//! that is missing in the record, or that cannot be read here, is not a difference.

use std::fmt;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::MeterInfo;
use perwatt_power::state::Channel;
use perwatt_record::schema::{Gpu, Record, Threads, Tool};
use serde::Serialize;
use serde_json::Value;

use crate::device::{CPU, MachineFacts, is_road};
use crate::plan::{check_threads, is_library, reason_here};

/// Longest text of a value in a message.
const SHOWN: usize = 200;

/// A fact that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub what: String,
    /// Its value in the record.
    pub theirs: String,
    /// Its value here.
    pub ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| match text.char_indices().nth(SHOWN) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text.to_owned(),
        };
        let named = |text: &str| match text {
            "" => "none".to_owned(),
            text => cut(text),
        };
        let (theirs, ours) = (named(&self.theirs), named(&self.ours));
        write!(f, "another {} ({theirs}, here {ours})", self.what)
    }
}

/// The name of the difference between the two lists of meters.
pub(super) const METERS: &str = "set of meters";

/// All differences; only the machine where it is another one.
pub fn differences(
    record: &Record,
    host: &Environment,
    facts: &MachineFacts,
    tool: &Tool,
    meters: &[MeterInfo],
    channels: &[Channel],
) -> Vec<Difference> {
    let mut found = Differences::default();
    found.text("machine", &record.machine.key, &MachineKey::of(host).key);
    let (theirs, ours) = (&record.host.specimen, &host.specimen);
    found.known("machine of the same model", theirs, ours);
    if !found.0.is_empty() {
        return found.0;
    }
    found.host(&record.host, host);
    found.values("build of perwatt", &record.tool, tool);
    // Miners work by themselves, on no thread of this machine.
    if record.plan.asics.is_empty() {
        found.threads(&record.threads, facts);
    }
    found.devices(record, facts);
    found.roads(record, facts);
    found.meters(&record.meters, meters);
    found.channels(&record.channels, channels);
    found.0
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn text(&mut self, what: impl Into<String>, theirs: &str, ours: &str) {
        if theirs != ours {
            self.0.push(Difference {
                what: what.into(),
                theirs: theirs.into(),
                ours: ours.into(),
            });
        }
    }

    /// Compares values by their serialised form.
    fn serialized<T: Serialize>(&mut self, what: &str, theirs: &T, ours: &T) {
        self.text(what, &text_of(theirs), &text_of(ours));
    }

    /// As `serialized`; a value that is unknown on one side is not a difference.
    fn known<T: Serialize>(&mut self, what: &str, theirs: &Option<T>, ours: &Option<T>) {
        if let (Some(theirs), Some(ours)) = (theirs, ours) {
            self.serialized(what, theirs, ours);
        }
    }

    /// Compares structs field by field.
    fn values<T: Serialize>(&mut self, what: &str, theirs: &T, ours: &T) {
        let (theirs, ours) = (fields_of(theirs), fields_of(ours));
        for (name, theirs) in &theirs {
            let ours = ours.get(name).unwrap_or(&Value::Null);
            let name = format!("{what}: {}", name.replace('_', " "));
            self.text(name, &text_of(theirs), &text_of(ours));
        }
    }

    fn host(&mut self, theirs: &Environment, ours: &Environment) {
        /// Compares these fields of a part of both descriptions.
        macro_rules! known {
            ($part:ident: $($field:ident $what:literal),+ $(,)?) => {
                $(self.known($what, &theirs.$part.$field, &ours.$part.$field);)+
            };
        }
        known!(cpu: stepping "stepping", microcode "microcode", sockets "number of sockets",
            cores "number of cores", threads "number of CPUs switched on",
            smt_active "SMT setting");
        known!(memory: total_bytes "size of memory", dimms "set of memory modules");
        known!(board: vendor "board's maker", product "board", bios_version "firmware");
        known!(os: name "operating system", version "version of the system", kernel "kernel",
            kernel_cmdline "kernel command line", libc "C library",
            clocksource "clock source", container "container");
        let (os, here) = (&theirs.os, &ours.os);
        self.serialized("set of mitigations", &os.mitigations, &here.mitigations);
        self.serialized("limit of the control group", &os.cgroup, &here.cgroup);
        self.serialized("hypervisor", &theirs.virtualization, &ours.virtualization);
    }

    /// Compares threads; the reason for their number includes the CPUs that may be used.
    fn threads(&mut self, theirs: &Threads, facts: &MachineFacts) {
        let what = "set of usable CPUs";
        let here = reason_here(&theirs.reason, facts);
        self.text(what, &theirs.reason, &here);
        let pinned = theirs.pinned_cpus.is_some();
        if let Err(error) = check_threads(theirs.count, facts.cpus.len(), pinned) {
            let theirs = format!("{} threads", theirs.count);
            self.text(what, &theirs, &error.to_string());
        }
        let lost = |cpu: &&u32| !facts.cpus.contains(cpu);
        let pinned = theirs.pinned_cpus.iter().flatten();
        let lost: Vec<String> = pinned.filter(lost).map(u32::to_string).collect();
        let ours = "not one that this process may use";
        if !lost.is_empty() {
            self.text("CPU to pin to", &lost.join(", "), ours);
        }
    }

    /// Compares the GPUs and the libraries that entries name.
    fn devices(&mut self, record: &Record, facts: &MachineFacts) {
        for gpu in &record.plan.gpus {
            let ours = match (facts.gpu(&gpu.name), &facts.gpu_error) {
                (Some(found), _) if found.gpu == *gpu => continue,
                (Some(found), _) => described(&found.gpu),
                (None, Some(error)) => error.clone(),
                (None, None) => "it is not there".into(),
            };
            self.0.push(Difference {
                what: gpu.name.clone(),
                theirs: described(gpu),
                ours,
            });
        }
        let own = record.plan.entries.iter();
        let mut seen = Vec::new();
        for entry in own.filter(|entry| entry.device == CPU && is_library(&entry.backend)) {
            let name = entry.workload.name.as_str();
            let format = name.split_once('/').map_or(name, |(_, format)| format);
            let (backend, theirs) = (entry.backend.as_str(), &entry.backend_detail);
            if let Some(theirs) = theirs
                && !seen.contains(&(backend, format))
            {
                seen.push((backend, format));
                let ours = facts.library(backend, format);
                let ours = ours.unavailable.unwrap_or(ours.detail);
                self.text(format!("library behind {backend}"), theirs, &ours);
            }
        }
    }

    /// Compares the libraries of GPU vendors that entries name.
    fn roads(&mut self, record: &Record, facts: &MachineFacts) {
        let mut seen = Vec::new();
        for entry in record.plan.entries.iter().filter(|e| is_road(&e.backend)) {
            let theirs = (entry.backend.as_str(), entry.backend_detail.as_deref());
            if seen.contains(&theirs) {
                continue;
            }
            seen.push(theirs);
            let ours = facts
                .roads
                .iter()
                .find(|road| road.backend == entry.backend);
            let detail = ours.map_or("", |road| road.unavailable.as_ref().unwrap_or(&road.detail));
            let theirs = theirs.1.unwrap_or_default();
            if detail.is_empty() || !theirs.starts_with(detail) {
                self.text(format!("library behind {}", entry.backend), theirs, detail);
            }
        }
    }

    /// Compares lists by the names of their members; true where those are equal.
    fn same_ids<T>(&mut self, what: &str, lists: [&[T]; 2], id: fn(&T) -> &str) -> bool {
        let [theirs, ours] = lists.map(|list| Vec::from_iter(list.iter().map(id)).join(", "));
        self.text(what, &theirs, &ours);
        theirs == ours
    }

    fn meters(&mut self, theirs: &[MeterInfo], ours: &[MeterInfo]) {
        if !self.same_ids(METERS, [theirs, ours], |meter| &meter.id) {
            return;
        }
        for (theirs, ours) in theirs.iter().zip(ours) {
            // Measured again whenever a meter is opened, and mentioned in its notes.
            let comparable = |info: &MeterInfo| MeterInfo {
                update_period_s: None,
                look_back_s: None,
                quantum_j: None,
                quantum_w: None,
                notes: Vec::new(),
                ..info.clone()
            };
            let what = format!("meter {}", theirs.id);
            self.values(&what, &comparable(theirs), &comparable(ours));
            if let (Some(theirs), Some(ours)) = (theirs.update_period_s, ours.update_period_s)
                && !(0.5..=2.0).contains(&(theirs / ours))
            {
                let what = format!("{what}: update period");
                self.text(what, &format!("{theirs} s"), &format!("{ours} s"));
            }
        }
    }

    fn channels(&mut self, theirs: &[Channel], ours: &[Channel]) {
        let what = "set of temperatures, clocks and limits";
        if self.same_ids(what, [theirs, ours], |channel| &channel.id) {
            self.serialized(what, &theirs, &ours);
        }
    }
}

fn described(gpu: &Gpu) -> String {
    let Gpu {
        model,
        interface,
        driver,
        driver_info,
        ..
    } = gpu;
    let address = gpu.pci_address.as_deref().unwrap_or("no PCI address");
    format!("{model} at {address}, {interface} by {driver} {driver_info}")
}

fn fields_of<T: Serialize>(value: &T) -> serde_json::Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

fn text_of<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => "none".into(),
        Ok(value) => value.to_string(),
    }
}
