//! The environment that is collected from each machine.

use std::collections::BTreeSet;

use perwatt_host::{CacheKind, Environment, PowerSource, describe, hostname};
use serde_json::Value;

use crate::fixtures::{self, Root};

fn collect(root: &Root) -> Environment {
    Environment::collect(root.path())
}

fn reason(environment: &Environment, field: &str) -> String {
    let gap = environment.missing.iter().find(|gap| gap.field == field);
    gap.unwrap_or_else(|| panic!("{field} is not missing"))
        .reason
        .clone()
}

#[test]
fn two_socket_intel_server() {
    let environment = collect(&fixtures::intel_server());
    let cpu = &environment.cpu;
    assert_eq!(cpu.vendor.as_deref(), Some("GenuineIntel"));
    assert_eq!(
        (cpu.family, cpu.model_number, cpu.stepping),
        (Some(6), Some(106), Some(6))
    );
    assert_eq!(cpu.microcode.as_deref(), Some("0xd0003b9"));
    assert_eq!(cpu.architecture.as_deref(), Some("x86_64"));
    assert_eq!(
        (cpu.sockets, cpu.cores, cpu.threads),
        (Some(2), Some(64), Some(128))
    );
    assert_eq!((cpu.smt_active, cpu.numa_nodes), (Some(true), Some(2)));
    assert!(cpu.core_types.is_empty());
    let caches: Vec<_> = cpu
        .caches
        .iter()
        .map(|c| {
            (
                c.level,
                c.kind,
                c.size_bytes >> 10,
                c.shared_by_threads,
                c.instances,
            )
        })
        .collect();
    assert_eq!(
        caches,
        [
            (1, CacheKind::Data, 48, 2, 64),
            (1, CacheKind::Instruction, 32, 2, 64),
            (2, CacheKind::Unified, 1280, 2, 64),
            (3, CacheKind::Unified, 49152, 64, 2),
        ]
    );
    for feature in ["sha", "avx512f", "avx512vnni", "sse4.1", "vaes"] {
        assert!(cpu.isa.iter().any(|isa| isa == feature), "{feature}");
    }
    assert!(!cpu.isa.iter().any(|isa| isa.starts_with("amx")));
    assert_eq!(
        (cpu.min_mhz, cpu.max_mhz, cpu.base_mhz),
        (Some(800.0), Some(3200.0), Some(2000.0))
    );
    assert_eq!(
        cpu.governor.as_deref(),
        Some("mixed: performance, powersave")
    );
    assert_eq!(cpu.boost, Some(true));
    assert_eq!(environment.board.product.as_deref(), Some("PowerEdge R750"));
    assert_eq!(
        environment.virtualization.hypervisor.as_deref(),
        Some("none")
    );
    assert_eq!(
        environment.os.kernel_cmdline.as_deref(),
        Some("mitigations=auto")
    );
    assert_eq!(environment.os.cgroup.version, None);
    assert_eq!(environment.power_supply.source, PowerSource::Unknown);
    assert_eq!(environment.load_average, Some([0.52, 0.58, 0.59]));
}

#[test]
fn amd_desktop() {
    let environment = collect(&fixtures::amd_desktop());
    let cpu = &environment.cpu;
    assert_eq!(
        (cpu.sockets, cpu.cores, cpu.threads),
        (Some(1), Some(16), Some(32))
    );
    assert_eq!(cpu.max_mhz, Some(5881.0), "the best core's");
    assert_eq!(cpu.scaling_driver.as_deref(), Some("amd-pstate-epp"));
    assert_eq!(
        cpu.caches
            .last()
            .map(|l3| (l3.instances, l3.shared_by_threads)),
        Some((2, 16))
    );
    assert_eq!(cpu.boost, Some(true));
    assert_eq!(environment.board.vendor.as_deref(), Some("ASRock"));
    assert_eq!(environment.board.product.as_deref(), Some("X670E Taichi"));
    assert_eq!(
        environment.power_supply.source,
        PowerSource::Unknown,
        "a mouse is not a UPS"
    );
    let why = reason(&environment, "cpu.base_mhz");
    assert_eq!(
        why,
        "the cpufreq driver amd-pstate-epp has no base_frequency"
    );
}

