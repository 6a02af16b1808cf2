//! The machine key: pinned values, and independence of readings.

use std::collections::BTreeSet;

use perwatt_host::cpus::{format_cpu_list, parse_cpu_list};
use perwatt_host::{Environment, MachineKey};

use crate::fixtures::{self, Root};

/// A change to a machine, after which its key is computed again.
type Change<'a> = &'a dyn Fn(&Root);

fn key(root: &Root) -> String {
    MachineKey::of(&Environment::collect(root.path())).key
}

/// A change here renames every archived machine, and is correct only together with a
/// new key version. The hashes are the output of `printf %s CANONICAL | sha256sum` for
/// the canonical string, which for the AMD desktop is
/// `perwatt-machine-v1|board.product=X670E Taichi|board.vendor=ASRock|…`.
#[test]
fn golden() {
    let keys = fixtures::all().into_iter();
    let keys = keys.map(|(name, root)| format!("{name} {}", key(&root)));
    let virtual_machine = "31536e12417a6bcf6388325d40eb66393c25a91bbcd6a71093bc0a05bfa28467";
    let golden = [
        "intel server ca0e257497243daa05e091e04cd9df7eb96b3b2aa5ad8fac11ac55da5268319b",
        "amd desktop 52ae0b7f99af8c61d2a81667eec4a7d89adf5d785022cac7340b17358f2c9eec",
        "arm board bc4a3cacee9140a5c036ba14c690440666c8f85297e0a3f8d5dded6b59b190da",
        "hybrid laptop 1d95c81d7e5497c26d7666163907f1a4fa73a7c5d12ee21a2f4d6654af216159",
        // The same virtual machine, whatever the limits of its containers.
        &format!("container v2 {virtual_machine}"),
        &format!("container v1 {virtual_machine}"),
        "empty 6629b8a8582c18d176712e6b4b050ff7533fe9b3d0f169639f1505d4f4280a2d",
    ];
    assert_eq!(keys.collect::<Vec<_>>(), golden);
}

#[test]
fn form() {
    let key = MachineKey::of(&Environment::collect(fixtures::amd_desktop().path()));
    assert_eq!(key.version, 1);
    assert_eq!(key.key.len(), 64);
    let is_digit = |b: u8| b"0123456789abcdef".contains(&b);
    assert!(key.key.bytes().all(is_digit));
    assert_eq!(key.short(), &key.key[..8]);
    assert_eq!(key.factors["memory.gib_class"], "64");
    let model = "AMD Ryzen 9 7950X 16-Core Processor";
    assert_eq!(key.factors["cpu.model"], model);
    assert_eq!(key.factors["board.product"], "X670E Taichi");
    let text = serde_json::to_string(&key).expect("JSON");
    assert!(!text.contains("secret-host") && !text.contains("SECRET-SERIAL"));
    let again: MachineKey = serde_json::from_str(&text).expect("the same");
    assert_eq!(again, key);
}

#[test]
fn readings_do_not_change_it_and_properties_do() {
    let root = fixtures::amd_desktop();
    let before = key(&root);
    let cpu = "/sys/devices/system/cpu";
    let cpuinfo = |root: &Root, from: &str, to: &str| {
        let path = root.path().join("proc/cpuinfo");
        let text = std::fs::read_to_string(&path).expect("cpuinfo");
        assert!(text.contains(from));
        root.write("/proc/cpuinfo", text.replace(from, to));
    };
    // The changes accumulate on one machine.
    let readings: [(&str, Change); 10] = [
        ("clock limits", &|root| {
            root.policy(3, &[("cpuinfo_max_freq", "5750000")])
                .policy(3, &[("cpuinfo_min_freq", "400000")]);
        }),
        ("current clock", &|root| {
            cpuinfo(root, "2007.123", "5431.987")
        }),
        ("microcode", &|root| cpuinfo(root, "0xa601206", "0xa601209")),
        ("governor", &|root| {
            root.policy(0, &[("scaling_governor", "performance")]);
        }),
        ("no cpufreq", &|root| {
            root.remove(&format!("{cpu}/cpufreq"));
        }),
        ("load", &|root| {
            root.write("/proc/loadavg", "31.9 20.1 9.5 33/602 999\n");
        }),
        ("host name", &|root| {
            root.write("/proc/sys/kernel/hostname", "other\n");
        }),
        ("kernel and firmware", &|root| {
            root.write("/proc/sys/kernel/osrelease", "6.12.1\n")
                .write("/sys/class/dmi/id/bios_version", "3.08\n");
        }),
        ("memory kept by the kernel", &|root| {
            root.write("/proc/meminfo", "MemTotal: 64300000 kB\n");
        }),
        ("SMT off", &|root| {
            root.write(&format!("{cpu}/online"), "0-15\n")
                .write(&format!("{cpu}/smt/active"), "0\n");
            for core in 0..16 {
                let siblings = format!("{cpu}/cpu{core}/topology/core_cpus_list");
                root.write(&siblings, format!("{core}\n"))
                    .remove(&format!("{cpu}/cpu{}/topology", core + 16));
            }
        }),
    ];
    for (name, change) in readings {
        change(&root);
        assert_eq!(key(&root), before, "{name}");
    }
    let mut seen = BTreeSet::from([before]);
    let properties: [(&str, Change); 4] = [
        ("model", &|root| cpuinfo(root, "7950X", "7950X3D")),
        ("stepping", &|root| {
            cpuinfo(root, "stepping\t: 2", "stepping\t: 3")
        }),
        ("memory", &|root| {
            root.write("/proc/meminfo", "MemTotal: 97000000 kB\n");
        }),
        ("board", &|root| {
            root.write("/sys/class/dmi/id/board_name", "X870E Nova\n");
        }),
    ];
    for (name, change) in properties {
        change(&root);
        assert!(seen.insert(key(&root)), "{name}");
    }
}

