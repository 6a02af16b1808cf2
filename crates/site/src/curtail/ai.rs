//! Cost of a stop for a use that keeps state.

use super::error::UseError;
use super::prices::MAX_USD_PER_MWH;
use super::stop::{MAX_STOP_H, within};

/// Expected cost of one stop of an AI use with the restart after it, in USD/MW:
/// `rent · (restart + half a checkpoint interval)`.
///
/// The whole cost of a stop of `h` hours is `rent·h + restart_cost + lost_work`; the rent
/// of the hours stopped is in [`Use`](super::stop::Use)'s value of a MWh, and this is the
/// rest. `rent_usd_per_mw_h`: earnings of one MW at the meter in an hour. `restart_h`:
/// hours from the end of the stop to full work. `checkpoint_interval_h`: hours between two
/// checkpoints; work since the last one is repeated, half an interval on average if stops
/// and checkpoints are independent. A stop that is known in advance can wait for a
/// checkpoint and loses less: pass 0.
///
/// # Errors
/// [`UseError`] for a figure that is negative, not finite or far beyond any market.
pub fn ai_stop_cost(
    rent_usd_per_mw_h: f64,
    restart_h: f64,
    checkpoint_interval_h: f64,
) -> Result<f64, UseError> {
    let (rent, checkpoint) = ("rent in USD/(MW h)", "checkpoint interval in hours");
    within(rent, rent_usd_per_mw_h, 0.0, MAX_USD_PER_MWH)?;
    within("restart in hours", restart_h, 0.0, MAX_STOP_H)?;
    within(checkpoint, checkpoint_interval_h, 0.0, MAX_STOP_H)?;
    Ok(rent_usd_per_mw_h * (restart_h + 0.5 * checkpoint_interval_h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ai_stops_cost_rent_while_nothing_is_earned() {
        // $1500 per MW and hour, ten minutes to restart, a checkpoint each hour.
        let expected = ai_stop_cost(1500.0, 1.0 / 6.0, 1.0).unwrap();
        assert!((expected - 1000.0).abs() < 1e-9, "{expected}");
        for (bad, what) in [
            ((-1.0, 0.0, 0.0), "rent in USD/(MW h) of -1 "),
            ((1.0, f64::NAN, 0.0), "restart in hours of NaN"),
            (
                (1.0, 0.0, f64::INFINITY),
                "checkpoint interval in hours of inf",
            ),
        ] {
            let error = ai_stop_cost(bad.0, bad.1, bad.2).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
