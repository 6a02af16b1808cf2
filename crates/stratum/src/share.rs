//! Shares: what an archive keeps of each, and the class that it has.
//!
//! The order of a check: the submission is read; its job is looked for among those of its
//! connection; version bits within the mask; the header is rebuilt and hashed; a header
//! that came before is a duplicate; the difficulty of that job; its time; and last whether
//! the job was withdrawn. Only [`Class::Ok`] counts. Every class is kept with its number,
//! because a refused share is evidence too.
//!
//! This module has no input, output or clock; the check of archived shares uses it as the
//! pool does.

use serde_json::Value;

use crate::difficulty::Difficulty;
use crate::job::{VERSION, Work, sha256d};

/// `ntime` may be this much later than its job's: what Bitcoin's nodes bear.
pub const NTIME_AHEAD_S: u32 = 7200;

/// A hash with a fraction up to this was sought for: the miner used a lower difficulty. The
/// hash of garbage is that near to a target only by chance.
pub const NEAR: f64 = 64.0;

/// A share as an archive keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredShare {
    /// Counter of its job.
    pub job: u32,
    /// Number of its connection, which is extranonce1.
    pub connection: u32,
    /// Extranonce2, its bytes read as a big-endian number.
    pub extranonce2: u64,
    /// Time in the header.
    pub ntime: u32,
    /// Nonce in the header.
    pub nonce: u32,
    /// Version in the header, rolled bits included.
    pub version: u32,
    /// Arrival by the clock of the session, in seconds.
    pub time_s: f64,
}

impl StoredShare {
    /// The double SHA-256 of its header.
    pub fn hash(&self, work: &Work) -> [u8; 32] {
        sha256d(&work.header(
            self.connection,
            self.extranonce2,
            self.ntime,
            self.nonce,
            self.version,
        ))
    }

    /// The class by difficulty and time alone, given the share's hash.
    pub fn class(&self, work: &Work, hash: &[u8; 32]) -> Class {
        let late_s = self.ntime.wrapping_sub(work.job.ntime);
        match work.job.difficulty.is_met(hash) {
            false => Class::Low,
            true if late_s > NTIME_AHEAD_S => Class::BadTime,
            true => Class::Ok,
        }
    }
}

/// What became of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// A share; the only class that counts.
    Ok,
    /// A share of a job that was withdrawn a moment ago.
    Late,
    /// A submission for a job that was withdrawn longer ago.
    Stale,
    /// The hash is above the target of its job.
    Low,
    /// The same header came before.
    Duplicate,
    /// The submission cannot be read.
    Malformed,
    /// The connection was never given such a job.
    UnknownJob,
    /// Version bits outside the mask.
    BadVersion,
    /// A share whose time is before its job's, or more than two hours after it.
    BadTime,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::Late,
        Self::Stale,
        Self::Low,
        Self::Duplicate,
        Self::Malformed,
        Self::UnknownJob,
        Self::BadVersion,
        Self::BadTime,
    ];

    /// Its name in records and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Late => "late",
            Self::Stale => "stale",
            Self::Low => "low",
            Self::Duplicate => "duplicate",
            Self::Malformed => "malformed",
            Self::UnknownJob => "unknown-job",
            Self::BadVersion => "bad-version",
            Self::BadTime => "bad-time",
        }
    }

    /// The error that the miner is told, with the customary code; `None` where the answer
    /// is true. Work that was done is never refused for policy: miners that see refusals
    /// leave.
    pub fn refusal(self) -> Option<(i32, &'static str)> {
        match self {
            Self::Ok | Self::Late | Self::BadTime => None,
            Self::Stale | Self::UnknownJob => Some((21, "Job not found")),
            Self::Duplicate => Some((22, "Duplicate share")),
            Self::Low => Some((23, "Low difficulty share")),
            Self::Malformed | Self::BadVersion => Some((20, "Other/Unknown")),
        }
    }
}

/// The parameters of `mining.submit`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The user that it names.
    pub user: String,
    /// Counter of the job; `None` for an id that this pool never gives.
    pub job: Option<u32>,
    /// Extranonce2 as a big-endian number.
    pub extranonce2: u64,
    /// Time in the header.
    pub ntime: u32,
    /// Nonce in the header.
    pub nonce: u32,
    /// Version bits, where there is a sixth parameter.
    pub version_bits: Option<u32>,
}

impl Submission {
    /// Reads the parameters; `None` where they are no submission. Upper case and left-out
    /// leading zeros of numbers are borne. Extranonce2 is bytes: a shorter or longer one is
    /// of another coinbase.
    pub fn read(parameters: &[Value]) -> Option<Self> {
        let [user, job, extranonce2, ntime, nonce, rest @ ..] = parameters else {
            return None;
        };
        let bits = match rest.first() {
            None | Some(Value::Null) => None,
            Some(bits) => Some(number(bits)?),
        };
        let extranonce2 = extranonce2.as_str().filter(|digits| digits.len() == 16)?;
        Some(Self {
            user: user.as_str()?.to_owned(),
            job: number(job),
            extranonce2: digits(extranonce2)?,
            ntime: number(ntime)?,
            nonce: number(nonce)?,
            version_bits: bits,
        })
    }

