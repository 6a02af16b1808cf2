//! One turn of a program.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::affinity;
use crate::options::{Given, Miner};
use crate::parse;
use crate::report::{Contestant, Kind, Sample};

/// The length of a peer's intervals, in seconds.
const INTERVAL: &str = "1";
/// Shorter intervals belong to the warm-up, in which a peer determines the number of hashes
/// for an interval.
const WARM_UP: Duration = Duration::from_millis(500);
/// Time for a program to end by itself after its limit.
const GRACE: Duration = Duration::from_secs(3);
/// Time for a program to end after it has closed its outputs.
const CLOSING: Duration = Duration::from_millis(500);
/// Largest number of lines that are read from a program.
const MAX_LINES: usize = 20_000;
/// The number of lines of a failed program's output that are shown.
const SHOWN: usize = 3;

/// Runs the example for `time` on the contestants whose names begin with `prefix`; returns
/// its output.
pub fn example(
    program: &Path,
    time: Duration,
    cpu: Option<usize>,
    prefix: &str,
) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args([&time.as_secs().to_string(), prefix]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let output = affinity::spawn(&mut command, cpu)
        .and_then(Child::wait_with_output)
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", program.display(), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A peer that can be started.
pub struct Peer {
    given: Given,
    about: String,
}

impl Peer {
    /// Runs the program to find its version and instruction sets.
    pub fn examine(given: &Given) -> anyhow::Result<Self> {
        let mut command = Command::new(&given.path);
        command.arg("-V");
        let turn = Turn::take(command, GRACE, None)?;
        let printed: Vec<String> = turn.lines.into_iter().map(|line| line.text).collect();
        let about = parse::about(given.miner, &printed.join("\n")).unwrap_or_else(|| {
            format!(
                "version unknown, since -V gave {:?}",
                printed.first().map_or("nothing", String::as_str)
            )
        });
        Ok(Self {
            given: given.clone(),
            about,
        })
    }

    pub fn name(&self) -> &str {
        &self.given.name
    }

    pub fn describe(&self) -> String {
        format!("{}: {}", self.given.name, self.about)
    }

    /// Runs one turn of its own benchmark, with one thread.
    pub fn measure(&self, seconds: u64, cpu: Option<usize>) -> anyhow::Result<Contestant> {
        let mut command = Command::new(&self.given.path);
        command.args(["-a", "sha256d", "--benchmark", "-t", "1", "-s", INTERVAL]);
        let grace = match self.given.miner {
            Miner::CpuminerOpt => {
                command.args(["--hash-meter", "--time-limit", &seconds.to_string()]);
                // Otherwise its thread would run only when no other process wants the CPU,
                // unlike perwatt's.
                command.args(["--cpu-priority", "2"]);
                // Otherwise it would bind itself to the first CPU. Its mask has 64 bits;
                // with none of them set it keeps its binding.
                if let Some(cpu) = cpu {
                    let mask = u32::try_from(cpu).ok().and_then(|n| 1u64.checked_shl(n));
                    command.arg(format!("--cpu-affinity=0x{:x}", mask.unwrap_or(0)));
                }
                GRACE
            }
            // It runs until it is terminated.
            Miner::Minerd => Duration::ZERO,
        };
        let turn = Turn::take(command, Duration::from_secs(seconds) + grace, cpu)?;
        let samples = turn.samples(self.given.miner);
        if samples.is_empty() {
            let shown = turn.last_lines();
            bail!("it printed no rate in {seconds} s; its last lines: {shown}");
        }
        Ok(Contestant {
            name: self.given.name.clone(),
            kind: Kind::Peer,
            samples,
        })
    }
}

/// A line, the time of its arrival, and the CPU time of the program until then.
struct Line {
    text: String,
    at: Instant,
    cpu_ns: Option<u64>,
}

struct Turn {
    lines: Vec<Line>,
}

impl Turn {
    /// Runs `command` on `cpu` until it ends by itself, or terminates it after `limit`.
    /// Fails when it cannot be started or itself reports failure.
    fn take(mut command: Command, limit: Duration, cpu: Option<usize>) -> anyhow::Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let path = command.get_program().to_string_lossy().into_owned();
        let mut child = affinity::spawn(&mut command, cpu)
            .with_context(|| format!("{path} cannot be started"))?;
        let deadline = Instant::now() + limit;
        let (send, lines) = sync_channel(MAX_LINES);
        if let Some(out) = child.stdout.take() {
            read(out, send.clone());
        }
        if let Some(err) = child.stderr.take() {
            read(err, send.clone());
        }
        drop(send);
        let mut turn = Self { lines: Vec::new() };
        turn.collect(&lines, child.id(), deadline);
        // A program that has closed its outputs ends within a moment.
        let mut ended = child.try_wait()?;
        let patience = Instant::now() + CLOSING;
        while ended.is_none() && Instant::now() < patience.min(deadline) {
            std::thread::sleep(CLOSING / 50);
            ended = child.try_wait()?;
        }
        match ended {
            Some(status) if status.success() => Ok(turn),
            Some(status) => {
                let shown = turn.last_lines();
                bail!("{path} ended with {status}; its last lines: {shown}")
            }
            None => {
                child.kill()?;
                child.wait()?;
                Ok(turn)
            }
        }
    }

    /// Takes lines until both outputs are closed, the time is over, or there are more lines
    /// than a benchmark prints.
    fn collect(&mut self, lines: &Receiver<(Instant, String)>, process: u32, deadline: Instant) {
        while self.lines.len() < MAX_LINES && Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((at, text)) = lines.recv_timeout(left) else {
                return;
            };
            self.lines.push(Line {
                text,
                at,
                cpu_ns: affinity::cpu_time_ns(process),
            });
        }
    }

    /// The rates in the output, without those of the warm-up.
    fn samples(&self, miner: Miner) -> Vec<Sample> {
        let rates: Vec<(f64, &Line)> = self
            .lines
            .iter()
            .filter_map(|line| Some((parse::rate(miner, &line.text)?, line)))
            .collect();
        let intervals = rates.windows(2).filter_map(|pair| {
            let [(_, before), (rate_h_per_s, line)] = *pair else {
                return None;
            };
            let interval = line.at - before.at;
            let cpu_ns = line.cpu_ns.zip(before.cpu_ns);
            let share = cpu_ns.map(|(to, from)| {
                let ns = to.saturating_sub(from) as f64;
                (ns / interval.as_nanos() as f64).min(1.0)
            });
            (interval >= WARM_UP).then_some(Sample {
                rate_h_per_s,
                cycles: None,
                share,
            })
        });
        intervals.collect()
    }

    fn last_lines(&self) -> String {
        let texts: Vec<String> = self
            .lines
            .iter()
            .map(|line| parse::plain(&line.text))
            .filter(|text| !text.is_empty())
            .collect();
        match &texts[texts.len().saturating_sub(SHOWN)..] {
            [] => "none".to_owned(),
            last => last.join(" | "),
        }
    }
}

