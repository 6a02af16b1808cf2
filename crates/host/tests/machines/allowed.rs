//! Allowed CPUs and numbers of threads.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use perwatt_host::cpus::{Allowed, allowed, one_per_core, pin_order};
use proptest::collection::btree_set;
use proptest::test_runner::TestRunner;
use proptest::{prop_assert, prop_assert_eq};

use crate::fixtures::{self, Root};

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not zero")
}

fn with_cpus(cpus: impl IntoIterator<Item = usize>) -> Allowed {
    Allowed {
        cpus: cpus.into_iter().collect(),
        quota_cores: None,
        cpuset: None,
        default_threads: NonZeroUsize::MIN,
        notes: Vec::new(),
    }
}

#[test]
fn all_cpus_of_a_machine_without_limits() {
    let root = fixtures::intel_server_topology();
    let allowed = allowed(root.path());
    assert_eq!(allowed.cpus, (0..128).collect::<Vec<_>>());
    assert_eq!(allowed.quota_cores, None);
    assert_eq!(allowed.default_threads, threads(128));
    assert_eq!(allowed.notes, [""; 0]);
}

#[test]
fn sparse_masks_beyond_64_and_1024() {
    let root = fixtures::intel_server_topology();
    let list = "Cpus_allowed_list:\t3,65-66,1023-1025,4000\n";
    root.write("/proc/self/status", list);
    let allowed = allowed(root.path());
    assert_eq!(allowed.cpus, [3, 65, 66, 1023, 1024, 1025, 4000]);
    assert_eq!(allowed.default_threads, threads(7));
}

#[test]
fn version_2_takes_the_least_quota_on_the_way_up() {
    let root = fixtures::container_v2();
    let found = allowed(root.path());
    assert_eq!(found.quota_cores, Some(1.5));
    assert_eq!(found.default_threads, threads(2), "1.5 rounds up");
    assert!(found.notes[0].contains("1.50 cores"), "{:?}", found.notes);
    assert_eq!(found.cpuset.as_deref(), Some("0-3"));

    // A tighter limit above, a looser one below.
    root.write("/sys/fs/cgroup/kubepods.slice/cpu.max", "20000 100000\n");
    let found = allowed(root.path());
    assert_eq!(found.quota_cores, Some(0.2));
    assert_eq!(found.default_threads, threads(1), "never less than one");
    let note = &found.notes[0];
    assert!(
        note.starts_with("1 thread, not 4: the control group grants 0.20 cores,"),
        "{note}"
    );

    // A quota larger than the mask does not add threads.
    for group in ["kubepods.slice", "kubepods.slice/pod1"] {
        let path = format!("/sys/fs/cgroup/{group}/cpu.max");
        root.write(&path, "6400000 100000\n");
    }
    let found = allowed(root.path());
    assert_eq!(found.quota_cores, Some(64.0));
    assert_eq!(found.default_threads, threads(4));
    assert_eq!(found.notes, [""; 0]);
}

#[test]
fn version_1_is_read_through_the_mounted_part() {
    let root = fixtures::container_v1();
    let found = allowed(root.path());
    assert_eq!(found.quota_cores, Some(2.0));
    assert_eq!(found.default_threads, threads(2));
    assert_eq!(found.cpuset.as_deref(), Some("0-3"));

    let quota = "/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us";
    root.write(quota, "50000\n");
    assert_eq!(allowed(root.path()).quota_cores, Some(0.5));
}

#[test]
fn a_group_outside_the_mount_is_read_at_the_mount_point() {
    let root = fixtures::container_v1();
    for path in ["/../other", "/elsewhere", "/docker/abcdef"] {
        root.write("/proc/self/cgroup", format!("2:cpu,cpuacct:{path}\n"));
        assert_eq!(allowed(root.path()).quota_cores, Some(2.0), "{path}");
    }
}

#[test]
fn nothing_known_is_one_thread_and_says_why() {
    let found = allowed(Root::empty().path());
    assert_eq!(found.cpus, [0usize; 0]);
    assert_eq!(found.default_threads, threads(1));
    let note = "affinity unknown: /proc/self/status does not exist";
    assert_eq!(found.notes, [note]);
}

#[test]
fn damaged_files_are_notes_not_panics() {
    let root = fixtures::container_v2();
    let mounts = "- - -\n 1 2\n\n31 22 0:26 / - cgroup2\n";
    root.write("/proc/self/status", "Cpus_allowed_list:\t9-1\n")
        .write("/proc/self/mountinfo", mounts)
        .write("/proc/self/cgroup", "::::\n0\n\n0::\n");
    let found = allowed(root.path());
    assert_eq!(found.quota_cores, None);
    assert!(found.notes[0].contains("`9-1`"), "{:?}", found.notes);
}

