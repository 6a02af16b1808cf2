//! One card and its readings.

use crate::error::ReadError;
use crate::pci;
use nvml_wrapper::enums::device::{DeviceArchitecture, SampleValue};
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::structs::device::FieldId;
use nvml_wrapper::sys_exports::field_id;
use nvml_wrapper::{Device, Nvml};
use std::sync::Arc;

/// All bits set, the library's value for "no figure", in milliwatts.
const NO_FIGURE_MW: f64 = u32::MAX as f64;

/// The two power readings of a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Power {
    Instant,
    Average,
}

/// The library's call for a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Api {
    Field(u32),
    PowerUsage,
}

/// One card. Clones share the library. The handle is looked up by number for each
/// use: the library keeps it, and its numbers are valid while it is loaded.
#[derive(Clone)]
pub(super) struct Card {
    nvml: Arc<Nvml>,
    number: u32,
    /// Identifier, such as `nvml:0`.
    pub id: String,
    pub name: String,
    pub pci_address: Option<String>,
    pub driver: String,
    pub library: String,
    /// True for GA100 and Hopper, whose sensor sees only a part of each period.
    sampled: bool,
    mig: bool,
    /// True for a share of a card that a hypervisor assigns.
    vgpu: bool,
    instant: Option<Api>,
    average: Option<Api>,
}

/// Errors of a card's reading.
#[derive(Debug)]
pub(super) enum NvmlFault {
    /// An error of the library.
    Library(NvmlError),
    /// This card and driver do not have the reading.
    NotOffered,
    /// A value that is not a valid figure.
    Nonsense(String),
    /// An implausible figure.
    Unbelievable(ReadError),
}

impl From<NvmlError> for NvmlFault {
    fn from(error: NvmlError) -> Self {
        Self::Library(error)
    }
}

impl NvmlFault {
    /// Converts the fault to the error of a reading.
    pub fn while_reading(self, id: &str) -> ReadError {
        let path = id.to_owned();
        match self {
            Self::Library(NvmlError::GpuLost | NvmlError::DriverNotLoaded) => {
                ReadError::Vanished { path }
            }
            Self::Library(NvmlError::NoPermission) => ReadError::PermissionLost { path },
            Self::Library(error) => ReadError::Io {
                path,
                detail: error.to_string(),
            },
            Self::NotOffered => ReadError::Vanished { path },
            Self::Nonsense(text) => ReadError::Malformed { path, text },
            Self::Unbelievable(error) => error,
        }
    }
}

impl Card {
    /// Opens card `number` and determines the readings that it offers.
    pub fn open(nvml: &Arc<Nvml>, number: u32) -> Result<Self, NvmlError> {
        let device = nvml.device_by_index(number)?;
        let architecture = device.architecture().unwrap_or(DeviceArchitecture::Unknown);
        // GA100 has compute capability 8.0, the other chips of Ampere 8.6 and 8.7.
        let is_ga100 = architecture == DeviceArchitecture::Ampere
            && device
                .cuda_compute_capability()
                .is_ok_and(|c| (c.major, c.minor) == (8, 0));
        let usage_is_instant = is_ga100
            || matches!(
                architecture,
                DeviceArchitecture::Kepler
                    | DeviceArchitecture::Maxwell
                    | DeviceArchitecture::Pascal
                    | DeviceArchitecture::Volta
                    | DeviceArchitecture::Turing
            );
        // A field that fails for another reason counts as offered; the reason is
        // reported when it is read.
        let offers = |id: u32| match field(&device, id) {
            Err(NvmlFault::Library(error)) => !is_lacking(&error),
            Err(NvmlFault::NotOffered) => false,
            _ => true,
        };
        let usage = !device.power_usage().is_err_and(|error| is_lacking(&error));
        let choose = |id: u32, fits: bool| match (offers(id), usage && fits) {
            (true, _) => Some(Api::Field(id)),
            (false, true) => Some(Api::PowerUsage),
            (false, false) => None,
        };
        let unknown = || "unknown".to_owned();
        let name = device
            .name()
            .unwrap_or_else(|_| "NVIDIA graphics card".into());
        Ok(Self {
            number,
            id: format!("nvml:{number}"),
            vgpu: is_vgpu(&device) || is_profile(&name),
            name,
            pci_address: device
                .pci_info()
                .ok()
                .and_then(|info| pci::normalised(&info.bus_id)),
            driver: nvml.sys_driver_version().unwrap_or_else(|_| unknown()),
            library: nvml.sys_nvml_version().unwrap_or_else(|_| unknown()),
            sampled: is_ga100 || architecture == DeviceArchitecture::Hopper,
            mig: device.mig_mode().is_ok_and(|mode| mode.current != 0),
            instant: choose(field_id::NVML_FI_DEV_POWER_INSTANT, usage_is_instant),
            average: choose(field_id::NVML_FI_DEV_POWER_AVERAGE, !usage_is_instant),
            nvml: Arc::clone(nvml),
        })
    }

