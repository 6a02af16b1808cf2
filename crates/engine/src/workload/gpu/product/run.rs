//! Running products, and timing the forms of their kernels.

use std::time::Duration;

use perwatt_gpu::device::Device;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::gemv::{Gemv, GemvSet, Split, splits};
use perwatt_gpu::matmul::{Element, Inputs, Output, Product, ProductSet, Tile, variants};
use perwatt_gpu::pump::{FIRST_LIMIT, rate};
use perwatt_gpu::{Banded, Cycle, GpuError};
use perwatt_matmul::{LayerSet, Shape};
use perwatt_record::schema::{Gpu, Proof};

use super::kind::Kind;
use super::plan::INPUT_SEED;
use super::work::Work;
use crate::device::{Form, Forms, Then, open};
use crate::worker::{Assignment, Load, RunError, Tuned};
use crate::workload::gpu::running::{assigned, repeat};
use crate::workload::runnable::Done;

/// Freivalds vectors per run, as on the CPU.
const FREIVALDS_ROUNDS: u32 = 10;
/// The length of one turn of a trial.
const TURN: Duration = Duration::from_millis(120);
/// Largest size along each side of the products that kernels are timed on.
const TRIAL_SIDE: usize = 4096;
/// Largest inner dimension of these products.
const TRIAL_DEPTH: usize = 2048;

