//! Data about this machine that a session needs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use perwatt_engine::device::{Inquiry, MachineFacts, inquire, prepared};
use perwatt_engine::worker::WorkerCommand;
use perwatt_host::Environment;

/// The description of the machine, the facts that plans depend on, and the command that
/// starts workers.
pub struct Machine {
    pub host: Environment,
    pub facts: MachineFacts,
    pub command: WorkerCommand,
}

impl Machine {
    /// Describes the machine. Workers answer the inquiry; once `interrupt` is set, they are
    /// not waited for.
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

/// The command of a worker: this same program, even if its file has been replaced since its
/// start.
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
