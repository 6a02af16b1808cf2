//! What must be said where joules were taken at another boundary than the other side's.

use super::group::Joules;

/// Words of boundaries that are at the wall, as the ASICs' are.
const AT_THE_WALL: [&str; 2] = ["wall", "psu-in"];
/// Words of boundaries that hold a whole machine.
const WHOLE_MACHINE: [&str; 4] = ["wall", "psu-in", "dc-in", "platform"];

/// Beside an ASIC's joules, which are taken at the wall.
pub(super) fn beside_asic(joules: &Joules) -> Option<String> {
    (!AT_THE_WALL.contains(&joules.boundary.as_str())).then(|| {
        format!(
            "these joules are of the {}, the ASIC's are at the wall: what the rest of the machine \
             and its power supply take is not in them, which flatters this device",
            joules.boundary
        )
    })
}

/// Beside an accelerator's, which are of its board.
pub(super) fn beside_board(joules: &Joules) -> Option<String> {
    match joules.boundary.as_str() {
        "board" => None,
        boundary if WHOLE_MACHINE.contains(&boundary) => Some(format!(
            "these joules are of a whole machine ({boundary}), the accelerator's are of its board \
             without a host, which flatters the accelerator"
        )),
        boundary => Some(format!(
            "these joules are of the {boundary}, the accelerator's are of its board with memory \
             and regulators, which flatters this device"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joules(boundary: &str) -> Joules {
        Joules {
            boundary: boundary.into(),
            covers: "machine".into(),
            meters: vec!["x".into()],
            estimate: false,
            gain_unknown: Vec::new(),
        }
    }

    #[test]
    fn who_is_flattered_depends_on_both_sides() {
        assert_eq!(beside_asic(&joules("wall")), None);
        assert_eq!(beside_board(&joules("board")), None);
        let of = |text: Option<String>| text.unwrap();
        assert!(of(beside_asic(&joules("package"))).contains("flatters this device"));
        assert!(of(beside_asic(&joules("board"))).contains("flatters this device"));
        assert!(of(beside_board(&joules("package"))).contains("flatters this device"));
        assert!(of(beside_board(&joules("wall"))).contains("flatters the accelerator"));
    }
}
