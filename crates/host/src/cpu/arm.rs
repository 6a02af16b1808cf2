//! Names for the numbers in Arm's main ID register (MIDR_EL1).
//!
//! Linux prints implementer and part as numbers; the names are those of util-linux
//! `sys-utils/lscpu-arm.c`, limited to 64-bit parts that are worth a benchmark.

/// The code of an implementer, the maker's name, and its cores: part numbers and names.
const MAKERS: &[(u32, &str, &str)] = &[
    (
        0x41,
        "ARM",
        "d02 Cortex-A34, d03 Cortex-A53, d04 Cortex-A35, d05 Cortex-A55, d06 Cortex-A65, \
         d07 Cortex-A57, d08 Cortex-A72, d09 Cortex-A73, d0a Cortex-A75, d0b Cortex-A76, \
         d0c Neoverse-N1, d0d Cortex-A77, d0e Cortex-A76AE, d40 Neoverse-V1, d41 Cortex-A78, \
         d42 Cortex-A78AE, d43 Cortex-A65AE, d44 Cortex-X1, d46 Cortex-A510, \
         d47 Cortex-A710, d48 Cortex-X2, d49 Neoverse-N2, d4a Neoverse-E1, d4b Cortex-A78C, \
         d4c Cortex-X1C, d4d Cortex-A715, d4e Cortex-X3, d4f Neoverse-V2, d80 Cortex-A520, \
         d81 Cortex-A720, d82 Cortex-X4, d83 Neoverse-V3AE, d84 Neoverse-V3, \
         d85 Cortex-X925, d87 Cortex-A725, d88 Cortex-A520AE, d89 Cortex-A720AE, \
         d8a C1-Nano, d8b C1-Pro, d8c C1-Ultra, d8e Neoverse-N3, d8f Cortex-A320, \
         d90 C1-Premium",
    ),
    (
        0x43,
        "Cavium",
        "0a1 ThunderX-88XX, 0af ThunderX2-99xx, 0b8 ThunderX3-T110",
    ),
    (0x46, "Fujitsu", "001 A64FX, 003 MONAKA"),
    (0x48, "HiSilicon", "d01 TaiShan-v110, d02 TaiShan-v120"),
    (0x4e, "NVIDIA", "003 Denver 2, 004 Carmel, 010 Olympus"),
    (0x51, "Qualcomm", "001 Oryon, c00 Falkor"),
    (
        0x61,
        "Apple",
        "022 Icestorm-M1, 023 Firestorm-M1, 024 Icestorm-M1-Pro, 025 Firestorm-M1-Pro, \
         028 Icestorm-M1-Max, 029 Firestorm-M1-Max, 032 Blizzard-M2, 033 Avalanche-M2, \
         034 Blizzard-M2-Pro, 035 Avalanche-M2-Pro, 038 Blizzard-M2-Max, 039 Avalanche-M2-Max",
    ),
    (0x6d, "Microsoft", "d49 Azure-Cobalt-100"),
    (
        0x70,
        "Phytium",
        "662 FTC662, 663 FTC663, 664 FTC664, 862 FTC862",
    ),
    (0xc0, "Ampere", "ac3 Ampere-1, ac4 Ampere-1a, ac7 Ampere-1b"),
];

/// The maker's name for an implementer code; the code in hexadecimal if it is unknown.
pub(super) fn vendor(implementer: u32) -> String {
    let maker = MAKERS.iter().find(|(code, ..)| *code == implementer);
    maker.map_or_else(
        || format!("implementer {implementer:#x}"),
        |(_, name, _)| (*name).to_owned(),
    )
}

/// The core's name; for an unknown core, the part number in hexadecimal and the maker.
pub(super) fn core(implementer: u32, part: u32) -> String {
    let maker = MAKERS.iter().find(|(code, ..)| *code == implementer);
    let mut cores = maker.into_iter().flat_map(|(.., cores)| cores.split(", "));
    let number = format!("{part:03x} ");
    let name = cores.find_map(|core| core.strip_prefix(&*number));
    let unknown = || format!("part {part:#05x} of {}", vendor(implementer));
    name.map_or_else(unknown, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_names_that_lscpu_shows() {
        let arm = [0xd42, 0xd83, 0xd85, 0xd87].map(|part| core(0x41, part));
        let names = [
            "Cortex-A78AE",
            "Neoverse-V3AE",
            "Cortex-X925",
            "Cortex-A725",
        ];
        assert_eq!(arm, names);
        assert_eq!(
            [core(0x4e, 0x010), core(0x4e, 0x003)],
            ["Olympus", "Denver 2"]
        );
        assert_eq!(core(0x41, 0xfff), "part 0xfff of ARM");
        assert_eq!(core(0x77, 0x001), "part 0x001 of implementer 0x77");
        for (.., cores) in MAKERS {
            for core in cores.split(", ") {
                let (number, name) = core.split_once(' ').unwrap();
                assert!(
                    number.len() == 3 && u32::from_str_radix(number, 16).is_ok(),
                    "{name}"
                );
            }
        }
    }
}