#[test]
fn arm_board_with_two_kinds_of_core() {
    let environment = collect(&fixtures::arm_board());
    let cpu = &environment.cpu;
    assert_eq!(cpu.vendor.as_deref(), Some("ARM"));
    assert_eq!(cpu.model.as_deref(), Some("Cortex-A53 + Cortex-A72"));
    assert_eq!(cpu.architecture.as_deref(), Some("aarch64"));
    assert_eq!(
        (cpu.family, cpu.model_number, cpu.stepping),
        (Some(8), Some(0xd03), Some(4))
    );
    let kinds: Vec<_> = cpu
        .core_types
        .iter()
        .map(|k| (k.name.as_str(), k.cores))
        .collect();
    assert_eq!(kinds, [("Cortex-A53", 4), ("Cortex-A72", 2)]);
    assert_eq!(
        (cpu.cores, cpu.threads, cpu.smt_active),
        (Some(6), Some(6), Some(false))
    );
    assert_eq!(cpu.isa, ["aes", "neon", "sha2"]);
    assert_eq!(
        cpu.governor.as_deref(),
        Some("mixed: performance, schedutil")
    );
    assert_eq!(cpu.caches, []);
    assert!(reason(&environment, "cpu.caches").contains("lists no cache"));
    assert_eq!(environment.board.vendor.as_deref(), Some("pine64"));
    assert_eq!(
        environment.board.product.as_deref(),
        Some("Pine64 RockPro64 v2.1")
    );
    assert_eq!(environment.virtualization.guest, Some(false));
    assert_eq!(environment.os.page_size_bytes, Some(4096));
    assert_eq!(environment.os.libc.as_deref(), Some("glibc 2.36"));
}

#[test]
fn hybrid_laptop_on_battery() {
    let environment = collect(&fixtures::hybrid_laptop());
    let kinds: Vec<_> = environment
        .cpu
        .core_types
        .iter()
        .map(|k| (k.name.as_str(), k.cores, k.threads))
        .collect();
    assert_eq!(kinds, [("performance", 2, 4), ("efficiency", 4, 4)]);
    assert_eq!(environment.power_supply.source, PowerSource::Battery);
    assert_eq!(
        environment.power_supply.platform_profile.as_deref(),
        Some("balanced")
    );

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
    assert_eq!(v2.os.container.as_deref(), Some("kubernetes"));
    assert_eq!(v2.virtualization.hypervisor.as_deref(), Some("kvm"));

    let v1 = collect(&fixtures::container_v1());
    assert_eq!(v1.os.cgroup.version, Some(1));
    assert_eq!(v1.os.cgroup.cpu_quota_cores, Some(2.0));
    assert_eq!(
        v1.os.cgroup.memory_max_bytes, None,
        "the largest number is not a limit"
    );
    assert_eq!(v1.os.container.as_deref(), Some("docker"));
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
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                nulls(&path, value, found);
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
    let said: BTreeSet<&str> = environment
        .missing
        .iter()
        .map(|m| m.field.as_str())
        .collect();
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
            "{name}: {field} has both a value and a reason for its lack"
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
    assert!(
        !text.contains(temporary),
        "{name} shows the fixture's own path"
    );
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
    check(
        "",
        &serde_json::to_value(schemars::schema_for!(Environment)).expect("JSON"),
    );
    check(
        "",
        &serde_json::to_value(schemars::schema_for!(perwatt_host::MachineKey)).expect("JSON"),
    );
    check(
        "",
        &serde_json::to_value(schemars::schema_for!(perwatt_host::cpus::Allowed)).expect("JSON"),
    );
}

#[test]
fn rows_for_people() {
    let rows = describe(&collect(&fixtures::intel_server()));
    let row = |label: &str| {
        let found = rows.iter().find(|(l, _)| l == label);
        found.unwrap_or_else(|| panic!("no row {label}")).1.as_str()
    };
    assert_eq!(row("CPU"), "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz");
    assert_eq!(
        row("topology"),
        "2 sockets, 64 cores, 128 threads, SMT on, 2 NUMA nodes"
    );
    assert_eq!(
        row("caches"),
        "L1d 64 × 48 KiB per 2 threads, L1i 64 × 32 KiB per 2 threads, L2 64 × 1.2 MiB per 2 threads, L3 2 × 48 MiB per 64 threads"
    );
    assert_eq!(
        row("clock"),
        "min 800 MHz, base 2000 MHz, max 3200 MHz, boost on"
    );
    assert_eq!(row("memory"), "502.6 GiB");
    assert_eq!(
        row("mitigations"),
        "1 mitigated, 0 vulnerable, 1 not affected"
    );
    assert_eq!(row("load (1, 5, 15 min)"), "0.52 0.58 0.59");
    assert!(
        rows.iter()
            .all(|(label, value)| !label.is_empty() && !value.is_empty())
    );

    let empty = describe(&collect(&Root::empty()));
    assert!(
        empty.iter().all(|(label, _)| label == "not readable"),
        "{empty:?}"
    );
    let cpu = empty
        .iter()
        .find(|(_, value)| value.starts_with("cpu.vendor"));
    let (_, value) = cpu.expect("a row");
    assert!(
        value.contains("cpu.model") && value.ends_with("/proc/cpuinfo does not exist"),
        "{value}"
    );
}
