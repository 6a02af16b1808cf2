//! What the pool tells its caller.

use std::fmt;
use std::net::SocketAddr;

use crate::difficulty::{Difficulty, digits};
use crate::job::Job;
use crate::jobs::Judged;
use crate::wire::MAX_LINE;

/// Something that happened on a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When, in seconds by the clock of the session.
    pub time_s: f64,
    /// The number of the connection, which is extranonce1 of its jobs; 0 for one that was
    /// turned away.
    pub connection: u32,
    /// What.
    pub what: What,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A miner connected.
    Connected {
        /// Its address.
        peer: SocketAddr,
    },
    /// A miner was turned away, because all connections are taken.
    TurnedAway {
        /// Its address.
        peer: SocketAddr,
    },
    /// The miner named its software.
    Subscribed {
        /// The name, which may be empty.
        user_agent: String,
    },
    /// The miner named its worker; its first job follows.
    Authorised {
        /// The name, which may be empty.
        worker: String,
        /// The name of its software.
        user_agent: String,
    },
    /// A job was sent. An archive needs it to check shares.
    Job(Job),
    /// Something was submitted.
    Share {
        /// The worker.
        worker: String,
        /// The share and its class.
        judged: Judged,
    },
    /// The miner did something that a reader of the figures may want to know; each kind is
    /// told once for each connection.
    Quirk(Quirk),
    /// The connection ended.
    Disconnected {
        /// Why.
        reason: Ending,
    },
}

/// Habits and faults of miners.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum Quirk {
    NameShared { connections: u32 },
    OtherUser { user: String },
    SecondName { user: String },
    BitsWithoutConfigure,
    NoBitsAfterConfigure,
    UnusableSuggestion { text: String },
    UnknownMethod { method: String },
    Unreadable,
    LongLine,
    Flood { lines_per_s: u32 },
    OtherDifficulty { used: f64, sent: Difficulty },
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameShared { connections } => write!(
                f,
                "{connections} connections have one worker's name, and their shares are counted together; give each machine its own name"
            ),
            Self::OtherUser { user } => write!(
                f,
                "shares name the user {user:?}; they count for the worker that was authorised"
            ),
            Self::SecondName { user } => write!(
                f,
                "a second user, {user:?}, was authorised; shares count for the first"
            ),
            Self::BitsWithoutConfigure => write!(
                f,
                "version bits came without mining.configure; they are checked by the mask of BIP 320"
            ),
            Self::NoBitsAfterConfigure => write!(
                f,
                "version rolling was agreed on, but shares have no version bits; they are taken as 0"
            ),
            Self::UnusableSuggestion { text } => {
                write!(f, "the suggested difficulty {text} is none, and is ignored")
            }
            Self::UnknownMethod { method } => {
                write!(f, "the method {method:?} is unknown and was refused")
            }
            Self::Unreadable => write!(f, "a line was no request and was skipped"),
            Self::LongLine => write!(f, "a line of more than {MAX_LINE} bytes was skipped"),
            Self::Flood { lines_per_s } => write!(
                f,
                "more than {lines_per_s} lines in a second came; the rest were read later, so arrival times are late"
            ),
            Self::OtherDifficulty { used, sent } => write!(
                f,
                "a share of difficulty {} came where {sent} was asked for: the miner uses another difficulty",
                digits(*used)
            ),
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum Ending {
    ByMiner,
    Broken(String),
    SlowLine,
    NoSubscription,
    Silent,
    Unreadable,
    Encrypted,
    Http,
    Unwritable,
    Shutdown,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByMiner => "the miner closed the connection",
            Self::Broken(error) => return write!(f, "the connection broke: {error}"),
            Self::SlowLine => "a line was begun and not ended in time",
            Self::NoSubscription => "no mining.subscribe came in time",
            Self::Silent => "nothing was heard for too long",
            Self::Unreadable => "too many lines were no requests",
            Self::Encrypted => "the miner speaks TLS; set its pool to stratum+tcp:// without TLS",
            Self::Http => "the peer speaks HTTP; this is a Stratum V1 pool",
            Self::Unwritable => "the miner does not read what it is sent",
            Self::Shutdown => "the pool was closed",
        })
    }
}
