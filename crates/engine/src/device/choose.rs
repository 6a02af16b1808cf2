//! Devices by what a user calls them.

use super::{CPU, GpuFacts};
use crate::plan::PlanError;

/// Names of the devices that `wanted` asks for, all of them when it is empty:
/// `cpu`, `gpu` for every GPU, or one GPU by its name (`gpu:0`), its PCI address
/// or a part of its model in any case.
///
/// # Errors
/// [`PlanError::UnknownDevice`] and [`PlanError::AmbiguousDevice`], with those
/// there are.
pub fn choose(wanted: &[String], gpus: &[GpuFacts]) -> Result<Vec<String>, PlanError> {
    let all = || gpus.iter().map(|facts| facts.gpu.name.clone());
    let mut chosen: Vec<String> = Vec::new();
    if wanted.is_empty() {
        chosen.push(CPU.into());
        chosen.extend(all());
    }
    for name in wanted {
        match name.as_str() {
            CPU => chosen.push(CPU.into()),
            "gpu" if !gpus.is_empty() => chosen.extend(all()),
            _ => chosen.push(one(name, gpus)?),
        }
    }
    let mut seen = Vec::new();
    chosen.retain(|name| {
        let new = !seen.contains(name);
        seen.push(name.clone());
        new
    });
    Ok(chosen)
}

fn one(name: &str, gpus: &[GpuFacts]) -> Result<String, PlanError> {
    let shown = |facts: &GpuFacts| format!("{} ({})", facts.gpu.name, facts.gpu.model);
    let part = name.to_lowercase();
    let exact = |facts: &&GpuFacts| {
        let pci = facts.gpu.pci_address.as_ref();
        facts.gpu.name == part || pci.is_some_and(|pci| pci.to_lowercase() == part)
    };
    if let Some(facts) = gpus.iter().find(exact) {
        return Ok(facts.gpu.name.clone());
    }
    let matching: Vec<&GpuFacts> = gpus
        .iter()
        .filter(|facts| !part.is_empty() && facts.gpu.model.to_lowercase().contains(&part))
        .collect();
    match matching[..] {
        [facts] => Ok(facts.gpu.name.clone()),
        [] => {
            let gpus: Vec<String> = gpus.iter().map(shown).collect();
            Err(PlanError::UnknownDevice {
                name: name.into(),
                known: match gpus[..] {
                    [] => format!("there is only {CPU:?}, and no GPU with a driver was found"),
                    _ => format!("there are {CPU:?} and {}", gpus.join(", ")),
                },
            })
        }
        _ => Err(PlanError::AmbiguousDevice {
            name: name.into(),
            matching: matching
                .into_iter()
                .map(shown)
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_gpu;

    fn gpus() -> Vec<GpuFacts> {
        let named = |name: &str, model: &str, pci: Option<&str>| {
            let mut gpu = test_gpu(name);
            gpu.model = model.into();
            gpu.pci_address = pci.map(str::to_owned);
            GpuFacts::new(gpu)
        };
        vec![
            named("gpu:0", "Radeon RX 6900 XT", Some("0000:0B:00.0")),
            named("gpu:1", "Radeon 680M", None),
            named("gpu:2", "llvmpipe", None),
        ]
    }

    fn chosen(wanted: &[&str]) -> Result<Vec<String>, String> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).into()).collect();
        choose(&wanted, &gpus()).map_err(|error| error.to_string())
    }

    #[test]
    fn devices_have_several_names() {
        let all = ["cpu", "gpu:0", "gpu:1", "gpu:2"];
        assert_eq!(chosen(&[]).unwrap(), all);
        assert_eq!(chosen(&["gpu", "cpu", "gpu:1"]).unwrap().len(), 4);
        assert_eq!(chosen(&["0000:0b:00.0"]).unwrap(), ["gpu:0"]);
        assert_eq!(chosen(&["6900", "LLVM"]).unwrap(), ["gpu:0", "gpu:2"]);
    }

    #[test]
    fn what_is_not_there_is_an_error_that_lists_what_is() {
        for name in ["gpu:7", "arc", ""] {
            let error = chosen(&[name]).unwrap_err();
            assert!(error.contains(&format!("{name:?}")), "{error}");
            assert!(error.contains("gpu:1 (Radeon 680M)"), "{error}");
        }
        let error = chosen(&["radeon"]).unwrap_err();
        assert!(
            error.contains("gpu:0 (") && !error.contains("gpu:2"),
            "{error}"
        );
        let error = choose(&["gpu".into()], &[]).unwrap_err().to_string();
        assert!(error.contains("no GPU"), "{error}");
    }
}
