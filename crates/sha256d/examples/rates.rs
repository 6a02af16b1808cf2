//! Hash rates of every backend and of loops around the `sha2` crate, one thread, in many
//! short windows of CPU time by turns. `cargo peers` runs this between other programs.
//!
//! `rates SECONDS [PREFIX]`; a prefix limits it to the contestants whose names begin with
//! it: `rates 5 sha2`. Prints one line per window, separated by tabs: name, hashes,
//! nanoseconds of thread CPU time, and the CPU's mean clock in hertz, or `-` where it
//! cannot be measured.

use std::error::Error;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use perwatt_sha256d::{Backend, Hash256, Header, IV, Job, JobGroup, sha256};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

/// The genesis block, whose nonce every contestant must find before it is timed.
const GENESIS: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
/// Nonces around it that are searched for this proof.
const PROOF_NONCES: u32 = 2048;
/// The intended length of a window: long compared with a reading of the clock, short enough
/// that many escape interruption.
const WINDOW: Duration = Duration::from_millis(20);
/// The number of slices of a window. The clock is measured between them, because it changes
/// from one millisecond to the next.
const SLICES: u32 = 10;
/// Windows restart before this nonce.
const NONCES_TRIED: u32 = 1 << 30;

/// Searches a number of nonces (second argument) from the first given; returns the hits.
type Scan = Box<dyn FnMut(u32, u32) -> Vec<u32>>;

/// A search that is timed.
struct Contestant {
    name: &'static str,
    /// Headers hashed for each nonce.
    versions: u32,
    scan: Scan,
    /// Nonces of a window.
    nonces: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (seconds, prefix) = match &arguments[..] {
        [seconds] => (seconds, ""),
        [seconds, prefix] => (seconds, prefix.as_str()),
        _ => return Err("usage: rates SECONDS [PREFIX]".into()),
    };
    let time = Duration::try_from_secs_f64(seconds.parse()?)?;
    let header = Header::from_hex(GENESIS)?;
    let mut contestants = backends(&header)?;
    contestants.push(naive(&header)?);
    contestants.push(midstate(&header)?);
    contestants.retain(|contestant| contestant.name.starts_with(prefix));
    if contestants.is_empty() {
        return Err(format!("nothing to time has a name that begins with {prefix:?}").into());
    }
    for contestant in &mut contestants {
        prove(contestant, header.nonce)?;
        contestant.nonces = window(contestant);
    }

