//! Selection of devices by the names that users give.

use thiserror::Error;

use super::facts::{CPU, GpuFacts, MachineFacts};

/// A name that matches no device, or several.
#[derive(Debug, Clone, PartialEq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DeviceError {
    #[error("no device {name:?} on this machine; {known}")]
    Unknown { name: String, known: String },
    #[error("{name:?} is the name of several devices: {matching}; say which by its number")]
    Ambiguous { name: String, matching: String },
}

/// Names of the devices that `wanted` selects, all devices when it is empty: `cpu`, `gpu`
/// for every GPU, or one GPU by its name (`gpu:0`), its PCI address or a part of its model
/// in upper or lower case.
///
/// # Errors
/// [`DeviceError`], with the devices of this machine.
pub fn choose(wanted: &[String], facts: &MachineFacts) -> Result<Vec<String>, DeviceError> {
    let gpus = &facts.gpus;
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
            _ => chosen.push(one(name, facts)?),
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

fn one(name: &str, facts: &MachineFacts) -> Result<String, DeviceError> {
    let gpus = &facts.gpus;
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
            Err(DeviceError::Unknown {
                name: name.into(),
                known: match (&facts.gpu_error, &gpus[..]) {
                    (Some(error), _) => format!("the GPUs cannot be listed: {error}"),
                    (None, []) => {
                        let roads = facts.roads.iter().filter_map(|road| {
                            let reason = road.unavailable.as_ref()?;
                            Some(format!("; {}: {reason}", road.backend))
                        });
                        let roads: String = roads.collect();
                        format!("there is only {CPU:?}, and no GPU with a driver was found{roads}")
                    }
                    _ => format!("there are {CPU:?} and {}", gpus.join(", ")),
                },
            })
        }
        _ => Err(DeviceError::Ambiguous {
            name: name.into(),
            matching: Vec::from_iter(matching.into_iter().map(shown)).join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::facts::test_gpu;

    fn with(gpus: Vec<GpuFacts>) -> MachineFacts {
        MachineFacts {
            gpus,
            ..MachineFacts::default()
        }
    }

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
        choose(&wanted, &with(gpus())).map_err(|error| error.to_string())
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
        assert!(error.contains("gpu:0 ("), "{error}");
        assert!(!error.contains("gpu:2"), "{error}");
        let mut none = with(Vec::new());
        let error = choose(&["gpu".into()], &none).unwrap_err().to_string();
        assert!(error.contains("no GPU"), "{error}");
        none.gpu_error = Some("the driver crashed".into());
        let error = choose(&["gpu".into()], &none).unwrap_err().to_string();
        let part = "cannot be listed: the driver crashed";
        assert!(error.contains(part), "{error}");
    }
}
