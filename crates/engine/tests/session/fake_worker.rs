//! A worker that behaves normally on every entry except those of backend `sick`, where it
//! follows its script.

use std::io::{BufRead, BufReader, Write};
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perwatt_engine::serve_with;
use perwatt_engine::worker::{Assignment, FromWorker, ToWorker};
use perwatt_engine::workload::REGISTRY;
use perwatt_host::clock;
use perwatt_record::proof::{Binding, VERSION};
use perwatt_record::schema::{FailureKind, Proof, Share, Unit};

use crate::toy;

pub const ARGUMENT: &str = "fake-worker";
pub const SICK: &str = "sick";

const SHARE_BITS: u32 = 4;
const SHARES_PER_TICK: usize = 12;
const TICK: Duration = Duration::from_millis(10);

pub fn main(script: &str) {
    let real = match script {
        "real" => Some(REGISTRY),
        "toy" => Some(toy::WORKLOADS),
        _ => None,
    };
    if let Some(workloads) = real {
        let input = BufReader::new(std::io::stdin());
        // The coordinator may be gone, so that the error cannot be reported.
        if serve_with(workloads, input, std::io::stdout()).is_err() {
            exit(1);
        }
        return;
    }
    let mut lines = BufReader::new(std::io::stdin()).lines();
    let first = lines.next().expect("an assignment").unwrap();
    let ToWorker::Start(assignment) = serde_json::from_str(&first).unwrap() else {
        panic!("told to stop before the start")
    };
    clock::align(assignment.clock_ns);
    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    std::thread::spawn(move || {
        if lines.next().is_none() {
            exit(1);
        }
        heard.store(true, Ordering::Relaxed);
    });
    let sick = assignment.entry.backend == SICK;
    let worker = Worker {
        assignment: *assignment,
        stop,
        steps: 0,
        nonce: 0,
        shares: Vec::new(),
    };
    worker.act(if sick { script } else { "well" });
}

struct Worker {
    assignment: Assignment,
    stop: Arc<AtomicBool>,
    steps: u64,
    nonce: u32,
    shares: Vec<Share>,
}

impl Worker {
    fn act(mut self, script: &str) {
        match script {
            "crash-early" => die("no such kernel"),
            "hang-early" => sleep_for_ever(),
            "refuse" => self.fail(FailureKind::Refused, "too little memory: 3 of 8 GiB"),
            "flood-crash" => {
                flood();
                die("last words")
            }
            "flood-well" => {
                flood();
                self.work_well()
            }
            "chatter" => loop {
                say(&FromWorker::Ready);
                std::thread::sleep(TICK);
            },
            _ => self.act_later(script),
        }
    }

    /// Scripts that begin normally.
    fn act_later(mut self, script: &str) {
        self.ready();
        (0..5).for_each(|_| self.tick());
        match script {
            "well" => self.finish(),
            "crash-mid" => die("lost the device"),
            // After the warm-up, and before the window is full.
            "crash-late" => {
                (0..15).for_each(|_| self.tick());
                die("lost the device late")
            }
            "abort" => std::process::abort(),
            "leave" => exit(0),
            "orphan" => self.leave_an_orphan(),
            #[cfg(unix)]
            "escape" => let_one_escape(),
            "hang-mid" => sleep_for_ever(),
            "nonsense" => raw(b"{\"say\":\"hello\"} \xe4\xb8\x96\n"),
            "binary" => raw(&[0xff, 0xfe, 0, b'\n']),
            "long-line" => raw(&[vec![b'x'; 5 << 20], vec![b'\n']].concat()),
            "fewer-steps" => self.say_work(clock::monotonic_ns(), self.steps - 1),
            "back-in-time" => self.say_work(clock::monotonic_ns() - 40_000_000, self.steps),
            "other-clock" => self.say_work(1, self.steps),
            "early-done" => self.done(),
            "deaf" => loop {
                self.tick();
            },
            "lingers" => {
                self.until_stopped();
                self.done();
                sleep_for_ever()
            }
            "unverified" => {
                self.until_stopped();
                self.fail(FailureKind::Unverified, "element 7 is 3, not 4");
            }
            "idle" => {
                while !self.stopped() {
                    std::thread::sleep(TICK);
                    self.say_work(clock::monotonic_ns(), self.steps);
                }
                self.done();
            }
            "overclaim" => {
                while !self.stopped() {
                    self.tick();
                    self.steps += 16 * SHARES_PER_TICK as u64;
                    self.sample();
                }
                self.done();
            }
            "other-claim" => {
                self.until_stopped();
                self.steps += 1;
                self.done();
            }
            "false-shares" => {
                self.until_stopped();
                self.shares
                    .iter_mut()
                    .for_each(|share| share.3 = share.3.wrapping_add(1 << 30));
                self.done();
            }
            "double-shares" => {
                self.until_stopped();
                let half = self.shares.len() / 2;
                self.shares.truncate(half);
                self.shares.extend_from_within(..);
                self.done();
            }
            "wrong-proof" => {
                self.until_stopped();
                say_done(freivalds(0, 0.0));
            }
            "wrong-product" => {
                self.until_stopped();
                say_done(freivalds(self.assignment.check_seed, 1.5));
            }
            unknown => panic!("no script {unknown:?}"),
        }
        // Whatever the last message was, the coordinator ends this process.
        self.until_stopped();
    }

