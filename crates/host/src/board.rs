//! The board that holds the processors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

/// The board or system. Serial numbers and UUIDs are not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    /// Maker of the system, or of the board where the system has no name.
    pub vendor: Option<String>,
    /// The system's product name, or the board's.
    pub product: Option<String>,
    /// Version of the firmware.
    pub bios_version: Option<String>,
}

const DMI: &str = "/sys/class/dmi/id";
const DEVICE_TREE: &str = "/proc/device-tree";

/// Texts that makers leave in the DMI tables in place of a name, in small letters.
const PLACEHOLDERS: &str = "to be filled by o.e.m.|default string|system manufacturer|system product name|\
    not specified|not applicable|o.e.m.|unknown|none|type1productconfigid";

impl Board {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        let (vendor, product) = match device_tree(tree) {
            Some((vendor, product)) => (Ok(vendor), Ok(product)),
            None => (
                dmi(tree, &["sys_vendor", "board_vendor"]),
                dmi(tree, &["product_name", "board_name"]),
            ),
        };
        let bios = dmi(tree, &["bios_version"]);
        let told = system_told(tree);
        let or_told = |value: Result<String, Absent>, told: Option<String>| {
            value.or_else(|absent| told.ok_or(absent))
        };
        Self {
            vendor: gaps.keep("board.vendor", or_told(vendor, told.0)),
            product: gaps.keep("board.product", or_told(product, told.1)),
            bios_version: gaps.keep("board.bios_version", bios),
        }
    }
}

fn is_placeholder(name: &str) -> bool {
    let name = name.to_lowercase();
    PLACEHOLDERS
        .split('|')
        .any(|placeholder| placeholder == name)
}

/// The first value among `files` that is a name rather than a placeholder.
fn dmi(tree: &Tree, files: &[&str]) -> Result<String, Absent> {
    if tree.names(DMI).is_empty() {
        return Err(Absent::because(format!(
            "{DMI} does not exist (no SMBIOS: some virtual machines, device-tree boards, or not Linux)"
        )));
    }
    let mut last = Absent::because(format!("{DMI} is empty"));
    for file in files {
        match tree.text(&format!("{DMI}/{file}")) {
            Ok(name) if !is_placeholder(&name) => return Ok(name),
            Ok(name) => {
                last = Absent::because(format!("{DMI}/{file} holds the placeholder {name:?}"));
            }
            Err(absent) => last = absent,
        }
    }
    Err(last)
}

/// Vendor and model of a device-tree board. `compatible` is a list of
/// `vendor,device` strings separated by NUL, the most specific first.
fn device_tree(tree: &Tree) -> Option<(String, String)> {
    let model = tree.text(&format!("{DEVICE_TREE}/model")).ok()?;
    let compatible = tree.text(&format!("{DEVICE_TREE}/compatible")).ok()?;
    let (vendor, _) = compatible.split('\0').next()?.split_once(',')?;
    Some((vendor.to_owned(), model))
}

/// Vendor and product as the operating system states them, for systems that have
/// neither DMI nor a device tree.
fn system_told(tree: &Tree) -> (Option<String>, Option<String>) {
    if cfg!(target_os = "linux") || !tree.is_live() {
        return (None, None);
    }
    (
        sysinfo::Product::vendor_name().ok(),
        sysinfo::Product::name().ok(),
    )
}
