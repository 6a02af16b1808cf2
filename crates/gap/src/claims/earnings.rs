//! What a kWh or a MW earns.

use super::devices::asic;
use super::format::{full, short};
use super::step::Step;
use super::{Claim, ClaimError, Verdict};
use crate::catalogue::Catalogue;
use perwatt_site::protocol::hashprice::{HOURS_PER_YEAR, gross_usd_per_kwh};
use perwatt_table::Evidence;

const REPORTED: &str = "coinalertnews.com 2026-01-14; cryptovot.com 2026-01-19";
const SHORT_DATED: &str = "techi.com 2026-03/04, record low";

/// A hosting contract.
struct Hosting {
    /// What its rent is computed from.
    terms: [Step; 3],
    /// In $/kW-month of critical IT load.
    rent: Step,
}

impl Hosting {
    /// In the order in which they are computed.
    fn steps(self) -> impl Iterator<Item = Step> {
        self.terms.into_iter().chain([self.rent])
    }
}

fn hosting(name: &str, total_usd: f64, power_kw: f64, years: f64, source: &'static str) -> Hosting {
    let total = Step::given(
        format!("{name}, in all"),
        total_usd,
        "$",
        Evidence::Sourced,
        source,
    );
    let power = Step::given(
        format!("{name}, critical IT load"),
        power_kw,
        "kW",
        Evidence::Sourced,
        source,
    );
    let term = Step::given(
        format!("{name}, term"),
        years,
        "years",
        Evidence::Sourced,
        source,
    );
    let rent = Step::computed(
        format!("{name}, rent"),
        total_usd / power_kw / (12.0 * years),
        "$/kW-month",
        format!(
            "{} / {} / (12 × {})",
            total.digits(),
            power.digits(),
            term.digits()
        ),
        &[&total, &power, &term],
    );
    Hosting {
        terms: [total, power, term],
        rent,
    }
}

/// What a rent by the month is for each kWh of IT load.
fn rent_per_kwh(name: &str, rent: &Step) -> Step {
    Step::computed(
        format!("{name}, rent of a kWh"),
        rent.value * 12.0 / HOURS_PER_YEAR,
        "$/kWh",
        format!("{} × 12 / {}", rent.operand(), full(HOURS_PER_YEAR)),
        &[rent],
    )
}

/// "$25 per kilowatt-hour, while Bitcoin mining earns closer to $1".
pub fn dollars_per_kwh(catalogue: &Catalogue) -> Result<Claim, ClaimError> {
    let claimed = |text, value| Step::given(text, value, "$/kWh", Evidence::Sourced, REPORTED);
    let claimed_mining = claimed("mining, as claimed", 1.0);
    let claimed_ai = claimed("AI, as claimed", 25.0);

    let low = Step::given(
        "hashprice, lower",
        35.0,
        "$/PH/day",
        Evidence::Sourced,
        SHORT_DATED,
    );
    let high = Step::given(
        "hashprice, higher",
        40.0,
        "$/PH/day",
        Evidence::Sourced,
        "Luxor by share.snipd.com 2025-12-12: below $40",
    );
    let [rate, power, machine] = asic(catalogue, "Antminer S21 Pro")?.steps();
    let gross = |text, hashprice: &Step| -> Result<Step, ClaimError> {
        Ok(Step::computed(
            text,
            gross_usd_per_kwh(hashprice.value, machine.value)?,
            "$/kWh",
            format!("{} / (24 × {})", hashprice.digits(), machine.digits()),
            &[hashprice, &machine],
        ))
    };
    let mining_low = gross("mining, gross, at the lower hashprice", &low)?;
    let mining_high = gross("mining, gross, at the higher hashprice", &high)?;

    let node = Step::given(
        "what a node of 8 H100 draws",
        10.2,
        "kW",
        Evidence::Sourced,
        "v2-pseo-ai.pages.dev",
    );
    let each = Step::computed(
        "of it for each H100",
        node.value / 8.0,
        "kW",
        format!("{} / 8", node.digits()),
        &[&node],
    );
    let rental =
        |text, value, source| Step::given(text, value, "$/GPU-hour", Evidence::Sourced, source);
    let rent_low = rental("H100 rental, low", 1.99, "mercatus-ai.com, May 2026");
    let rent_mid = rental(
        "H100 rental, median of 37 providers",
        2.95,
        "aimultiple.com/gpu-index 2026-05-20",
    );
    let per_kwh = |text, rent: &Step| {
        Step::computed(
            text,
            rent.value / each.value,
            "$/kWh",
            format!("{} / {}", rent.digits(), each.digits()),
            &[rent, &each],
        )
    };
    let ai_low = per_kwh("H100 rental of a kWh, low", &rent_low);
    let ai_mid = per_kwh("H100 rental of a kWh, median", &rent_mid);

    let least = hosting(
        "Core Scientific's last option",
        2.0e9,
        120e3,
        12.0,
        "SEC press release 2024-10-22",
    );
    let most = hosting(
        "TeraWulf Abernathy",
        9.5e9,
        168e3,
        25.0,
        "phemex.com 30682; sacra.com",
    );
    let host_low = rent_per_kwh("the cheapest hosting contract", &least.rent);
    let host_high = rent_per_kwh("the dearest hosting contract", &most.rent);

    let times = |text, over: &Step, under: &Step| {
        Step::computed(
            text,
            over.value / under.value,
            "",
            format!("{} / {}", over.operand(), under.operand()),
            &[over, under],
        )
    };
    let mining_off = times(
        "mining too high by a factor of",
        &claimed_mining,
        &mining_high,
    );
    let ai_off = times(
        "AI too high, at the median, by a factor of",
        &claimed_ai,
        &ai_mid,
    );
    let ratio_low = times("AI rental over mining, least", &ai_low, &mining_high);
    let ratio_high = times("AI rental over mining, most", &ai_mid, &mining_low);

    let conclusion = format!(
        "With a machine of {} a kWh of mining grosses ${} to ${}: ${} is too high by a factor of \
         at least {}. A kWh of H100 rental grosses ${} to ${} from a low price to the median, \
         before the cards are paid for, and hosting them ${} to ${}: ${} is too high by a factor \
         of {} even at the median. The ratio of the two, {} to {}, is nearer to the claimed {} \
         than either figure is.",
        machine.figure(),
        mining_low.number(),
        mining_high.number(),
        claimed_mining.number(),
        mining_off.number(),
        ai_low.number(),
        ai_mid.number(),
        host_low.number(),
        host_high.number(),
        claimed_ai.number(),
        ai_off.number(),
        ratio_low.number(),
        ratio_high.number(),
        short(claimed_ai.value / claimed_mining.value),
    );
    let mut steps = vec![claimed_mining, claimed_ai, low, high, rate, power, machine];
    steps.extend([
        mining_low,
        mining_high,
        node,
        each,
        rent_low,
        rent_mid,
        ai_low,
        ai_mid,
    ]);
    steps.extend(least.steps());
    steps.extend(most.steps());
    steps.extend([
        host_low, host_high, mining_off, ai_off, ratio_low, ratio_high,
    ]);
    Ok(Claim {
        claim: "AI workloads can generate approximately $25 per kilowatt-hour, while Bitcoin \
                mining earns closer to $1"
            .into(),
        said_by: "\"industry estimates\", by coinalertnews.com, cryptovot.com and bitcoingate"
            .into(),
        date: Some("2026-01-14".into()),
        verdict: Verdict::Wrong,
        steps,
        conclusion,
    })
}

