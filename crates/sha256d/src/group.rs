//! Jobs whose headers differ only in their version, and therefore share the message
//! schedule of the second block.

use crate::VERSION_MASK;
use crate::header::Header;
use crate::job::Job;
use crate::target::Target;

/// One or more jobs that differ only in the header's version.
///
/// The version is in a header's first 64 bytes. Each job therefore has its own midstate,
/// but the second block, and the message schedule of each nonce, are the same for all.
#[derive(Clone, Debug)]
pub struct JobGroup {
    jobs: Vec<Job>,
}

impl JobGroup {
    /// The jobs of `header` under each of `versions`, in their order; `None` when there are
    /// no versions.
    pub fn new(header: &Header, target: Target, versions: &[u32]) -> Option<Self> {
        let jobs: Vec<Job> = versions
            .iter()
            .map(|&version| Job::new(&Header { version, ..*header }, target))
            .collect();
        (!jobs.is_empty()).then_some(Self { jobs })
    }

    /// The jobs of `header` under `width` versions that differ in the bits that may be
    /// rolled (BIP 320), its own version first; `None` when `width` is 0.
    pub fn spread(header: &Header, target: Target, width: usize) -> Option<Self> {
        let versions: Vec<u32> = (0..width as u32)
            .map(|i| header.version ^ (i << VERSION_MASK.trailing_zeros()))
            .collect();
        Self::new(header, target, &versions)
    }

    /// The jobs, at least one.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_differ_by_their_midstates_alone() {
        let header = Header::from_bytes(&[3; 80]).unwrap();
        let group = JobGroup::new(&header, Target::MAX, &[0x2000_0000, 0x2000_2000]).unwrap();
        let [first, second] = group.jobs() else {
            panic!("{} jobs of 2 versions", group.jobs().len())
        };
        assert_eq!(second.header().version, 0x2000_2000);
        assert_ne!(first.midstate(), second.midstate());
        assert_eq!(first.prepared.w16, second.prepared.w16);
        assert_eq!(first.prepared.mask, second.prepared.mask);
        assert!(JobGroup::new(&header, Target::MAX, &[]).is_none());
    }
}
