//! The way to a vendor's cards: search, versions, and the list of cards.
#![allow(unsafe_code)]

use std::env;
use std::ffi::{OsString, c_int, c_void};
use std::path::{Path, PathBuf};

use libloading::Library;
use serde::{Deserialize, Serialize};

use super::functions::{GetVersion, Lt};
use super::runtime::Runtime;
use super::{Device, Fault};
use crate::load::file_of;
use crate::search::{Search, Unavailable};

/// A vendor of GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// CUDA's driver and cuBLASLt.
    Nvidia,
    /// HIP's runtime and hipBLASLt.
    Amd,
}

const CUDA: Search = Search {
    name: "CUDA driver",
    variable: "PERWATT_LIBCUDA",
    files: match cfg!(windows) {
        true => &["nvcuda.dll"],
        false => &["libcuda.so.1"],
    },
    directories: &["/usr/lib/wsl/lib", "/run/opengl-driver/lib"],
    packages: &[],
    fix: "install NVIDIA's driver (Debian's nvidia-driver), or set PERWATT_LIBCUDA",
};

const CUBLASLT: Search = Search {
    name: "cuBLASLt",
    variable: "PERWATT_CUBLASLT",
    files: match cfg!(windows) {
        true => &[
            "cublasLt64_13.dll",
            "cublasLt64_12.dll",
            "cublasLt64_11.dll",
        ],
        false => &[
            "libcublasLt.so.13",
            "libcublasLt.so.12",
            "libcublasLt.so.11",
        ],
    },
    directories: &["/usr/local/cuda*/lib64", "/opt/cuda*/lib64"],
    packages: &["nvidia/cu13/lib", "nvidia/cublas/lib"],
    fix: "pip install nvidia-cublas (nvidia-cublas-cu12 for a driver of CUDA 12), or set PERWATT_CUBLASLT",
};

const HIP: Search = Search {
    name: "HIP runtime",
    variable: "PERWATT_LIBAMDHIP",
    files: match cfg!(windows) {
        true => &["amdhip64_7.dll", "amdhip64_6.dll"],
        // PyTorch's wheels have it without a version.
        false => &["libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so"],
    },
    directories: &["/opt/rocm*/lib"],
    packages: &["_rocm_sdk_core*/lib", "torch/lib"],
    fix: "install AMD's ROCm 6 or later, or set PERWATT_LIBAMDHIP",
};

const HIPBLASLT: Search = Search {
    name: "hipBLASLt",
    variable: "PERWATT_HIPBLASLT",
    files: match cfg!(windows) {
        true => &["libhipblaslt.dll"],
        false => &["libhipblaslt.so.1", "libhipblaslt.so.0", "libhipblaslt.so"],
    },
    directories: &["/opt/rocm*/lib"],
    packages: &["_rocm_sdk_libraries*/lib", "torch/lib"],
    fix: "install hipblaslt of AMD's ROCm, or set PERWATT_HIPBLASLT",
};

/// The first hipBLASLt with the codes and the structures of later ones, of ROCm 6.0.
const OLDEST_HIPBLASLT: u32 = 600;

impl Vendor {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Nvidia, Self::Amd];

    /// Name of the library.
    #[must_use]
    pub fn library(self) -> &'static str {
        self.searches()[1].name
    }

    /// The environment variables that name the driver and the library.
    #[must_use]
    pub fn variables(self) -> [&'static str; 2] {
        self.searches().map(|search| search.variable)
    }

    /// The driver and the library.
    fn searches(self) -> [&'static Search; 2] {
        match self {
            Self::Nvidia => [&CUDA, &CUBLASLT],
            Self::Amd => [&HIP, &HIPBLASLT],
        }
    }
}

/// A card, as its driver describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its number by the driver.
    pub index: u32,
    /// Its name; that of a part of a card (MIG) says so.
    pub name: String,
    /// Its address on the PCI bus.
    pub pci_address: Option<String>,
    /// NVIDIA's compute capability; of AMD's gfx942 it is 9 and 4.
    pub capability: [u32; 2],
    /// Size of its memory in bytes.
    pub memory_bytes: u64,
    /// Size of its last-level cache in bytes.
    pub l2_bytes: u64,
    /// True if its memory corrects errors, where the driver says so.
    pub ecc: Option<bool>,
    /// True if it shares the memory of a processor.
    pub integrated: bool,
}

/// A driver with cards and a library for products on them.
pub struct Road {
    pub(super) runtime: Runtime,
    pub(super) lt: Lt,
    version: u32,
    driver_version: u32,
    path: PathBuf,
    cards: Vec<Card>,
}

impl Road {
    /// Loads a vendor's driver and library.
    ///
    /// # Errors
    /// [`Unavailable`], with the remedy.
    pub fn open(vendor: Vendor) -> Result<Self, Unavailable> {
        let chosen = |search: &Search| env::var_os(search.variable).filter(|path| !path.is_empty());
        Self::open_from(vendor, vendor.searches().map(chosen))
    }

