//! Detection of sessions that are copies of one another.

use std::collections::HashMap;

use super::sequence::fingerprints;
use crate::schema::Record;

/// Fingerprints of the sessions seen so far, and the number of the first session that has
/// each.
///
/// Two sessions never report work at the same nanoseconds. If they do, one is a copy of the
/// other, and neither is accepted, because nobody can tell which came first.
#[derive(Debug, Default)]
pub struct Copies {
    owners: HashMap<u64, usize>,
    sessions: Vec<(String, Option<usize>)>,
}

impl Copies {
    /// Adds a session and returns the number of an earlier one with which it shares runs.
    /// Several files of one session are not copies of one another.
    pub fn add(&mut self, id: &str, prints: impl IntoIterator<Item = u64>) -> Option<usize> {
        let at = self.sessions.len();
        self.sessions.push((id.to_owned(), None));
        for print in prints {
            let owner = *self.owners.entry(print).or_insert(at);
            if self.sessions[owner].0 != id {
                self.sessions[owner].1.get_or_insert(at);
                self.sessions[at].1.get_or_insert(owner);
            }
        }
        self.sessions[at].1
    }

    /// Adds a record, see [`Copies::add`].
    pub fn add_record(&mut self, record: &Record) -> Option<usize> {
        self.add(
            &record.session.id,
            record.runs.iter().flat_map(fingerprints),
        )
    }

    /// For each session, in the order of addition, the number of another session with which
    /// it shares runs.
    pub fn others(&self) -> impl Iterator<Item = Option<usize>> {
        self.sessions.iter().map(|(_, other)| *other)
    }

    /// The reason that a session is not accepted; `other` is the file of the other one.
    #[must_use]
    pub fn reason(other: &str) -> String {
        format!(
            "its runs report work at the same nanoseconds as those of {other}, another session: one is a copy of the other"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sessions_of_a_pair_are_named() {
        let mut copies = Copies::default();
        assert_eq!(copies.add("a", [1, 2]), None);
        assert_eq!(copies.add("b", [3]), None);
        assert_eq!(copies.add("c", [2, 4]), Some(0));
        let others: Vec<_> = copies.others().collect();
        assert_eq!(others, [Some(2), None, Some(0)]);
    }

    #[test]
    fn two_files_of_one_session_are_not_copies() {
        let mut copies = Copies::default();
        assert_eq!(copies.add("a", [1]), None);
        assert_eq!(copies.add("a", [1]), None);
        assert!(copies.others().all(|other| other.is_none()));
    }
}
