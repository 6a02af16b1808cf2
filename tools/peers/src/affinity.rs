//! One CPU for all programs that are measured.

use std::io;
use std::process::{Child, Command};

/// The CPUs that this process may use, ascending; empty where that is not
/// known.
#[cfg(target_os = "linux")]
pub fn allowed() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    sched_getaffinity(None).map_or_else(
        |_| Vec::new(),
        |set| {
            (0..CpuSet::MAX_CPU)
                .filter(|&cpu| set.is_set(cpu))
                .collect()
        },
    )
}

/// Always empty: the CPUs are not known on this platform.
#[cfg(not(target_os = "linux"))]
pub fn allowed() -> Vec<usize> {
    Vec::new()
}

/// Starts a program on only `cpu`. The thread that starts it is bound to that CPU, which
/// the program inherits; the reader of its output runs on others and takes no time from it.
pub fn spawn(command: &mut Command, cpu: Option<usize>) -> io::Result<Child> {
    let start = || {
        if let Some(cpu) = cpu {
            bind(cpu)?;
        }
        command.spawn()
    };
    std::thread::scope(|scope| {
        let started = scope.spawn(start).join();
        started.unwrap_or_else(|_| Err(io::Error::other("the thread that starts it panicked")))
    })
}

#[cfg(target_os = "linux")]
fn bind(cpu: usize) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    set.set(cpu);
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(not(target_os = "linux"))]
fn bind(_: usize) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Nanoseconds that all threads of a running process have spent on a CPU; `None` where the
/// system does not report them, or the process has ended.
pub fn cpu_time_ns(process: u32) -> Option<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task")).ok()? {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        sum += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(sum)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Stdio;

    #[test]
    fn a_program_is_started_on_one_cpu() {
        let cpu = *allowed().last().unwrap();
        let before = allowed();
        let mut command = Command::new("sh");
        command
            .args(["-c", "grep Cpus_allowed_list /proc/self/status"])
            .stdout(Stdio::piped());
        let child = spawn(&mut command, Some(cpu)).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.split_whitespace().nth(1), Some(&*cpu.to_string()));
        assert_eq!(allowed(), before, "this thread is not bound");
    }

    #[test]
    fn time_on_the_cpu_is_counted() {
        let before = cpu_time_ns(std::process::id()).unwrap();
        let mut sum = 0u64;
        for i in 0..20_000_000u64 {
            sum = std::hint::black_box(sum ^ i);
        }
        assert!(cpu_time_ns(std::process::id()).unwrap() > before, "{sum}");
    }
}
