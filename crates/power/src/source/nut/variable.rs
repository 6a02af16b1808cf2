//! Selects the variable of a UPS or PDU that holds its power in watts.
//!
//! From NUT's `docs/nut-names.txt`: `outlet.N.realpower`, `ups.realpower` and
//! `input.realpower` are in watts. The same names with `power` are in volt-amperes,
//! from which watts cannot be derived. `ups.load` is a percentage, usually a whole
//! number, of the manufacturer's nominal load.

use super::client::{Client, NutFailure};
use crate::error::ReadError;
use crate::parse::nut::number;
use crate::source::attribute::malformed;
use crate::source::plausible::{MAX_METER_W, power_w};

/// The variable from which the power is read.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Variable {
    /// A variable in watts, by its name.
    Watts(String),
    /// `ups.load`, in percent of `ups.realpower.nominal`.
    Load {
        /// The nominal power in watts.
        nominal_w: f64,
    },
}

/// Errors of the selection.
#[derive(thiserror::Error, Debug)]
pub(super) enum ChoiceError {
    /// The request to upsd failed.
    #[error(transparent)]
    Failed(#[from] NutFailure),
    /// The device reports no real power.
    #[error("{0}")]
    NoWatts(String),
    /// The device reports an implausible power.
    #[error(transparent)]
    Reading(#[from] ReadError),
}

impl Variable {
    /// Selects the first of `names` that `ups` reports; if it reports none of them
    /// and `estimate` is true, its load.
    pub fn choose(
        client: &mut Client,
        ups: &str,
        names: &[String],
        estimate: bool,
    ) -> Result<Self, ChoiceError> {
        for name in names {
            if reported(client, ups, name)?.is_some() {
                return Ok(Self::Watts(name.clone()));
            }
        }
        let load = reported(client, ups, "ups.load")?;
        let nominal = reported(client, ups, "ups.realpower.nominal")?;
        let nominal_w = nominal
            .as_deref()
            .and_then(number)
            .filter(|w| (1.0..=MAX_METER_W).contains(w));
        if let (true, Some(_), Some(nominal_w)) = (estimate, load, nominal_w) {
            return Ok(Self::Load { nominal_w });
        }
        let tried = names.join(", ");
        let apparent = reported(client, ups, "ups.power")?;
        Err(ChoiceError::NoWatts(match apparent {
            Some(_) => format!(
                "the device reports ups.power, which is apparent power in VA and not watts, and \
                 none of {tried}"
            ),
            None => format!("the device reports none of {tried}"),
        }))
    }

    /// The name of the variable, for requests and messages.
    pub fn name(&self) -> &str {
        match self {
            Self::Watts(name) => name,
            Self::Load { .. } => "ups.load",
        }
    }

    /// Converts a value of [`Variable::name`] to watts; `what` is its name in errors.
    pub fn power_w(&self, what: &str, value: &str) -> Result<f64, ReadError> {
        let cut = || value.chars().take(64).collect::<String>();
        let number = number(value).ok_or_else(|| malformed(what, cut()))?;
        power_w(
            what,
            match self {
                Self::Watts(_) => number,
                Self::Load { nominal_w } => number / 100.0 * nominal_w,
            },
        )
    }
}

/// Reads a variable; `None` if the device does not have it.
pub(super) fn reported(
    client: &mut Client,
    ups: &str,
    name: &str,
) -> Result<Option<String>, NutFailure> {
    match client.variable(ups, name) {
        Ok(value) => Ok(Some(value)),
        Err(NutFailure::Refused(code)) if code == "VAR-NOT-SUPPORTED" => Ok(None),
        Err(failure) => Err(failure),
    }
}