    fn work_well(&mut self) {
        self.ready();
        self.finish();
    }

    fn finish(&mut self) {
        self.until_stopped();
        self.done();
    }

    fn ready(&mut self) {
        say(&FromWorker::Ready);
        self.sample();
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn until_stopped(&mut self) {
        while !self.stopped() {
            self.tick();
        }
    }

    fn tick(&mut self) {
        std::thread::sleep(TICK);
        if self.assignment.entry.unit == Unit::Hash {
            self.find_shares()
        } else {
            self.steps += 5
        }
        self.sample();
    }

    /// Finds this number of shares and claims exactly the hashes that they represent, so
    /// that no session under test fails by chance.
    fn find_shares(&mut self) {
        let a = &self.assignment;
        let binding = Binding::new(
            &a.session_id,
            &a.machine_key,
            &a.entry.id,
            a.round,
            SHARE_BITS,
        );
        let wanted = self.shares.len() + SHARES_PER_TICK;
        while self.shares.len() < wanted {
            let share = Share(VERSION, a.first_time, 0, self.nonce);
            self.nonce += 1;
            if binding.leading_zero_bits(&share) >= SHARE_BITS {
                self.shares.push(share);
            }
        }
        self.steps += (SHARES_PER_TICK as u64) << SHARE_BITS;
    }

    fn sample(&self) {
        self.say_work(clock::monotonic_ns(), self.steps);
    }

    fn say_work(&self, t_ns: u64, steps: u64) {
        say(&FromWorker::Work {
            t_ns,
            steps,
            cpu_ns: None,
        });
    }

    fn done(&mut self) {
        say_done(if self.assignment.entry.unit == Unit::Hash {
            Proof::Shares {
                share_bits: SHARE_BITS,
                claimed_hashes: self.steps,
                shares: self.shares.clone(),
            }
        } else {
            freivalds(self.assignment.check_seed, 0.1)
        });
    }

    fn fail(&mut self, kind: FailureKind, message: &str) {
        say(&FromWorker::Failed {
            kind,
            message: message.into(),
        });
    }

    /// Starts a process that keeps standard error open, and crashes.
    #[expect(
        clippy::zombie_processes,
        reason = "the orphan is the point of this script"
    )]
    fn leave_an_orphan(&self) -> ! {
        let mut orphan = std::process::Command::new(std::env::current_exe().unwrap());
        orphan
            .args([ARGUMENT, "hang-early"])
            .stdout(std::process::Stdio::null());
        let mut orphan = orphan.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let start = ToWorker::Start(Box::new(Assignment {
            entry: perwatt_record::schema::Entry {
                backend: SICK.into(),
                ..self.assignment.entry.clone()
            },
            ..self.assignment.clone()
        }));
        let mut input = orphan.stdin.take().unwrap();
        serde_json::to_writer(&input, &start).unwrap();
        input.write_all(b"\n").unwrap();
        // Never closed, or the orphan would exit by itself.
        std::mem::forget(input);
        die("an orphan is left")
    }
}

/// Starts a process outside the worker's group that keeps standard error open.
#[cfg(unix)]
#[expect(clippy::zombie_processes, reason = "it is to outlive this process")]
fn let_one_escape() -> ! {
    use std::os::unix::process::CommandExt;
    let mut sleeper = std::process::Command::new("sleep");
    sleeper.arg("30").stdout(std::process::Stdio::null());
    sleeper.process_group(0).spawn().unwrap();
    die("one has escaped")
}

fn die(last_words: &str) -> ! {
    eprintln!("{last_words}");
    exit(3)
}

fn sleep_for_ever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn flood() {
    let noise = [b"warning: ".repeat(1000), b"\n".to_vec()].concat();
    let mut errors = std::io::stderr().lock();
    for _ in 0..1000 {
        errors.write_all(&noise).unwrap();
    }
}

fn freivalds(seed: u64, max_ratio: f64) -> Proof {
    Proof::Freivalds {
        rounds: 10,
        seed,
        max_ratio,
        probes: Some(1),
        tolerance: None,
    }
}

fn say_done(proof: Proof) {
    say(&FromWorker::Done {
        proof,
        device_time: None,
        flags: Vec::new(),
    });
}

fn say(message: &FromWorker) {
    let mut line = serde_json::to_vec(message).unwrap();
    line.push(b'\n');
    raw(&line);
}

/// A coordinator that stops reading closes the pipe; this worker then exits.
fn raw(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        exit(1);
    }
}