const CPU: &str = "/sys/devices/system/cpu";

/// Switches CPUs off as Linux does: their topology and caches go, and they leave every list
/// of siblings.
fn switch_off(root: &Root, off: &[usize]) {
    let listed = |path: &str| {
        let text = std::fs::read_to_string(root.path().join(path.trim_start_matches('/')));
        text.ok().and_then(|text| parse_cpu_list(&text).ok())
    };
    let without = |path: &str| {
        if let Some(cpus) = listed(path) {
            let left: Vec<usize> = cpus.into_iter().filter(|cpu| !off.contains(cpu)).collect();
            root.write(path, format!("{}\n", format_cpu_list(&left)));
        }
    };
    let present = listed(&format!("{CPU}/present")).expect("a list");
    for &cpu in &present {
        without(&format!("{CPU}/cpu{cpu}/topology/core_cpus_list"));
        without(&format!("{CPU}/cpu{cpu}/cache/index2/shared_cpu_list"));
    }
    for cpu in off {
        for part in ["topology", "cache", "regs"] {
            let path = format!("{CPU}/cpu{cpu}/{part}");
            if root.path().join(path.trim_start_matches('/')).exists() {
                root.remove(&path);
            }
        }
    }
    without(&format!("{CPU}/online"));
    for unit in ["cpu_core", "cpu_atom"] {
        without(&format!("/sys/devices/{unit}/cpus"));
    }
    let path = root.path().join("proc/cpuinfo");
    let text = std::fs::read_to_string(&path).expect("cpuinfo");
    let blocks = text.split_inclusive("\n\n").filter(|block| {
        let is = |cpu: &usize| block.starts_with(&format!("processor\t: {cpu}\n"));
        !off.iter().any(is)
    });
    root.write("/proc/cpuinfo", blocks.collect::<String>());
}

#[test]
fn a_switched_off_core_leaves_the_key_as_it_is() {
    type Machine = fn() -> Root;
    let machines: [(&str, Machine, &str, &[&[usize]]); 5] = [
        (
            "intel server",
            fixtures::intel_server,
            "on",
            &[&[3], &[3, 67], &[127]],
        ),
        (
            "amd desktop",
            fixtures::amd_desktop,
            "on",
            &[&[31], &[5, 21], &[1, 2, 17, 18]],
        ),
        (
            "arm board",
            fixtures::arm_board,
            "notimplemented",
            &[&[3], &[4], &[0], &[2, 3]],
        ),
        (
            "hybrid laptop",
            fixtures::hybrid_laptop,
            "on",
            &[&[1], &[3], &[2, 3], &[4], &[3, 4], &[7], &[4, 5, 6, 7]],
        ),
        (
            "hybrid laptop, SMT off",
            fixtures::hybrid_laptop,
            "off",
            &[&[1, 3], &[1, 3, 5]],
        ),
    ];
    for (name, machine, smt, cases) in machines {
        for off in cases {
            let root = machine();
            let before = key(&root);
            root.write(&format!("{CPU}/smt/control"), format!("{smt}\n"));
            switch_off(&root, off);
            let environment = Environment::collect(root.path());
            let after = MachineKey::of(&environment);
            assert_eq!(
                after.key, before,
                "{name} without {off:?}: {:?}",
                after.factors
            );
            // What is online is known nevertheless.
            let present = environment.cpu.threads_present.unwrap();
            assert_eq!(environment.cpu.threads, Some(present - off.len() as u32));
        }
    }
}

/// lxcfs shows a container of two CPUs and 2 GiB its own `/proc/cpuinfo`, `/proc/meminfo`
/// and list of CPUs online.
#[test]
fn the_limits_of_lxcfs_leave_the_key_as_it_is() {
    let node = "/sys/devices/system/node/node0/meminfo";
    let lines = |kib: u64| format!("Node 0 MemTotal:       {kib} kB\nNode 0 MemFree: 1 kB\n");
    type Machine = fn() -> Root;
    let machines: [(&str, Machine, u64); 2] = [
        ("amd desktop", fixtures::amd_desktop, 65_000_000),
        ("arm board", fixtures::arm_board, 3_900_000),
    ];
    for (name, machine, kib) in machines {
        let root = machine();
        root.write("/sys/devices/system/node/node0/cpulist", "0\n");
        let before = key(&root);
        root.write(node, lines(kib));
        assert_eq!(key(&root), before, "{name}");
        let path = root.path().join("proc/cpuinfo");
        let text = std::fs::read_to_string(&path).expect("cpuinfo");
        let last = text
            .split_inclusive("\n\n")
            .filter(|block| block.contains("processor"));
        let last = last.last().expect("a CPU");
        let (_, rest) = last.split_once('\n').expect("lines");
        let two = format!("processor\t: 0\n{rest}processor\t: 1\n{rest}");
        root.write("/proc/cpuinfo", two)
            .write("/proc/meminfo", "MemTotal: 2097152 kB\nSwapTotal: 0 kB\n")
            .write(&format!("{CPU}/online"), "0-1\n");
        let found = MachineKey::of(&Environment::collect(root.path()));
        assert_eq!(found.key, before, "{name}: {:?}", found.factors);
    }
}
