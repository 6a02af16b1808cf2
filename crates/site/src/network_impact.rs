//! What it does to the network when the rigs of the site stop, and when those of many
//! such sites do: before, while all that left is off, and once those that are only
//! re-sited hash again.

use serde::Serialize;

use crate::inputs::Inputs;
use crate::keys;
use crate::line::{Line, Lines};
use crate::mining::fleet_there;
use crate::network;
use crate::num::Num;
use crate::security::{self, Leaving, Rent, SecurityError, State};

/// Hash rate that leaves, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetworkImpact {
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
const PH: f64 = 1e15;

/// The site's own rigs, all of them, and a larger exodus.
///
/// # Errors
/// [`SecurityError`]: more leaves, or attacks, than there is.
pub fn network_impact(inputs: &Inputs, lines: &Lines) -> Result<[NetworkImpact; 2], SecurityError> {
    let network = inputs.get(keys::NETWORK_HASHRATE_EH_S) * EH;
    let site = fleet_there(inputs).hashrate_th_s()
        * 1e12
        * inputs.get(keys::SITE_GROSS_MW)
        * inputs.get(keys::MINING_UPTIME);
    let larger = inputs.get(keys::SECURITY_LEAVING_SHARE);
    Ok([
        Leaver {
            title: "the rigs of this site",
            share: site / network,
            rate_h_s: site,
        }
        .impact(inputs, lines)?,
        Leaver {
            title: "the share of a larger exodus",
            share: larger,
            rate_h_s: larger * network,
        }
        .impact(inputs, lines)?,
    ])
}

/// Who leaves, as a share of the network and in H/s.
struct Leaver {
    title: &'static str,
    share: Num,
    rate_h_s: Num,
}

impl Leaver {
    fn impact(&self, inputs: &Inputs, lines: &Lines) -> Result<NetworkImpact, SecurityError> {
        let part = inputs.get(keys::SECURITY_RETIRED_SHARE);
        let found = security::report(self.scenario(inputs))?;
        // Their figures, and what these rest on.
        let as_found = |value: f64, on: Num| on.map2(part, |_, _| value);
        let resited = as_found(found.resited_share, self.share);
        let retired = as_found(found.retired_share, self.share);
        let retired_eh_s = as_found(found.retired_h_per_s / EH, self.rate_h_s);
        let resited_eh_s = as_found(found.resited_h_per_s / EH, self.rate_h_s);
        let percent = "% of the network";
        let leaving = vec![
            lines.line(
                "leaving",
                "leaves",
                percent,
                self.share * 100.0,
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
                retired_eh_s,
                "retired x network",
            ),
            lines.line(
                "resited_eh_s",
                "  sold, and mines elsewhere",
                "EH/s",
                resited_eh_s,
                "re-sited x network",
            ),
        ];
        let before = state(&found.before, Num::exact(0.0), inputs, lines);
        let all_off = state(&found.all_off, self.share, inputs, lines);
        let retired_only = state(&found.retired_only, retired, inputs, lines);
        let states = before.into_iter().zip(all_off).zip(retired_only).map(
            |((before, all_off), retired_only)| States {
                before,
                all_off,
                retired_only,
            },
        );
        Ok(NetworkImpact {
            title: self.title,
            leaving,
            states: states.collect(),
        })
    }

    fn scenario(&self, inputs: &Inputs) -> security::Inputs {
        let value = |place| inputs.get(place).value;
        let network_h_per_s = value(keys::NETWORK_HASHRATE_EH_S) * EH;
        security::Inputs {
            network_h_per_s,
            leaving: Leaving::Share(self.share.value),
            retired_part: value(keys::SECURITY_RETIRED_SHARE),
            reward_btc: reward_btc(inputs).value,
            price_usd_per_btc: value(keys::NETWORK_BTC_PRICE_USD),
            rig_usd_per_th: value(keys::SECURITY_RIG_USD_PER_TH),
            rig_j_per_th: value(keys::SECURITY_RIG_J_TH),
            site_usd_per_mw: value(keys::SECURITY_SITE_USD_PER_MW),
            rent: Rent::HashpriceTimes(value(keys::SECURITY_RENT_PREMIUM)),
            attacker_share: value(keys::SECURITY_ATTACKER_EH_S) * EH / network_h_per_s,
            confirmations: value(keys::SECURITY_CONFIRMATIONS) as u64,
            // The longest wait for a retarget.
            blocks_done: 0,
        }
    }
}