    let began = Instant::now();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut first = 0;
    while began.elapsed() < time {
        for contestant in &mut contestants {
            let window = measure(contestant, &mut first);
            writeln!(out, "{}\t{window}", contestant.name)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Every backend of this CPU, on as many versions as it searches together.
fn backends(header: &Header) -> Result<Vec<Contestant>, Box<dyn Error>> {
    let target = header.target()?;
    let contestants = Backend::available().into_iter().map(|backend| {
        let width = backend.roll_width();
        let group = JobGroup::spread(header, target, width).ok_or("no version")?;
        Ok(Contestant {
            name: backend.name(),
            versions: width as u32,
            scan: Box::new(move |first, nonces| {
                let mut hits = Vec::new();
                let last = first + (nonces - 1);
                backend.scan_rolled(black_box(&group), first, last, &mut |_, hit| {
                    hits.push(hit.nonce);
                    ControlFlow::Continue(())
                });
                hits
            }),
            nonces: 0,
        })
    });
    contestants.collect()
}

/// The loop that the `sha2` crate's first page suggests.
fn naive(header: &Header) -> Result<Contestant, Box<dyn Error>> {
    let target = header.target()?;
    let mut bytes = header.to_bytes();
    let scan = move |first: u32, nonces: u32| {
        let mut hits = Vec::new();
        for nonce in first..first + nonces {
            bytes[76..].copy_from_slice(&nonce.to_le_bytes());
            let hash = Hash256(Sha256::digest(Sha256::digest(black_box(&bytes))).into());
            if target.is_met_by(&hash) {
                hits.push(nonce);
            }
        }
        hits
    };
    Ok(sha2_loop("sha2", Box::new(scan)))
}

/// The best loop around the crate's compression function: two calls per nonce, and the rest
/// of the hash is examined only where its last word is zero.
fn midstate(header: &Header) -> Result<Contestant, Box<dyn Error>> {
    let target = header.target()?;
    let start = Job::new(header, target).midstate();
    let mut tail = [0u8; 64];
    tail[..16].copy_from_slice(&header.to_bytes()[64..]);
    tail[16] = 0x80;
    tail[62..].copy_from_slice(&(80u16 * 8).to_be_bytes());
    let mut second = [0u8; 64];
    second[32] = 0x80;
    second[62..].copy_from_slice(&(32u16 * 8).to_be_bytes());
    let scan = move |first: u32, nonces: u32| {
        let mut hits = Vec::new();
        for nonce in first..first + nonces {
            tail[12..16].copy_from_slice(&nonce.to_le_bytes());
            let mut state = start;
            compress256(&mut state, black_box(&[tail]));
            for (bytes, word) in second.chunks_exact_mut(4).zip(state) {
                bytes.copy_from_slice(&word.to_be_bytes());
            }
            let mut state = IV;
            compress256(&mut state, &[second]);
            if state[7] == 0 && target.is_met_by(&Hash256(sha256(&second[..32]))) {
                hits.push(nonce);
            }
        }
        hits
    };
    Ok(sha2_loop("sha2-mid", Box::new(scan)))
}

fn sha2_loop(name: &'static str, scan: Scan) -> Contestant {
    Contestant {
        name,
        versions: 1,
        scan,
        nonces: 0,
    }
}

/// Checks that a loop finds the genesis nonce and no other; otherwise it is not worth
/// timing.
fn prove(contestant: &mut Contestant, nonce: u32) -> Result<(), String> {
    let hits = (contestant.scan)(nonce - PROOF_NONCES / 2, PROOF_NONCES);
    if hits == [nonce] {
        return Ok(());
    }
    let name = contestant.name;
    Err(format!(
        "{name} found {hits:?} around the genesis block's nonce {nonce}"
    ))
}

/// The number of nonces that take about [`WINDOW`].
fn window(contestant: &mut Contestant) -> u32 {
    let mut nonces = 1024;
    loop {
        let spent = timed(|| drop((contestant.scan)(0, nonces)));
        if spent >= WINDOW / 2 || nonces >= NONCES_TRIED / 4 {
            let scaled = f64::from(nonces) * WINDOW.as_secs_f64() / spent.as_secs_f64();
            return (scaled as u32).clamp(1024, NONCES_TRIED / 2);
        }
        nonces *= 2;
    }
}

/// Times one window from `first` on and returns hashes, nanoseconds, and clock as a line.
fn measure(contestant: &mut Contestant, first: &mut u32) -> String {
    let nonces = contestant.nonces / SLICES;
    let mut spent = Duration::ZERO;
    let mut cycles = Some(0.0);
    let mut before = clock_hz();
    for _ in 0..SLICES {
        let slice = timed(|| drop((contestant.scan)(*first, nonces)));
        let after = clock_hz();
        let clock = before.zip(after).map(|(a, b)| (a + b) / 2.0);
        cycles = cycles
            .zip(clock)
            .map(|(c, hz)| c + hz * slice.as_secs_f64());
        spent += slice;
        before = after;
        *first = (*first + nonces) % NONCES_TRIED;
    }
    let hashes = nonces * SLICES * contestant.versions;
    let clock = cycles.map(|cycles| format!("{:.0}", cycles / spent.as_secs_f64()));
    let clock = clock.as_deref().unwrap_or("-");
    format!("{hashes}\t{}\t{clock}", spent.as_nanos())
}

/// The CPU time of this thread that `work` takes.
fn timed(work: impl FnOnce()) -> Duration {
    let started = thread_time();
    work();
    thread_time() - started
}

/// CPU time of this thread so far.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// On other systems the time since the first call, which includes interruptions.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn thread_time() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Additions of one reading of the clock, each dependent on the previous one: a tenth of a
/// millisecond at 3 GHz.
const ADDITIONS: u32 = 300_000;

/// The CPU's clock in hertz, from a chain of additions that take one cycle each.
fn clock_hz() -> Option<f64> {
    let mut known = true;
    let spent = timed(|| known = add_chain(ADDITIONS));
    known.then(|| f64::from(ADDITIONS) / spent.as_secs_f64())
}

/// The addition of one register to another.
#[cfg(target_arch = "x86_64")]
macro_rules! add {
    () => {
        "add {sum}, {step}"
    };
}
#[cfg(target_arch = "aarch64")]
macro_rules! add {
    () => {
        "add {sum}, {sum}, {step}"
    };
}

/// Executes that many dependent additions, a multiple of 100; false on an architecture
/// without an implementation here. The additions are of registers, because some CPUs fold
/// chains that add constants.
fn add_chain(additions: u32) -> bool {
    let mut sum = 1u64;
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    for _ in 0..additions / 100 {
        // SAFETY: changes only one named register and the flags.
        unsafe {
            std::arch::asm!(
                ".rept 100",
                add!(),
                ".endr",
                sum = inout(reg) sum,
                step = in(reg) 3u64,
                options(nomem, nostack),
            );
        }
    }
    black_box(&mut sum);
    cfg!(any(target_arch = "x86_64", target_arch = "aarch64"))
}
