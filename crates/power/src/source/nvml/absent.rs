//! The reasons that NVML, a card or a reading is unavailable, and the fixes.

use super::device::{Card, NvmlFault, is_lacking};
use crate::pci;
use crate::source::absent::STATE_POWER;
use crate::source::{Reason, System, Unavailable, attribute};
use nvml_wrapper::error::NvmlError;
use std::path::Path;

const ID: &str = "nvml";
const NVIDIA: u32 = 0x10de;

/// The report if NVML cannot be loaded by design: on other platforms, and for a
/// recorded tree.
pub(super) fn not_asked(system: &System) -> Unavailable {
    let other = format!(
        "NVML is there on Linux and Windows, and this is {}",
        std::env::consts::OS
    );
    let (reason, detail) = match system.live {
        true => (Reason::UnsupportedPlatform, other),
        false => (
            Reason::Absent,
            "a recorded tree has no driver library".into(),
        ),
    };
    Unavailable::new(ID, "NVIDIA's management library (NVML)", reason, detail)
}

/// The report if the library cannot be loaded or initialized.
pub(super) fn no_library(system: &System, path: &Path, error: &NvmlError) -> Unavailable {
    let (reason, detail, fix) = match error {
        NvmlError::LibloadingError(e) => match pci::displays(system, NVIDIA).first() {
            Some(address) => (
                Reason::Absent,
                format!(
                    "no NVIDIA driver: there is a card at {address}, and the library cannot be \
                     loaded ({e})"
                ),
                "install NVIDIA's driver; in a container, start it with --gpus all",
            ),
            None => (
                Reason::Absent,
                format!("no NVIDIA driver: the library cannot be loaded ({e})"),
                STATE_POWER,
            ),
        },
        NvmlError::DriverNotLoaded => (
            Reason::Absent,
            "the library is there, and the driver is not loaded".into(),
            "sudo modprobe nvidia",
        ),
        NvmlError::LibRmVersionMismatch => (
            Reason::Malformed,
            "the library and the loaded driver are of different versions, as after an update"
                .into(),
            "reboot, or reload the driver: sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia \
             && sudo modprobe nvidia",
        ),
        NvmlError::NoPermission | NvmlError::OperatingSystem => (
            Reason::NotPermitted,
            format!("the driver may not be asked: {error}"),
            "give this user access to /dev/nvidiactl and /dev/nvidia*; in a container, start it \
             with --gpus all",
        ),
        NvmlError::FailedToLoadSymbol(_) => (
            Reason::Malformed,
            format!("the library lacks what is needed: {error}"),
            "install a newer NVIDIA driver",
        ),
        other => (
            Reason::Malformed,
            format!("the driver does not come up: {other}"),
            "see what nvidia-smi says",
        ),
    };
    Unavailable::new(ID, path.display().to_string(), reason, detail).with_fix(fix)
}

/// The report if the driver lists no card.
pub(super) fn no_card(path: &Path) -> Unavailable {
    let detail = "the driver runs and finds no card";
    Unavailable::new(ID, path.display().to_string(), Reason::Absent, detail)
        .with_fix("see what nvidia-smi says; in a container, start it with --gpus all")
}

/// The report if one card cannot be opened.
pub(super) fn card(id: &str, error: &NvmlError) -> Unavailable {
    let (reason, fix) = of_error(error);
    let detail = format!("the card cannot be opened: {error}");
    Unavailable::new(id, "nvmlDeviceGetHandleByIndex", reason, detail).with_fix(fix)
}

/// The report if one reading fails on a card that otherwise works.
pub(super) fn reading(card: &Card, part: &str, fault: NvmlFault) -> Unavailable {
    let id = format!("{}:{part}", card.id);
    let name = &card.name;
    let lacking = matches!(&fault, NvmlFault::NotOffered)
        || matches!(&fault, NvmlFault::Library(error) if is_lacking(error));
    let (reason, detail, fix) = match fault {
        _ if lacking && card.is_tegra() => (
            Reason::Absent,
            format!(
                "{name} is the graphics of a Tegra, of which NVML tells neither power nor energy"
            ),
            "use the module's own power monitor, --meter ina3221".to_owned(),
        ),
        _ if lacking && card.is_vgpu() => (
            Reason::VirtualMachine,
            format!("{name} is a virtual GPU, a share of a card whose power its host alone sees"),
            format!("measure on the host, or {STATE_POWER}"),
        ),
        NvmlFault::NotOffered | NvmlFault::Library(NvmlError::NotSupported) => (
            Reason::Absent,
            match part {
                "energy" => format!("{name} has no energy counter; Volta and newer have one"),
                _ => format!(
                    "{name} with driver {} does not tell this power",
                    card.driver
                ),
            },
            "use another of its readings, or a newer driver".into(),
        ),
        NvmlFault::Library(NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound) => (
            Reason::Absent,
            format!("driver {} has no such call", card.driver),
            "install a newer NVIDIA driver".into(),
        ),
        NvmlFault::Library(error) => {
            let (reason, fix) = of_error(&error);
            (reason, format!("{name}: {error}"), fix.into())
        }
        other => {
            let error = other.while_reading(&id);
            return attribute::refusal(id, name.clone(), &error);
        }
    };
    Unavailable::new(id, name.clone(), reason, detail).with_fix(fix)
}

fn of_error(error: &NvmlError) -> (Reason, &'static str) {
    match error {
        NvmlError::NoPermission | NvmlError::OperatingSystem => (
            Reason::NotPermitted,
            "give this user access to /dev/nvidia*; in a container, start it with --gpus all",
        ),
        NvmlError::GpuLost | NvmlError::ResetRequired | NvmlError::IrqIssue => (
            Reason::Absent,
            "reset the card (sudo nvidia-smi --gpu-reset) or reboot",
        ),
        NvmlError::InsufficientPower => (Reason::Absent, "attach the card's external power cables"),
        _ => (Reason::Malformed, "see what nvidia-smi says"),
    }
}
