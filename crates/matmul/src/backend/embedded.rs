//! The default backend: the fastest compiled-in method for each class of shape.
//!
//! Of the crates `gemm` and `matrixmultiply` neither is the faster on every CPU and in every
//! shape, so a trial decides for products of more than [`narrow::MAX_ROWS`] rows. On one
//! thread of a quiet Zen 3, `gemm` has 1.09 to 1.12 times the rate of `matrixmultiply` in the
//! square of 512 and in prefill, and 1.0 times in the square of 2048; on two threads 1.09 to
//! 1.17 times. OpenBLAS 0.3.21 has 0.92 to 1.08 times the rate of `embedded`.
//!
//! For fewer rows, which are bound by memory, the method was chosen with the example
//! `interleave`: 2 threads on 2 virtual CPUs of an Emerald Rapids Xeon with AVX-512, ratios
//! of rates, each the median within interleaved rounds; the ranges are over the shapes of a
//! class and, for 4 and 8 rows, over repeated runs.
//!
//! | class | gemm / OpenBLAS | matrixmultiply / gemm | embedded / gemm | embedded computes by |
//! |---|---|---|---|---|
//! | m = 1 | 1.3 to 3.2 | 0.2 to 0.65 | 0.85, 1.75, 1.85 | `gemm`, columns divided |
//! | m = 2, 3 | 2.0 to 2.2 | 0.4 to 0.45 | (the same) | `gemm` |
//! | m = 4 | 2.0 to 3.1 | 0.3 to 0.55 | 0.75 to 1.45 | own kernel |
//! | m = 5 to 7 | 1.4 to 4.0 | 0.25 to 0.75 | 1.1 to 1.8 | own kernel |
//! | m = 8 | 1.2 to 1.7 | 0.6 to 0.95 | 1.1 to 2.2 | own kernel |
//!
//! `gemm` keeps m = 1 on one thread. That costs nothing for the small attention weights,
//! held in the cache here, but it does for the larger ones. The own kernel is slower than
//! `gemm` at 1 and 2 rows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::ThreadPool;

use super::compiled_in::CompiledIn;
use super::{Backend, BackendError, Origin, gemm, matrixmultiply, narrow};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "embedded",
    measured_unnamed: true,
    origin: Origin::CompiledIn(CompiledIn {
        library: "gemm",
        version: gemm::VERSION,
        config: Some("or matrixmultiply 0.3.11, by a trial; own kernel for 4 to 8 rows"),
        multiply: |pool, problem, c| {
            let many = match problem.shape.m > narrow::MAX_ROWS {
                true => fastest(problem.shape).multiply,
                false => FORMS[0].multiply,
            };
            many(pool, problem, c);
        },
    }),
};

/// One form for each library, which differ in products of many rows.
static FORMS: [CompiledIn; 2] = [
    CompiledIn {
        library: "gemm",
        version: gemm::VERSION,
        config: None,
        multiply: |pool, problem, c| multiply(gemm::whole, pool, problem, c),
    },
    CompiledIn {
        library: "matrixmultiply",
        version: matrixmultiply::VERSION,
        config: None,
        multiply: |pool, problem, c| multiply(matrixmultiply::multiply, pool, problem, c),
    },
];

/// The longest side of the product that is timed: this large, one takes a fifth of a second.
const SIDE: usize = 2048;
/// Turns of a library in a trial: at least, and until it has computed for this long.
const TURNS: u32 = 2;
const TRIAL_S: f64 = 0.05;

/// The form of this name.
pub(super) fn form(variant: &str) -> Result<&'static CompiledIn, BackendError> {
    let found = FORMS.iter().find(|form| form.library == variant);
    found.ok_or_else(|| BackendError::Unavailable {
        name: BACKEND.name,
        reason: format!("it has no variant '{variant}'"),
        fix: "use gemm or matrixmultiply".into(),
    })
}

/// Libraries and their FLOP per second.
type Trials = Vec<(&'static str, f64)>;

fn fastest(shape: Shape) -> &'static CompiledIn {
    let form = trials(shape).first().and_then(|(name, _)| form(name).ok());
    form.unwrap_or(&FORMS[0])
}

