//! Differences between a record's surroundings and those here, each with its name. A fact
//! that is missing in the record, or that cannot be read here, is not a difference.

use std::fmt;

use perwatt_host::{Environment, MachineKey};
use perwatt_power::MeterInfo;
use perwatt_power::state::Channel;
use perwatt_record::schema::{Gpu, Record, Threads, Tool};
use serde::Serialize;
use serde_json::Value;

use crate::device::{CBLAS, CPU, MachineFacts};
use crate::plan::{check_threads, reason_here};

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
    found.threads(&record.threads, facts);
    found.devices(record, facts);
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

    /// Compares values by their serialised form; one that is unknown on one side is not a
    /// difference.
    fn known<T: Serialize>(&mut self, what: &str, theirs: &Option<T>, ours: &Option<T>) {
        if let (Some(theirs), Some(ours)) = (theirs, ours) {
            self.text(what, &text_of(theirs), &text_of(ours));
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
        let cpu = (&theirs.cpu, &ours.cpu);
        self.known("stepping", &cpu.0.stepping, &cpu.1.stepping);
        self.known("microcode", &cpu.0.microcode, &cpu.1.microcode);
        self.known("number of sockets", &cpu.0.sockets, &cpu.1.sockets);
        self.known("number of cores", &cpu.0.cores, &cpu.1.cores);
        self.known("number of CPUs switched on", &cpu.0.threads, &cpu.1.threads);
        self.known("SMT setting", &cpu.0.smt_active, &cpu.1.smt_active);
        let memory = (&theirs.memory, &ours.memory);
        self.known(
            "size of memory",
            &memory.0.total_bytes,
            &memory.1.total_bytes,
        );
        self.known("set of memory modules", &memory.0.dimms, &memory.1.dimms);
        let board = (&theirs.board, &ours.board);
        self.known("board's maker", &board.0.vendor, &board.1.vendor);
        self.known("board", &board.0.product, &board.1.product);
        self.known("firmware", &board.0.bios_version, &board.1.bios_version);
        let os = (&theirs.os, &ours.os);
        self.known("operating system", &os.0.name, &os.1.name);
        self.known("version of the system", &os.0.version, &os.1.version);
        self.known("kernel", &os.0.kernel, &os.1.kernel);
        self.known(
            "kernel command line",
            &os.0.kernel_cmdline,
            &os.1.kernel_cmdline,
        );
        self.known("C library", &os.0.libc, &os.1.libc);
        self.known("clock source", &os.0.clocksource, &os.1.clocksource);
        self.known("container", &os.0.container, &os.1.container);
        self.text(
            "set of mitigations",
            &text_of(&os.0.mitigations),
            &text_of(&os.1.mitigations),
        );
        self.text(
            "limit of the control group",
            &text_of(&os.0.cgroup),
            &text_of(&os.1.cgroup),
        );
        let virtualization = (&theirs.virtualization, &ours.virtualization);
        self.text(
            "hypervisor",
            &text_of(virtualization.0),
            &text_of(virtualization.1),
        );
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

    /// Compares the GPUs and the library that entries name.
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
        let mut own = record.plan.entries.iter();
        let of_library = own.find(|entry| entry.device == CPU && entry.backend == CBLAS);
        if let Some(theirs) = of_library.and_then(|entry| entry.backend_detail.as_ref()) {
            let ours = facts.library.clone().unwrap_or_default();
            let ours = ours.unavailable.unwrap_or(ours.detail);
            self.text("library behind cblas", theirs, &ours);
        }
    }

    fn meters(&mut self, theirs: &[MeterInfo], ours: &[MeterInfo]) {
        let ids = |infos: &[MeterInfo]| {
            let ids: Vec<&str> = infos.iter().map(|info| info.id.as_str()).collect();
            ids.join(", ")
        };
        let before = self.0.len();
        self.text(METERS, &ids(theirs), &ids(ours));
        if self.0.len() > before {
            return;
        }
        for (theirs, ours) in theirs.iter().zip(ours) {
            // Measured again whenever a meter is opened, and mentioned in its notes.
            let comparable = |info: &MeterInfo| MeterInfo {
                update_period_s: None,
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
        let ids = |channels: &[Channel]| {
            let ids: Vec<&str> = channels.iter().map(|c| c.id.as_str()).collect();
            ids.join(", ")
        };
        let what = "set of temperatures, clocks and limits";
        let before = self.0.len();
        self.text(what, &ids(theirs), &ids(ours));
        if self.0.len() == before {
            self.text(what, &text_of(&theirs), &text_of(&ours));
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
