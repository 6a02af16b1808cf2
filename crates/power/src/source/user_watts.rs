//! A constant power stated by the user (`--watts N`).
//!
//! It serves users who own a wall meter without an interface: they read its display
//! under load and type the number. Nothing is measured here, so the provenance is
//! `user` wherever the figure appears.

use super::{Boundary, Covers, Entry, Found, MeterInfo, Pace, Provenance, Quantity, Query};
use super::{Reason, Unavailable, meter::Watts};
use crate::select::MAX_USER_WATTS;

/// The meter's name and identifier.
pub(crate) const NAME: &str = "user-watts";

pub(super) const ENTRY: Entry = Entry::local(NAME, probe).described(
    "constant power stated with --watts N",
    "user-watts --watts N",
);

/// The text of a description after the number.
const STATED: &str = " W, stated by the user";

/// The power in watts that the user stated; `None` if the meter is not `--watts`.
pub fn stated_watts(info: &MeterInfo) -> Option<f64> {
    let number = info.description.strip_suffix(STATED)?;
    number.parse().ok().filter(|_| info.id == NAME)
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let Some(watts) = query.selection.user_watts else {
        let why = Unavailable::new(NAME, "--watts N", Reason::Absent, "no power was stated");
        return Err(why.with_fix(super::absent::STATE_POWER));
    };
    let description = format!("{watts}{STATED}");
    let (covers, boundary) = (Covers::Machine, Boundary::Wall);
    Ok(vec![Found::Available(Box::new(Watts {
        info: MeterInfo {
            provenance: Provenance::User,
            domains: vec!["stated".into()],
            notes: vec![
                "constant figure, not measured by perwatt; taken to be power at the wall \
                 under load"
                    .into(),
            ],
            ..MeterInfo::new(NAME, description, covers, boundary, Quantity::PowerW)
        },
        what: NAME.into(),
        watts: Box::new(move || Ok(watts)),
        max_w: MAX_USER_WATTS,
        pace: Pace::LOCAL,
    }))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Selection, detect};

    #[test]
    fn the_number_is_found_again_in_what_is_recorded() {
        for watts in [65.0, 0.1, 1e-6, 123_456.789, 1.0 / 3.0, 1e6] {
            let selection = Selection {
                user_watts: Some(watts),
                meters: Some(vec![NAME.into()]),
                ..Selection::default()
            };
            let found = detect(&selection).unwrap();
            let [Found::Available(source)] = &found[..] else {
                panic!("{found:?}");
            };
            assert_eq!(stated_watts(source.info()), Some(watts));
            let mut other = source.info().clone();
            other.id = "shelly".into();
            assert_eq!(stated_watts(&other), None);
        }
    }
}
