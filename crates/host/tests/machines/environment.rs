//! The environment that is collected from each machine.

use std::collections::BTreeSet;

use perwatt_host::{CacheKind, Environment, PowerSource, describe, hostname};
use serde_json::Value;

use crate::fixtures::{self, Root};

fn collect(root: &Root) -> Environment {
    Environment::collect(root.path())
}

#[track_caller]
fn is(found: &Option<String>, expected: &str) {
    assert_eq!(found.as_deref(), Some(expected));
}

fn reason(environment: &Environment, field: &str) -> String {
    let gap = environment.missing.iter().find(|gap| gap.field == field);
    let gap = gap.unwrap_or_else(|| panic!("{field} is not missing"));
    gap.reason.clone()
}

#[test]
fn two_socket_intel_server() {
    let environment = collect(&fixtures::intel_server());
    let cpu = &environment.cpu;
    is(&cpu.vendor, "GenuineIntel");
    let identity = [cpu.family, cpu.model_number, cpu.stepping];
    assert_eq!(identity, [Some(6), Some(106), Some(6)]);
    is(&cpu.microcode, "0xd0003b9");
    is(&cpu.architecture, "x86_64");
    let topology = [cpu.sockets, cpu.cores, cpu.threads];
    assert_eq!(topology, [Some(2), Some(64), Some(128)]);
    assert_eq!((cpu.smt_active, cpu.numa_nodes), (Some(true), Some(2)));
    assert!(cpu.core_types.is_empty());
    let caches = cpu.caches.iter().map(|c| {
        let size_kib = c.size_bytes >> 10;
        (c.level, c.kind, size_kib, c.shared_by_threads, c.instances)
    });
    let expected = [
        (1, CacheKind::Data, 48, 2, 64),
        (1, CacheKind::Instruction, 32, 2, 64),
        (2, CacheKind::Unified, 1280, 2, 64),
        (3, CacheKind::Unified, 49152, 64, 2),
    ];
    assert_eq!(caches.collect::<Vec<_>>(), expected);
    for feature in ["sha", "avx512f", "avx512vnni", "sse4.1", "vaes"] {
        assert!(cpu.isa.iter().any(|isa| isa == feature), "{feature}");
    }
    assert!(!cpu.isa.iter().any(|isa| isa.starts_with("amx")));
    let clocks = [cpu.min_mhz, cpu.max_mhz, cpu.base_mhz];
    assert_eq!(clocks, [Some(800.0), Some(3200.0), Some(2000.0)]);
    is(&cpu.governor, "mixed: performance, powersave");
    assert_eq!(cpu.boost, Some(true));
    is(&environment.board.product, "PowerEdge R750");
    is(&environment.virtualization.hypervisor, "none");
    is(&environment.os.kernel_cmdline, "mitigations=auto");
    assert_eq!(environment.os.cgroup.version, None);
    assert_eq!(environment.power_supply.source, PowerSource::Unknown);
    assert_eq!(environment.load_average, Some([0.52, 0.58, 0.59]));
}

#[test]
fn amd_desktop() {
    let environment = collect(&fixtures::amd_desktop());
    let cpu = &environment.cpu;
    let topology = [cpu.sockets, cpu.cores, cpu.threads];
    assert_eq!(topology, [Some(1), Some(16), Some(32)]);
    assert_eq!(cpu.max_mhz, Some(5881.0), "the best core's");
    is(&cpu.scaling_driver, "amd-pstate-epp");
    let l3 = cpu.caches.last().unwrap();
    assert_eq!((l3.instances, l3.shared_by_threads), (2, 16));
    assert_eq!(cpu.boost, Some(true));
    is(&environment.board.vendor, "ASRock");
    is(&environment.board.product, "X670E Taichi");
    let source = environment.power_supply.source;
    assert_eq!(source, PowerSource::Unknown, "a mouse is not a UPS");
    let why = "the cpufreq driver amd-pstate-epp has no base_frequency";
    assert_eq!(reason(&environment, "cpu.base_mhz"), why);
}

