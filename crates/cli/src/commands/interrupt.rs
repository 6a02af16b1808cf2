//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::exit::Exit;

/// A flag that Ctrl-C raises; a second Ctrl-C leaves at once.
pub fn interrupt_flag() -> anyhow::Result<Arc<AtomicBool>> {
    // A file that outgrows a limit (ulimit -f) is then an error of its write, and not
    // the end of this process.
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
        .context("cannot ignore limits of file sizes")?;
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context(
        "cannot listen for Ctrl-C; free some memory, or raise the limit of processes (ulimit -u)",
    )?;
    Ok(flag)
}