    /// The version that was hashed; `None` if bits lie outside the mask.
    pub fn version(&self, mask: u32) -> Option<u32> {
        let bits = self.version_bits.unwrap_or(0);
        (bits & !mask == 0).then_some(VERSION & !mask | bits)
    }
}

/// A text of 1 to 8 hexadecimal digits.
fn number(value: &Value) -> Option<u32> {
    let text = value.as_str().filter(|text| text.len() <= 8)?;
    digits(text).and_then(|number| u32::try_from(number).ok())
}

/// Hexadecimal digits and nothing else: the standard parser also takes a sign.
fn digits(text: &str) -> Option<u64> {
    let all = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// A share that counts, as tests of trust see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proven {
    /// The share.
    pub share: StoredShare,
    /// Difficulty of its job.
    pub difficulty: Difficulty,
    /// The place of its hash below the target, uniform on (0, 1] for an honest miner.
    pub fraction: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Job, Session, VERSION_MASK};
    use proptest::prelude::*;
    use serde_json::json;

    fn read(parameters: Value) -> Option<Submission> {
        Submission::read(parameters.as_array().unwrap())
    }

    #[test]
    fn submissions_are_read_as_miners_write_them() {
        let plain = read(json!([
            "u",
            "0000000a",
            "00000000000000ff",
            "5e000000",
            "0000beef"
        ]));
        let plain = plain.unwrap();
        assert_eq!((plain.job, plain.extranonce2), (Some(10), 255));
        assert_eq!((plain.nonce, plain.version_bits), (0xbeef, None));
        let upper = read(json!([
            "u",
            "0000000A",
            "00000000000000FF",
            "5E000000",
            "BEEF"
        ]));
        assert_eq!(upper, Some(plain.clone()));
        let rolled = read(json!([
            "u",
            "a",
            "00000000000000ff",
            "5e000000",
            "beef",
            "00a02000"
        ]));
        let rolled = rolled.unwrap();
        assert_eq!(rolled.version(VERSION_MASK), Some(0x20a0_2000));
        assert_eq!(rolled.version(0x00c0_0000), None);
        assert_eq!(plain.version(0), Some(VERSION));
        // An id of another pool is no fault of the submission's form.
        let foreign = read(json!([
            "u",
            "0xc01490b3b0_184",
            "00000000000000ff",
            "5e000000",
            "0"
        ]));
        assert_eq!(foreign.unwrap().job, None);
    }

    #[test]
    fn what_is_no_submission_is_malformed() {
        for wrong in [
            json!([]),
            json!(["u", "a", "00000000000000ff", "5e000000"]),
            json!(["u", "a", "ff", "5e000000", "0"]),
            json!(["u", "a", "00000000000000ff00", "5e000000", "0"]),
            json!(["u", "a", "000000000000ff0", "5e000000", "0"]),
            json!(["u", "a", "00000000000000fg", "5e000000", "0"]),
            json!(["u", "a", "+0000000000000ff", "5e000000", "0"]),
            json!(["u", "a", "00000000000000ff", "5e000000", "123456789"]),
            json!(["u", "a", "00000000000000ff", "5e000000", ""]),
            json!(["u", "a", "00000000000000ff", 5, "0"]),
            json!([null, "a", "00000000000000ff", "5e000000", "0"]),
            json!(["u", "a", "00000000000000ff", "5e000000", "0", "zz"]),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn class_by_hash_and_time() {
        let job = Job {
            counter: 1,
            device: "d".into(),
            difficulty: Difficulty::power_of_two(-24),
            ntime: 1000,
        };
        let work = Work::new(&Session::new("s"), job);
        let mut classes = [0; 2];
        for nonce in 0..4096 {
            let share = StoredShare {
                job: 1,
                connection: 9,
                extranonce2: 3,
                ntime: 1000,
                nonce,
                version: VERSION,
                time_s: 0.0,
            };
            let hash = share.hash(&work);
            let class = share.class(&work, &hash);
            classes[usize::from(class == Class::Ok)] += 1;
            for ntime in [999, 1000 + NTIME_AHEAD_S + 1] {
                let moved = StoredShare { ntime, ..share };
                let late = moved.class(&work, &hash);
                assert_eq!(late == Class::BadTime, class == Class::Ok);
            }
        }
        // One in 256.
        assert!((4..40).contains(&classes[1]), "{classes:?}");
    }

    #[test]
    fn names_are_unique_and_only_work_is_taken() {
        let names: std::collections::BTreeSet<_> = Class::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Class::ALL.len());
        let taken = Class::ALL.iter().filter(|class| class.refusal().is_none());
        assert_eq!(taken.count(), 3);
    }

    proptest! {
        #[test]
        fn numbers_come_back(job: u32, extranonce2: u64, ntime: u32, nonce: u32, bits: u32) {
            let hex = |n: u32| format!("{n:08x}");
            let parameters = json!(["u", hex(job), format!("{extranonce2:016X}"), hex(ntime), hex(nonce), hex(bits)]);
            let read = read(parameters).unwrap();
            prop_assert_eq!((read.job, read.extranonce2, read.ntime, read.nonce), (Some(job), extranonce2, ntime, nonce));
            prop_assert_eq!(read.version(VERSION_MASK).is_some(), bits & !VERSION_MASK == 0);
        }
    }
}
