//! The products of a step by a library.

use perwatt_matmul::LayerSet;
use perwatt_vendor::lt::{Device, Fault, Format, Operands, Plan};

use super::library::copies;
use super::library_inputs::Inputs;
use crate::worker::RunError;

/// The products of a step on a device, with their inputs and repetitions.
pub(super) struct Step<'d> {
    pub(super) device: &'d Device<'d>,
    pub(super) parts: Vec<Part<'d>>,
}

/// One product of a step.
pub(super) struct Part<'d> {
    pub(super) plan: Plan<'d>,
    pub(super) inputs: Inputs,
    repeats: u32,
}

impl<'d> Step<'d> {
    pub(super) fn new(
        device: &'d Device<'d>,
        format: Format,
        set: &LayerSet,
    ) -> Result<Self, RunError> {
        let part = |&(shape, repeats)| {
            let inputs = Inputs::generate(format, device.has_fnuz(), shape);
            let inputs = inputs.map_err(RunError::refused)?;
            let (a, b) = inputs.operands();
            let operands = Operands {
                a: &a,
                b: &b,
                copies: copies(format, &shape, device.card()) as usize,
            };
            let plan = Plan::new(device, format, [shape.m, shape.n, shape.k], operands)?;
            Ok(Part {
                plan,
                inputs,
                repeats,
            })
        };
        let parts = set.products.iter().map(part);
        Ok(Self {
            device,
            parts: parts.collect::<Result<_, RunError>>()?,
        })
    }

    /// Products of one step.
    pub(super) fn products(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.repeats)).sum()
    }

    pub(super) fn enqueue(&self, steps: u64) -> Result<(), Fault> {
        for _ in 0..steps {
            for part in &self.parts {
                (0..part.repeats).try_for_each(|_| part.plan.enqueue())?;
            }
        }
        Ok(())
    }

    /// The name of a choice of algorithms, one for each product.
    pub(super) fn name(&self, chosen: &[usize]) -> String {
        let of = |part: &Part| part.plan.algorithms().len();
        let count = self.parts.iter().map(of).max().unwrap_or(0);
        let used = self.parts.iter().zip(chosen);
        let used = used.filter_map(|(part, index)| part.plan.algorithms().get(*index));
        let most = used.map(|algorithm| algorithm.workspace_bytes).max();
        let numbers: Vec<String> = chosen.iter().map(|index| (index + 1).to_string()).collect();
        format!(
            "algorithm{} {} of {count}, workspace {} MiB",
            if numbers.len() == 1 { "" } else { "s" },
            numbers.join("+"),
            most.unwrap_or(0).div_ceil(1 << 20)
        )
    }

    pub(super) fn choose(&mut self, chosen: &[usize]) -> Result<(), Fault> {
        let mut parts = self.parts.iter_mut().zip(chosen);
        parts.try_for_each(|(part, index)| part.plan.choose(*index))
    }

    /// Chooses the algorithms that a variant names.
    pub(super) fn choose_named(&mut self, variant: &str) -> Result<(), RunError> {
        let unknown = || RunError::Refused(format!("the library has no {variant:?} here"));
        let (_, rest) = variant.split_once(' ').ok_or_else(unknown)?;
        let (numbers, _) = rest.split_once(' ').ok_or_else(unknown)?;
        let number = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
        let chosen: Option<Vec<usize>> = numbers.split('+').map(number).collect();
        let chosen = chosen.ok_or_else(unknown)?;
        self.choose(&chosen)?;
        match self.name(&chosen) == variant {
            true => Ok(()),
            false => Err(unknown()),
        }
    }
}
