//! The SHA kernels after AVX code. An upper half of a ymm register that is left in use
//! makes some CPUs take hundreds of cycles for each SHA instruction, 36 times as long for a
//! hash. `cargo xtask test` also runs this in a build for the machine's own CPU, where the
//! compiler may put AVX code between the steps.
#![cfg(all(target_arch = "x86_64", not(miri)))]

use std::arch::asm;
use std::ops::ControlFlow;
use std::time::Instant;

use perwatt_sha256d::{Backend, Header, JobGroup, Target};

/// Hashes of one timing.
const HASHES: u32 = 4096;
/// Timings of each kind; the best counts, because it was not interrupted.
const ROUNDS: usize = 60;

/// Hashes per second of each kind of scan, timed by turns.
fn rates<const N: usize>(mut scans: [Box<dyn FnMut() + '_>; N]) -> [f64; N] {
    let mut best = [0.0f64; N];
    for _ in 0..ROUNDS {
        for (best, scan) in best.iter_mut().zip(&mut scans) {
            let started = Instant::now();
            scan();
            *best = best.max(f64::from(HASHES) / started.elapsed().as_secs_f64());
        }
    }
    best
}

fn scan(backend: Backend) -> impl FnMut() {
    let header = Header::from_bytes(&[0x5a; 80]).unwrap();
    let versions: Vec<u32> = (0..backend.roll_width() as u32).collect();
    let group = JobGroup::new(&header, Target::from_leading_zero_bits(64), &versions).unwrap();
    let last = HASHES / versions.len() as u32 - 1;
    move || {
        let decided = backend.scan_rolled(&group, 0, last, &mut |_, _| ControlFlow::Continue(()));
        assert_eq!(decided, u64::from(HASHES));
    }
}

/// Puts a value into the upper half of a register without the compiler's knowledge.
fn use_an_upper_half() {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: AVX2 is present and the register is named.
        unsafe { asm!("vpcmpeqd ymm15, ymm15, ymm15", out("xmm15") _, options(nostack)) };
    }
}

#[test]
fn the_sha_kernels_keep_their_speed() {
    for name in ["x86-sha", "x86-sha-rolled"] {
        let Ok(backend) = Backend::from_name(name) else {
            eprintln!("skipped: this CPU has no SHA extensions");
            return;
        };
        let mut after_avx = scan(backend);
        let [clean, after_avx, portable] = rates([
            Box::new(scan(backend)),
            Box::new(move || {
                use_an_upper_half();
                after_avx();
            }),
            Box::new(scan(Backend::portable())),
        ]);
        // The error to detect is a factor of tens.
        assert!(
            after_avx > clean / 2.0,
            "{backend}: {after_avx:.0} H/s after AVX code, {clean:.0} else"
        );
        assert!(
            clean > 2.0 * portable,
            "{backend}: {clean:.0} H/s, the portable kernel {portable:.0}"
        );
    }
}
