//! What it does to the network when the rigs of the site stop, and when those of many
//! such sites do: before, while all that left is off, and once those that are only
//! re-sited hash again.

use serde::Serialize;

use super::inputs::Inputs;
use super::keys;
use super::line::{Line, Lines};
use super::mining::fleet_there;
use super::network::hashprice;
use super::num::{Missing, Num};
use crate::protocol::catch_up;
use crate::security::{cost, hashrate, settle};

/// Hash rate that leaves, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exodus {
    /// Whose rigs stop.
    pub title: &'static str,
    /// What leaves.
    pub leaving: Vec<Line>,
    /// What that makes of the network, each with a figure for each state.
    pub states: Vec<States>,
}

/// A figure before, while all that left is off, and with the retired alone gone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct States {
    /// The figure before anything leaves.
    pub before: Line,
    /// While the retired and the re-sited are both off.
    pub all_off: Line,
    /// Once the re-sited hash again.
    pub retired_only: Line,
}

const EH: f64 = 1e18;

/// The site's own rigs, all of them, and a larger exodus.
pub fn exodus(inputs: &Inputs, lines: &Lines) -> [Exodus; 2] {
    let network = inputs.get(keys::NETWORK_HASHRATE_EH_S) * EH;
    let site = fleet_there(inputs).hashrate_th_s()
        * 1e12
        * inputs.get(keys::SITE_GROSS_MW)
        * inputs.get(keys::MINING_UPTIME);
    [
        of(
            "the rigs of this site",
            site / network,
            site / EH,
            inputs,
            lines,
        ),
        of(
            "the share of a larger exodus",
            inputs.get(keys::SECURITY_LEAVING_SHARE),
            inputs.get(keys::SECURITY_LEAVING_SHARE) * network / EH,
            inputs,
            lines,
        ),
    ]
}

/// What follows when a share of the network leaves, which is so many EH/s.
fn of(
    title: &'static str,
    share: Num,
    leaving_eh_s: Num,
    inputs: &Inputs,
    lines: &Lines,
) -> Exodus {
    let part = inputs.get(keys::SECURITY_RETIRED_SHARE);
    let retired = share.map2(part, hashrate::retired_share);
    let resited = share.map2(part, hashrate::resited_share);
    let percent = "% of the network";
    let leaving = vec![
        lines.line(
            "leaving",
            "leaves",
            percent,
            share * 100.0,
            "hash rate of the rigs / network",
        ),
        lines.line(
            "retired",
            "  retired for good",
            percent,
            retired * 100.0,
            "leaves x retired share",
        ),
        lines.line(
            "resited",
            "  sold, and mines elsewhere",
            percent,
            resited * 100.0,
            "leaves x (1 - retired share)",
        ),
        lines.line(
            "retired_eh_s",
            "  retired for good",
            "EH/s",
            leaving_eh_s.map2(part, hashrate::retired_share),
            "retired x network",
        ),
        lines.line(
            "resited_eh_s",
            "  sold, and mines elsewhere",
            "EH/s",
            leaving_eh_s.map2(part, hashrate::resited_share),
            "re-sited x network",
        ),
    ];
    let three = [Num::exact(0.0), share, retired].map(|gone| state(gone, inputs, lines));
    let [before, all_off, retired_only] = three;
    let states = before.into_iter().zip(all_off).zip(retired_only).map(
        |((before, all_off), retired_only)| States {
            before,
            all_off,
            retired_only,
        },
    );
    Exodus {
        title,
        leaving,
        states: states.collect(),
    }
}

/// The network with a share of its hash rate gone.
fn state(gone: Num, inputs: &Inputs, lines: &Lines) -> Vec<Line> {
    // Of nothing no block ever comes.
    let there = |number: Num| match gone.value < 1.0 {
        true => Ok(number),
        false => Err(Missing {
            why: "nothing is left of the network",
            deps: number.deps,
        }),
    };
    let before = inputs.get(keys::NETWORK_HASHRATE_EH_S) * EH;
    let rate = before.map2(gone, hashrate::remaining_h_per_s);
    let rigs_usd = rate.map2(inputs.get(keys::SECURITY_RIG_USD_PER_TH), cost::rigs_usd);
    let power_w = rate.map2(inputs.get(keys::SECURITY_RIG_J_TH), cost::rigs_w);
    let sites_usd = power_w.map2(inputs.get(keys::SECURITY_SITE_USD_PER_MW), cost::sites_usd);
    let settled = gone.map(settle::settled_hashprice_factor);
    let now = hashprice(inputs, 0);
    // Until the retarget a hash earns what it did: rent is a multiple of that.
    // What all of it earns does not hang on how much there is.
    let reward_usd = (now * before / 1e15).without(&[inputs.get(keys::NETWORK_HASHRATE_EH_S)]);
    let rent_usd = reward_usd * (1.0 - gone) * inputs.get(keys::SECURITY_RENT_PREMIUM);
    let attacker = inputs.get(keys::SECURITY_ATTACKER_EH_S) * EH / before;
    let attacker = attacker.map2(gone, hashrate::attacker_share);
    let confirmations = inputs.get(keys::SECURITY_CONFIRMATIONS);
    let chance = attacker.map2(confirmations, |share, blocks| {
        catch_up::probability(share, blocks as u64).unwrap_or(f64::NAN)
    });
    vec![
        lines.line(
            "network_eh_s",
            "network",
            "EH/s",
            rate / EH,
            "network x (1 - gone)",
        ),
        lines.line_or(
            "block_interval_min",
            "block interval until the retarget",
            "min",
            there(gone.map(hashrate::block_interval_s) / 60.0),
            "10 min / (1 - gone)",
        ),
        lines.line_or(
            "days_to_retarget",
            "days to the retarget, at most",
            "days",
            there(gone.map(|gone| settle::days_to_retarget(gone, 0))),
            "14 days / (1 - gone)",
        ),
        lines.line_or(
            "settled_hashprice",
            "hashprice after it",
            "$/PH/day",
            there(now * settled),
            "hashprice / (1 - gone)",
        ),
        lines.line(
            "match_rigs_usd",
            "matching it: rigs",
            "$",
            rigs_usd,
            "network x $/TH",
        ),
        lines.line(
            "match_power_gw",
            "matching it: power",
            "GW",
            power_w / 1e9,
            "network x J/TH",
        ),
        lines.line(
            "match_sites_usd",
            "matching it: sites",
            "$",
            sites_usd,
            "power x $/MW",
        ),
        lines.line(
            "match_rent_usd_per_day",
            "matching it: rent",
            "$/day",
            rent_usd,
            "network x hashprice x (1 - gone) x premium",
        ),
        lines.line(
            "attacker_share",
            "an attacker's share",
            "%",
            attacker * 100.0,
            "attacker / what hashes",
        ),
        lines.line(
            "catch_up",
            "chance to overtake a payment",
            "%",
            chance * 100.0,
            "Nakamoto 2008, section 11",
        ),
    ]
}
