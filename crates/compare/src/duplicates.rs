//! Several files of one session.

use std::collections::{BTreeMap, HashMap};

use crate::read::{Skipped, SkippedKind, unverified};
use crate::session::{Row, Session};

/// Keeps, of several files of one session, the one with the most runs and meters. A session
/// is in two files if it was finished later or a meter was joined to it.
pub fn drop_duplicates(found: &mut Vec<Session>, skipped: &mut Vec<Skipped>) {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&i| {
        let session = &found[i];
        (
            std::cmp::Reverse((session.runs, session.meters)),
            session.path.clone(),
        )
    });
    let mut kept: HashMap<&str, usize> = HashMap::new();
    let mut reasons: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for i in order {
        let first = *kept.entry(&found[i].id).or_insert(i);
        if first == i {
            continue;
        }
        // Files of one session must hold the same figures for the same runs.
        let wrong = contradict(&found[first], &found[i]).then(|| {
            let path = |i: usize| found[i].path.display().to_string();
            let (a, b) = (path(first), path(i));
            reasons.insert(
                first,
                Some(format!("{b} has other figures of the same runs")),
            );
            format!("{a} has other figures of the same runs")
        });
        reasons.insert(i, wrong);
    }
    let mut index = 0;
    found.retain(|session| {
        let reason = reasons.remove(&index);
        index += 1;
        let keep = reason.is_none();
        if let Some(Some(wrong)) = reason {
            skipped.push(unverified(&session.path, &wrong));
        } else if !keep {
            skipped.push(Skipped {
                path: session.path.clone(),
                reason: format!("session {} is in another file too", short(&session.id)),
                kind: SkippedKind::Duplicate,
            });
        }
        keep
    });
}

/// True if two files of one session have different figures for one run.
fn contradict(a: &Session, b: &Session) -> bool {
    a.rows.iter().any(|row| {
        let same = |other: &&Row| (&other.key, other.metric) == (&row.key, row.metric);
        b.rows.iter().filter(same).any(|other| {
            let of = |round| other.values.iter().find(|(at, _)| *at == round);
            row.values
                .iter()
                .any(|(round, value)| of(*round).is_some_and(|(_, found)| found != value))
        })
    })
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
