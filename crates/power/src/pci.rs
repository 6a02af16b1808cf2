//! PCI addresses in one normal form.

use crate::system::System;
use std::path::Path;

/// The directory in which Linux lists the devices.
const DEVICES: &str = "sys/bus/pci/devices";
/// The class of display controllers, in the top byte of a class code.
const DISPLAY: u32 = 0x03;
/// Processing accelerators: data-centre cards without a display.
const ACCELERATOR: u32 = 0x12;

/// An address in the form that Linux uses, `0000:01:00.0`, from any usual form of it:
/// upper case, or a domain of eight digits.
pub(crate) fn normalised(text: &str) -> Option<String> {
    let mut parts = text.trim().split(':');
    let (domain, bus, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (device, function) = rest.split_once('.')?;
    let hex = |digits: &str, max: u32| {
        u32::from_str_radix(digits, 16)
            .ok()
            .filter(|n| *n <= max && !digits.starts_with('+'))
    };
    if parts.next().is_some() {
        return None;
    }
    Some(format!(
        "{:04x}:{:02x}:{:02x}.{:x}",
        hex(domain, u32::MAX)?,
        hex(bus, 0xff)?,
        hex(device, 0x1f)?,
        hex(function, 7)?
    ))
}

/// The address of the device whose sysfs directory this is, from its `uevent`.
pub(crate) fn of_device(system: &System, device: &Path) -> Option<String> {
    let text = system.files.read(&device.join("uevent")).ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("PCI_SLOT_NAME="))
        .and_then(normalised)
}

/// Addresses of this vendor's graphics cards and accelerators.
pub(crate) fn displays(system: &System, vendor: u32) -> Vec<String> {
    let Ok(names) = system.files.list(Path::new(DEVICES)) else {
        return Vec::new();
    };
    let number = |name: &str, file: &str| {
        let text = system.line(&format!("{DEVICES}/{name}/{file}"));
        u32::from_str_radix(text.trim_start_matches("0x"), 16).ok()
    };
    names
        .into_iter()
        .filter(|name| number(name, "vendor") == Some(vendor))
        .filter(|name| {
            number(name, "class").is_some_and(|c| matches!(c >> 16, DISPLAY | ACCELERATOR))
        })
        .filter_map(|name| normalised(&name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn one_spelling_for_all() {
        for text in ["0000:01:00.0", "00000000:01:00.0", " 0000:01:00.0\n"] {
            assert_eq!(normalised(text).as_deref(), Some("0000:01:00.0"), "{text}");
        }
        assert_eq!(
            normalised("0000A1B2:AF:1F.7").as_deref(),
            Some("a1b2:af:1f.7")
        );
        #[rustfmt::skip]
        let cases = [
            "", "01:00.0", "0000:01:00", "0000:01:20.0", "0000:100:00.0", "0000:01:00.8",
            "x:01:00.0", "0000:01:00.0:1", "0000:+1:00.0",
        ];
        for text in cases {
            assert_eq!(normalised(text), None, "{text}");
        }
    }
}
