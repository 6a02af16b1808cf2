//! The search over one header after another: a fast device uses up the nonces of one header
//! in less than half a second.

use perwatt_sha256d::{JobGroup, Rolls, Share};

use super::search::{Range, Searcher};
use super::wgsl::HITS;
use crate::GpuError;
use crate::pump::{DEPTH, Dispatch, Work};

/// A search that rolls its headers, as [`Work`] whose piece is one nonce of each version.
pub struct Driver<'s, 'd> {
    searcher: &'s Searcher<'d>,
    rolls: Rolls,
    /// First roll of the next group to dispatch.
    roll: u64,
    /// First nonce of the next dispatch.
    next: u64,
    group: JobGroup,
    slots: [Option<Dispatched>; DEPTH],
    shares: Vec<Share>,
}

/// The range that a slot searches.
struct Dispatched {
    roll: u64,
    group: JobGroup,
    first: u32,
}

impl<'s, 'd> Driver<'s, 'd> {
    /// Prepares a search of `rolls` from nonce `first_nonce` of `first_roll`, which is a
    /// multiple of the kernel's versions.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] when there are fewer rolls than the kernel has
    /// versions.
    pub fn new(
        searcher: &'s Searcher<'d>,
        rolls: Rolls,
        first_roll: u64,
        first_nonce: u32,
    ) -> Result<Self, GpuError> {
        let group = group(searcher, &rolls, first_roll)?;
        Ok(Self {
            searcher,
            rolls,
            roll: first_roll,
            next: u64::from(first_nonce),
            group,
            slots: [const { None }; DEPTH],
            shares: Vec::new(),
        })
    }

    /// Versions of a header that each piece covers.
    pub fn versions(&self) -> u64 {
        self.searcher.variant().midstates as u64
    }

    /// The shares found, in the order in which dispatches ended.
    pub fn into_shares(self) -> Vec<Share> {
        self.shares
    }

    /// Moves on to the next group once the nonces of this one are used up.
    fn roll(&mut self) -> Result<(), GpuError> {
        self.roll += self.versions();
        self.next = 0;
        self.group = group(self.searcher, &self.rolls, self.roll)?;
        Ok(())
    }
}

fn group(searcher: &Searcher, rolls: &Rolls, roll: u64) -> Result<JobGroup, GpuError> {
    let versions = searcher.variant().midstates;
    rolls
        .group(roll, versions)
        .filter(|group| group.jobs().len() == versions)
        .ok_or_else(|| {
            let left = format!("no {versions} versions of a header are left from roll {roll} on");
            searcher.device().unsupported(left)
        })
}

impl Work for Driver<'_, '_> {
    fn encode(&mut self, dispatch: Dispatch<'_>, wanted: u64) -> Result<u64, GpuError> {
        if self.next > u64::from(u32::MAX) {
            self.roll()?;
        }
        let left = (1 << 32) - self.next;
        let nonces = self.searcher.whole_grid(wanted.min(left));
        let first = self.next as u32;
        let range = Range {
            group: &self.group,
            first,
            nonces,
            mask: self.group.jobs()[0].mask(),
        };
        let slot = dispatch.slot;
        self.searcher.encode(dispatch, range)?;
        self.slots[slot] = Some(Dispatched {
            roll: self.roll,
            group: self.group.clone(),
            first,
        });
        self.next += u64::from(nonces);
        Ok(u64::from(nonces))
    }

    fn submitted(&mut self, slot: usize) {
        self.searcher.submitted(slot);
    }

    fn completed(&mut self, slot: usize) -> Result<(), GpuError> {
        let Some(dispatched) = self.slots[slot].take() else {
            return Ok(());
        };
        let wrong = |what: String| self.searcher.device().wrong(what);
        let found = self.searcher.found(slot, dispatched.first)?;
        if found.count > HITS {
            return Err(wrong(format!(
                "a dispatch reports {} candidates, and {HITS} fit; the share target is too easy or the kernel is broken",
                found.count
            )));
        }
        for (version, nonce) in found.candidates {
            let job = &dispatched.group.jobs()[version];
            let hash = job.hash(nonce);
            // The kernel checks only one word of the digest, against the target's mask. A
            // reported nonce without those zero bits means that the kernel is broken.
            let word = u32::from_be_bytes([hash.0[28], hash.0[29], hash.0[30], hash.0[31]]);
            if word & job.mask() != 0 {
                return Err(wrong(format!(
                    "nonce {nonce} was reported and its hash {hash} lacks the zeros asked for"
                )));
            }
            if job.target().is_met_by(&hash) {
                let roll = dispatched.roll + version as u64;
                let at = self.rolls.coordinates(roll);
                let at = at.ok_or_else(|| wrong(format!("roll {roll} does not exist")))?;
                self.shares.push(Share {
                    roll,
                    version: at.version,
                    time: at.time,
                    extranonce: at.extranonce,
                    nonce,
                    hash,
                });
            }
        }
        Ok(())
    }
}
