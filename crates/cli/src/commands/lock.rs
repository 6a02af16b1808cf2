//! One measurement at a time: two sessions on one machine would measure each
//! other.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::output::tell;

/// Held while measuring; let go when dropped, and by the system when the process
/// ends in whatever way.
pub struct Lock(#[allow(dead_code, reason = "held for its lock alone")] Option<File>);

/// Waits for other sessions of this user; `None` when interrupted meanwhile.
pub fn acquire(interrupt: &AtomicBool) -> Option<Lock> {
    let path = path();
    let file = match OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
    {
        Ok(file) => file,
        Err(error) => {
            tell!(
                "warning: cannot open {} ({error}), so another session here would go unnoticed",
                path.display()
            );
            return Some(Lock(None));
        }
    };
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Some(Lock(Some(file))),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    tell!("another perwatt is measuring on this machine; waiting for it to end");
                    told = true;
                }
                if interrupt.load(Ordering::Relaxed) {
                    return None;
                }
                std::thread::sleep(Duration::from_millis(200));
            }
            // A file system without locks: nothing to wait for.
            Err(TryLockError::Error(_)) => return Some(Lock(None)),
        }
    }
}

fn path() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map_or_else(std::env::temp_dir, PathBuf::from)
        .join("perwatt.lock")
}
