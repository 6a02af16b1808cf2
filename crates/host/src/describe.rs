//! The environment as rows of a table for people.

use crate::{Cache, CacheKind, Cpu, DimmGroup, Environment, PowerSource};

/// Pairs of label and value, compact and with units, in reading order. Rows labelled
/// `not readable` come last, as `fields: reason (fix)`, with one row for all fields
/// that share a reason.
#[must_use]
pub fn describe(environment: &Environment) -> Vec<(String, String)> {
    let Environment {
        cpu,
        memory,
        board,
        os,
        virtualization,
        power_supply,
        load_average,
        specimen,
        missing,
    } = environment;
    let mut rows = Rows::default();
    rows.add("CPU", cpu.model.clone());
    rows.add("identity", identity(cpu));
    rows.add("topology", topology(cpu));
    rows.add("caches", join(cpu.caches.iter().map(cache), ", "));
    rows.add("ISA", join(cpu.isa.iter().cloned(), " "));
    rows.add("clock", clock(cpu));
    rows.add("frequency policy", policy(cpu));
    rows.add("memory", memory.total_bytes.map(bytes));
    let dimms = memory.dimms.iter().flatten().map(dimm);
    rows.add("memory modules", join(dimms, " + "));
    rows.add("swap", memory.swap_bytes.map(bytes));
    rows.add("huge pages", huge_pages(environment));
    let names = [&board.vendor, &board.product].into_iter().flatten();
    rows.add("board", join(names.cloned(), " "));
    rows.add("firmware", board.bios_version.clone());
    rows.add("specimen", specimen.clone());
    let names = [&os.name, &os.version].into_iter().flatten();
    rows.add("OS", join(names.cloned(), " "));
    rows.add("kernel", os.kernel.clone());
    rows.add(
        "boot parameters",
        os.kernel_cmdline.clone().filter(|line| !line.is_empty()),
    );
    rows.add("C library", os.libc.clone());
    rows.add("page size", os.page_size_bytes.map(bytes));
    rows.add("clock source", os.clocksource.clone());
    rows.add("ASLR", os.aslr.map(|level| aslr(level).to_owned()));
    rows.add("mitigations", mitigations(environment));
    rows.add("hypervisor", virtualization.hypervisor.clone());
    rows.add("container", os.container.clone());
    rows.add("control group", control_group(environment));
    rows.add(
        "power",
        match power_supply.source {
            PowerSource::Ac => Some("mains".to_owned()),
            PowerSource::Battery => Some("BATTERY".to_owned()),
            PowerSource::Unknown => None,
        },
    );
    rows.add("power profile", power_supply.platform_profile.clone());
    rows.add(
        "load (1, 5, 15 min)",
        load_average.map(|[one, five, fifteen]| format!("{one:.2} {five:.2} {fifteen:.2}")),
    );
    let mut reasons: Vec<(&str, Option<&str>, Vec<&str>)> = Vec::new();
    for gap in missing {
        let (reason, fix) = (gap.reason.as_str(), gap.fix.as_deref());
        match reasons.iter_mut().find(|r| (r.0, r.1) == (reason, fix)) {
            Some((_, _, fields)) => fields.push(&gap.field),
            None => reasons.push((reason, fix, vec![&gap.field])),
        }
    }
    for (reason, fix, fields) in reasons {
        let fix = fix.map_or(String::new(), |fix| format!(" ({fix})"));
        let fields = fields.join(", ");
        rows.add("not readable", Some(format!("{fields}: {reason}{fix}")));
    }
    rows.0
}

#[derive(Default)]
struct Rows(Vec<(String, String)>);

impl Rows {
    fn add(&mut self, label: &str, value: Option<String>) {
        self.0.extend(value.map(|value| (label.to_owned(), value)));
    }
}

fn join(parts: impl Iterator<Item = String>, between: &str) -> Option<String> {
    let joined = parts.collect::<Vec<_>>().join(between);
    (!joined.is_empty()).then_some(joined)
}