    /// The library's handle.
    pub fn device(&self) -> Result<Device<'_>, NvmlError> {
        self.nvml.device_by_index(self.number)
    }

    /// Microjoules since the driver was loaded.
    pub fn energy_uj(&self) -> Result<u64, NvmlFault> {
        let mj = self.device()?.total_energy_consumption()?;
        // A counter that does not work shows 0 or all bits set.
        match mj.checked_mul(1000) {
            Some(uj) if uj > 0 => Ok(uj),
            _ => Err(NvmlFault::Nonsense(format!("{mj} mJ"))),
        }
    }

    /// Power in watts.
    pub fn power_w(&self, kind: Power) -> Result<f64, NvmlFault> {
        let mw = match self.source(kind).ok_or(NvmlFault::NotOffered)? {
            Api::Field(id) => field(&self.device()?, id)?,
            Api::PowerUsage => f64::from(self.device()?.power_usage()?),
        };
        match mw == NO_FIGURE_MW {
            true => Err(NvmlFault::Nonsense(format!("{mw} mW"))),
            false => Ok(mw * 1e-3),
        }
    }

    fn source(&self, kind: Power) -> Option<Api> {
        match kind {
            Power::Instant => self.instant,
            Power::Average => self.average,
        }
    }

    /// The library's name of the call for this power reading.
    pub fn api(&self, kind: Power) -> String {
        match self.source(kind) {
            Some(Api::Field(id)) => format!("nvmlDeviceGetFieldValues, field {id}"),
            _ => "nvmlDeviceGetPowerUsage".into(),
        }
    }

    /// Seconds over which the reading is averaged, if known.
    pub fn averaging_s(&self, kind: Power) -> Option<f64> {
        match kind {
            Power::Average => Some(1.0),
            Power::Instant => self.sampled.then_some(0.025),
        }
    }

    /// Returns true if the sensor sees only a part of each period.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The power limit in force, in watts.
    pub fn limit_w(&self) -> Option<f64> {
        let mw = self.device().ok()?.enforced_power_limit().ok()?;
        Some(f64::from(mw) * 1e-3)
    }

    /// Returns true if the card is a share that a hypervisor assigns.
    pub fn is_vgpu(&self) -> bool {
        self.vgpu
    }

    /// Returns true if the card is the graphics of a Tegra: a part of a Jetson
    /// module's chip, for which NVML reports neither power nor energy.
    pub fn is_tegra(&self) -> bool {
        let chips = ["nvgpu", "Tegra", "Xavier", "Orin", "Thor"];
        chips.iter().any(|chip| self.name.contains(chip))
    }

    /// Notes for the user about this card.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.mig {
            notes.push(
                "the card is partitioned (MIG): the figure is of the whole card, with what its \
                 other partitions do"
                    .into(),
            );
        }
        if self.vgpu {
            notes.push(
                "a virtual GPU (vGPU): the figure, if it is one, is of the whole card with what \
                 other machines do on it"
                    .into(),
            );
        }
        if self.name.contains("GH200") || self.name.contains("GB200") || self.name.contains("GB300")
        {
            notes.push(
                "on a module with a Grace processor the driver may tell the power of the module"
                    .into(),
            );
        }
        notes
    }
}

/// Returns true if the library reports a virtual device. Always false outside
/// Linux, where the bindings lack this query.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables))]
fn is_vgpu(device: &Device<'_>) -> bool {
    #[cfg(target_os = "linux")]
    {
        use nvml_wrapper::enum_wrappers::device::GpuVirtualizationMode;
        matches!(
            device.virtualization_mode(),
            Ok(GpuVirtualizationMode::Vgpu)
        )
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Returns true if the name is that of a vGPU profile: `GRID A100-10C`, `NVIDIA A40-8Q`.
fn is_profile(name: &str) -> bool {
    let profile = name.rsplit_once('-').map_or("", |(_, profile)| profile);
    let memory = profile.trim_end_matches(['A', 'B', 'C', 'Q', 'V']);
    profile.len() == memory.len() + 1
        && !memory.is_empty()
        && memory.bytes().all(|b| b.is_ascii_digit())
}

/// Returns true if the error means that the card or the driver does not have the figure.
pub(super) fn is_lacking(error: &NvmlError) -> bool {
    matches!(
        error,
        NvmlError::NotSupported
            | NvmlError::InvalidArg
            | NvmlError::NoData
            | NvmlError::FunctionNotFound
            | NvmlError::FailedToLoadSymbol(_)
    )
}

/// Reads one field as a number.
pub(super) fn field(device: &Device<'_>, id: u32) -> Result<f64, NvmlFault> {
    let sample = device
        .field_values_for(&[FieldId(id)])?
        .pop()
        .ok_or(NvmlFault::NotOffered)??;
    Ok(match sample.value? {
        SampleValue::F64(value) => value,
        SampleValue::U32(value) => f64::from(value),
        SampleValue::U64(value) => value as f64,
        SampleValue::I64(value) => value as f64,
    })
}
