//! The number formats of products.

use std::fmt;

use perwatt_matmul::Rounding;

use crate::device::Device;

/// The number formats of a product: its inputs, its sums and its result.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Element {
    /// Single precision throughout.
    F32,
    /// Half precision throughout.
    F16,
    /// Half-precision inputs, single-precision sums and result.
    F16F32,
    /// 8-bit integers, summed exactly in 32 bits.
    I8,
    /// As [`F16F32`](Self::F16F32), computed by cooperative matrices (tensor cores).
    CoopF16F32,
}

impl Element {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::F32,
        Self::F16,
        Self::F16F32,
        Self::I8,
        Self::CoopF16F32,
    ];

    /// The name that users type and that records contain.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::F16F32 => "f16-f32",
            Self::I8 => "i8",
            Self::CoopF16F32 => "coop-f16-f32",
        }
    }

    /// The format with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    /// Bytes of an element of A or B.
    #[must_use]
    pub fn input_bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::F16F32 | Self::CoopF16F32 => 2,
            Self::I8 => 1,
        }
    }

    /// Bytes of an element of C.
    #[must_use]
    pub fn output_bytes(self) -> u64 {
        match self {
            Self::F16 => 2,
            Self::F32 | Self::F16F32 | Self::I8 | Self::CoopF16F32 => 4,
        }
    }

    /// The rounding of its sums; `None` for integers, which are exact.
    #[must_use]
    pub fn rounding(self) -> Option<Rounding> {
        match self {
            Self::I8 => None,
            Self::F16 => Some(Rounding::F16),
            Self::F32 | Self::F16F32 => Some(Rounding::F32),
            Self::CoopF16F32 => Some(Rounding::MATRIX_UNIT),
        }
    }

    /// Elements along k that are packed into one number of the shader.
    pub(crate) fn packed(self) -> usize {
        match self {
            Self::I8 => 4,
            _ => 1,
        }
    }

    /// Checks that the device can multiply in this format.
    ///
    /// # Errors
    /// A description of what the device lacks.
    pub fn available(self, device: &Device) -> Result<(), String> {
        let features = device.device.features();
        let half = match self {
            Self::F32 | Self::I8 => false,
            Self::F16 | Self::F16F32 | Self::CoopF16F32 => true,
        };
        if half && !features.contains(wgpu::Features::SHADER_F16) {
            return Err("it has no half-precision arithmetic in shaders (SHADER_F16)".to_owned());
        }
        if self == Self::CoopF16F32 {
            if !features.contains(wgpu::Features::SUBGROUP) {
                return Err("its shaders have no subgroups (SUBGROUP)".to_owned());
            }
            if device.coop_edges().is_empty() {
                return Err(
                    "it offers no cooperative matrices of 8x8x8 or 16x16x16 from f16 to f32"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Device {
    /// Edges of the usable cooperative matrices: WGSL has only edges of 8 and 16, and all
    /// three dimensions must be equal.
    pub(crate) fn coop_edges(&self) -> Vec<u32> {
        use wgpu::CooperativeScalarType as Scalar;
        let mut edges: Vec<u32> = self
            .cooperative
            .iter()
            .filter(|offered| offered.ab_type == Scalar::F16 && offered.cr_type == Scalar::F32)
            .filter(|offered| offered.m_size == offered.n_size && offered.n_size == offered.k_size)
            .map(|offered| offered.m_size)
            .filter(|edge| [8, 16].contains(edge))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}
