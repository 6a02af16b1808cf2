//! Entries on a GPU: the key of their tuning and the warnings that they carry.

use perwatt_record::schema::{Entry, GpuKind};
use perwatt_record::work::{NotAi, Work, not_ai};

use crate::device::{GpuFacts, is_road};

/// The warning on figures of a software adapter.
const SOFTWARE: &str = "software adapter: the CPU does this work, and the figure says nothing of any GPU; it is never compared with hardware";

/// Separates a workload from its backend in a tuning key.
pub(in crate::workload) const AT: char = '@';

/// The key under which the forms of an entry's kernel are tuned: the workload, with its
/// shape where it has one, because the fastest form depends on it. A vendor's library has a
/// key of its own, so that its forms are tried in a process of its own.
pub(in crate::workload) fn tuning_key(entry: &Entry) -> String {
    let name = match is_road(&entry.backend) {
        true => format!("{}{AT}{}", entry.workload.name, entry.backend),
        false => entry.workload.name.clone(),
    };
    match entry.workload.product() {
        Some(product) => format!("{name}:{product}"),
        None => name,
    }
}

/// The warning on the entries of this GPU, if any; `key` is a tuning key, or the name of a
/// workload.
pub(super) fn warning(facts: &GpuFacts, key: &str) -> Option<String> {
    let name = key.split(':').next().unwrap_or(key);
    let beyond = match Work::find(name) {
        Some(Work::Matmul(of)) => not_ai(&facts.gpu.model, "wgsl", of),
        _ => None,
    };
    let beyond = beyond.filter(|why| *why != NotAi::Single);
    let beyond = beyond.map(|why| format!("{}; {}", why.reason(), why.fix(&facts.gpu.name, false)));
    let untuned = facts.untuned.iter().find(|(untuned, _)| untuned == key);
    let untuned = untuned.map(|(_, why)| {
        format!("no form of the kernel could be tried, so the first one runs: {why}")
    });
    let software = (facts.gpu.kind == GpuKind::Software).then(|| SOFTWARE.to_owned());
    let all: Vec<String> = [software, untuned, beyond].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_record::schema::Gpu;

    #[test]
    fn products_by_shaders_on_a_hopper_card_say_that_they_miss_its_units() {
        let of = |model: &str, key: &str| {
            let gpu = Gpu {
                name: "gpu:0".into(),
                model: model.into(),
                kind: GpuKind::Discrete,
                interface: "vulkan".into(),
                driver: "NVIDIA".into(),
                driver_info: "580".into(),
                vendor_id: 0x10de,
                device_id: 0,
                pci_address: None,
                features: Vec::new(),
                limits: Default::default(),
            };
            warning(&GpuFacts::new(gpu), key)
        };
        let said = of("NVIDIA H200", "matmul/f16-f32:square-4096").unwrap();
        assert!(said.contains("need CUDA"), "{said}");
        assert!(said.contains("pip install nvidia-cublas"), "{said}");
        assert_eq!(of("NVIDIA H200", "matmul/f32:square-4096"), None);
        assert_eq!(of("NVIDIA H200", "sha256d"), None);
        assert_eq!(of("NVIDIA A100-SXM4-80GB", "matmul/f16-f32"), None);
    }
}
