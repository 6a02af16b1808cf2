//! The default backend: the fastest compiled-in method for each class of shape.
//!
//! Of the crates `gemm` and `matrixmultiply` neither is the faster on every CPU, so a trial
//! on this one decides for products of more than [`narrow::MAX_ROWS`] rows. For fewer,
//! which are bound by memory, the method was chosen with the example `interleave`: 2 threads
//! on 2 virtual CPUs of an Emerald Rapids Xeon with AVX-512, ratios of rates, each the
//! median within interleaved rounds; the ranges are over the shapes of a class and, for 4
//! and 8 rows, over repeated runs.
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

use std::sync::OnceLock;
use std::time::Instant;

use rayon::ThreadPool;

use super::compiled_in::CompiledIn;
use super::{Backend, BackendError, Description, Origin, gemm, matrixmultiply, narrow};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: NAME,
    measured_unnamed: true,
    origin: Origin::Fastest,
};

const NAME: &str = "embedded";

/// One form for each library, which differ in products of many rows.
static FORMS: [CompiledIn; 2] = [
    CompiledIn {
        library: "gemm",
        version: gemm::VERSION,
        config: Some("faster here than matrixmultiply; own kernel for 4 to 8 rows"),
        multiply: |pool, problem, c| multiply(gemm::whole, pool, problem, c),
    },
    CompiledIn {
        library: "matrixmultiply",
        version: matrixmultiply::VERSION,
        config: Some("faster here than gemm, which does 1 to 3 rows; own kernel for 4 to 8"),
        multiply: |pool, problem, c| multiply(matrixmultiply::multiply, pool, problem, c),
    },
];

/// The product that is timed, some milliseconds long, and the number of times.
const TRIAL: Shape = Shape {
    m: 192,
    n: 512,
    k: 768,
};
const ROUNDS: u32 = 12;

/// The form of this name, or the fastest.
pub(super) fn form(variant: Option<&str>) -> Result<&'static CompiledIn, BackendError> {
    let wanted = variant.unwrap_or_else(|| trials()[0].0);
    let found = FORMS.iter().find(|form| form.library == wanted);
    found.ok_or_else(|| BackendError::Unavailable {
        name: NAME,
        reason: format!("it has no variant '{wanted}'"),
        fix: format!(
            "use one of {}",
            FORMS.each_ref().map(|form| form.library).join(", ")
        ),
    })
}

/// Its description; without a choice before the trial.
pub(super) fn describe() -> Description {
    match TRIALS.get().and_then(|_| form(None).ok()) {
        Some(form) => form.describe(NAME, 1),
        None => Description {
            config: Some("or matrixmultiply, by a trial; own kernel for 4 to 8 rows".into()),
            ..FORMS[0].describe(NAME, 1)
        },
    }
}

static TRIALS: OnceLock<Vec<(&'static str, f64)>> = OnceLock::new();

/// The libraries, the fastest first, with their FLOP per second on one thread.
pub(super) fn trials() -> &'static [(&'static str, f64)] {
    TRIALS.get_or_init(|| {
        // Contents do not matter to the rate of one thread, but denormals would.
        let a: Vec<f32> = (0..TRIAL.a_len()).map(|i| (i % 17) as f32 - 8.0).collect();
        let b: Vec<f32> = (0..TRIAL.b_len()).map(|i| (i % 19) as f32 - 9.0).collect();
        let problem = Problem {
            shape: TRIAL,
            seed: 0,
            a,
            b,
        };
        let mut c = vec![0.0; TRIAL.c_len()];
        let mut best = FORMS.each_ref().map(|_| f64::INFINITY);
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else {
            return FORMS.iter().map(|form| (form.library, 0.0)).collect();
        };
        // In turn, and the shortest time of each: other load only lengthens times.
        for _ in 0..ROUNDS {
            for (form, best) in FORMS.iter().zip(&mut best) {
                let began = Instant::now();
                (form.multiply)(&pool, &problem, &mut c);
                *best = best.min(began.elapsed().as_secs_f64());
            }
        }
        let rate = |time_s: f64| TRIAL.flop() as f64 / time_s;
        let rated = FORMS
            .iter()
            .zip(best)
            .map(|(form, time_s)| (form.library, rate(time_s)));
        let mut trials: Vec<_> = rated.collect();
        trials.sort_by(|a, b| b.1.total_cmp(&a.1));
        trials
    })
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