/// Sends the lines of an output, from a thread that ends with it.
fn read(output: impl Read + Send + 'static, lines: SyncSender<(Instant, String)>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n') {
            let Ok(line) = line else { return };
            let text = String::from_utf8_lossy(&line).into_owned();
            if lines.send((Instant::now(), text)).is_err() {
                return;
            }
        }
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// One turn of a shell script, run as a peer.
    fn turn(script: &str, limit: Duration) -> anyhow::Result<Turn> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Turn::take(command, limit, None)
    }

    #[test]
    fn only_intervals_after_the_warm_up_are_samples() {
        let script = "echo '[x] thread 0: 9 hashes, 1 khash/s'
            echo '[x] thread 0: 9 hashes, 2 khash/s'
            sleep 0.7
            echo '[x] thread 0: 9 hashes, 3 khash/s' >&2";
        let turn = turn(script, Duration::from_secs(20)).unwrap();
        let samples = turn.samples(Miner::Minerd);
        let rates: Vec<f64> = samples.iter().map(|sample| sample.rate_h_per_s).collect();
        assert_eq!(rates, [3000.0]);
    }

    #[test]
    fn a_failure_shows_status_and_last_lines() {
        let error = turn("echo one; echo two >&2; exit 3", Duration::from_secs(20));
        let text = error.err().unwrap().to_string();
        assert!(text.contains("exit status: 3"), "{text}");
        assert!(text.contains("one") && text.contains("two"), "{text}");
        let error = turn("kill -SEGV $$", Duration::from_secs(20));
        let text = error.err().unwrap().to_string();
        assert!(text.contains("signal: 11"), "{text}");
    }

    #[test]
    fn a_program_that_goes_on_is_ended() {
        let endless = "while :; do echo '[x] thread 0: 9 hashes, 1 khash/s'; done";
        let turn = turn(endless, Duration::from_millis(50)).unwrap();
        assert!(turn.samples(Miner::Minerd).is_empty());
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let given = Given {
            miner: Miner::Minerd,
            name: "m".to_owned(),
            path: "./no-such-program".to_owned(),
        };
        let text = Peer::examine(&given).err().unwrap().to_string();
        assert!(
            text.contains("./no-such-program cannot be started"),
            "{text}"
        );
    }
}
