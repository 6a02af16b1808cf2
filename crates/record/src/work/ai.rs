//! The rule for a device's AI figure: a verified product in a format that models are run in,
//! by arithmetic that reaches the device's matrix units.

use super::Matmul;

/// Words in the names of NVIDIA's data-centre cards of compute capability 9.0 and 10.x. Their
/// matrix units run at full rate by instructions that only CUDA has (`wgmma`, `tcgen05`).
const CUDA_ONLY: &[&str] = &[
    "h20", "h100", "h200", "h800", "gh200", "b100", "b200", "b300", "gb200", "gb300",
];
/// Words in the names of AMD's CDNA3 and later, of which drivers offer no cooperative
/// matrices to shaders; the last are their targets, which drivers print.
const HIP_ONLY: &[&str] = &[
    "mi300", "mi300a", "mi300x", "mi308x", "mi325x", "mi350x", "mi355x", "gfx942", "gfx950",
];
/// Instruction sets with products of bf16, by the names in records.
const BF16: &[&str] = &["amx-bf16", "avx512bf16", "bf16"];

/// A reason that a row of products is not its device's AI figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAi {
    /// It is in f32.
    Single,
    /// Shaders computed it on a card whose matrix units they do not reach.
    Shaders {
        /// The programming interface that reaches them.
        needs: &'static str,
        /// The library that does.
        library: &'static str,
        /// The remedy where the library is missing.
        fix: &'static str,
    },
}

impl NotAi {
    /// The reason in words.
    pub fn reason(self) -> String {
        match self {
            Self::Single => "f32 is not the format that models are run in".into(),
            Self::Shaders { needs, library, .. } => format!(
                "reached by shaders; this card's matrix units need {needs}: {library} is some \
                 times faster"
            ),
        }
    }

    /// The remedy on a device; `bf16` says whether a CPU has products of bf16.
    pub fn fix(self, device: &str, bf16: bool) -> &'static str {
        match self {
            Self::Shaders { fix, .. } => fix,
            Self::Single if device != "cpu" => "measure matmul/bf16 or matmul/f16-f32 on it",
            Self::Single if bf16 => {
                "measure matmul/bf16 by oneDNN: pip install onednn-cpu-gomp, or set \
                 PERWATT_ONEDNN"
            }
            Self::Single => "none: this CPU has no bf16 arithmetic",
        }
    }

    /// The sentence in place of the AI figure of a device that has only such rows.
    pub fn in_place(self, device: &str, bf16: bool) -> String {
        let (reason, fix) = (self.reason(), self.fix(device, bf16));
        format!("not measured: {reason}; fix: {fix}")
    }
}

/// The reason that a product by this backend is not the AI figure of a device of this model;
/// `None` if it is one, once verified.
pub fn not_ai(device_model: &str, backend: &str, of: Matmul) -> Option<NotAi> {
    if of == Matmul::F32 {
        return Some(NotAi::Single);
    }
    backend
        .starts_with("wgsl")
        .then(|| beyond_shaders(device_model))?
}

/// The reason for cards whose matrix units shaders do not reach.
fn beyond_shaders(device_model: &str) -> Option<NotAi> {
    let model = device_model.to_lowercase();
    let has = |names: &[&str]| {
        let mut words = model.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| names.contains(&word))
    };
    if has(CUDA_ONLY) {
        return Some(NotAi::Shaders {
            needs: "CUDA",
            library: "cuBLASLt",
            fix: "pip install nvidia-cublas, or set PERWATT_CUBLASLT",
        });
    }
    has(HIP_ONLY).then_some(NotAi::Shaders {
        needs: "HIP",
        library: "hipBLASLt",
        fix: "install ROCm's hipblaslt, or set PERWATT_HIPBLASLT",
    })
}

/// True if a CPU with these instruction sets has products of bf16.
pub fn has_bf16(isa: &[String]) -> bool {
    isa.iter().any(|name| BF16.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(model: &str, backend: &str) -> Option<&'static str> {
        match not_ai(model, backend, Matmul::F16F32) {
            Some(NotAi::Shaders { needs, .. }) => Some(needs),
            _ => None,
        }
    }

    #[test]
    fn cards_that_shaders_do_not_reach() {
        for model in [
            "NVIDIA H100 80GB HBM3",
            "NVIDIA H100 PCIe",
            "NVIDIA H100 80GB HBM3 MIG 1g.10gb",
            "NVIDIA H200",
            "NVIDIA GH200 480GB",
            "NVIDIA B200",
            "NVIDIA GB300",
        ] {
            assert_eq!(needs(model, "wgsl"), Some("CUDA"), "{model}");
            assert_eq!(needs(model, "wgsl-coop"), Some("CUDA"), "{model}");
            assert_eq!(needs(model, "cublaslt"), None, "{model}");
        }
        for model in [
            "AMD Instinct MI300X (RADV GFX942)",
            "AMD Radeon Graphics (RADV GFX950)",
        ] {
            assert_eq!(needs(model, "wgsl-coop"), Some("HIP"), "{model}");
            assert_eq!(needs(model, "hipblaslt"), None, "{model}");
        }
        for model in [
            "NVIDIA A100-SXM4-80GB",
            "NVIDIA GeForce RTX 5090",
            "NVIDIA L40S",
            "NVIDIA RTX PRO 6000 Blackwell",
            "AMD Instinct MI210",
            "AMD Radeon RX 7900 XTX (RADV NAVI31)",
            "Intel(R) Arc(TM) B580",
            "Apple M4 Max",
        ] {
            assert_eq!(needs(model, "wgsl-coop"), None, "{model}");
        }
    }

    #[test]
    fn single_precision_is_no_ai_figure_and_has_a_fix() {
        for backend in ["wgsl", "cublaslt", "cblas"] {
            let found = not_ai("NVIDIA H200", backend, Matmul::F32);
            assert_eq!(found, Some(NotAi::Single));
        }
        assert_eq!(not_ai("AMD EPYC", "onednn", Matmul::Bf16), None);
        let of = |device, bf16| NotAi::Single.in_place(device, bf16);
        assert!(of("cpu", true).contains("pip install onednn-cpu-gomp"));
        assert!(of("cpu", false).contains("no bf16 arithmetic"));
        assert!(of("gpu:0", false).contains("matmul/bf16"));
        let isa = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert!(has_bf16(&isa(&["avx2", "avx512bf16"])));
        assert!(!has_bf16(&isa(&["avx2", "fma"])));
    }
}
