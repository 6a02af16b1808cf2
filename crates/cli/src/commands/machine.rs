//! This machine, as a session needs to know it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use perwatt_engine::device::{Inquiry, MachineFacts, inquire, prepared};
use perwatt_engine::worker::WorkerCommand;
use perwatt_host::Environment;

/// Its description, the facts that plans depend on, and the command of its workers.
pub struct Machine {
    pub host: Environment,
    pub facts: MachineFacts,
    pub command: WorkerCommand,
}

impl Machine {
    /// Describes the machine; workers answer the inquiry, and nobody waits for them once
    /// `interrupt` is raised.
    pub fn find(inquiry: Inquiry, interrupt: &Arc<AtomicBool>) -> anyhow::Result<Self> {
        let root = Path::new("/");
        let host = Environment::collect(root);
        let command = worker_command(interrupt)?;
        let facts = inquire(MachineFacts::collect(root, &host), inquiry, &command);
        Ok(Self {
            command: prepared(command, &facts),
            host,
            facts,
        })
    }
}

/// A worker is this very program, even when the file it came from has been
/// replaced since.
fn worker_command(interrupt: &Arc<AtomicBool>) -> anyhow::Result<WorkerCommand> {
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() {
        itself
    } else {
        std::env::current_exe().context("cannot find the perwatt program to start workers with")?
    };
    Ok(WorkerCommand {
        program,
        args: vec!["worker".into()],
        envs: Vec::new(),
        interrupt: Arc::clone(interrupt),
    })
}
