//! Real programs that a test talks to, on free ports of this machine.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A port that is not in use; another process may take it before the test does, but
/// this is rare.
pub fn free_tcp_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// A program that is killed when the test ends for any reason.
pub struct Program(Child);

impl Program {
    /// Starts the program, with its output in `log`.
    pub fn start(command: &mut Command, log: &Path) -> std::io::Result<Self> {
        let out = std::fs::File::create(log)?;
        let command = command.stdin(Stdio::null()).stdout(out.try_clone()?);
        Ok(Self(command.stderr(out).spawn()?))
    }

    pub fn stop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The first of `paths` that exists; if none does, prints that the test is skipped.
pub fn installed(paths: &[&str], package: &str) -> Option<PathBuf> {
    let found = paths.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        let program = paths[0];
        eprintln!("skipped: {program} of Debian's {package} is not installed");
    }
    found
}

/// Tries until it succeeds, because a program that was just started needs time.
pub fn eventually<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    for _ in 0..100 {
        match attempt() {
            Ok(value) => return value,
            Err(error) => last = error,
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("never: {last}");
}
