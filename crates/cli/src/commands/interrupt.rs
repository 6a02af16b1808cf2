//! Handling of Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::exit::Exit;

/// A flag that Ctrl-C sets; a second Ctrl-C exits at once.
pub fn interrupt_flag() -> anyhow::Result<Arc<AtomicBool>> {
    // With a handler for SIGXFSZ, exceeding a limit of file sizes (ulimit -f) is an error
    // of the write and does not end the process.
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
