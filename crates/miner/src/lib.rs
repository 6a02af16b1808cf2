//! What a Bitcoin miner's firmware claims about itself: rate, power, temperatures, fees.
//!
//! [`read`] asks one miner and returns a [`Report`] of [`Claim`]s. A claim is no
//! measurement. Firmware that shows the full rate while the pool sees half of it, and power
//! that is a model or lacks the power supply's loss, are usual; so each claim has its
//! [`Provenance`], as far as the firmware says, and the place and the text it came from.
//! Figures are in the units of [`Quantity::unit`]; [`Report::judge_units`] finds rates that
//! are in another unit than their field should be.
//!
//! Nothing is changed in the miner, and there are no credentials. [`Kind::requests`] lists
//! all that is sent. Serial numbers, MAC addresses, pool users and network names are not
//! kept.
//!
//! A new kind of firmware needs one file in `firmware/` and one line in
//! `firmware::FIRMWARE`.
#![forbid(unsafe_code)]

mod choice;
mod claim;
mod error;
mod field;
mod firmware;
mod link;
mod number;
mod read;
pub mod repair;
mod replies;
mod report;

pub use choice::{Address, Choice, ChoiceError, Kind, kinds};
pub use claim::{Claim, Provenance, Quantity, Unit};
pub use error::{ApiError, Problem};
pub use read::{Api, read};
pub use report::{HASHES_PER_DIFFICULTY, Identity, Report};

/// Reads the replies to a kind's requests, in their order, as a miner would send them: for
/// fuzzing.
#[doc(hidden)]
pub fn read_replies(kind: Kind, replies: &[&[u8]]) -> Report {
    let mut read = replies::Replies::default();
    for (request, reply) in kind.0.facts().requests.iter().zip(replies) {
        if let Ok((value, _)) = repair::parse(reply) {
            read.push(request.name, value);
        }
    }
    firmware::report(kind.0, &read)
}
