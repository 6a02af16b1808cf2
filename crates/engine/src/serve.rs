//! The process of a worker: one question of the coordinator, and the answers to it.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_host::clock;
use perwatt_record::schema::Gpu;
use perwatt_record::threads;

use crate::device;
use crate::worker::{Assignment, FromWorker, Load, RunError, ToWorker, Tuned, no_thread};
use crate::workload::{self, REGISTRY, Workloads};

/// Runs a worker: reads an assignment, executes it, reports, returns.
pub fn serve(input: impl BufRead + Send + 'static, output: impl Write) -> io::Result<()> {
    serve_with(REGISTRY, input, output)
}

/// As [`serve`], with these workloads.
pub fn serve_with(
    workloads: &Workloads,
    input: impl BufRead + Send + 'static,
    mut output: impl Write,
) -> io::Result<()> {
    // Products are generated and checked on rayon's pool.
    threads::prepare_if_asked();
    let mut lines = input.lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(());
    };
    let told = serde_json::from_str(&first)?;
    if told == ToWorker::Stop {
        return Ok(());
    }
    let stop = Arc::new(AtomicBool::new(false));
    threads::prepare();
    if let Err(error) = watch(lines, Arc::clone(&stop)) {
        let refused = RunError::Refused(no_thread(&error));
        return send(&mut output, &FromWorker::from(&refused));
    }
    let assignment: Assignment = match told {
        ToWorker::Start(assignment) => *assignment,
        ToWorker::Stop => return Ok(()),
        ToWorker::Library { backend } => {
            let found = device::try_library(&backend);
            return send(&mut output, &FromWorker::Libraries { found });
        }
        ToWorker::Road { backend } => {
            return send(&mut output, &FromWorker::Road(device::try_road(&backend)));
        }
        ToWorker::Gpus => {
            let gpus = device::gpus();
            return send(&mut output, &FromWorker::Gpus { gpus });
        }
        ToWorker::Verify { gpu } => {
            let mut tell = |checked| {
                let checked = Some(checked);
                send(&mut output, &FromWorker::Checked { checked })
            };
            let last = match device::verify(&gpu, &mut tell) {
                Ok(()) => FromWorker::Checked { checked: None },
                Err(RunError::Pipe(error)) => return Err(error),
                Err(error) => FromWorker::from(&error),
            };
            return send(&mut output, &last);
        }
        ToWorker::Tune { gpu, workload } => {
            let answer = match tune(workloads, &gpu, &workload) {
                Ok(tuned) => FromWorker::Tuned { tuned },
                Err(error) => FromWorker::from(&error),
            };
            return send(&mut output, &answer);
        }
    };
    clock::align(assignment.clock_ns);
    let mut send = |message: &FromWorker| send(&mut output, message);
    let result = workload::run(workloads, &assignment, &mut Load::new(&mut send, stop));
    match result {
        Ok(done) => send(&FromWorker::Done {
            proof: done.proof,
            device_time: done.device_time,
            flags: done.flags,
        }),
        Err(RunError::Pipe(error)) => Err(error),
        Err(error) => send(&FromWorker::from(&error)),
    }
}

/// The fastest form of each backend of a workload; none where there is only one form.
fn tune(workloads: &Workloads, gpu: &Gpu, key: &str) -> Result<Vec<Tuned>, RunError> {
    match workload::forms(workloads, key)? {
        Some(forms) => device::tune(gpu, key, forms.as_ref()),
        None => Ok(Vec::new()),
    }
}

/// Listens for the coordinator: sets `stop` when told to, and ends this process when the
/// coordinator is gone.
fn watch(
    mut lines: impl Iterator<Item = io::Result<String>> + Send + 'static,
    stop: Arc<AtomicBool>,
) -> io::Result<()> {
    let listen = move || {
        let told = lines.next().is_some_and(|line| line.is_ok());
        stop.store(true, Ordering::Relaxed);
        if !told {
            // The result will not be read. Work that still runs a moment from now would
            // only waste energy.
            std::thread::sleep(Duration::from_secs(1));
            leave();
        }
    };
    std::thread::Builder::new().spawn(listen).map(drop)
}

/// Ends this process at once: a library that hangs may also hang in its clean-up.
fn leave() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::KILL);
    }
    std::process::exit(1)
}

fn send(output: &mut impl Write, message: &FromWorker) -> io::Result<()> {
    serde_json::to_writer(&mut *output, message)?;
    output.write_all(b"\n")?;
    output.flush()
}
