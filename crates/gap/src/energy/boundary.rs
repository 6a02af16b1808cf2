//! Notes on joules that were measured at another boundary than the other side's.

use perwatt_power::Boundary;

use super::group::Joules;

/// Note for a comparison with an ASIC's joules: by its name plate they are at the wall.
pub(super) fn beside_asic(joules: &Joules, asic: Boundary) -> Option<String> {
    if joules.boundary == asic || (joules.boundary.at_wall() && asic.at_wall()) {
        return None;
    }
    Some(match asic.at_wall() {
        false => format!(
            "these joules are of the {}, the ASIC's of its {asic}: the two are not of the same part",
            joules.boundary
        ),
        true => format!(
            "these joules are of the {}, the ASIC's are at the wall: what the rest of the machine \
             and its power supply take is not in them, which flatters this device",
            joules.boundary
        ),
    })
}

/// Note for a comparison with an accelerator's joules, which are those of its board.
pub(super) fn beside_board(joules: &Joules) -> Option<String> {
    match joules.boundary {
        Boundary::Board => None,
        boundary if boundary.covers_whole_machine() => Some(format!(
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
    use perwatt_compare::key::Covered;

    fn joules(boundary: Boundary) -> Joules {
        Joules {
            boundary,
            covers: Covered::Machine,
            meters: vec!["x".into()],
            estimate: false,
            gain_unknown: Vec::new(),
        }
    }

    #[test]
    fn who_is_flattered_depends_on_both_sides() {
        let beside_wall = |joules: &Joules| beside_asic(joules, Boundary::Wall);
        assert_eq!(beside_wall(&joules(Boundary::Wall)), None);
        let board = beside_asic(&joules(Boundary::Wall), Boundary::Board);
        assert!(board.is_some_and(|text| text.contains("not of the same part")));
        assert_eq!(beside_board(&joules(Boundary::Board)), None);
        let of = |text: Option<String>| text.unwrap();
        assert!(of(beside_wall(&joules(Boundary::Package))).contains("flatters this device"));
        assert!(of(beside_wall(&joules(Boundary::Board))).contains("flatters this device"));
        assert!(of(beside_board(&joules(Boundary::Package))).contains("flatters this device"));
        assert!(of(beside_board(&joules(Boundary::Wall))).contains("flatters the accelerator"));
    }
}
