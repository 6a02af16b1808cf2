//! Names for the numbers in Arm's main ID register (MIDR_EL1).
//!
//! Linux prints implementer and part as numbers; their names are in `arm_parts.rs`.

use super::arm_parts::MAKERS;

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
    use super::super::arm_parts::{LINUX_COMMIT, SOURCE_DATE, UTIL_LINUX_COMMIT};
    use super::*;

    /// To bring the table up to date: compare it with both files at their newest commits,
    /// add the parts that it lacks, rename none, and change the date and commits here.
    #[test]
    fn the_table_is_that_of_its_sources_on_this_day() {
        let sources = [SOURCE_DATE, UTIL_LINUX_COMMIT, LINUX_COMMIT];
        assert_eq!(sources, ["2026-08-20", "39465c780eed", "cb9f145f638d"]);
        let parts = MAKERS.iter().flat_map(|(.., cores)| cores.split(", "));
        assert_eq!(parts.count(), 115, "add parts together with the date");
    }

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