/// The kernels of a step, compiled with their inputs.
enum Kernels<'d> {
    Products(ProductSet<'d>),
    Vectors(GemvSet<'d>),
}

impl<'d> Kernels<'d> {
    fn new(
        device: &'d Device,
        kind: &Kind,
        element: Element,
        variant: Option<&str>,
        set: &LayerSet,
    ) -> Result<Self, RunError> {
        Ok(match kind.vector {
            true => {
                let split = form(splits(device, element), variant, Split::name)?;
                let of = |_| split;
                Self::Vectors(GemvSet::new(device, element, set, of, INPUT_SEED, false)?)
            }
            false => {
                let tile = form(variants(device, element), variant, Tile::name)?;
                let of = |_| tile;
                Self::Products(ProductSet::new(
                    device, element, set, of, INPUT_SEED, false,
                )?)
            }
        })
    }

    fn banded(&self) -> &dyn Banded {
        match self {
            Self::Products(set) => set,
            Self::Vectors(set) => set,
        }
    }

    /// The result of each distinct product.
    fn read(&self, index: usize) -> Result<Output, GpuError> {
        match self {
            Self::Products(set) => set.products()[index].read(FIRST_LIMIT),
            Self::Vectors(set) => set.products()[index].read(FIRST_LIMIT),
        }
    }
}

/// The form with this name, or the first form if no name is given.
fn form<F>(
    forms: Vec<F>,
    wanted: Option<&str>,
    name: impl Fn(&F) -> String,
) -> Result<F, RunError> {
    let is_wanted = |form: &F| wanted.is_none_or(|wanted| name(form) == wanted);
    forms.into_iter().find(is_wanted).ok_or_else(|| {
        RunError::Refused(match wanted {
            Some(wanted) => format!("the device has no variant {wanted:?} of this kernel"),
            None => "the device can run no form of it".into(),
        })
    })
}

/// Does one run.
pub(in crate::workload) fn run(
    kind: &Kind,
    assignment: &Assignment,
    load: &mut Load,
) -> Result<Done, RunError> {
    let entry = &assignment.entry;
    let (adapter, device) = open(assigned(assignment)?)?;
    let (kind_name, backend) = (kind.name, &entry.backend);
    let element = kind.element(backend).ok_or_else(|| {
        RunError::Refused(format!("{kind_name} has no backend {backend:?} on a GPU"))
    })?;
    let work = Work::of(kind, &entry.workload)?;

    let kernels = Kernels::new(&device, kind, element, entry.variant.as_deref(), &work.set)?;
    let (time, flags) = repeat(&device, adapter.kind, kernels.banded(), load)?;
    let mut max_ratio = 0.0_f64;
    for (index, (shape, _)) in work.set.products.iter().enumerate() {
        let inputs = Inputs::generate(element, *shape, INPUT_SEED).map_err(RunError::refused)?;
        let (result, seed) = (kernels.read(index)?, assignment.check_seed);
        let agreement = inputs
            .verify(element, &result, FREIVALDS_ROUNDS, seed)
            .map_err(|mismatch| RunError::Unverified(format!("{shape}: {mismatch}")))?;
        max_ratio = max_ratio.max(agreement.max_ratio);
    }
    Ok(Done {
        proof: Proof::Freivalds {
            rounds: FREIVALDS_ROUNDS,
            seed: assignment.check_seed,
            max_ratio,
            probes: None,
            tolerance: element.rounding().map(Into::into),
        },
        device_time: Some(time),
        flags,
    })
}

/// The forms of the kernels of a kind, for a shape as its entries name it.
pub(in crate::workload) fn forms(
    kind: &'static Kind,
    name: &str,
) -> Result<Box<dyn Forms>, RunError> {
    let work = Work::find(kind, name).map_err(RunError::Refused)?;
    let Shape { m, n, k } = work.largest();
    Ok(Box::new(ProductForms {
        kind,
        shape: Shape {
            m: m.min(TRIAL_SIDE),
            n: n.min(TRIAL_SIDE),
            k: k.min(TRIAL_DEPTH),
        },
    }))
}

struct ProductForms {
    kind: &'static Kind,
    shape: Shape,
}

impl Forms for ProductForms {
    fn texts(&self) -> Vec<String> {
        let mut texts = vec![self.shape.to_string()];
        for (_, element) in self.kind.backends() {
            match self.kind.vector {
                true => texts.extend(Split::ALL.map(|s| perwatt_gpu::gemv::wgsl(element, &s))),
                false => {
                    let text = |tile| perwatt_gpu::matmul::wgsl(element, &tile, false);
                    texts.extend(Tile::all(element).into_iter().map(text));
                }
            }
        }
        texts
    }

    fn with_forms(&self, gpu: &Gpu, then: Then<'_>) -> Result<Vec<Tuned>, RunError> {
        let (adapter, device) = open(gpu)?;
        let device = &device;
        let backends = self.kind.backends();
        let inputs = |element| Inputs::generate(element, self.shape, INPUT_SEED);
        let inputs = backends.iter().map(|(_, element)| inputs(*element));
        let inputs: Vec<_> = inputs
            .collect::<Result<_, _>>()
            .map_err(RunError::refused)?;
        let mut forms = Vec::new();
        for ((backend, element), inputs) in backends.into_iter().zip(&inputs) {
            if self.kind.vector {
                forms.extend(splits(device, element).into_iter().map(|split| {
                    let make = move || Gemv::new(device, element, split, inputs, false);
                    form_of(device, adapter.kind, backend, split.name(), make)
                }));
            } else {
                forms.extend(variants(device, element).into_iter().map(|tile| {
                    let make = move || Product::new(device, element, tile, inputs, false);
                    form_of(device, adapter.kind, backend, tile.name(), make)
                }));
            }
        }
        then(forms)
    }
}

/// A form that `make` compiles.
fn form_of<'a, B: Banded + 'a>(
    device: &'a Device,
    adapter: perwatt_gpu::adapter::Kind,
    backend: &'static str,
    variant: String,
    make: impl FnOnce() -> Result<B, GpuError> + 'a,
) -> Form<'a> {
    Form {
        backend,
        variant,
        prepare: Box::new(move || {
            let banded = make()?;
            let mut sizer = DispatchSizer::new(adapter, 1, 1, u64::MAX);
            steps_per_s(device, &banded, &mut sizer)?;
            Ok(Box::new(move || steps_per_s(device, &banded, &mut sizer)))
        }),
    }
}

/// Steps per second over a turn.
fn steps_per_s(
    device: &Device,
    banded: &dyn Banded,
    sizer: &mut DispatchSizer,
) -> Result<f64, RunError> {
    let bands_per_s = rate(device, &mut Cycle::new(banded), sizer, TURN)?;
    Ok(bands_per_s / f64::from(banded.bands()))
}
