//! The search of a range of nonces, for one header or for several that differ only in their
//! version.

use std::ops::ControlFlow;

use super::Backend;
use super::walk::Range;
use crate::group::JobGroup;
use crate::hash::Hash256;
use crate::job::Job;

/// A nonce whose hash meets the job's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The header's nonce field.
    pub nonce: u32,
    /// The header's hash with that nonce.
    pub hash: Hash256,
}

impl Backend {
    /// Decides every nonce from `first` to `last`, both included, and reports those that
    /// meet the job's target in ascending order.
    ///
    /// A nonce is decided when it is either rejected, by the bits of its last digest word
    /// that the target demands to be zero, or accepted, by hashing it again in full with
    /// the plain compression function and comparing all 256 bits. When `on_hit` breaks, the
    /// nonces after that hit are not examined. Returns the number of nonces decided: at
    /// most 2³², and 0 for a reversed range.
    ///
    /// ```
    /// use perwatt_sha256d::{Backend, Header, Job};
    /// use std::ops::ControlFlow;
    ///
    /// let genesis = Header::from_hex(concat!(
    ///     "0100000000000000000000000000000000000000000000000000000000000000",
    ///     "000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa",
    ///     "4b1e5e4a29ab5f49ffff001d00000000",
    /// ))?;
    /// let job = Job::new(&genesis, genesis.target()?);
    /// let mut hits = Vec::new();
    /// let decided = Backend::detect().scan(&job, 2_083_236_800, 2_083_236_999, &mut |hit| {
    ///     hits.push(hit.nonce);
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!((decided, hits), (200, vec![2_083_236_893]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan(
        self,
        job: &Job,
        first: u32,
        last: u32,
        on_hit: &mut dyn FnMut(Hit) -> ControlFlow<()>,
    ) -> u64 {
        if first > last {
            return 0;
        }
        let mut stopped_at = None;
        let mut on_candidate = |nonce: u32| {
            let hash = job.hash(nonce);
            if !job.target().is_met_by(&hash) {
                return ControlFlow::Continue(());
            }
            let flow = on_hit(Hit { nonce, hash });
            if flow.is_break() {
                stopped_at = Some(nonce);
            }
            flow
        };
        self.run(&job.prepared, Range { first, last }, &mut on_candidate);
        u64::from(stopped_at.unwrap_or(last) - first) + 1
    }

    /// Decides every nonce from `first` to `last`, both included, for every job of `group`,
    /// as [`scan`](Self::scan) does for one. `on_hit` receives the job's index in the group
    /// with each hit.
    ///
    /// A group of [`roll_width`](Self::roll_width) jobs is searched nonce after nonce, and
    /// the jobs of a nonce in their order. A group of another size, and any group on a
    /// backend that does not roll, is searched job after job by the kernel for one. When
    /// `on_hit` breaks, nothing after that hit in this order is examined. Returns the
    /// number of hashes decided: for a whole range, nonces times jobs.
    ///
    /// ```
    /// use perwatt_sha256d::{Backend, Header, JobGroup, Target};
    /// use std::ops::ControlFlow;
    ///
    /// let genesis = Header::from_hex(concat!(
    ///     "0100000000000000000000000000000000000000000000000000000000000000",
    ///     "000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa",
    ///     "4b1e5e4a29ab5f49ffff001d00000000",
    /// ))?;
    /// let group = JobGroup::new(&genesis, genesis.target()?, &[4, 3, 2, 1]).unwrap();
    /// let mut hits = Vec::new();
    /// let (first, last) = (2_083_236_800, 2_083_236_999);
    /// let decided = Backend::detect().scan_rolled(&group, first, last, &mut |job, hit| {
    ///     hits.push((group.jobs()[job].header().version, hit.nonce));
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!((decided, hits), (4 * 200, vec![(1, 2_083_236_893)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan_rolled(
        self,
        group: &JobGroup,
        first: u32,
        last: u32,
        on_hit: &mut dyn FnMut(usize, Hit) -> ControlFlow<()>,
    ) -> u64 {
        let jobs = group.jobs();
        if self.roll_width() == 1 || jobs.len() != self.roll_width() {
            return self.scan_in_turn(jobs, first, last, on_hit);
        }
        if first > last {
            return 0;
        }
        let mut stopped_at = None;
        let mut on_candidate = |job: usize, nonce: u32| {
            let hash = jobs[job].hash(nonce);
            if !jobs[job].target().is_met_by(&hash) {
                return ControlFlow::Continue(());
            }
            let flow = on_hit(job, Hit { nonce, hash });
            if flow.is_break() {
                stopped_at = Some((job, nonce));
            }
            flow
        };
        self.run_rolled(jobs, Range { first, last }, &mut on_candidate);
        let (last_job, last_nonce) = stopped_at.unwrap_or((jobs.len() - 1, last));
        u64::from(last_nonce - first) * jobs.len() as u64 + last_job as u64 + 1
    }

    /// Searches one job after the other.
    fn scan_in_turn(
        self,
        jobs: &[Job],
        first: u32,
        last: u32,
        on_hit: &mut dyn FnMut(usize, Hit) -> ControlFlow<()>,
    ) -> u64 {
        let mut decided = 0;
        for (i, job) in jobs.iter().enumerate() {
            let mut flow = ControlFlow::Continue(());
            decided += self.scan(job, first, last, &mut |hit| {
                flow = on_hit(i, hit);
                flow
            });
            if flow.is_break() {
                break;
            }
        }
        decided
    }
}