/// The libraries, the fastest first, with their FLOP per second on one thread in a product
/// of this shape, or of a smaller one in place of a very large one. Timed once in a process.
pub(super) fn trials(shape: Shape) -> Trials {
    static KNOWN: Mutex<BTreeMap<[usize; 3], Trials>> = Mutex::new(BTreeMap::new());
    let size = [shape.m, shape.n, shape.k].map(|side| side.min(SIDE));
    // Held during the trial, so that two threads do not time against each other.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(size).or_insert_with(|| trial(size)).clone()
}

fn trial([m, n, k]: [usize; 3]) -> Trials {
    let shape = Shape { m, n, k };
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else {
        return Vec::new();
    };
    // Contents do not matter to the rate of one thread, but denormals would.
    let matrix = |len, of| (0..len).map(|i| (i % of) as f32 - 8.0).collect();
    let (a, b) = (matrix(shape.a_len(), 17), matrix(shape.b_len(), 19));
    let seed = 0;
    let problem = Problem { shape, seed, a, b };
    let mut c = vec![0.0; shape.c_len()];
    let mut best = FORMS.each_ref().map(|_| f64::INFINITY);
    let (began, mut turns) = (Instant::now(), 0);
    // In turn, and the shortest time of each.
    while turns < TURNS || began.elapsed().as_secs_f64() < TRIAL_S {
        for (form, best) in FORMS.iter().zip(&mut best) {
            let time_s = pool.install(|| {
                let (began, cpu) = (Instant::now(), cpu_time_s());
                (form.multiply)(&pool, &problem, &mut c);
                match (began.elapsed().as_secs_f64(), cpu.zip(cpu_time_s())) {
                    // The scheduler counts in steps of some milliseconds.
                    (time_s, Some((from, to))) if time_s > 0.03 => to - from,
                    (time_s, _) => time_s,
                }
            });
            *best = best.min(time_s);
        }
        turns += 1;
    }
    let rate = |time_s: f64| shape.flop() as f64 / time_s.max(f64::MIN_POSITIVE);
    let rated = FORMS.iter().zip(best);
    let mut trials: Vec<_> = rated
        .map(|(form, time_s)| (form.library, rate(time_s)))
        .collect();
    trials.sort_by(|a, b| b.1.total_cmp(&a.1));
    trials
}

/// The CPU time of this thread, which leaves out that of other load, on Linux.
fn cpu_time_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(ns / 1e9)
}

/// The advice where no CBLAS library is found, on CPUs where one is known to be faster, or
/// nothing is known.
pub(super) fn advice() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        return None;
    } else if is_x86_feature_detected!("avx2") {
        return Some(
            "no CBLAS library was found, and OpenBLAS 0.3.21 multiplied up to 1.08 times as fast on a Zen 3 (docs/method.md): install one (Debian: apt install libopenblas0-pthread)",
        );
    }
    Some(
        "no CBLAS library was found, and one may be faster: install one (Debian: apt install libopenblas0-pthread)",
    )
}

/// Computes one product by the method for its shape; `many` is for many rows.
fn multiply(
    many: fn(&ThreadPool, &Problem, &mut [f32]),
    pool: &ThreadPool,
    problem: &Problem,
    c: &mut [f32],
) {
    match problem.shape.m {
        1 => gemm::tiles(pool, problem, c),
        2 | 3 => gemm::whole(pool, problem, c),
        4..=narrow::MAX_ROWS => narrow::multiply(pool, problem, c),
        _ => many(pool, problem, c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn both_forms_are_timed_once_and_multiply() {
        let shape = Shape {
            m: 33,
            n: 65,
            k: 17,
        };
        let trials = Backend::trials(shape);
        assert_eq!(
            trials,
            Backend::trials(shape),
            "the second call times nothing"
        );
        let mut names: Vec<&str> = trials.iter().map(|(name, _)| *name).collect();
        assert!(trials.is_sorted_by(|a, b| a.1 >= b.1) && trials[1].1 > 0.0);
        names.sort_unstable();
        assert_eq!(names, ["gemm", "matrixmultiply"]);
        let problem = Problem::generate(shape, 3).unwrap();
        for name in names.into_iter().map(Some).chain([None]) {
            let mut c = vec![f32::NAN; shape.c_len()];
            let mut opened = Backend::open_variant("embedded", name, 2, None).unwrap();
            opened.multiply(&problem, &mut c);
            assert!(reference::max_ratio(&problem, &c) <= 1.0, "{name:?}");
        }
        let error = Backend::open_variant("embedded", Some("blis"), 2, None).err();
        assert!(error.unwrap().to_string().contains("no variant 'blis'"));
    }
}
