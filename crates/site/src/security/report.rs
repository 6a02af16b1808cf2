//! The report of one scenario.

use serde::Serialize;
use thiserror::Error;

use super::settle::{self, Retarget};
use super::{cost, hashrate};
use crate::protocol::input::{self, InputError};
use crate::protocol::{PERIOD_BLOCKS, catch_up};

/// The hash rate that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaving {
    /// A share of the network's, from 0 to below 1.
    Share(f64),
    /// A hash rate in H/s, less than the network's.
    RateHPerS(f64),
}

/// The price of renting hash rate. No public price was found, so the caller decides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rent {
    /// A price in $/TH/day, whatever the hashprice.
    UsdPerThDay(f64),
    /// A multiple of the hashprice: 1 leaves its owner indifferent, 1.1 pays 10 % more.
    HashpriceTimes(f64),
}

/// The scenario. All figures are before anything leaves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inputs {
    /// The network's hash rate.
    pub network_h_per_s: f64,
    /// The part of it that leaves.
    pub leaving: Leaving,
    /// The part of the leaving hash rate that is retired, from 0 to 1; the rest is
    /// re-sited.
    pub retired_part: f64,
    /// Subsidy and mean fees of a block.
    pub reward_btc: f64,
    /// Price of a bitcoin.
    pub price_usd_per_btc: f64,
    /// Price of machines for each TH/s.
    pub rig_usd_per_th: f64,
    /// Efficiency of such machines.
    pub rig_j_per_th: f64,
    /// Price of a mining site for each MW.
    pub site_usd_per_mw: f64,
    /// Price of hash rate for rent.
    pub rent: Rent,
    /// The attacker's share of the network's hash rate. The attacker's H/s do not change.
    pub attacker_share: f64,
    /// Confirmations a payment waits for.
    pub confirmations: u64,
    /// Blocks of the period of 2016 already found when hash rate leaves, 0 to 2015. 0 is the
    /// longest wait for a retarget.
    pub blocks_done: u64,
}

/// The reason that there is no report.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SecurityError {
    /// A figure outside its range.
    #[error(transparent)]
    Input(#[from] InputError),
    /// More than 2015 blocks done, which a period of 2016 cannot have while it lasts.
    #[error(
        "{blocks_done} blocks of the period done; give 0 to 2015: with the 2016th a new one begins"
    )]
    BlocksDone {
        /// The number of blocks given.
        blocks_done: u64,
    },
}

/// The cost of matching a state's whole hash rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Price of the machines.
    pub rigs_usd: f64,
    /// Power of the machines, without a site's overhead.
    pub power_w: f64,
    /// Price of sites for that power.
    pub sites_usd: f64,
    /// Rent for an hour, until the next retarget.
    pub rent_usd_per_hour: f64,
    /// Rent for a day, until the next retarget.
    pub rent_usd_per_day: f64,
    /// Rent for a day, once the difficulty has followed.
    pub settled_rent_usd_per_day: f64,
}

/// The network with a share of its hash rate gone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct State {
    /// The share that is gone.
    pub gone_share: f64,
    /// The remaining hash rate.
    pub rate_h_per_s: f64,
    /// The time between blocks until the next retarget, in seconds.
    pub block_interval_s: f64,
    /// Days until the next retarget.
    pub days_to_retarget: f64,
    /// Every retarget until the difficulty has followed; none where nothing is gone.
    pub retargets: Vec<Retarget>,
    /// The earnings of a hash of those who stay until the next retarget, relative to
    /// before.
    pub hashprice_factor: f64,
    /// The same once the difficulty has followed.
    pub settled_hashprice_factor: f64,
    /// The rewards of the network in a day until the next retarget.
    pub reward_usd_per_day: f64,
    /// The same once the difficulty has followed: as before, whatever left.
    pub settled_reward_usd_per_day: f64,
    /// The cost of matching its hash rate.
    pub matching: Cost,
    /// The attacker's share of the remaining hash rate.
    pub attacker_share: f64,
    /// The attacker's chance of overtaking a payment.
    pub catch_up_probability: f64,
}

/// The scenario's outcome. Retired and re-sited hash rate are kept separate throughout.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The scenario.
    pub inputs: Inputs,
    /// The share of the network that leaves.
    pub leaving_share: f64,
    /// The share of the network that is retired.
    pub retired_share: f64,
    /// The same in H/s.
    pub retired_h_per_s: f64,
    /// The share of the network that is re-sited.
    pub resited_share: f64,
    /// The same in H/s.
    pub resited_h_per_s: f64,
    /// The network before anything leaves.
    pub before: State,
    /// The network while the retired and the re-sited are both off. This state lasts as
    /// long as the move takes; its later retargets come only if that takes so long.
    pub all_off: State,
    /// The network once the re-sited hash again, as if only the retired had ever left.
    pub retired_only: State,
}

