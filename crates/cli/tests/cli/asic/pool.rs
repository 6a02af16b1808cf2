//! The program as a pool, whose standard error is read while it runs.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::processes::wait_for;
use crate::sandbox::{Sandbox, piped, words};

/// What a session has besides its own options: a free port, no warm-up, windows of three
/// seconds, about 16,385 hashes a share.
const SHORT: &str =
    "asic --listen 127.0.0.1:0 --warmup 0 --minutes 0.05 --difficulty 0.000003814697265625";

/// A pool that runs, ended on drop.
pub struct Pool {
    child: Child,
    told: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

/// A pool that has ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Pool {
    /// Starts a short session with further options.
    pub fn start(sandbox: &Sandbox, extra: &str) -> Self {
        Self::run(sandbox, [words(SHORT), words(extra)].concat())
    }

    /// Starts the program with these arguments alone.
    pub fn run(sandbox: &Sandbox, args: Vec<&str>) -> Self {
        let mut child = piped(sandbox.command(args));
        let told = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let telling = Arc::clone(&told);
        let reading = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *telling.lock().unwrap() += &(line + "\n");
            }
        });
        Self {
            child,
            told,
            reading: Some(reading),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a text on standard error, and returns all of it so far.
    pub fn wait_for(&self, part: &str) -> String {
        wait_for(part, || {
            let told = self.told.lock().unwrap();
            told.contains(part).then(|| told.clone())
        })
    }

    /// The address that miners are pointed at.
    pub fn address(&self) -> String {
        let told = self.wait_for("; set it as");
        let (_, rest) = told.split_once("stratum+tcp://").expect("an address");
        rest.split_once(';').expect("its end").0.to_owned()
    }

    /// Waits for the end of the session.
    pub fn end(mut self) -> Ended {
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().expect("a pipe");
        pipe.read_to_string(&mut stdout).expect("UTF-8");
        let code = self.child.wait().expect("it ends").code();
        let reading = self.reading.take().expect("it ends once");
        reading.join().expect("standard error is read");
        let stderr = self.told.lock().unwrap().clone();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Ended {
            code,
            stdout,
            stderr,
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The record that a session printed last.
    pub fn record(&self, sandbox: &Sandbox) -> PathBuf {
        let last = self.stdout.lines().last();
        sandbox.path(last.unwrap_or_else(|| panic!("no path: {}", self.stderr)))
    }
}
