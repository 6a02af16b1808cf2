//! A numbering of all headers that can be searched for one template.

use std::fmt;
use std::sync::Arc;

use crate::group::JobGroup;
use crate::hash::Hash256;
use crate::header::Header;
use crate::job::Job;
use crate::target::Target;

/// Version bits that a miner may vary (BIP 320).
pub const VERSION_MASK: u32 = 0x1fff_e000;
/// The number of different values under [`VERSION_MASK`].
const VERSIONS: u64 = 1 << VERSION_MASK.count_ones();
/// The number of times that are tried: the template's and the 599 seconds after it.
const TIMES: u64 = 600;

/// A function from an extranonce to a Merkle root, as the digest's own bytes.
pub type MerkleRoot = Arc<dyn Fn(u64) -> [u8; 32] + Send + Sync>;

/// The header fields that may change when the nonces of one header are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollKinds {
    /// The BIP 320 version bits.
    pub version: bool,
    /// The time, up to 599 seconds forward.
    pub time: bool,
    /// The extranonce, and with it the Merkle root.
    pub extranonce: bool,
}

impl RollKinds {
    /// One fixed header: no field changes.
    pub const NONE: Self = Self {
        version: false,
        time: false,
        extranonce: false,
    };
    /// All fields change, so that there are always further headers.
    pub const ALL: Self = Self {
        version: true,
        time: true,
        extranonce: true,
    };
}

/// The header fields that a roll sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollCoordinates {
    /// The whole version field.
    pub version: u32,
    /// The time field.
    pub time: u32,
    /// The extranonce; 0 when it may not roll.
    pub extranonce: u64,
}

/// Deterministic numbering of work: roll 0 is the template itself; the version counts up
/// first, then the time, then the extranonce.
///
/// Building roll `i` needs no other roll, so any thread or GPU dispatch can take any of
/// them.
#[derive(Clone)]
pub struct Rolls {
    template: Header,
    target: Target,
    merkle_root: MerkleRoot,
    rolled: RollKinds,
}

impl Rolls {
    /// The rolls of `template`, in which the fields permitted by `rolled` change.
    ///
    /// `merkle_root` is called for the root of each extranonce (0 included) when the
    /// extranonce may roll; otherwise the template's root stays.
    pub fn new(
        template: Header,
        target: Target,
        merkle_root: MerkleRoot,
        rolled: RollKinds,
    ) -> Self {
        Self {
            template,
            target,
            merkle_root,
            rolled,
        }
    }

    /// One roll: `header` unchanged.
    pub fn fixed(header: Header, target: Target) -> Self {
        let root = header.merkle_root.0;
        Self::new(header, target, Arc::new(move |_| root), RollKinds::NONE)
    }

    /// The number of rolls; `None` when every `u64` is the number of a roll.
    pub fn len(&self) -> Option<u64> {
        (!self.rolled.extranonce).then(|| self.versions() * self.times())
    }

    /// Always false: the template itself is roll 0.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The target of every roll.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The fields that `roll` sets in the header; `None` past the end.
    pub fn coordinates(&self, roll: u64) -> Option<RollCoordinates> {
        if self.len().is_some_and(|len| roll >= len) {
            return None;
        }
        let version = (roll % self.versions()) as u32;
        let roll = roll / self.versions();
        let time = (roll % self.times()) as u32;
        let extranonce = roll / self.times();
        Some(RollCoordinates {
            version: self.template.version ^ (version << VERSION_MASK.trailing_zeros()),
            time: self.template.time + time,
            extranonce,
        })
    }

    /// The header of `roll`; `None` past the end.
    pub fn header(&self, roll: u64) -> Option<Header> {
        let RollCoordinates {
            version,
            time,
            extranonce,
        } = self.coordinates(roll)?;
        let merkle_root = if self.rolled.extranonce {
            Hash256((self.merkle_root)(extranonce))
        } else {
            self.template.merkle_root
        };
        Some(Header {
            version,
            time,
            merkle_root,
            ..self.template
        })
    }

    /// The job of `roll`; `None` past the end.
    pub fn job(&self, roll: u64) -> Option<Job> {
        self.header(roll)
            .map(|header| Job::new(&header, self.target))
    }

    /// The jobs of `first_roll` and of up to `width` - 1 rolls after it, as many as differ
    /// from it only in the version; `None` past the end and when `width` is 0.
    pub fn group(&self, first_roll: u64, width: usize) -> Option<JobGroup> {
        let header = self.header(first_roll)?;
        let left = self.versions() - first_roll % self.versions();
        let versions: Vec<u32> = (0..left.min(width as u64))
            .map_while(|i| self.coordinates(first_roll.checked_add(i)?))
            .map(|at| at.version)
            .collect();
        JobGroup::new(&header, self.target, &versions)
    }

    /// The number of consecutive rolls that differ only in the version: this many from
    /// every multiple of it on.
    pub(crate) fn versions(&self) -> u64 {
        if self.rolled.version { VERSIONS } else { 1 }
    }

