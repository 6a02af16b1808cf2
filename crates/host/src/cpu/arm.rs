//! Names for the numbers in Arm's main ID register (MIDR_EL1).
//!
//! Linux prints implementer and part as numbers; the names are those of util-linux
//! `sys-utils/lscpu-arm.c`, limited to 64-bit parts that are worth a benchmark.

/// The maker's name for an implementer code; the code in hexadecimal if it is unknown.
pub(super) fn vendor(implementer: u32) -> String {
    let name = match implementer {
        0x41 => "ARM",
        0x43 => "Cavium",
        0x46 => "Fujitsu",
        0x48 => "HiSilicon",
        0x4e => "NVIDIA",
        0x51 => "Qualcomm",
        0x61 => "Apple",
        0x6d => "Microsoft",
        0x70 => "Phytium",
        0xc0 => "Ampere",
        _ => return format!("implementer {implementer:#x}"),
    };
    name.to_owned()
}

/// The core's name; for an unknown core, the part number in hexadecimal and the maker.
pub(super) fn core(implementer: u32, part: u32) -> String {
    let name = match (implementer, part) {
        (0x41, 0xd02) => "Cortex-A34",
        (0x41, 0xd03) => "Cortex-A53",
        (0x41, 0xd04) => "Cortex-A35",
        (0x41, 0xd05) => "Cortex-A55",
        (0x41, 0xd06) => "Cortex-A65",
        (0x41, 0xd07) => "Cortex-A57",
        (0x41, 0xd08) => "Cortex-A72",
        (0x41, 0xd09) => "Cortex-A73",
        (0x41, 0xd0a) => "Cortex-A75",
        (0x41, 0xd0b) => "Cortex-A76",
        (0x41, 0xd0c) => "Neoverse-N1",
        (0x41, 0xd0d) => "Cortex-A77",
        (0x41, 0xd0e) => "Cortex-A76AE",
        (0x41, 0xd40) => "Neoverse-V1",
        (0x41, 0xd41) => "Cortex-A78",
        (0x41, 0xd42) => "Cortex-A78AE",
        (0x41, 0xd43) => "Cortex-A65AE",
        (0x41, 0xd44) => "Cortex-X1",
        (0x41, 0xd46) => "Cortex-A510",
        (0x41, 0xd47) => "Cortex-A710",
        (0x41, 0xd48) => "Cortex-X2",
        (0x41, 0xd49) => "Neoverse-N2",
        (0x41, 0xd4a) => "Neoverse-E1",
        (0x41, 0xd4b) => "Cortex-A78C",
        (0x41, 0xd4c) => "Cortex-X1C",
        (0x41, 0xd4d) => "Cortex-A715",
        (0x41, 0xd4e) => "Cortex-X3",
        (0x41, 0xd4f) => "Neoverse-V2",
        (0x41, 0xd80) => "Cortex-A520",
        (0x41, 0xd81) => "Cortex-A720",
        (0x41, 0xd82) => "Cortex-X4",
        (0x41, 0xd83) => "Neoverse-V3AE",
        (0x41, 0xd84) => "Neoverse-V3",
        (0x41, 0xd85) => "Cortex-X925",
        (0x41, 0xd87) => "Cortex-A725",
        (0x41, 0xd88) => "Cortex-A520AE",
        (0x41, 0xd89) => "Cortex-A720AE",
        (0x41, 0xd8a) => "C1-Nano",
        (0x41, 0xd8b) => "C1-Pro",
        (0x41, 0xd8c) => "C1-Ultra",
        (0x41, 0xd8e) => "Neoverse-N3",
        (0x41, 0xd8f) => "Cortex-A320",
        (0x41, 0xd90) => "C1-Premium",
        (0x43, 0x0a1) => "ThunderX-88XX",
        (0x43, 0x0af) => "ThunderX2-99xx",
        (0x43, 0x0b8) => "ThunderX3-T110",
        (0x46, 0x001) => "A64FX",
        (0x46, 0x003) => "MONAKA",
        (0x48, 0xd01) => "TaiShan-v110",
        (0x48, 0xd02) => "TaiShan-v120",
        (0x4e, 0x003) => "Denver 2",
        (0x4e, 0x004) => "Carmel",
        (0x4e, 0x010) => "Olympus",
        (0x51, 0x001) => "Oryon",
        (0x51, 0xc00) => "Falkor",
        (0x61, 0x022) => "Icestorm-M1",
        (0x61, 0x023) => "Firestorm-M1",
        (0x61, 0x024) => "Icestorm-M1-Pro",
        (0x61, 0x025) => "Firestorm-M1-Pro",
        (0x61, 0x028) => "Icestorm-M1-Max",
        (0x61, 0x029) => "Firestorm-M1-Max",
        (0x61, 0x032) => "Blizzard-M2",
        (0x61, 0x033) => "Avalanche-M2",
        (0x61, 0x034) => "Blizzard-M2-Pro",
        (0x61, 0x035) => "Avalanche-M2-Pro",
        (0x61, 0x038) => "Blizzard-M2-Max",
        (0x61, 0x039) => "Avalanche-M2-Max",
        (0x6d, 0xd49) => "Azure-Cobalt-100",
        (0x70, 0x662) => "FTC662",
        (0x70, 0x663) => "FTC663",
        (0x70, 0x664) => "FTC664",
        (0x70, 0x862) => "FTC862",
        (0xc0, 0xac3) => "Ampere-1",
        (0xc0, 0xac4) => "Ampere-1a",
        (0xc0, 0xac7) => "Ampere-1b",
        _ => return format!("part {part:#05x} of {}", vendor(implementer)),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_names_that_lscpu_shows() {
        for (part, name) in [
            (0xd42, "Cortex-A78AE"),
            (0xd83, "Neoverse-V3AE"),
            (0xd85, "Cortex-X925"),
            (0xd87, "Cortex-A725"),
        ] {
            assert_eq!(core(0x41, part), name);
        }
        assert_eq!(core(0x4e, 0x010), "Olympus");
        assert_eq!(core(0x41, 0xfff), "part 0xfff of ARM");
    }
}