    /// As [`open`](Self::open), with the files of driver and library that the user names.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_from(vendor: Vendor, chosen: [Option<OsString>; 2]) -> Result<Self, Unavailable> {
        let [driver, library] = vendor.searches();
        let [chosen_driver, chosen_library] = chosen;
        let (runtime, driver_version, cards) = driver.open_from(chosen_driver, |library, _| {
            let runtime = Runtime::new(library, vendor)?;
            let said = |fault: Fault| fault.to_string();
            let version = runtime.version().map_err(said)?;
            let cards = runtime.cards().map_err(said)?;
            match cards.is_empty() {
                true => Err("it finds no GPU".to_owned()),
                false => Ok((runtime, version, cards)),
            }
        })?;
        let (lt, version, path) = library.open_from(chosen_library, |library, path| {
            let (lt, version, path) = identify(library, path, &runtime)?;
            fits(vendor, version, driver_version)?;
            Ok((lt, version, path))
        })?;
        Ok(Self {
            runtime,
            lt,
            version,
            driver_version,
            path,
            cards,
        })
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.runtime.vendor
    }

    /// Name, version and file of the library.
    #[must_use]
    pub fn description(&self) -> String {
        let (name, version) = (self.vendor().library(), words(self.vendor(), self.version));
        format!("{name} {version}, {}", self.path.display())
    }

    /// The version of the driver's interface.
    #[must_use]
    pub fn driver_version(&self) -> String {
        match self.vendor() {
            Vendor::Nvidia => {
                let version = self.driver_version;
                format!("{}.{}", version / 1000, version % 1000 / 10)
            }
            // Of HIP: major, minor and patch in 2, 2 and 5 digits.
            Vendor::Amd => {
                let version = self.driver_version;
                format!("{}.{}", version / 10_000_000, version / 100_000 % 100)
            }
        }
    }

    /// Its cards.
    #[must_use]
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// Takes a card into use, for this thread.
    ///
    /// # Errors
    /// [`Fault`], for instance when another process has it.
    pub fn device(&self, index: u32) -> Result<Device<'_>, Fault> {
        let mut cards = self.cards.iter();
        let card = cards.find(|card| card.index == index);
        let card = card.ok_or_else(|| Fault::NoDevice {
            card: index.to_string(),
        })?;
        Device::new(self, card.clone())
    }
}

/// The functions, the version and the file of a library.
fn identify(
    library: &'static Library,
    path: &Path,
    runtime: &Runtime,
) -> Result<(Lt, u32, PathBuf), String> {
    let lt = Lt::load(library, runtime.vendor)?;
    runtime.is_of(library)?;
    let version = match GetVersion::load(library, runtime.vendor)? {
        // SAFETY: it takes nothing and returns a number.
        GetVersion::Nvidia(function) => (unsafe { function() }) as u32,
        GetVersion::Amd(function) => {
            // It wants a handle, and a handle wants a card.
            let _stream = runtime.open(0).map_err(|fault| fault.to_string())?;
            let (mut handle, mut version): (_, c_int) = (std::ptr::null_mut(), 0);
            // SAFETY: the handle is created before it is used and destroyed after.
            let status = unsafe {
                match (lt.create)(&raw mut handle) {
                    0 => {
                        let status = function(handle, &raw mut version);
                        (lt.destroy)(handle);
                        status
                    }
                    status => status,
                }
            };
            match status {
                0 => version.max(0) as u32,
                _ => return Err(format!("it does not start: status {status}")),
            }
        }
    };
    let file = file_of(lt.create as *const c_void);
    Ok((lt, version, file.unwrap_or_else(|| path.to_owned())))
}

/// The reason that a library of this version cannot be used, as a clause after "but".
fn fits(vendor: Vendor, version: u32, driver_version: u32) -> Result<(), String> {
    let has = words(vendor, version);
    match vendor {
        Vendor::Nvidia => {
            let (needs, driver) = (major(version), driver_version / 1000);
            match needs {
                11.. if needs <= driver => Ok(()),
                11.. => Err(format!(
                    "it is of CUDA {needs} (version {has}) and the driver is of CUDA {driver}: update the driver, or install the library for CUDA {driver}"
                )),
                _ => Err(format!("its version {has} is older than 11")),
            }
        }
        Vendor::Amd if version < OLDEST_HIPBLASLT => {
            Err(format!("its version {has} is older than 0.6 of ROCm 6.0"))
        }
        Vendor::Amd => Ok(()),
    }
}

/// The major version of a cuBLASLt.
fn major(version: u32) -> u32 {
    version / 10_000
}

/// A library's version in words.
fn words(vendor: Vendor, version: u32) -> String {
    let major = match vendor {
        Vendor::Nvidia => major(version),
        Vendor::Amd => version / 100_000,
    };
    let minor = match vendor {
        Vendor::Nvidia => version / 100 % 100,
        Vendor::Amd => version / 100 % 1000,
    };
    format!("{major}.{minor}.{}", version % 100)
}
