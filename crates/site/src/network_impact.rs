//! The network when the rigs of the site stop, and when those of many such sites do:
//! before, while all that left is off, and once those that are only re-sited hash again.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::figure::{Figure, Figures, Named, figures, filled};
use crate::inputs::Inputs;
use crate::mining::existing_fleet;
use crate::network;
use crate::parameters::Parameters;
use crate::report::SiteError;
use crate::security::{self, Leaving, Rent, SecurityError, State};

/// Hash rate that leaves, and its effect on the network.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkImpact {
    /// The name of the rigs that stop.
    pub title: &'static str,
    /// The hash rate that leaves.
    pub leaving: LeavingFigures,
    /// The network before anything leaves.
    pub before: NetworkFigures,
    /// The network while the retired and the re-sited rigs are both off.
    pub all_off: NetworkFigures,
    /// The network once the re-sited rigs hash again.
    pub retired_only: NetworkFigures,
}

figures! {
    /// Hash rate that leaves.
    LeavingFigures {
        /// The share that leaves.
        leaving: Figure,
        /// The share that is retired.
        retired: Figure,
        /// The share that mines elsewhere.
        resited: Figure,
        /// The hash rate that is retired.
        retired_eh_s: Figure,
        /// The hash rate that mines elsewhere.
        resited_eh_s: Figure,
    }

    /// The network with a share of its hash rate gone.
    NetworkFigures {
        /// Its hash rate.
        network_eh_s: Figure,
        /// Time between blocks until the next retarget.
        block_interval_min: Figure,
        /// Days until the next retarget, at most.
        days_to_retarget: Figure,
        /// The number of retargets until the difficulty has followed.
        retargets: Figure,
        /// The hashprice once the difficulty has followed.
        settled_hashprice: Figure,
        /// Price of rigs that match the network's hash rate.
        match_rigs_usd: Figure,
        /// Power of those rigs.
        match_power_gw: Figure,
        /// Price of sites for that power.
        match_sites_usd: Figure,
        /// Rent of as much hash rate for a day.
        match_rent_usd_per_day: Figure,
        /// An attacker's share of the hash rate.
        attacker_share: Figure,
        /// The chance that the attacker overtakes a payment.
        catch_up: Figure,
    }
}

impl NetworkImpact {
    /// Each figure in three states: before, while all that left is off, and with only the
    /// retired gone.
    pub fn states(&self) -> impl Iterator<Item = [Named<'_>; 3]> {
        let after = self
            .all_off
            .list()
            .into_iter()
            .zip(self.retired_only.list());
        let states = self.before.list().into_iter().zip(after);
        states.map(|(before, (all_off, retired_only))| [before, all_off, retired_only])
    }
}

impl Figures for NetworkImpact {
    fn name<'a>(&'a self, id: &'static str, all: &mut Vec<Named<'a>>) {
        self.leaving.name(id, all);
        for state in [&self.before, &self.all_off, &self.retired_only] {
            state.name(id, all);
        }
    }

    fn each<'a>(&'a mut self, all: &mut Vec<&'a mut Figure>) {
        self.leaving.each(all);
        for state in [&mut self.before, &mut self.all_off, &mut self.retired_only] {
            state.each(all);
        }
    }
}

impl Serialize for NetworkImpact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct States<'a> {
            before: Named<'a>,
            all_off: Named<'a>,
            retired_only: Named<'a>,
        }
        let states = self.states().map(|[before, all_off, retired_only]| States {
            before,
            all_off,
            retired_only,
        });
        let mut fields = to.serialize_struct("NetworkImpact", 3)?;
        fields.serialize_field("title", self.title)?;
        fields.serialize_field("leaving", &self.leaving.list())?;
        fields.serialize_field("states", &states.collect::<Vec<_>>())?;
        fields.end()
    }
}

const EH: f64 = 1e18;
const PH: f64 = 1e15;

