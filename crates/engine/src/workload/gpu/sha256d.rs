//! The nonce search on a GPU.

use std::time::Duration;

use perwatt_gpu::GpuError;
use perwatt_gpu::adapter::Kind;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::pump::rate;
use perwatt_gpu::sha256d::driver::Driver;
use perwatt_gpu::sha256d::search::Searcher;
use perwatt_gpu::sha256d::wgsl::{Kernel, Variant};
use perwatt_record::schema::{Gpu, Proof, Share as RecordedShare};
use perwatt_record::work::Work;
use perwatt_sha256d::Rolls;

use super::planning::warning;
use super::running::{assigned, device_time, drive};
use crate::device::{Form, Forms, GpuFacts, Then, WGSL, open};
use crate::plan::{BackendStatus, Suite};
use crate::worker::{Assignment, Load, RunError, Tuned};
use crate::workload::headers::{rolls, share_bits, trial};
use crate::workload::runnable::Done;

/// The backend whose kernel shares one schedule over several versions.
const ROLLED: &str = "wgsl-rolled";
/// Nonces of the first dispatch.
const FIRST: u64 = 1 << 16;
/// Length of the trial before the share target is chosen.
const PROBE: Duration = Duration::from_millis(200);
/// The length of one turn of a trial.
const TURN: Duration = Duration::from_millis(120);
/// Shares that the largest dispatch finds on average. Even with twice as many the
/// probability that there are more than 63, the number that it can list, is below one in a
/// million.
const SHARES_PER_DISPATCH: f64 = 16.0;

/// The two backends on a GPU.
pub(in crate::workload) fn backends(facts: &GpuFacts) -> Vec<BackendStatus> {
    let tried = |backend| {
        facts
            .tuned(Work::Sha256d.name(), backend)
            .map(|tuned| tuned.rate_per_s)
    };
    let rolled_is_faster = tried(ROLLED) > tried(WGSL);
    let status = |backend: &'static str, what: &str, runs_unnamed: bool| {
        let tuned = facts.tuned(Work::Sha256d.name(), backend);
        let chosen = tuned.map_or_else(String::new, |tuned| {
            format!(
                "; form {} is the fastest of {} of {} tried",
                tuned.variant, tuned.tried, tuned.forms
            )
        });
        BackendStatus {
            warning: warning(facts, Work::Sha256d.name()),
            unnamed_from: Some(if runs_unnamed {
                Suite::Quick
            } else {
                Suite::Full
            }),
            trial_rate_per_s: tried(backend),
            variant: tuned.map(|tuned| tuned.variant.clone()),
            unavailable: facts.lacks_shaders().or_else(|| lacks(&facts.gpu)),
            ..BackendStatus::new(backend, &facts.gpu.name, format!("{what}{chosen}"))
        }
    };
    vec![
        status(
            WGSL,
            "straight-line shader, one nonce an invocation",
            !rolled_is_faster,
        ),
        status(
            ROLLED,
            "straight-line shader, versions of a header share a schedule",
            rolled_is_faster,
        ),
    ]
}

fn lacks(gpu: &Gpu) -> Option<String> {
    let most = *gpu.limits.get("max_workgroup_invocations")?;
    let need = u64::from(Searcher::GRANULE);
    (most < need)
        .then(|| format!("it runs {most} invocations in a workgroup, and {need} are needed"))
}

/// Does one run.
pub(in crate::workload) fn run(assignment: &Assignment, load: &mut Load) -> Result<Done, RunError> {
    let (adapter, device) = open(assigned(assignment)?)?;
    let variant = match &assignment.entry.variant {
        Some(name) => Variant::by_name(name).ok_or_else(|| {
            RunError::Refused(format!("this build has no variant {name:?} of the search"))
        })?,
        None => first_form(&assignment.entry.backend)?,
    };
    let searcher = Searcher::new(&device, variant)?;
    let mut sizer = sizer(adapter.kind, &searcher);
    let hashes = |pieces: u64| pieces * variant.midstates as u64;

    let rate_h_per_s = measure(&searcher, rolls(assignment, 64), &mut sizer, PROBE)?;
    let least = hashes(sizer.amount()) as f64 / SHARES_PER_DISPATCH;
    let bits = share_bits(rate_h_per_s, assignment.expected_s, least);
    let most = 2.0 * SHARES_PER_DISPATCH * f64::from(bits).exp2();
    sizer.limit((most / variant.midstates as f64) as u64);

    let mut driver = Driver::new(&searcher, rolls(assignment, bits), 0, 0)?;
    let pumped = drive(&device, &mut driver, &mut sizer, load, &hashes)?;
    let (time, flags) = device_time(&pumped);
    let shares = driver.into_shares().into_iter();
    Ok(Done {
        proof: Proof::Shares {
            share_bits: bits,
            claimed_hashes: hashes(pumped.pieces),
            shares: shares
                .map(|share| {
                    RecordedShare(share.version, share.time, share.extranonce, share.nonce)
                })
                .collect(),
        },
        device_time: Some(time),
        flags,
    })
}

fn sizer(adapter: Kind, searcher: &Searcher) -> DispatchSizer {
    let granule = u64::from(Searcher::GRANULE);
    DispatchSizer::new(adapter, FIRST, granule, searcher.max_nonces())
}

/// Hashes per second over `time`.
fn measure(
    searcher: &Searcher,
    rolls: Rolls,
    sizer: &mut DispatchSizer,
    time: Duration,
) -> Result<f64, GpuError> {
    let mut driver = Driver::new(searcher, rolls, 0, 0)?;
    let versions = driver.versions() as f64;
    Ok(versions * rate(searcher.device(), &mut driver, sizer, time)?)
}

/// The form that runs where none was timed.
fn first_form(backend: &str) -> Result<Variant, RunError> {
    variants(backend)
        .next()
        .ok_or_else(|| RunError::Refused(format!("the search has no backend {backend:?} on a GPU")))
}

fn variants(backend: &str) -> impl Iterator<Item = Variant> {
    Variant::all()
        .into_iter()
        .filter(move |variant| backend_of(*variant) == backend)
}

fn backend_of(variant: Variant) -> &'static str {
    match variant.midstates {
        1 => WGSL,
        _ => ROLLED,
    }
}

/// The search's forms.
pub(in crate::workload) struct SearchForms;

impl Forms for SearchForms {
    fn texts(&self) -> Vec<String> {
        let kernels = Variant::all().into_iter().map(Kernel::new);
        kernels.map(|kernel| kernel.wgsl()).collect()
    }

    fn with_forms(&self, gpu: &Gpu, then: Then<'_>) -> Result<Vec<Tuned>, RunError> {
        let (adapter, device) = open(gpu)?;
        let forms = Variant::all().into_iter().map(|variant| {
            let device = &device;
            Form {
                backend: backend_of(variant),
                variant: variant.name(),
                prepare: Box::new(move || {
                    let searcher = Searcher::new(device, variant)?;
                    let mut sizer = sizer(adapter.kind, &searcher);
                    // Compiles it and finds the size of its dispatches.
                    measure(&searcher, trial(), &mut sizer, TURN)?;
                    Ok(Box::new(move || {
                        Ok(measure(&searcher, trial(), &mut sizer, TURN)?)
                    }))
                }),
            }
        });
        then(forms.collect())
    }
}