/// "$1.45 M per MW and year with AI, $0.9 M with mining".
pub fn dollars_per_mw_year(catalogue: &Catalogue) -> Result<Claim, ClaimError> {
    const SAID: &str = "binance.com square 31940152650522, 2025-11";
    let claimed = |text, value| Step::given(text, value, "$M/MW-year", Evidence::Sourced, SAID);
    let claimed_ai = claimed("AI, as claimed", 1.45);
    let claimed_mining = claimed("mining, as claimed", 0.9);
    let contract = hosting(
        "Core Scientific and CoreWeave, all options",
        8.7e9,
        500e3,
        12.0,
        "SEC press release 2024-10-22",
    );
    let rent = &contract.rent;
    let ai = Step::computed(
        "AI hosting",
        rent.value * 12.0 * 1000.0 / 1e6,
        "$M/MW-year",
        format!("{} × 12 × 1,000 / 1,000,000", rent.operand()),
        &[rent],
    );
    let hashprice = Step::given(
        "hashprice, with fees",
        40.58,
        "$/PH/day",
        Evidence::Sourced,
        "MineForge App. C, 2026-10-03",
    );
    let efficiency = Step::computed(
        "the efficiency at which mining grosses what is claimed",
        hashprice.value * 1000.0 * HOURS_PER_YEAR / (24.0 * claimed_mining.value * 1e6),
        "J/TH",
        format!(
            "{} × 1,000 × {} / (24 × {} × 1,000,000)",
            hashprice.digits(),
            full(HOURS_PER_YEAR),
            claimed_mining.digits()
        ),
        &[&hashprice, &claimed_mining],
    );
    let best = asic(catalogue, "Antminer S21 XP")?;
    let worst = asic(catalogue, "Antminer S19 XP")?;
    let conclusion = format!(
        "It reproduces. The contract comes to ${} M per MW-year of critical IT load. Mining \
         grosses ${} M per MW-year with machines of {}, between the S21 XP ({}) and the S19 XP \
         ({}). Both are gross: of the retrofit and, for mining, of the power bill.",
        ai.number(),
        claimed_mining.number(),
        efficiency.figure(),
        best.efficiency.number(),
        worst.efficiency.number(),
    );
    let mut steps = vec![claimed_ai, claimed_mining];
    steps.extend(contract.steps());
    steps.extend([ai, hashprice, efficiency]);
    steps.extend(best.steps());
    steps.extend(worst.steps());
    Ok(Claim {
        claim: "$1.45 M/MW-yr AI vs $0.9 M/MW-yr mining".into(),
        said_by: "Binance Square, post 31940152650522".into(),
        date: Some("2025-11".into()),
        verdict: Verdict::Right,
        steps,
        conclusion,
    })
}
