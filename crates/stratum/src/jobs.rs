//! The jobs that one connection was given, and the judgement of what it submits for them.

use std::collections::{HashSet, VecDeque};

use crate::difficulty::Difficulty;
use crate::job::Work;
use crate::share::{Class, StoredShare, Submission};

/// Jobs remembered: a day of them. Older ones are unknown.
const REMEMBERED: usize = 4096;
/// Hashes remembered per job to tell duplicates that are no shares. Those that are shares
/// are all remembered.
const REMEMBERED_LOW: usize = 4096;

/// A submission with its class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// What became of it.
    pub class: Class,
    /// The share; `None` where it could not be rebuilt.
    pub share: Option<StoredShare>,
    /// Difficulty of its job.
    pub difficulty: Option<Difficulty>,
    /// Place of its hash below the target, above 1 where it is none.
    pub fraction: Option<f64>,
    /// Seconds since its job was withdrawn.
    pub lag_s: Option<f64>,
}

impl Judged {
    /// A submission without a share.
    pub fn bare(class: Class) -> Self {
        Self {
            class,
            share: None,
            difficulty: None,
            fraction: None,
            lag_s: None,
        }
    }
}

/// The jobs of a connection, by counter, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    issued: VecDeque<Issued>,
}

#[derive(Debug)]
struct Issued {
    work: Work,
    withdrawn_s: Option<f64>,
    seen: HashSet<[u8; 32]>,
    seen_low: usize,
}

impl Jobs {
    /// Adds a job; `is_clean` withdraws all before it.
    pub fn issue(&mut self, work: Work, is_clean: bool, now_s: f64) {
        if is_clean {
            for old in &mut self.issued {
                old.withdrawn_s.get_or_insert(now_s);
            }
        }
        if self.issued.len() == REMEMBERED {
            self.issued.pop_front();
        }
        self.issued.push_back(Issued {
            work,
            withdrawn_s: None,
            seen: HashSet::new(),
            seen_low: 0,
        });
    }

    /// True before the first job.
    pub fn is_empty(&self) -> bool {
        self.issued.is_empty()
    }

    /// Judges a submission of the connection, whose number is extranonce1. Shares of a job
    /// that was withdrawn at most `late_s` ago are late, others stale.
    pub fn judge(
        &mut self,
        connection: u32,
        submission: &Submission,
        mask: u32,
        now_s: f64,
        late_s: f64,
    ) -> Judged {
        let issued = submission.job.and_then(|counter| {
            let found = |issued: &Issued| issued.work.job.counter.cmp(&counter);
            let at = self.issued.binary_search_by(found).ok()?;
            self.issued.get_mut(at)
        });
        let Some(issued) = issued else {
            return Judged::bare(Class::UnknownJob);
        };
        let Some(version) = submission.version(mask) else {
            return Judged::bare(Class::BadVersion);
        };
        let share = StoredShare {
            job: issued.work.job.counter,
            connection,
            extranonce2: submission.extranonce2,
            ntime: submission.ntime,
            nonce: submission.nonce,
            version,
            time_s: now_s,
        };
        let hash = share.hash(&issued.work);
        let lag_s = issued.withdrawn_s.map(|then| now_s - then);
        let class = match (share.class(&issued.work, &hash), lag_s) {
            _ if issued.is_known(hash) => Class::Duplicate,
            (Class::Ok, Some(lag_s)) if lag_s > late_s => Class::Stale,
            (Class::Ok, Some(_)) => Class::Late,
            (class, _) => class,
        };
        let difficulty = issued.work.job.difficulty;
        Judged {
            class,
            share: Some(share),
            difficulty: Some(difficulty),
            fraction: Some(difficulty.fraction(&hash)),
            lag_s,
        }
    }
}

impl Issued {
    /// Remembers a hash; returns true if it was remembered before.
    fn is_known(&mut self, hash: [u8; 32]) -> bool {
        if !self.work.job.difficulty.is_met(&hash) {
            if self.seen_low == REMEMBERED_LOW {
                return self.seen.contains(&hash);
            }
            self.seen_low += 1;
        }
        !self.seen.insert(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Job, Session, VERSION_MASK};

    fn work(counter: u32) -> Work {
        let job = Job {
            counter,
            device: "d".into(),
            difficulty: Difficulty::power_of_two(-32),
            ntime: 1000,
        };
        Work::new(&Session::new("s"), job)
    }

    fn submission(job: u32, nonce: u32) -> Submission {
        Submission {
            user: "d".into(),
            job: Some(job),
            extranonce2: 0,
            ntime: 1000,
            nonce,
            version_bits: None,
        }
    }

    fn class(jobs: &mut Jobs, job: u32, nonce: u32, now_s: f64) -> Class {
        let judged = jobs.judge(1, &submission(job, nonce), VERSION_MASK, now_s, 10.0);
        judged.class
    }

    #[test]
    fn jobs_live_until_they_are_withdrawn() {
        let mut jobs = Jobs::default();
        jobs.issue(work(3), true, 0.0);
        jobs.issue(work(5), false, 1.0);
        assert_eq!(class(&mut jobs, 3, 0, 2.0), Class::Ok);
        assert_eq!(class(&mut jobs, 5, 0, 2.0), Class::Ok);
        assert_eq!(class(&mut jobs, 4, 0, 2.0), Class::UnknownJob);
        jobs.issue(work(6), true, 3.0);
        assert_eq!(class(&mut jobs, 3, 1, 4.0), Class::Late);
        assert_eq!(class(&mut jobs, 3, 2, 14.0), Class::Stale);
        assert_eq!(class(&mut jobs, 3, 0, 14.0), Class::Duplicate);
        assert_eq!(class(&mut jobs, 6, 0, 14.0), Class::Ok);
        assert_eq!(class(&mut jobs, 6, 0, 14.0), Class::Duplicate);
    }

    #[test]
    fn memory_is_bounded() {
        let mut jobs = Jobs::default();
        for counter in 0..5000 {
            jobs.issue(work(counter), false, 0.0);
        }
        assert_eq!(jobs.issued.len(), REMEMBERED);
        assert_eq!(class(&mut jobs, 0, 0, 1.0), Class::UnknownJob);
        assert_eq!(class(&mut jobs, 4999, 0, 1.0), Class::Ok);
        let hard = Job {
            difficulty: Difficulty::power_of_two(40),
            counter: 5000,
            ..work(0).job
        };
        jobs.issue(Work::new(&Session::new("s"), hard), false, 1.0);
        for nonce in 0..5000 {
            assert_eq!(class(&mut jobs, 5000, nonce, 1.0), Class::Low);
        }
        assert_eq!(jobs.issued.back().unwrap().seen.len(), REMEMBERED_LOW);
    }
}
