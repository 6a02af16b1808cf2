//! The search of several headers at once that differ in their version alone.

use std::ops::ControlFlow;

use super::walk::{OnRolledCandidate, Range};
use super::{Backend, Hit};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, x86_sha};
use crate::group::JobGroup;
use crate::job::Job;

impl Backend {
    /// How many jobs of a group the kernel takes together; 1 for the backends
    /// that search one header at a time.
    pub fn roll_width(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Rolled => avx512::ROLLS,
            #[cfg(target_arch = "x86_64")]
            Self::X86ShaRolled => x86_sha::ROLLS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Rolled => avx2::ROLLS,
            _ => 1,
        }
    }

    /// The backend for one header with the same instructions: itself, unless
    /// it rolls versions.
    pub fn plain(self) -> Backend {
        match self {
            Self::Avx512Rolled => Self::Avx512,
            Self::X86ShaRolled => Self::X86Sha,
            Self::Avx2Rolled => Self::Avx2,
            plain => plain,
        }
    }

    /// Decides every nonce from `first` to `last`, both included, for every job
    /// of `group`, as [`scan`](Self::scan) does for one. `on_hit` receives the
    /// job's place in the group with each hit.
    ///
    /// A group of [`roll_width`](Self::roll_width) jobs is searched nonce after
    /// nonce, and the jobs of a nonce in their order. A group of another size,
    /// and any group on a backend that does not roll, is searched job after
    /// job by the [`plain`](Self::plain) kernel. When `on_hit` breaks, nothing
    /// after that hit in this order is examined. Returns the number of hashes
    /// decided, for a whole range nonces times jobs.
    ///
    /// # Panics
    /// As [`scan`](Self::scan).
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
        self.assert_available();
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

    /// The rolled kernel on [`roll_width`](Self::roll_width) jobs.
    #[cfg(target_arch = "x86_64")]
    fn run_rolled(self, jobs: &[Job], range: Range, on_candidate: &mut OnRolledCandidate<'_>) {
        match self {
            // SAFETY: the caller has checked that the CPU has the features.
            Self::Avx512Rolled => unsafe { avx512::scan_rolled(jobs, range, on_candidate) },
            // SAFETY: the caller has checked that the CPU has the features.
            Self::X86ShaRolled => unsafe { x86_sha::scan_rolled(jobs, range, on_candidate) },
            // SAFETY: the caller has checked that the CPU has the features.
            Self::Avx2Rolled => unsafe { avx2::scan_rolled(jobs, range, on_candidate) },
            plain => unreachable!("{plain} has no rolled kernel"),
        }
    }

    /// The rolled kernel on [`roll_width`](Self::roll_width) jobs.
    #[cfg(not(target_arch = "x86_64"))]
    fn run_rolled(self, _: &[Job], _: Range, _: &mut OnRolledCandidate<'_>) {
        unreachable!("{self} has no rolled kernel")
    }

    /// One job after the other.
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
