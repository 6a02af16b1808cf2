//! Implementers and part numbers of 64-bit Arm cores.
//!
//! Sources: util-linux `sys-utils/lscpu-arm.c` at [`UTIL_LINUX_COMMIT`], of
//! [`SOURCE_DATE`], for the names; Linux `arch/arm64/include/asm/cputype.h` at
//! [`LINUX_COMMIT`], which lists the parts that need a workaround.
//!
//! The names are part of the machine key, so a name that was once released stays where a
//! source renames the part: HiSilicon's cores are called as in Linux (`TaiShan-v110`; in
//! util-linux now `Kunpeng-920`, for several parts), and `Denver 2` keeps its space. Left
//! out are 32-bit cores and those of microcontrollers.

/// The date of the newest commit of util-linux when the table was compared with it.
#[cfg(test)]
pub(super) const SOURCE_DATE: &str = "2026-08-20";
/// That commit.
#[cfg(test)]
pub(super) const UTIL_LINUX_COMMIT: &str = "39465c780eed";
/// The commit of Linux.
#[cfg(test)]
pub(super) const LINUX_COMMIT: &str = "cb9f145f638d";

/// The code of an implementer, the maker's name, and its cores: part numbers and names.
pub(super) const MAKERS: &[(u32, &str, &str)] = &[
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
    (0x42, "Broadcom", "100 Brahma-B53, 516 ThunderX2"),
    (
        0x43,
        "Cavium",
        "0a0 ThunderX, 0a1 ThunderX-88XX, 0a2 ThunderX-81XX, 0a3 ThunderX-83XX, \
         0af ThunderX2-99xx, 0b0 OcteonTX2, 0b1 OcteonTX2-98XX, 0b2 OcteonTX2-96XX, \
         0b3 OcteonTX2-95XX, 0b4 OcteonTX2-95XXN, 0b5 OcteonTX2-95XXMM, \
         0b6 OcteonTX2-95XXO, 0b8 ThunderX3-T110",
    ),
    (0x46, "Fujitsu", "001 A64FX, 003 MONAKA"),
    (
        0x48,
        "HiSilicon",
        "d01 TaiShan-v110, d02 TaiShan-v120, d06 Kunpeng-950, d40 Cortex-A76, \
         d41 Cortex-A77",
    ),
    (
        0x4e,
        "NVIDIA",
        "000 Denver, 003 Denver 2, 004 Carmel, 010 Olympus",
    ),
    (0x50, "APM", "000 X-Gene"),
    (
        0x51,
        "Qualcomm",
        "001 Oryon, 201 Kryo, 205 Kryo, 211 Kryo, 800 Falkor-V1/Kryo, 801 Kryo-V2, \
         802 Kryo-3XX-Gold, 803 Kryo-3XX-Silver, 804 Kryo-4XX-Gold, 805 Kryo-4XX-Silver, \
         c00 Falkor, c01 Saphira",
    ),
    (
        0x53,
        "Samsung",
        "001 exynos-m1, 002 exynos-m3, 003 exynos-m4, 004 exynos-m5",
    ),
    (
        0x61,
        "Apple",
        "020 Icestorm-A14, 021 Firestorm-A14, 022 Icestorm-M1, 023 Firestorm-M1, \
         024 Icestorm-M1-Pro, 025 Firestorm-M1-Pro, 028 Icestorm-M1-Max, \
         029 Firestorm-M1-Max, 030 Blizzard-A15, 031 Avalanche-A15, 032 Blizzard-M2, \
         033 Avalanche-M2, 034 Blizzard-M2-Pro, 035 Avalanche-M2-Pro, 036 Sawtooth-A16, \
         037 Everest-A16, 038 Blizzard-M2-Max, 039 Avalanche-M2-Max",
    ),
    (0x6d, "Microsoft", "d49 Azure-Cobalt-100"),
    (
        0x70,
        "Phytium",
        "303 FTC310, 660 FTC660, 661 FTC661, 662 FTC662, 663 FTC663, 664 FTC664, \
         862 FTC862",
    ),
    (0xc0, "Ampere", "ac3 Ampere-1, ac4 Ampere-1a, ac7 Ampere-1b"),
];
