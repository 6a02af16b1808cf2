//! One measurement at a time: two sessions on one machine would disturb each other.
//!
//! Sessions of one user wait for a lock in a directory that only this user can access:
//! other users can neither put a link or a pipe there nor hold the lock. Sessions of other
//! users are found among the processes, without a file that all users can write.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::others;
use crate::output::{plain, tell};

/// The name of the lock file.
const NAME: &str = "perwatt.lock";
/// Time between two attempts to lock.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The lock, held during a measurement; released on drop, and by the system when the
/// process ends for any reason.
pub struct Lock(#[allow(dead_code, reason = "held for its lock alone")] Option<File>);

impl Lock {
    /// No lock of its own: the process that started this one holds it.
    pub fn of_parent() -> Self {
        Self(None)
    }
}

/// Waits for other sessions on this machine; `None` if interrupted in the meantime.
pub fn acquire(interrupt: &AtomicBool) -> Option<Lock> {
    if interrupt.load(Ordering::Relaxed) {
        return None;
    }
    let lock = Lock(own(interrupt)?);
    let mut told = None;
    while let Some(other) = others::measuring(Path::new("/proc"), std::process::id()) {
        if told.as_ref() != Some(&other) {
            tell!(
                "user {} is measuring on this machine (perwatt, process {}); waiting for it to end",
                other.user,
                other.process
            );
            told = Some(other);
        }
        wait(interrupt)?;
    }
    Some(lock)
}

fn wait(interrupt: &AtomicBool) -> Option<()> {
    if interrupt.load(Ordering::Relaxed) {
        return None;
    }
    std::thread::sleep(POLL_INTERVAL);
    Some(())
}

/// Takes the lock among this user's sessions; without a file where none can be created.
fn own(interrupt: &AtomicBool) -> Option<Option<File>> {
    let file = match directory().and_then(|dir| open(&dir.join(NAME))) {
        Ok(file) => file,
        Err(error) => {
            let error = plain(&error.to_string());
            tell!("warning: {error}; another session of yours here would go unnoticed");
            return Some(None);
        }
    };
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Some(Some(file)),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    tell!("another perwatt is measuring on this machine; waiting for it to end");
                    told = true;
                }
                wait(interrupt)?;
            }
            // The file system has no locks: there is nothing to wait for.
            Err(TryLockError::Error(_)) => return Some(None),
        }
    }
}

/// A directory that only this user can access. It does not depend on the way of logging in:
/// a session over ssh has `XDG_RUNTIME_DIR`, and one started by cron has not.
#[cfg(unix)]
fn directory() -> io::Result<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let dir = std::env::temp_dir().join(format!("perwatt-{user}"));
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            let text = format!("cannot make {}: {error}", dir.display());
            Err(io::Error::new(error.kind(), text))
        }
        _ => private(&dir).map(|()| dir),
    }
}

/// Returns an error unless the directory belongs to this user and other users have no
/// access to it.
#[cfg(unix)]
fn private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(dir)?;
    let own = found.uid() == rustix::process::geteuid().as_raw();
    match found.is_dir() && own && found.mode() & 0o077 == 0 {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "{} is not a private directory of yours (mode 0700); remove it",
            dir.display()
        ))),
    }
}

/// Opens the file without following a link and without blocking.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(flags.bits() as i32)
        .open(path)
        .and_then(|file| match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("it is not a regular file")),
        });
    file.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot open {} ({error}); remove it", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn directory() -> io::Result<PathBuf> {
    Ok(std::env::temp_dir())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_directory_that_others_may_write_to_or_that_is_a_link_is_not_private() {
        let dir = tempfile::tempdir().unwrap();
        let set = |mode| std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(mode));
        for (mode, ok) in [
            (0o700, true),
            (0o755, false),
            (0o770, false),
            (0o1777, false),
        ] {
            set(mode).unwrap();
            assert_eq!(private(dir.path()).is_ok(), ok, "{mode:o}");
        }
        set(0o700).unwrap();
        let link = dir.path().join("link");
        symlink(dir.path(), &link).unwrap();
        assert!(private(&link).is_err());
        assert!(private(&dir.path().join("none")).is_err());
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let (link, target) = (dir.path().join("link"), dir.path().join("target"));
        symlink(&target, &link).unwrap();
        let message = open(&link).unwrap_err().to_string();
        assert!(message.contains("remove it"), "{message}");
        assert!(!target.exists());

        let pipe = dir.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
        let message = open(&pipe).unwrap_err().to_string();
        assert!(message.contains("not a regular file"), "{message}");

        let file = dir.path().join("file");
        std::fs::write(&file, "kept").unwrap();
        open(&file).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }
}
