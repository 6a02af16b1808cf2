//! Sessions of other users, found among the processes of this machine.
//!
//! Of two sessions, the one that began first runs first, so that no two sessions wait for
//! each other. Processes in another container, or hidden by the mount option `hidepid`, are
//! not seen.

use std::path::Path;

use perwatt_host::files::read_attribute;

/// Subcommands that measure.
const MEASURING: [&str; 3] = ["run", "selfcheck", "gpu-acceptance"];
/// The largest number of bytes that are read from a file of `/proc`.
const LONGEST: u64 = 1 << 16;

/// A session of another user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The user's ID.
    pub user: u32,
    /// The process ID.
    pub process: u32,
}

/// A session of another user that began before the process `own`, if there is one.
pub fn measuring(proc: &Path, own: u32) -> Option<Other> {
    let (user, began) = (user_of(proc, own)?, began(proc, own)?);
    let processes = std::fs::read_dir(proc).ok()?;
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| measures(proc, *process))
        .find_map(|process| {
            let other = user_of(proc, process).filter(|other| *other != user)?;
            let earlier = (self::began(proc, process)?, process) < (began, own);
            earlier.then_some(Other {
                user: other,
                process,
            })
        })
}

fn text(proc: &Path, process: u32, name: &str) -> Option<String> {
    let path = proc.join(process.to_string()).join(name);
    let bytes = read_attribute(&path, LONGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// True if the process is a perwatt process that measures.
fn measures(proc: &Path, process: u32) -> bool {
    let Some(line) = text(proc, process, "cmdline") else {
        return false;
    };
    let mut words = line.split('\0');
    let program = words.next().and_then(|word| word.rsplit('/').next());
    // Copies of the program may have names such as perwatt-1.2.
    program.is_some_and(|name| name.starts_with("perwatt"))
        && words.next().is_some_and(|verb| MEASURING.contains(&verb))
}

/// The effective user of a process.
fn user_of(proc: &Path, process: u32) -> Option<u32> {
    let status = text(proc, process, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The start time of a process, in clock ticks since the start of the machine.
fn began(proc: &Path, process: u32) -> Option<u64> {
    let stat = text(proc, process, "stat")?;
    // The name in parentheses before it may contain any characters.
    let fields = stat.get(stat.rfind(')')? + 1..)?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(proc: &Path, process: u32, user: u32, line: &str, began: u64) {
        let dir = proc.join(process.to_string());
        std::fs::create_dir(&dir).unwrap();
        let zeros = "0 ".repeat(18);
        for (name, text) in [
            ("cmdline", line.replace(' ', "\0")),
            ("status", format!("Name:\tx\nUid:\t0\t{user}\t0\t0\n")),
            ("stat", format!("{process} (a) b) S {zeros}{began} 7\n")),
        ] {
            std::fs::write(dir.join(name), text).unwrap();
        }
    }

    #[test]
    fn the_session_of_another_user_that_began_first_goes_first() {
        let proc = tempfile::tempdir().unwrap();
        let proc = proc.path();
        process(proc, 50, 1000, "perwatt run", 500);
        assert_eq!(measuring(proc, 50), None);
        process(proc, 10, 1000, "perwatt run", 400);
        process(proc, 11, 1001, "perwatt show a.json", 400);
        process(proc, 12, 1001, "/proc/self/exe worker", 400);
        process(proc, 13, 1001, "vim run", 400);
        process(proc, 14, 1001, "perwatt run", 600);
        std::fs::create_dir(proc.join("15")).unwrap();
        std::fs::create_dir(proc.join("self")).unwrap();
        assert_eq!(measuring(proc, 50), None);
        process(
            proc,
            16,
            1001,
            "/home/a/perwatt-1.2 selfcheck --rounds 8",
            399,
        );
        let (user, other) = (1001, 16);
        let expected = Other {
            user,
            process: other,
        };
        assert_eq!(measuring(proc, 50), Some(expected));
        // The later session waits; the earlier one does not.
        assert_eq!(measuring(proc, 16), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_can_be_looked_at() {
        let (proc, own) = (Path::new("/proc"), std::process::id());
        assert!(began(proc, own).is_some_and(|ticks| ticks > 0));
        assert_eq!(
            user_of(proc, own),
            Some(rustix::process::geteuid().as_raw())
        );
        assert!(!measures(proc, own));
    }
}