/// The impact of the site's own rigs, all of them, and of a larger exodus.
///
/// # Errors
/// [`SiteError`]: more hash rate leaves, or attacks, than there is.
pub fn network_impact(inputs: &Inputs) -> Result<[NetworkImpact; 2], SiteError> {
    let Parameters {
        mining,
        network,
        security,
        site,
        ..
    } = &inputs.parameters;
    let site_eh_s = existing_fleet(inputs).hashrate_th_s() / 1e6 * site.gross_mw * mining.uptime;
    let (network_eh_s, attacker_eh_s) = (network.hashrate_eh_s, security.attacker_eh_s);
    if site_eh_s >= network_eh_s {
        return Err(SiteError::Site {
            site_eh_s,
            network_eh_s,
        });
    }
    if attacker_eh_s > network_eh_s {
        return Err(SiteError::Attacker {
            attacker_eh_s,
            network_eh_s,
        });
    }
    let share = site_eh_s / network_eh_s;
    Ok([
        impact("the rigs of this site", share, inputs)?,
        impact(
            "the share of a larger exodus",
            security.leaving_share,
            inputs,
        )?,
    ])
}

/// The impact of a share of the network that leaves.
fn impact(
    title: &'static str,
    share: f64,
    inputs: &Inputs,
) -> Result<NetworkImpact, SecurityError> {
    let found = security::report(scenario(share, inputs))?;
    let percent = "% of the network";
    let leaving = filled!(LeavingFigures {
        leaving: "leaves" percent "hash rate of the rigs / network" = share * 100.0,
        retired: "retired for good" percent "leaves x retired share" = found.retired_share * 100.0; as_detail,
        resited: "sold, and mines elsewhere" percent "leaves x (1 - retired share)"
            = found.resited_share * 100.0; as_detail,
        retired_eh_s: "retired for good" "EH/s" "retired x network" = found.retired_h_per_s / EH; as_detail,
        resited_eh_s: "sold, and mines elsewhere" "EH/s" "re-sited x network"
            = found.resited_h_per_s / EH; as_detail,
    });
    Ok(NetworkImpact {
        title,
        leaving,
        before: figures_of(&found.before),
        all_off: figures_of(&found.all_off),
        retired_only: figures_of(&found.retired_only),
    })
}

fn scenario(share: f64, inputs: &Inputs) -> security::Inputs {
    let Parameters {
        network: net,
        security,
        site,
        ..
    } = &inputs.parameters;
    let network_h_per_s = net.hashrate_eh_s * EH;
    security::Inputs {
        network_h_per_s,
        leaving: Leaving::Share(share),
        retired_part: security.retired_share,
        // Subsidy and mean fees of a block on the first day.
        reward_btc: network::subsidy_btc(site.start, net.halving) + net.fees_btc_per_block,
        price_usd_per_btc: net.btc_price_usd,
        rig_usd_per_th: security.rig_usd_per_th,
        rig_j_per_th: security.rig_j_th,
        site_usd_per_mw: security.site_usd_per_mw,
        rent: Rent::HashpriceTimes(security.rent_premium),
        attacker_share: security.attacker_eh_s * EH / network_h_per_s,
        confirmations: security.confirmations as u64,
        // The longest wait for a retarget.
        blocks_done: 0,
    }
}

fn figures_of(found: &State) -> NetworkFigures {
    let settled = found.settled_reward_usd_per_day / (found.rate_h_per_s / PH);
    let cost = &found.matching;
    filled!(NetworkFigures {
        network_eh_s: "network" "EH/s" "network x (1 - gone)" = found.rate_h_per_s / EH,
        block_interval_min: "block interval until the retarget" "min" "10 min / (1 - gone)"
            = found.block_interval_s / 60.0,
        days_to_retarget: "days to the retarget, at most" "days" "14 days / (1 - gone)"
            = found.days_to_retarget,
        retargets: "retargets until the difficulty has followed" "" "each by a factor of 4 at most"
            = found.retargets.len() as f64,
        settled_hashprice: "hashprice of those who stay, then" "$/PH/day" "hashprice / (1 - gone)" = settled,
        match_rigs_usd: "matching it: rigs" "$" "network x $/TH" = cost.rigs_usd,
        match_power_gw: "matching it: power" "GW" "network x J/TH" = cost.power_w / 1e9,
        match_sites_usd: "matching it: sites" "$" "power x $/MW" = cost.sites_usd,
        match_rent_usd_per_day: "matching it: rent" "$/day" "what the network earns in a day until the retarget, x premium"
            = cost.rent_usd_per_day,
        attacker_share: "an attacker's share" "%" "attacker / what hashes" = 100.0 * found.attacker_share,
        catch_up: "chance to overtake a payment" "%" "Nakamoto 2008, section 11"
            = 100.0 * found.catch_up_probability,
    })
}
