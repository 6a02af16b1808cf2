//! The machine that runs the tests.

use std::path::Path;

use perwatt_host::{Environment, MachineKey, clock, cpus, hostname};

#[test]
fn two_collections_have_one_key_and_no_host_name() {
    let root = Path::new("/");
    let environment = Environment::collect(root);
    let key = MachineKey::of(&environment);
    assert_eq!(key, MachineKey::of(&Environment::collect(root)));
    assert!(environment.memory.total_bytes.is_some());
    assert_eq!(
        environment.cpu.architecture.as_deref(),
        Some(std::env::consts::ARCH)
    );
    // A short name such as `cpu` may occur in the text by chance.
    if let Some(name) = hostname(root).filter(|name| name.len() > 8) {
        let text = serde_json::to_string(&environment).expect("JSON");
        assert!(!text.contains(&name));
    }
}

#[test]
fn default_threads_fit_the_mask() {
    let allowed = cpus::allowed(Path::new("/"));
    assert!(!allowed.cpus.is_empty());
    assert!(allowed.default_threads.get() <= allowed.cpus.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_pinned_thread_may_use_that_cpu_only() {
    let root = Path::new("/");
    let everywhere = cpus::allowed(root);
    for &cpu in &everywhere.cpus {
        let pinned = std::thread::spawn(move || {
            cpus::pin_current_thread(cpu).map(|()| cpus::allowed(Path::new("/")).cpus)
        });
        assert_eq!(pinned.join().expect("no panic").expect("pinned"), [cpu]);
    }
    assert_eq!(cpus::allowed(root), everywhere, "other threads stay free");
}

#[test]
fn impossible_cpus_are_errors() {
    for cpu in [1023, 1024, usize::MAX] {
        let message = cpus::pin_current_thread(cpu)
            .expect_err("no such CPU")
            .to_string();
        assert!(message.contains("pin"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn the_clock_is_the_one_other_processes_see() {
    let before = clock::monotonic_ns();
    let uptime = std::fs::read_to_string("/proc/uptime").ok();
    let after = clock::monotonic_ns();
    assert!(clock::SHARED_BETWEEN_PROCESSES && before <= after);
    // /proc/uptime counts suspended time as well, so it is never behind.
    if let Some(seconds) = uptime.and_then(|text| text.split(' ').next()?.parse::<f64>().ok()) {
        assert!(seconds * 1e9 + 2e7 >= before as f64);
    }
}