/// A count with its noun: `1 thread`, `2 threads`.
fn counted(count: u32, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Bytes in the largest binary unit in which the number is at least 1, to one decimal.
fn bytes(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut value = bytes as f64;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let text = format!("{value:.1}");
    format!("{} {}", text.trim_end_matches(".0"), units[unit])
}

fn identity(cpu: &Cpu) -> Option<String> {
    let part = |name: &str, value: Option<u32>| value.map(|value| format!("{name} {value}"));
    let parts = [
        cpu.vendor.clone(),
        cpu.architecture.clone(),
        part("family", cpu.family),
        part("model", cpu.model_number),
        part("stepping", cpu.stepping),
        cpu.microcode.as_ref().map(|rev| format!("microcode {rev}")),
    ];
    join(parts.into_iter().flatten(), ", ")
}

fn topology(cpu: &Cpu) -> Option<String> {
    let count = |count: Option<u32>, noun: &str| count.map(|count| counted(count, noun));
    let offline = cpu
        .threads_present
        .zip(cpu.threads)
        .and_then(|(present, online)| present.checked_sub(online))
        .filter(|&offline| offline > 0)
        .map(|offline| format!("{} offline", counted(offline, "thread")));
    let smt = cpu
        .smt_active
        .map(|on| if on { "SMT on" } else { "SMT off" }.to_owned());
    let kinds = cpu
        .core_types
        .iter()
        .map(|kind| format!("{} {}", kind.cores, kind.name));
    let kinds = join(kinds, " + ").map(|kinds| format!("cores: {kinds}"));
    let parts = [
        count(cpu.sockets, "socket"),
        count(cpu.cores, "core"),
        count(cpu.threads, "thread"),
        offline,
        smt,
        count(cpu.numa_nodes, "NUMA node"),
        kinds,
    ];
    join(parts.into_iter().flatten(), ", ")
}

fn cache(cache: &Cache) -> String {
    let kind = match cache.kind {
        CacheKind::Data => "d",
        CacheKind::Instruction => "i",
        CacheKind::Unified => "",
    };
    let shared = match cache.shared_by_threads {
        1 => String::new(),
        threads => format!(" per {threads} threads"),
    };
    format!(
        "L{}{kind} {} × {}{shared}",
        cache.level,
        cache.instances,
        bytes(cache.size_bytes)
    )
}

fn clock(cpu: &Cpu) -> Option<String> {
    let part = |name: &str, mhz: Option<f64>| mhz.map(|mhz| format!("{name} {mhz:.0} MHz"));
    let boost = cpu
        .boost
        .map(|on| if on { "boost on" } else { "boost off" }.to_owned());
    let parts = [
        part("min", cpu.min_mhz),
        part("base", cpu.base_mhz),
        part("max", cpu.max_mhz),
        boost,
    ];
    join(parts.into_iter().flatten(), ", ")
}

fn policy(cpu: &Cpu) -> Option<String> {
    let part =
        |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let parts = [
        part("driver", &cpu.scaling_driver),
        part("governor", &cpu.governor),
        part("preference", &cpu.energy_performance_preference),
    ];
    join(parts.into_iter().flatten(), ", ")
}

fn dimm(group: &DimmGroup) -> String {
    let kind = group.kind.as_deref().unwrap_or("unknown kind");
    let speed = match (group.rated_mt_per_s, group.configured_mt_per_s) {
        (Some(rated), Some(set)) if rated != set => format!(" at {set} of {rated} MT/s"),
        (_, Some(speed)) | (Some(speed), None) => format!(" at {speed} MT/s"),
        (None, None) => String::new(),
    };
    format!(
        "{} × {} {kind}{speed}",
        group.count,
        bytes(group.size_bytes)
    )
}

fn huge_pages(environment: &Environment) -> Option<String> {
    let pages = &environment.memory.huge_pages;
    let transparent = pages
        .transparent
        .as_ref()
        .map(|set| format!("transparent: {set}"));
    let reserved = pages.reserved.map(|count| match pages.size_bytes {
        Some(size) => format!("{count} × {} reserved", bytes(size)),
        None => format!("{count} reserved"),
    });
    join([transparent, reserved].into_iter().flatten(), ", ")
}

fn aslr(level: u32) -> &'static str {
    match level {
        0 => "off",
        1 => "partial",
        _ => "full",
    }
}

fn mitigations(environment: &Environment) -> Option<String> {
    let states = &environment.os.mitigations;
    if states.is_empty() {
        return None;
    }
    let having = |start: &str| -> Vec<&str> {
        states
            .iter()
            .filter(|(_, state)| state.starts_with(start))
            .map(|(name, _)| name.as_str())
            .collect()
    };
    let open = having("Vulnerable");
    let named = match open.is_empty() {
        true => String::new(),
        false => format!(" ({})", open.join(" ")),
    };
    Some(format!(
        "{} mitigated, {} vulnerable{named}, {} not affected",
        having("Mitigation").len(),
        open.len(),
        having("Not affected").len()
    ))
}

fn control_group(environment: &Environment) -> Option<String> {
    let limits = &environment.os.cgroup;
    let version = limits.version?;
    let granted = [
        limits
            .cpu_quota_cores
            .map(|cores| format!("{cores:.2} cores")),
        limits
            .memory_max_bytes
            .map(|max| format!("{} of memory", bytes(max))),
    ];
    let granted = join(granted.into_iter().flatten(), ", ");
    Some(format!(
        "v{version}, {}",
        granted.as_deref().unwrap_or("no limit")
    ))
}
