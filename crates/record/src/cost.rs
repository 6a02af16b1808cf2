//! What work costs on a machine whose price or rent somebody states: the one place that
//! divides dollars by work.

use serde::Serialize;
use thiserror::Error;

use crate::schema::{Session, Unit};
use crate::work::Params;

/// The highest price of a machine, US dollars.
pub const MOST_USD: f64 = 1e9;
/// The highest rent, US dollars per hour.
pub const MOST_USD_PER_H: f64 = 1e6;

const TERA: f64 = 1e12;
const EXA: f64 = 1e18;
const MEGA: f64 = 1e6;
const SECONDS_PER_HOUR: f64 = 3600.0;

/// US dollars of price for a rate of 10^12 units of work per second.
pub fn usd_per_tera_per_s(price_usd: f64, rate_per_s: f64) -> f64 {
    price_usd / (rate_per_s / TERA)
}

/// US dollars of rent for 10^18 units of work.
pub fn usd_per_exa(rent_usd_per_h: f64, rate_per_s: f64) -> f64 {
    rent_usd_per_h / SECONDS_PER_HOUR / rate_per_s * EXA
}

/// US dollars of rent for 10^6 tokens.
pub fn usd_per_mtoken(rent_usd_per_h: f64, tokens_per_s: f64) -> f64 {
    rent_usd_per_h / SECONDS_PER_HOUR / tokens_per_s * MEGA
}

/// Tokens of a step over its work; `None` for work that is no layers of a model. The layers
/// are products alone, so that a rate of tokens is an upper bound of the model's.
pub fn tokens_per_unit(params: &Params, work_per_step: u64) -> Option<f64> {
    let tokens: u64 = params.get("tokens_per_step")?.parse().ok()?;
    (tokens > 0 && work_per_step > 0).then(|| tokens as f64 / work_per_step as f64)
}

/// The price and the rent of a machine, as its user states them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Stated {
    /// US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_usd: Option<f64>,
    /// US dollars per hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rent_usd_per_h: Option<f64>,
}

/// A price or a rent that no record can have.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{field} is {value}, and it can be above 0 and at most {most}")]
pub struct StatedError {
    /// The field.
    pub field: &'static str,
    /// Its value.
    pub value: f64,
    /// The largest that it can have.
    pub most: f64,
}

impl Stated {
    /// Those of a session.
    pub fn of(session: &Session) -> Self {
        Self {
            price_usd: session.price_usd,
            rent_usd_per_h: session.rent_usd_per_h,
        }
    }

    /// True if there is neither.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks that both are amounts that the command line takes.
    ///
    /// # Errors
    /// [`StatedError`]: one of them is not.
    pub fn check(&self) -> Result<(), StatedError> {
        let (price, rent) = (self.price_usd, self.rent_usd_per_h);
        for (field, value, most) in [
            ("session.price_usd", price, MOST_USD),
            ("session.rent_usd_per_h", rent, MOST_USD_PER_H),
        ] {
            if let Some(value) = value.filter(|value| !(*value > 0.0 && *value <= most)) {
                return Err(StatedError { field, value, most });
            }
        }
        Ok(())
    }

    /// The cost of work in `unit` at a rate; `tokens_per_unit` as the function of this name
    /// has it. Bytes are no end of their own: they have a cost only where they are tokens.
    pub fn cost(&self, unit: Unit, rate_per_s: f64, tokens_per_unit: Option<f64>) -> Cost {
        let counts = rate_per_s > 0.0;
        let (price, rent) = match unit {
            Unit::Hash | Unit::Flop | Unit::Op if counts => (self.price_usd, self.rent_usd_per_h),
            _ => (None, None),
        };
        let tokens_per_s = tokens_per_unit
            .filter(|_| counts)
            .map(|tokens| rate_per_s * tokens);
        Cost {
            usd_per_tera_per_s: price.map(|usd| usd_per_tera_per_s(usd, rate_per_s)),
            usd_per_exa: rent.map(|usd| usd_per_exa(usd, rate_per_s)),
            usd_per_mtoken_at_least: (self.rent_usd_per_h.zip(tokens_per_s))
                .map(|(usd, tokens_per_s)| usd_per_mtoken(usd, tokens_per_s)),
        }
    }
}

/// Dollars for a rate, and for work.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Cost {
    /// Price for a rate of 10^12 units of work per second, US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_tera_per_s: Option<f64>,
    /// Rent for 10^18 units of work, US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_exa: Option<f64>,
    /// Rent for 10^6 tokens, US dollars: a lower bound, as the tokens are an upper one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_mtoken_at_least: Option<f64>,
}

impl Cost {
    /// True if there is no figure.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATED: Stated = Stated {
        price_usd: Some(2500.0),
        rent_usd_per_h: Some(3.6),
    };

    #[test]
    fn dollars_are_divided_by_work() {
        let near = |found: Option<f64>, wanted: f64| {
            let found = found.unwrap();
            assert!((found / wanted - 1.0).abs() < 1e-12, "{found} {wanted}");
        };
        // 0.05 TH/s, and a thousandth of a dollar for each second of them.
        let hashes = STATED.cost(Unit::Hash, 5e10, None);
        near(hashes.usd_per_tera_per_s, 50_000.0);
        near(hashes.usd_per_exa, 1e-3 * 1e18 / 5e10);
        assert_eq!(hashes.usd_per_mtoken_at_least, None);
        // A token for every 10^9 operations: 5000 a second.
        let layers = STATED.cost(Unit::Flop, 5e12, Some(1e-9));
        near(layers.usd_per_mtoken_at_least, 0.2);
        near(layers.usd_per_tera_per_s, 500.0);
        let decode = STATED.cost(Unit::Byte, 1e11, Some(1e-10));
        near(decode.usd_per_mtoken_at_least, 100.0);
        assert_eq!(decode.usd_per_tera_per_s.or(decode.usd_per_exa), None);
        for (stated, rate) in [(Stated::default(), 1e9), (STATED, 0.0), (STATED, f64::NAN)] {
            assert!(stated.cost(Unit::Flop, rate, Some(1e-9)).is_empty());
        }
    }

    #[test]
    fn tokens_are_those_of_layers() {
        let params = |tokens: &str| Params::from([("tokens_per_step".into(), tokens.into())]);
        assert_eq!(tokens_per_unit(&params("512"), 1024), Some(0.5));
        for (params, work) in [
            (Params::new(), 1024),
            (params("0"), 1024),
            (params("many"), 1024),
            (params("512"), 0),
        ] {
            assert_eq!(tokens_per_unit(&params, work), None);
        }
    }

    #[test]
    fn amounts_have_bounds() {
        assert_eq!(STATED.check(), Ok(()));
        assert_eq!(Stated::default().check(), Ok(()));
        for value in [0.0, -1.0, f64::NAN, 1.001e9] {
            let price_usd = Some(value);
            let wrong = Stated {
                price_usd,
                ..STATED
            }
            .check()
            .unwrap_err();
            assert_eq!((wrong.field, wrong.most), ("session.price_usd", MOST_USD));
        }
        let rent_usd_per_h = Some(1.001e6);
        let wrong = Stated {
            rent_usd_per_h,
            ..STATED
        }
        .check()
        .unwrap_err();
        assert!(
            wrong
                .to_string()
                .starts_with("session.rent_usd_per_h is 1001000")
        );
    }
}