/// Subsidy and mean fees of a block on the first day.
fn reward_btc(inputs: &Inputs) -> Num {
    let start = inputs.get(keys::SITE_START);
    let subsidy = start.map2(inputs.get(keys::NETWORK_HALVING), network::subsidy_btc);
    subsidy + inputs.get(keys::NETWORK_FEES_BTC_PER_BLOCK)
}

/// The network with a share of its hash rate gone: figures as they were found, and what
/// each rests on.
fn state(found: &State, gone: Num, inputs: &Inputs, lines: &Lines) -> Vec<Line> {
    let on = |value: f64, all: &[Num]| Num {
        value,
        deps: all.iter().fold(gone.deps, |deps, of| deps | of.deps),
    };
    let network = inputs.get(keys::NETWORK_HASHRATE_EH_S);
    let reward = reward_btc(inputs) * inputs.get(keys::NETWORK_BTC_PRICE_USD);
    let rig_j_th = inputs.get(keys::SECURITY_RIG_J_TH);
    let rig_usd = inputs.get(keys::SECURITY_RIG_USD_PER_TH);
    let site_usd = inputs.get(keys::SECURITY_SITE_USD_PER_MW);
    let premium = inputs.get(keys::SECURITY_RENT_PREMIUM);
    let attacker = inputs.get(keys::SECURITY_ATTACKER_EH_S);
    let confirmations = inputs.get(keys::SECURITY_CONFIRMATIONS);
    let settled = found.settled_reward_usd_per_day / (found.rate_h_per_s / PH);
    let cost = &found.matching;
    vec![
        lines.line(
            "network_eh_s",
            "network",
            "EH/s",
            on(found.rate_h_per_s / EH, &[network]),
            "network x (1 - gone)",
        ),
        lines.line(
            "block_interval_min",
            "block interval until the retarget",
            "min",
            on(found.block_interval_s / 60.0, &[]),
            "10 min / (1 - gone)",
        ),
        lines.line(
            "days_to_retarget",
            "days to the retarget, at most",
            "days",
            on(found.days_to_retarget, &[]),
            "14 days / (1 - gone)",
        ),
        lines.line(
            "retargets",
            "retargets until the difficulty has followed",
            "",
            on(found.retargets.len() as f64, &[]),
            "each by a factor of 4 at most",
        ),
        lines.line(
            "settled_hashprice",
            "hashprice of those who stay, then",
            "$/PH/day",
            on(settled, &[network, reward]),
            "hashprice / (1 - gone)",
        ),
        lines.line(
            "match_rigs_usd",
            "matching it: rigs",
            "$",
            on(cost.rigs_usd, &[network, rig_usd]),
            "network x $/TH",
        ),
        lines.line(
            "match_power_gw",
            "matching it: power",
            "GW",
            on(cost.power_w / 1e9, &[network, rig_j_th]),
            "network x J/TH",
        ),
        lines.line(
            "match_sites_usd",
            "matching it: sites",
            "$",
            on(cost.sites_usd, &[network, rig_j_th, site_usd]),
            "power x $/MW",
        ),
        lines.line(
            "match_rent_usd_per_day",
            "matching it: rent",
            "$/day",
            on(cost.rent_usd_per_day, &[reward, premium]),
            "what the network earns in a day until the retarget, x premium",
        ),
        lines.line(
            "attacker_share",
            "an attacker's share",
            "%",
            on(100.0 * found.attacker_share, &[network, attacker]),
            "attacker / what hashes",
        ),
        lines.line(
            "catch_up",
            "chance to overtake a payment",
            "%",
            on(
                100.0 * found.catch_up_probability,
                &[network, attacker, confirmations],
            ),
            "Nakamoto 2008, section 11",
        ),
    ]
}