#[test]
fn arm_board_with_two_kinds_of_core() {
    let environment = collect(&fixtures::arm_board());
    let cpu = &environment.cpu;
    is(&cpu.vendor, "ARM");
    is(&cpu.model, "Cortex-A53 + Cortex-A72");
    is(&cpu.architecture, "aarch64");
    let identity = [cpu.family, cpu.model_number, cpu.stepping];
    assert_eq!(identity, [Some(8), Some(0xd03), Some(4)]);
    let kinds = cpu.core_types.iter().map(|k| (k.name.as_str(), k.cores));
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [("Cortex-A53", 4), ("Cortex-A72", 2)]
    );
    let counts = (cpu.cores, cpu.threads, cpu.smt_active);
    assert_eq!(counts, (Some(6), Some(6), Some(false)));
    assert_eq!(cpu.isa, ["aes", "neon", "sha2"]);
    is(&cpu.governor, "mixed: performance, schedutil");
    assert_eq!(cpu.caches, []);
    assert!(reason(&environment, "cpu.caches").contains("lists no cache"));
    is(&environment.board.vendor, "pine64");
    is(&environment.board.product, "Pine64 RockPro64 v2.1");
    assert_eq!(environment.virtualization.guest, Some(false));
    assert_eq!(environment.os.page_size_bytes, Some(4096));
    is(&environment.os.libc, "glibc 2.36");
}

#[test]
fn hybrid_laptop_on_battery() {
    let environment = collect(&fixtures::hybrid_laptop());
    let kinds = environment.cpu.core_types.iter();
    let kinds: Vec<_> = kinds
        .map(|k| (k.name.as_str(), k.cores, k.threads))
        .collect();
    assert_eq!(kinds, [("performance", 2, 4), ("efficiency", 4, 4)]);
    assert_eq!(environment.power_supply.source, PowerSource::Battery);
    is(&environment.power_supply.platform_profile, "balanced");

    let root = fixtures::hybrid_laptop();
    root.write("/sys/class/power_supply/AC/online", "1\n");
    assert_eq!(collect(&root).power_supply.source, PowerSource::Ac);
}

#[test]
fn containers() {
    let v2 = collect(&fixtures::container_v2());
    assert_eq!(v2.os.cgroup.version, Some(2));
    assert_eq!(v2.os.cgroup.cpu_quota_cores, Some(1.5));
    assert_eq!(v2.os.cgroup.memory_max_bytes, Some(8 << 30));
    is(&v2.os.container, "kubernetes");
    is(&v2.virtualization.hypervisor, "kvm");

    let v1 = collect(&fixtures::container_v1());
    assert_eq!(v1.os.cgroup.version, Some(1));
    assert_eq!(v1.os.cgroup.cpu_quota_cores, Some(2.0));
    let memory = v1.os.cgroup.memory_max_bytes;
    assert_eq!(memory, None, "the largest number is not a limit");
    is(&v1.os.container, "docker");
}

#[test]
fn nothing_is_guessed_from_nothing() {
    let environment = collect(&Root::empty());
    assert_eq!(environment.cpu.threads, None);
    assert_eq!(environment.virtualization.guest, None);
    assert_eq!(environment.load_average, None);
    assert_eq!(hostname(Root::empty().path()), None);
    assert!(environment.missing.len() > 30);
}

/// Absent fields that mean "no limit" or "none found" rather than "not read".
const MEANINGFUL: [&str; 4] = [
    "os.container",
    "os.cgroup.version",
    "os.cgroup.cpu_quota_cores",
    "os.cgroup.memory_max_bytes",
];

