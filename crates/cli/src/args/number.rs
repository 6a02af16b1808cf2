//! Numbers of money and power on the command line.

use perwatt_power::MAX_USER_WATTS;
use perwatt_record::cost::{MOST_USD, MOST_USD_PER_H};

/// Highest price of power, $/MWh: a thousand dollars for a kilowatt-hour.
const HIGHEST_PRICE: f64 = 1e6;

/// A price of power.
pub fn price(text: &str) -> Result<f64, String> {
    positive(
        text,
        "a price",
        HIGHEST_PRICE,
        "US dollars per megawatt-hour, such as 45",
    )
}

/// A power in watts.
pub fn watts(text: &str) -> Result<f64, String> {
    positive(text, "a power", MAX_USER_WATTS, "watts, such as 350")
}

/// A rent.
pub fn rent(text: &str) -> Result<f64, String> {
    positive(
        text,
        "a rent",
        MOST_USD_PER_H,
        "US dollars per hour, such as 2.95",
    )
}

/// A price of a machine.
pub fn purchase(text: &str) -> Result<f64, String> {
    positive(text, "a price", MOST_USD, "US dollars, such as 2500")
}

fn positive(text: &str, what: &str, most: f64, unit: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value > 0.0 && value <= most => Ok(value),
        _ => Err(format!(
            "{text} is not {what} above 0 and at most {most}; write {unit}"
        )),
    }
}
