//! The worker's side: timing the forms of a kernel on a device.

use std::time::{Duration, Instant};

use perwatt_record::schema::Gpu;

use super::cache;
use crate::worker::{RunError, Tuned};

/// Turns of each form. The best turn counts, because a disturbance only slows a turn down.
const TURNS: usize = 3;
/// Time after which no further form is started: compilers of software adapters take many
/// seconds for the longest kernels.
const TUNING_BUDGET: Duration = Duration::from_secs(8);

/// A form of a kernel that can be timed.
pub struct Form<'a> {
    /// The backend that it belongs to.
    pub backend: &'static str,
    /// The kernel's name for it.
    pub variant: String,
    /// Compiles it and returns a function that does a short turn and returns the rate.
    pub prepare: Prepare<'a>,
}

/// One turn: units of work per second.
pub type Turn<'a> = Box<dyn FnMut() -> Result<f64, RunError> + 'a>;

/// Compiles a form and returns its turns.
pub type Prepare<'a> = Box<dyn FnOnce() -> Result<Turn<'a>, RunError> + 'a>;

/// The forms of a workload's kernels, to be timed on a device.
pub trait Forms {
    /// The text of every form: when one changes, earlier results no longer apply.
    fn texts(&self) -> Vec<String>;

    /// Opens the device and passes its forms to `then`.
    fn with_forms(&self, gpu: &Gpu, then: Then<'_>) -> Result<Vec<Tuned>, RunError>;
}

/// The timing of forms, as [`Forms`] calls it.
pub type Then<'t> = &'t mut dyn FnMut(Vec<Form<'_>>) -> Result<Vec<Tuned>, RunError>;

/// The fastest form of each backend of a workload on a GPU, from the cache or by timing.
pub(crate) fn tune(gpu: &Gpu, workload: &str, forms: &dyn Forms) -> Result<Vec<Tuned>, RunError> {
    let cache = cache::Cache::of_user();
    let texts = forms.texts();
    let key = cache::key(gpu, workload, texts.iter().map(String::as_str));
    if let Some(known) = cache.get(&key) {
        return Ok(known);
    }
    let tuned = forms.with_forms(gpu, &mut |forms| try_all(workload, forms))?;
    // A cache that cannot be written only costs the next session some seconds.
    let _ = cache.put(key, &tuned);
    Ok(tuned)
}

/// A form with its results so far.
struct Tried<'a> {
    backend: &'static str,
    variant: String,
    turn: Turn<'a>,
    best: f64,
}

fn try_all(workload: &str, forms: Vec<Form<'_>>) -> Result<Vec<Tuned>, RunError> {
    let began = Instant::now();
    let mut backends: Vec<(&'static str, u32)> = Vec::new();
    for form in &forms {
        match backends.iter_mut().find(|(name, _)| *name == form.backend) {
            Some((_, count)) => *count += 1,
            None => backends.push((form.backend, 1)),
        }
    }
    let mut tried: Vec<Tried> = Vec::new();
    for form in forms {
        let first = !tried.iter().any(|known| known.backend == form.backend);
        if first || began.elapsed() < TUNING_BUDGET {
            tried.push(Tried {
                backend: form.backend,
                variant: form.variant,
                turn: (form.prepare)()?,
                best: 0.0,
            });
        }
    }
    for _ in 0..TURNS {
        for form in &mut tried {
            form.best = form.best.max((form.turn)()?);
        }
    }
    Ok(backends
        .into_iter()
        .filter_map(|(backend, forms)| {
            let own = || tried.iter().filter(|form| form.backend == backend);
            let best = own().max_by(|a, b| a.best.total_cmp(&b.best))?;
            Some(Tuned {
                workload: workload.into(),
                backend: backend.into(),
                variant: best.variant.clone(),
                rate_per_s: best.best,
                tried: own().count() as u32,
                forms,
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(backend: &'static str, variant: &str, rates: &'static [f64]) -> Form<'static> {
        Form {
            backend,
            variant: variant.into(),
            prepare: Box::new(move || {
                let mut rates = rates.iter().cycle();
                let turn = move || Ok(*rates.next().unwrap());
                Ok(Box::new(turn) as Turn)
            }),
        }
    }

    #[test]
    fn the_best_turn_of_the_best_form_of_each_backend_counts() {
        let forms = vec![
            form("plain", "a", &[5.0, 1.0]),
            form("plain", "b", &[1.0, 9.0, 1.0]),
            form("rolled", "c", &[2.0]),
        ];
        let tuned = try_all("w", forms).unwrap();
        let found: Vec<_> = tuned
            .iter()
            .map(|t| (t.backend.as_str(), t.variant.as_str(), t.rate_per_s))
            .collect();
        assert_eq!(found, [("plain", "b", 9.0), ("rolled", "c", 2.0)]);
        assert_eq!((tuned[0].tried, tuned[0].forms), (2, 2));
    }

    #[test]
    fn a_form_that_fails_ends_the_trial() {
        let broken = Form {
            backend: "plain",
            variant: "x".into(),
            prepare: Box::new(|| Err(RunError::Refused("no".into()))),
        };
        let error = try_all("w", vec![broken]).unwrap_err();
        assert_eq!(error.to_string(), "no");
    }
}
