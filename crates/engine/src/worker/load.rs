//! The worker's side: what a workload sees of the coordinator.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_host::clock;
use perwatt_record::schema::FailureKind;

use super::child::no_thread;
use super::message::{Assignment, FromWorker, ToWorker};
use crate::device;
use crate::library::Library;
use crate::workload::{self, RunError};

/// Work is reported this often: fine enough to see the rate settle within a
/// second, rare enough to cost nothing.
pub const SAMPLE_PERIOD: Duration = Duration::from_millis(50);

/// The running load, as the workload reports it.
pub struct Load<'a> {
    send: &'a mut dyn FnMut(&FromWorker) -> io::Result<()>,
    stop: Arc<AtomicBool>,
    last_sent_ns: u64,
}

impl<'a> Load<'a> {
    /// A load that reports through `send` and ends when `stop` is set.
    pub fn new(
        send: &'a mut dyn FnMut(&FromWorker) -> io::Result<()>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            send,
            stop,
            last_sent_ns: 0,
        }
    }

    /// Inputs are made; from here on everything is load.
    pub fn ready(&mut self) -> io::Result<()> {
        (self.send)(&FromWorker::Ready)?;
        self.sample(0)
    }

    /// Reports the steps done so far, unless that was done a moment ago.
    pub fn progress(&mut self, steps: u64) -> io::Result<()> {
        let due = self.last_sent_ns + SAMPLE_PERIOD.as_nanos() as u64;
        if clock::monotonic_ns() >= due {
            self.sample(steps)
        } else {
            Ok(())
        }
    }

    /// Reports the steps done so far, in any case.
    pub fn sample(&mut self, steps: u64) -> io::Result<()> {
        let t_ns = clock::monotonic_ns();
        self.last_sent_ns = t_ns;
        (self.send)(&FromWorker::Work { t_ns, steps })
    }

    /// True once the coordinator has seen enough.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Runs a worker: reads an assignment, does it, reports, returns.
pub fn serve(input: impl BufRead + Send + 'static, mut output: impl Write) -> io::Result<()> {
    // Products are made up and checked on rayon's pool.
    perwatt_record::threads::prepare_if_asked();
    let mut lines = input.lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(());
    };
    let told = serde_json::from_str(&first)?;
    if told == ToWorker::Stop {
        return Ok(());
    }
    let stop = Arc::new(AtomicBool::new(false));
    perwatt_record::threads::prepare();
    if let Err(error) = watch(lines, Arc::clone(&stop)) {
        let refused = RunError::Refused(no_thread(&error));
        return send(&mut output, &failed(&refused));
    }
    let assignment: Assignment = match told {
        ToWorker::Start(assignment) => *assignment,
        ToWorker::Stop => return Ok(()),
        ToWorker::Library => {
            return send(&mut output, &FromWorker::Library(Library::look()));
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
                Err(error) => failed(&error),
            };
            return send(&mut output, &last);
        }
        ToWorker::Tune { gpu, workload } => {
            let answer = match device::tune(&gpu, &workload) {
                Ok(tuned) => FromWorker::Tuned { tuned },
                Err(error) => failed(&error),
            };
            return send(&mut output, &answer);
        }
    };
    clock::align(assignment.clock_ns);
    let mut send = |message: &FromWorker| send(&mut output, message);
    let result = workload::run(&assignment, &mut Load::new(&mut send, stop));
    match result {
        Ok(done) => send(&FromWorker::Done {
            proof: done.proof,
            device_time: done.device_time,
            flags: done.flags,
        }),
        Err(RunError::Pipe(error)) => Err(error),
        Err(error) => send(&failed(&error)),
    }
}

/// Listens for the coordinator: raises `stop` when told to, and ends this process when
/// the coordinator is gone.
fn watch(
    mut lines: impl Iterator<Item = io::Result<String>> + Send + 'static,
    stop: Arc<AtomicBool>,
) -> io::Result<()> {
    let listen = move || {
        let told = lines.next().is_some_and(|line| line.is_ok());
        stop.store(true, Ordering::Relaxed);
        if !told {
            // Nobody will read the result. Whatever is still being computed a moment
            // from now is not worth its joules.
            std::thread::sleep(Duration::from_secs(1));
            leave();
        }
    };
    std::thread::Builder::new().spawn(listen).map(drop)
}

/// Ends this process at once: a library that hangs may hang in its clean-up too.
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

fn failed(error: &RunError) -> FromWorker {
    let kind = match error {
        RunError::Unverified(_) => FailureKind::Unverified,
        RunError::Hung(_) => FailureKind::Hung,
        RunError::DeviceLost(_) => FailureKind::DeviceLost,
        RunError::OutOfMemory(_) => FailureKind::OutOfMemory,
        RunError::Pipe(_) | RunError::Refused(_) => FailureKind::Refused,
    };
    FromWorker::Failed {
        kind,
        message: error.to_string(),
    }
}
