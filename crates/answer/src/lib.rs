//! The answer to perwatt's question in the figures of one screen: what a joule buys on a
//! machine, how far that is from the best ASIC and the best accelerator, what a
//! kilowatt-hour earns in each use, and whether the site should switch.
//!
//! Nothing is computed here that the gap or the site do not compute: this crate chooses.
//!
//! * [`joule`](mod@joule): what a joule buys, or a second where there are no joules
//! * [`without`](mod@without): rows without joules beside rows that have them
//! * [`kwh`](mod@kwh): what a kilowatt-hour earns
//! * [`dollar`](mod@dollar): what rates cost by the price, and work by the rent
//! * [`machine`](mod@machine): the machine that is answered for, and warnings

#![forbid(unsafe_code)]

pub mod dollar;
pub mod joule;
pub mod kwh;
pub mod machine;
mod rivals;
pub mod without;

use perwatt_compare::Loaded;
use perwatt_gap::catalogue::{BEST, Catalogue, DEPLOYED, MeasuredAsic, NameError};
use perwatt_gap::energy::{EnergyGap, Limits, Options, PowerPrice, gap};
use perwatt_record::cost::Stated;
use perwatt_site::SiteReport;
use perwatt_site::summary::Summary;
use perwatt_table::{Evidence, Source};
use serde::Serialize;

pub use dollar::{PerDollar, RigPrice, Running};
pub use joule::{Basis, Bought, Buys, Rival};
pub use kwh::{Earner, Gross};
pub use machine::Machine;
pub use without::WithoutJoules;

/// The question.
pub struct Question<'a> {
    /// The catalogue of rivals.
    pub catalogue: &'a Catalogue,
    /// Limits by models of devices.
    pub limits: Limits<'a>,
    /// The ASIC instead of the best of the catalogue.
    pub asic: Option<&'a str>,
    /// A measured miner instead of it.
    pub measured: Option<&'a MeasuredAsic>,
    /// Watts that the user states for the whole machine.
    pub stated_w: Option<f64>,
    /// The price of power instead of the default one, US dollars per megawatt-hour.
    pub usd_per_mwh: Option<f64>,
    /// The price and the rent of the machine instead of those that its records state.
    pub stated: Stated,
    /// The price and the rent where neither the question nor the records state them.
    pub otherwise: Stated,
    /// The site, and its name; without it there is nothing about money.
    pub site: Option<(&'a SiteReport, Scenario)>,
}

impl<'a> Question<'a> {
    /// A question with every option at its default, and without a site.
    pub fn new(catalogue: &'a Catalogue, limits: Limits<'a>) -> Self {
        Self {
            catalogue,
            limits,
            asic: None,
            measured: None,
            stated_w: None,
            usd_per_mwh: None,
            stated: Stated::default(),
            otherwise: Stated::default(),
            site: None,
        }
    }
}

/// The scenario of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// Its name: a file, or the name of an example.
    pub name: String,
    /// True if it is an example and not the user's.
    pub example: bool,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The machine.
    pub machine: Machine,
    /// Warnings that matter for the figures, the most important first.
    pub warnings: Vec<String>,
    /// The divisor: joules or seconds.
    pub basis: Basis,
    /// Work for one joule or second, beside the rivals.
    pub bought: Vec<Bought>,
    /// Rows that have no joules to be divided by, beside those that have.
    pub without_joules: Vec<WithoutJoules>,
    /// The price over rates, if the price of the machine is stated.
    pub per_dollar: Option<PerDollar>,
    /// The rent over work, if the rent of the machine is stated.
    pub running: Option<Running>,
    /// Money, if there is a site.
    pub money: Option<Money>,
}

/// Earnings of a kilowatt-hour, and the verdict on the site.
#[derive(Debug, Clone, Serialize)]
pub struct Money {
    /// The price of power.
    pub power_price: PowerPrice,
    /// Hashprice, US dollars per PH/s and day.
    pub hashprice_usd_per_ph_day: f64,
    /// Source of the price of bitcoin in it.
    pub hashprice_source: Source,
    /// Earnings of one kilowatt-hour in each use.
    pub kwh: Vec<Earner>,
    /// The site.
    pub scenario: Scenario,
    /// Days of prices of power that stand for every year, where they are less than one.
    pub price_days: Option<f64>,
    /// Its verdict.
    pub site: Summary,
}

/// Answers for the machine that was measured last; `None` if its records have neither
/// hashes nor products that can be compared.
///
/// # Errors
/// [`NameError`]: the catalogue has no such ASIC.
pub fn answer(loaded: &Loaded, question: &Question<'_>) -> Result<Option<Answer>, NameError> {
    let against = |asic: &str, measured: Option<&MeasuredAsic>| -> Result<EnergyGap, NameError> {
        let mut options = Options::new(question.catalogue, Some(asic), &[], question.limits)?;
        if let Some(of) = measured {
            options.set_against(of);
        }
        options.stated_w = question.stated_w;
        let site = question.site.as_ref();
        let of_site = site.and_then(|(site, _)| site.power_price());
        if let Some(usd_per_mwh) = question.usd_per_mwh {
            options.power_price = PowerPrice::given(usd_per_mwh);
        } else if let Some((usd_per_mwh, source)) = of_site {
            options.power_price = PowerPrice {
                usd_per_mwh,
                source,
            };
        }
        Ok(gap(loaded, &options))
    };
    let best = against(question.asic.unwrap_or(BEST), question.measured)?;
    let deployed = against(DEPLOYED, None)?;
    let Some(machine) = Machine::last(loaded) else {
        return Ok(None);
    };
    let found = joule::bought(&machine, &best, &deployed, question.catalogue);
    if found.bought.is_empty() {
        return Ok(None);
    }
    let amount = |of: fn(&Stated) -> Option<f64>| {
        let all = [&question.stated, &machine.stated, &question.otherwise];
        all.into_iter().find_map(of)
    };
    let rent_usd_per_h = amount(|stated| stated.rent_usd_per_h);
    let money = question.site.as_ref().map(|(site, scenario)| {
        let mut inputs = site.inputs.iter();
        let btc = inputs.find(|input| input.key == "network.btc_price_usd");
        Money {
            power_price: best.power_price.clone(),
            hashprice_usd_per_ph_day: site.hashprice_usd_per_ph_day,
            hashprice_source: btc.map_or_else(unknown, |input| input.source.clone()),
            kwh: kwh::earners(&machine, &found, [&best, &deployed], site, rent_usd_per_h),
            scenario: scenario.clone(),
            price_days: site.curtailment.extrapolated_days(),
            site: site.summary.clone(),
        }
    });
    Ok(Some(Answer {
        per_dollar: amount(|stated| stated.price_usd)
            .map(|usd| dollar::per_dollar(usd, &found, question.catalogue)),
        running: rent_usd_per_h.map(|usd| dollar::running(usd, &found)),
        warnings: machine::warnings(&machine, &found, &best, question.stated_w),
        basis: found.basis,
        bought: found.bought,
        without_joules: found.without_joules,
        money,
        machine,
    }))
}

/// The source of a figure whose input is not listed.
fn unknown() -> Source {
    Source {
        evidence: Evidence::Assumed,
        text: "the scenario".into(),
        date: None,
    }
}