    /// The number of times from the template's on that the 32-bit field can hold.
    fn times(&self) -> u64 {
        if self.rolled.time {
            TIMES.min(u64::from(u32::MAX - self.template.time) + 1)
        } else {
            1
        }
    }
}

impl fmt::Debug for Rolls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rolls")
            .field("template", &self.template)
            .field("target", &self.target)
            .field("rolled", &self.rolled)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn template(time: u32) -> Header {
        Header {
            version: 0x3fff_e004,
            prev_hash: Hash256([1; 32]),
            merkle_root: Hash256([2; 32]),
            time,
            bits: 0x1d00_ffff,
            nonce: 0,
        }
    }

    fn rolls(time: u32, rolled: RollKinds) -> Rolls {
        let root = |extranonce: u64| {
            let mut root = [9; 32];
            root[..8].copy_from_slice(&extranonce.to_le_bytes());
            root
        };
        Rolls::new(template(time), Target::MAX, Arc::new(root), rolled)
    }

    #[test]
    fn a_fixed_header_has_one_roll() {
        let fixed = Rolls::fixed(template(5), Target::MAX);
        assert_eq!(fixed.len(), Some(1));
        assert_eq!(fixed.header(0), Some(template(5)));
        assert_eq!(fixed.header(1), None);
        assert!(fixed.job(1).is_none());
    }

    #[test]
    fn version_then_time_then_extranonce() {
        let all = rolls(1000, RollKinds::ALL);
        assert_eq!(all.len(), None);
        let at = |roll| all.coordinates(roll).unwrap();
        let expected = |roll, version, time, extranonce| {
            assert_eq!((at(roll).version, at(roll).time), (version, time));
            assert_eq!(at(roll).extranonce, extranonce);
        };
        expected(0, 0x3fff_e004, 1000, 0);
        expected(1, 0x3fff_c004, 1000, 0);
        expected(VERSIONS - 1, 0x2000_0004, 1000, 0);
        expected(VERSIONS, 0x3fff_e004, 1001, 0);
        expected(VERSIONS * TIMES - 1, 0x2000_0004, 1599, 0);
        expected(VERSIONS * TIMES, 0x3fff_e004, 1000, 1);
        assert_eq!(all.header(VERSIONS * TIMES).unwrap().merkle_root.0[0], 1);
        assert!(all.header(u64::MAX).is_some());
    }

    #[test]
    fn only_masked_version_bits_change_and_none_repeats() {
        let version = true;
        let versions = rolls(
            0,
            RollKinds {
                version,
                ..RollKinds::NONE
            },
        );
        assert_eq!(versions.len(), Some(VERSIONS));
        let step = if cfg!(miri) { 997 } else { 1 };
        let mut seen = HashSet::new();
        for roll in (0..VERSIONS).step_by(step) {
            let version = versions.coordinates(roll).unwrap().version;
            assert_eq!(version & !VERSION_MASK, 0x3fff_e004 & !VERSION_MASK);
            assert!(seen.insert(version));
        }
        assert_eq!(versions.coordinates(VERSIONS), None);
    }

    #[test]
    fn time_stops_at_the_end_of_its_field() {
        let time = true;
        let late = rolls(
            u32::MAX - 9,
            RollKinds {
                time,
                ..RollKinds::NONE
            },
        );
        assert_eq!(late.len(), Some(10));
        assert_eq!(late.coordinates(9).unwrap().time, u32::MAX);
        assert_eq!(late.coordinates(10), None);
    }

    #[test]
    fn a_group_ends_with_the_versions_and_the_rolls() {
        let all = rolls(1000, RollKinds::ALL);
        let versions = |rolls: &Rolls, first, width| -> Option<Vec<Header>> {
            let group = rolls.group(first, width)?;
            Some(group.jobs().iter().map(|job| *job.header()).collect())
        };
        let expected = |rolls: &Rolls, first, len| -> Option<Vec<Header>> {
            (first..first + len)
                .map(|roll| rolls.header(roll))
                .collect()
        };
        assert_eq!(versions(&all, 0, 4), expected(&all, 0, 4));
        let late = VERSIONS * 601 - 3;
        assert_eq!(versions(&all, late, 4), expected(&all, late, 3));
        assert_eq!(versions(&all, u64::MAX, 4).unwrap().len(), 1);
        assert!(all.group(5, 0).is_none());

        let no = false;
        let finite = rolls(
            u32::MAX,
            RollKinds {
                extranonce: no,
                ..RollKinds::ALL
            },
        );
        assert_eq!(versions(&finite, VERSIONS - 1, 8).unwrap().len(), 1);
        assert!(finite.group(VERSIONS, 8).is_none());

        let times = rolls(
            1000,
            RollKinds {
                version: no,
                ..RollKinds::ALL
            },
        );
        assert_eq!(versions(&times, 7, 4), expected(&times, 7, 1));
    }
}
