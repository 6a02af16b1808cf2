//! Popular sentences about mining and AI, and the arithmetic that tests each.
//!
//! Every figure of a [`Step`] is either given, with its source, or computed from steps
//! before it; every figure of a conclusion is a step's, formatted.

use serde::Serialize;
use thiserror::Error;

use crate::catalogue::{Catalogue, CatalogueError, NameError};
use perwatt_site::protocol::InputError;
use perwatt_table::Evidence;

mod assets;
mod devices;
mod earnings;
mod format;
mod gpus;
mod intensity;
mod network;
mod step;

pub use step::Step;

/// How a sentence fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The arithmetic contradicts it.
    Wrong,
    /// The arithmetic gives the same.
    Right,
    /// One part holds and another does not.
    PartlyRight,
    /// Nothing was found that it could rest on.
    Unsupported,
}

impl Verdict {
    /// The words in tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Right => "right",
            Self::PartlyRight => "partly right",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A popular sentence and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The sentence, quoted.
    pub claim: String,
    /// Who said it, and of what where the sentence alone does not tell.
    pub said_by: String,
    /// When, as far as it is known: a year, a month or a day.
    pub date: Option<String>,
    /// How it fares.
    pub verdict: Verdict,
    /// The arithmetic, in order.
    pub steps: Vec<Step>,
    /// The outcome in words.
    pub conclusion: String,
}

impl Claim {
    /// What the conclusion rests on: the weakest of its steps, exact without any.
    pub fn mark(&self) -> Evidence {
        step::weakest(&self.steps)
    }
}

/// Why a sentence could not be tested: the data that come with the program are not what
/// this module expects of them.
#[derive(Debug, Error)]
pub enum ClaimError {
    /// A formula's input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The catalogue that comes with the program has a fault.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A device that is not in it.
    #[error(transparent)]
    Device(#[from] NameError),
    /// A device without the power that a claim needs.
    #[error("the catalogue's {device} has no power_w; fill it in")]
    NoPower {
        /// Which.
        device: String,
    },
}

/// All of them, worked out.
///
/// # Errors
/// [`ClaimError`]: the tables that come with the program are not what they should be. The
/// tests make sure that they are.
pub fn claims() -> Result<Vec<Claim>, ClaimError> {
    let catalogue = Catalogue::builtin()?;
    Ok(vec![
        earnings::dollars_per_kwh(&catalogue)?,
        earnings::dollars_per_mw_year(&catalogue)?,
        assets::dormant_rigs(),
        gpus::three_hundred_gpus(&catalogue)?,
        network::ten_times_the_power(),
        intensity::order_of_magnitude(),
        network::twenty_one_million(),
        network::three_quarters()?,
    ])
}