fn nulls(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Null => {
            found.insert(path.to_owned());
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                nulls(path.trim_start_matches('.'), value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn on_every_machine_gaps_have_reasons_and_json_is_faithful_and_private() {
    for (name, root) in fixtures::all() {
        let environment = collect(&root);
        assert_gaps_have_reasons(name, &environment);
        assert_json_keeps_everything_and_names_no_one(name, &root, &environment);
    }
}

/// Every empty field has a reason, and every reason has an empty field.
fn assert_gaps_have_reasons(name: &str, environment: &Environment) {
    let mut json = serde_json::to_value(environment).expect("JSON");
    let fields = json.as_object_mut().expect("an object");
    fields.remove("missing");
    // Records of before 1.4 do not have it, so it is left out rather than null.
    fields.entry("specimen").or_insert(Value::Null);
    let mut empty = BTreeSet::new();
    nulls("", &json, &mut empty);
    let said = environment.missing.iter().map(|m| m.field.as_str());
    let said: BTreeSet<&str> = said.collect();
    for field in &empty {
        let explained = said.contains(field.as_str()) || MEANINGFUL.contains(&field.as_str());
        assert!(explained, "{name}: {field} is empty without a reason");
    }
    for field in said {
        let value = json.pointer(&format!("/{}", field.replace('.', "/")));
        let value = value.unwrap_or_else(|| panic!("{name}: there is no field {field}"));
        let is_empty = match value {
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            other => other.is_null() || other == "unknown",
        };
        assert!(
            is_empty,
            "{name}: {field} has a value and a reason for its lack"
        );
    }
    assert!(environment.missing.iter().all(|m| !m.reason.is_empty()));
}

fn assert_json_keeps_everything_and_names_no_one(
    name: &str,
    root: &Root,
    environment: &Environment,
) {
    let text = serde_json::to_string(environment).expect("JSON");
    let back: Environment = serde_json::from_str(&text).expect("the same");
    assert_eq!(&back, environment, "{name}");
    for secret in ["secret-host", "SECRET-SERIAL", "5ec2e7", "deadbeef"] {
        assert!(!text.contains(secret), "{name} shows {secret}");
    }
    let temporary = root.path().to_str().expect("UTF-8");
    assert!(!text.contains(temporary), "{name} shows its own path");
}

#[test]
fn the_schema_describes_every_field() {
    fn check(path: &str, schema: &Value) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    for (name, property) in properties {
                        assert!(property["description"].is_string(), "{path}.{name}");
                    }
                }
                object
                    .iter()
                    .for_each(|(key, value)| check(&format!("{path}.{key}"), value));
            }
            Value::Array(values) => values.iter().for_each(|value| check(path, value)),
            _ => {}
        }
    }
    for schema in [
        schemars::schema_for!(Environment),
        schemars::schema_for!(perwatt_host::MachineKey),
        schemars::schema_for!(perwatt_host::cpus::Allowed),
    ] {
        check("", &serde_json::to_value(schema).expect("JSON"));
    }
}

#[test]
fn rows_for_people() {
    let rows = describe(&collect(&fixtures::intel_server()));
    let row = |label: &str| {
        let found = rows.iter().find(|(l, _)| l == label);
        found.unwrap_or_else(|| panic!("no row {label}")).1.as_str()
    };
    for (label, value) in [
        ("CPU", "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"),
        (
            "topology",
            "2 sockets, 64 cores, 128 threads, SMT on, 2 NUMA nodes",
        ),
        (
            "caches",
            "L1d 64 × 48 KiB per 2 threads, L1i 64 × 32 KiB per 2 threads, L2 64 × 1.2 MiB per 2 threads, L3 2 × 48 MiB per 64 threads",
        ),
        (
            "clock",
            "min 800 MHz, base 2000 MHz, max 3200 MHz, boost on",
        ),
        ("memory", "502.6 GiB"),
        ("mitigations", "1 mitigated, 0 vulnerable, 1 not affected"),
        ("load (1, 5, 15 min)", "0.52 0.58 0.59"),
    ] {
        assert_eq!(row(label), value);
    }
    let is_whole = |(label, value): &(String, String)| !label.is_empty() && !value.is_empty();
    assert!(rows.iter().all(is_whole));

    let empty = describe(&collect(&Root::empty()));
    let is_gap = |(label, _): &(String, String)| label == "not readable";
    assert!(empty.iter().all(is_gap), "{empty:?}");
    let mut values = empty.iter().map(|(_, value)| value);
    let cpu = values.find(|value| value.starts_with("cpu.vendor"));
    let value = cpu.expect("a row");
    let ends = value.ends_with("/proc/cpuinfo does not exist");
    assert!(ends && value.contains("cpu.model"), "{value}");
}
