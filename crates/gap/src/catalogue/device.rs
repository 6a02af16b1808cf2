//! The row of the catalogue for a card by the name that its driver gives it.

use super::Accelerator;

/// Words that name a form of a card. A card that has one is not the row without it.
const FORMS: &[&str] = &[
    "pcie", "nvl", "mig", "laptop", "mobile", "max", "ti", "super", "d", "xt", "xtx",
];
/// Words of rows that drivers leave out.
const LEFT_OUT: &[&str] = &["sxm", "sxm4", "sxm5"];

/// The accelerator of this device model, such as `NVIDIA H100 80GB HBM3`: the row whose
/// words are all in the name, the one with the most words where there are several.
pub(super) fn find<'a>(rows: &'a [Accelerator], device_model: &str) -> Option<&'a Accelerator> {
    let device = words(device_model);
    let fitting = rows.iter().filter_map(|row| {
        let own = words(row.model.split(" (").next()?);
        let mut needed = own.iter().filter(|word| !LEFT_OUT.contains(&word.as_str()));
        let mut forms = device.iter().filter(|word| is_form(word));
        let fits = needed.all(|word| device.contains(word)) && forms.all(|word| own.contains(word));
        fits.then_some((own.len(), row))
    });
    fitting.max_by_key(|(words, _)| *words).map(|(_, row)| row)
}

/// True for a form, and for the share of a card that a hypervisor assigns, such as the `20c`
/// of `NVIDIA H100-20C`.
fn is_form(word: &str) -> bool {
    let memory = word.trim_end_matches(['a', 'b', 'c', 'q', 'v']);
    let is_number = !memory.is_empty() && memory.bytes().all(|b| b.is_ascii_digit());
    FORMS.contains(&word) || (is_number && word.len() == memory.len() + 1)
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;

    #[test]
    fn drivers_names_lead_to_rows() {
        let catalogue = Catalogue::builtin().unwrap();
        for (device, row) in [
            ("NVIDIA H200", Some("H200 SXM")),
            ("NVIDIA H200 NVL", Some("H200 NVL")),
            ("NVIDIA H100 80GB HBM3", Some("H100 SXM5")),
            ("NVIDIA H100 PCIe", Some("H100 PCIe")),
            ("NVIDIA A100-SXM4-80GB", Some("A100 SXM4 80GB")),
            ("NVIDIA A100 80GB PCIe", Some("A100 PCIe 80GB")),
            ("NVIDIA L40S", Some("L40S")),
            ("NVIDIA GB200", Some("GB200 (per GPU)")),
            ("NVIDIA GeForce RTX 4090", Some("GeForce RTX 4090")),
            ("AMD Instinct MI300X (RADV GFX942)", Some("Instinct MI300X")),
            (
                "AMD Radeon RX 7900 XTX (RADV NAVI31)",
                Some("Radeon RX 7900 XTX"),
            ),
            ("NVIDIA GeForce RTX 4090 Laptop GPU", None),
            ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", None),
            ("NVIDIA H100-20C", None),
            ("GRID A100X-4-20C", None),
            ("NVIDIA L40S-48Q", None),
            ("llvmpipe (LLVM 15.0.6, 256 bits)", None),
            ("", None),
        ] {
            let found = catalogue.accelerator_of(device);
            assert_eq!(found.map(|row| row.model.as_str()), row, "{device}");
        }
    }
}