/// Computes the report of a scenario.
///
/// # Errors
/// [`SecurityError`]: a figure outside its range, or all of the hash rate leaving.
pub fn report(inputs: Inputs) -> Result<Report, SecurityError> {
    let leaving_share = check(&inputs)?;
    let retired_share = hashrate::retired_share(leaving_share, inputs.retired_part);
    let resited_share = hashrate::resited_share(leaving_share, inputs.retired_part);
    Ok(Report {
        inputs,
        leaving_share,
        retired_share,
        retired_h_per_s: inputs.network_h_per_s * retired_share,
        resited_share,
        resited_h_per_s: inputs.network_h_per_s * resited_share,
        before: state(&inputs, 0.0)?,
        all_off: state(&inputs, leaving_share)?,
        retired_only: state(&inputs, retired_share)?,
    })
}

/// Checks all inputs, and returns the share that leaves.
fn check(inputs: &Inputs) -> Result<f64, SecurityError> {
    let network = input::positive("the network's hash rate in H/s", inputs.network_h_per_s)?;
    let leaving = match inputs.leaving {
        Leaving::Share(share) => share,
        Leaving::RateHPerS(rate) => rate / network,
    };
    input::share("the part of it that is retired", inputs.retired_part)?;
    input::positive("the reward of a block in BTC", inputs.reward_btc)?;
    input::positive("the price in $/BTC", inputs.price_usd_per_btc)?;
    input::positive("the price of machines in $/TH", inputs.rig_usd_per_th)?;
    input::positive("the machines' efficiency in J/TH", inputs.rig_j_per_th)?;
    input::not_negative("the price of sites in $/MW", inputs.site_usd_per_mw)?;
    match inputs.rent {
        Rent::UsdPerThDay(price) => input::positive("the rent in $/TH/day", price)?,
        Rent::HashpriceTimes(times) => input::positive("the rent over the hashprice", times)?,
    };
    input::share("the attacker's share", inputs.attacker_share)?;
    if inputs.blocks_done >= PERIOD_BLOCKS {
        return Err(SecurityError::BlocksDone {
            blocks_done: inputs.blocks_done,
        });
    }
    let leaving = input::share_below_one("the share of hash rate that leaves", leaving)?;
    Ok(leaving)
}

fn state(inputs: &Inputs, gone_share: f64) -> Result<State, SecurityError> {
    let rate = hashrate::remaining_h_per_s(inputs.network_h_per_s, gone_share);
    let interval = hashrate::block_interval_s(gone_share);
    let reward = |interval_s| {
        cost::reward_usd_per_day(inputs.reward_btc, inputs.price_usd_per_btc, interval_s)
    };
    let rent = |reward_usd_per_day| {
        let usd_per_th_day = match inputs.rent {
            Rent::UsdPerThDay(price) => price,
            Rent::HashpriceTimes(times) => times * cost::usd_per_th_day(reward_usd_per_day, rate),
        };
        cost::rent_usd_per_day(rate, usd_per_th_day)
    };
    let now = reward(interval);
    let settled = reward(hashrate::block_interval_s(0.0));
    let power_w = cost::rigs_w(rate, inputs.rig_j_per_th);
    let attacker_share = hashrate::attacker_share(inputs.attacker_share, gone_share);
    Ok(State {
        gone_share,
        rate_h_per_s: rate,
        block_interval_s: interval,
        days_to_retarget: settle::days_to_retarget(gone_share, inputs.blocks_done),
        retargets: settle::retargets(gone_share, inputs.blocks_done),
        // Blocks are rarer, but the difficulty is the same, and so is the chance of each
        // hash.
        hashprice_factor: 1.0,
        settled_hashprice_factor: settle::settled_hashprice_factor(gone_share),
        reward_usd_per_day: now,
        settled_reward_usd_per_day: settled,
        matching: Cost {
            rigs_usd: cost::rigs_usd(rate, inputs.rig_usd_per_th),
            power_w,
            sites_usd: cost::sites_usd(power_w, inputs.site_usd_per_mw),
            rent_usd_per_hour: rent(now) / 24.0,
            rent_usd_per_day: rent(now),
            settled_rent_usd_per_day: rent(settled),
        },
        attacker_share,
        catch_up_probability: catch_up::probability(attacker_share, inputs.confirmations)?,
    })
}