#[test]
fn one_thread_for_each_core_then_the_siblings() {
    let root = fixtures::intel_server_topology();
    let all = allowed(root.path());
    assert_eq!(one_per_core(&all, root.path()), (0..64).collect::<Vec<_>>());
    let order: Vec<usize> = (0..128).chain(0..2).collect();
    assert_eq!(pin_order(&all, root.path(), threads(130)), order);

    // 70 is the sibling of 6, which is not allowed, so 70 counts as a core's first thread.
    let some = with_cpus([0, 1, 64, 65, 70]);
    assert_eq!(one_per_core(&some, root.path()), [0, 1, 70]);
    assert_eq!(pin_order(&some, root.path(), threads(4)), [0, 1, 70, 64]);
}

#[test]
fn larger_cores_come_first() {
    let root = fixtures::arm_board();
    let all = allowed(root.path());
    assert_eq!(pin_order(&all, root.path(), threads(3)), [4, 5, 0]);
}

#[test]
fn performance_cores_come_first_whatever_tells_them_apart() {
    // CPUs 0 to 3 are the efficiency cores, 4 and 5 one performance core, 6 and 7 another.
    let lists = ["0", "1", "2", "3", "4-5", "4-5", "6-7", "6-7"];
    let order = [4, 6, 0, 1, 2, 3, 5, 7];
    let clocks = [
        "3300000", "3300000", "3300000", "3300000", "4600000", "4600000",
    ];
    let clocks = clocks.into_iter().chain(["4700000", "4700000"]);
    let cpu = "/sys/devices/system/cpu";
    let machine = || {
        let root = Root::empty();
        for (n, list) in lists.iter().enumerate() {
            root.write(&format!("{cpu}/cpu{n}/topology/core_cpus_list"), list);
        }
        root
    };
    let pinned = |root: &Root| pin_order(&with_cpus(0..8), root.path(), threads(8));
    assert_eq!(pinned(&machine()), [0, 1, 2, 3, 4, 6, 5, 7], "all alike");

    let units = machine();
    units
        .write("/sys/devices/cpu_core/cpus", "4-7\n")
        .write("/sys/devices/cpu_atom/cpus", "0-3\n");
    assert_eq!(pinned(&units), order);

    let by_clock = machine();
    for (n, clock) in clocks.enumerate() {
        by_clock.write(&format!("{cpu}/cpu{n}/cpufreq/cpuinfo_max_freq"), clock);
    }
    assert_eq!(pinned(&by_clock), order);

    let by_capacity = machine();
    for n in 0..8 {
        let capacity = if n < 4 { "640" } else { "1024" };
        by_capacity.write(&format!("{cpu}/cpu{n}/cpu_capacity"), capacity);
    }
    assert_eq!(pinned(&by_capacity), order);
}

#[test]
fn without_topology_every_cpu_is_a_core() {
    let root = Root::empty();
    let some = with_cpus([5, 9]);
    assert_eq!(one_per_core(&some, root.path()), [5, 9]);
    assert_eq!(pin_order(&some, root.path(), threads(3)), [5, 9, 5]);
    let none = pin_order(&with_cpus([]), root.path(), threads(3));
    assert_eq!(none, [0usize; 0]);
}

/// For any mask and count: the CPUs are allowed ones, used evenly, and no core
/// has a second thread while another has none.
#[test]
fn pinning_spreads() {
    let root = fixtures::hybrid_laptop();
    let any = (btree_set(0usize..8, 1..8), 1usize..20);
    let property = |(cpus, count): (BTreeSet<usize>, usize)| {
        let order = pin_order(&with_cpus(cpus.clone()), root.path(), threads(count));
        prop_assert_eq!(order.len(), count);
        prop_assert!(order.iter().all(|cpu| cpus.contains(cpu)));
        let core = |&cpu: &usize| if cpu < 4 { cpu / 2 } else { cpu };
        let cores: BTreeSet<usize> = cpus.iter().map(core).collect();
        let used: BTreeSet<usize> = order.iter().map(core).collect();
        prop_assert_eq!(used.len(), count.min(cores.len()));
        let uses = |cpu: &usize| order.iter().filter(|other| *other == cpu).count();
        let (least, most) = (cpus.iter().map(uses).min(), cpus.iter().map(uses).max());
        prop_assert!(most <= least.map(|least| least + 1));
        Ok(())
    };
    TestRunner::default()
        .run(&any, property)
        .unwrap_or_else(|failure| panic!("{failure}"));
}
