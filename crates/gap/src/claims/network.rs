//! The network as a whole: its supply, its power, and whose it is.

use super::format::{full, per_cent};
use super::step::Step;
use super::{Claim, ClaimError, Verdict};
use perwatt_site::protocol::hashprice::HOURS_PER_YEAR;
use perwatt_site::protocol::input;
use perwatt_site::protocol::supply::{
    CAP_SAT, FIRST_SUBSIDY_SAT, HALVING_INTERVAL, SAT_PER_BTC, halvings, next_halving, subsidy_btc,
};
use perwatt_table::Evidence;

const ARTICLE: &str = "a news article, Bitcoin Miners Pivot to AI Data Centers";
const CAMBRIDGE: &str = "Cambridge Digital Mining Industry Report, 2025-04-28";

/// "Ten times the power of mining rigs by the end of the decade".
pub fn ten_times_the_power() -> Claim {
    let mining = Step::given(
        "mining, in 2024",
        138.0,
        "TWh/year",
        Evidence::Sourced,
        CAMBRIDGE,
    );
    let factor = Step::given("times, as claimed", 10.0, "", Evidence::Sourced, ARTICLE);
    let claimed = Step::computed(
        "what is claimed for AI",
        mining.value * factor.value,
        "TWh/year",
        format!("{} × {}", mining.digits(), factor.digits()),
        &[&mining, &factor],
    );
    let us = Step::given(
        "all US data centres in 2030",
        45.0,
        "GW",
        Evidence::Sourced,
        "Goldman Sachs by efxdata.com 2024-05-15",
    );
    let us_energy = Step::computed(
        "the same in a year, at full load throughout",
        us.value * HOURS_PER_YEAR / 1000.0,
        "TWh/year",
        format!("{} × {} / 1,000", us.digits(), full(HOURS_PER_YEAR)),
        &[&us],
    );
    let world = Step::given(
        "all data centres of the world in 2030",
        1350.0,
        "TWh/year",
        Evidence::Sourced,
        "Goldman Sachs by emeraldforce.com",
    );
    let ai_share = Step::given(
        "AI's share of data centres' power in 2027",
        0.27,
        "",
        Evidence::Sourced,
        "Goldman Sachs by rcrwireless.com 2025-09-04",
    );
    let over = |text, energy: &Step| {
        Step::computed(
            text,
            energy.value / mining.value,
            "",
            format!("{} / {}", energy.operand(), mining.digits()),
            &[energy, &mining],
        )
    };
    let us_times = over("US data centres over mining", &us_energy);
    let world_times = over("the world's data centres over mining", &world);
    let ai_energy = Step::computed(
        "AI in 2030, if its share stays that of 2027",
        world.value * ai_share.value,
        "TWh/year",
        format!("{} × {}", world.digits(), ai_share.digits()),
        &[&world, &ai_share],
    );
    let ai_times = over("the same over mining", &ai_energy);
    let conclusion = format!(
        "No source was found for it. {} times mining is {}. Goldman Sachs's forecasts for 2030 give {} \
         times mining to all data centres of the US and {} times to all of the world, whatever \
         they compute; were AI's share still {} then, AI alone would take {} times.",
        factor.number(),
        claimed.figure(),
        us_times.number(),
        world_times.number(),
        per_cent(ai_share.value),
        ai_times.number(),
    );
    Claim {
        claim: "ten times the power of mining rigs by the end of the decade".into(),
        said_by: ARTICLE.into(),
        date: None,
        verdict: Verdict::Unsupported,
        steps: vec![
            mining,
            factor,
            claimed,
            us,
            us_energy,
            world,
            ai_share,
            us_times,
            world_times,
            ai_energy,
            ai_times,
        ],
        conclusion,
    }
}

/// "Hard-coded cap of 21 million coins".
pub fn twenty_one_million() -> Claim {
    // With every digit: three would make it the 21 million it is not.
    let exact = |text: &str, value: f64, unit, left: String| Step {
        text: text.into(),
        value,
        unit,
        formula: format!("{left} = {} {unit}", full(value)).trim_end().into(),
        mark: Evidence::Exact,
        source: "the rule of the subsidy".into(),
    };
    let claimed = Step::given(
        "the cap, as claimed",
        21e6,
        "BTC",
        Evidence::Sourced,
        ARTICLE,
    );
    let eras = exact(
        "halvings until nothing is left",
        halvings(last_halving()) as f64,
        "",
        format!(
            "{} / {}",
            full(last_halving() as f64),
            full(HALVING_INTERVAL as f64)
        ),
    );
    let cap = exact(
        "all coins that blocks will ever make",
        CAP_SAT as f64 / SAT_PER_BTC as f64,
        "BTC",
        format!(
            "{} × Σ ⌊{} sat / 2^i⌋ = {} sat",
            full(HALVING_INTERVAL as f64),
            full(FIRST_SUBSIDY_SAT as f64),
            full(CAP_SAT as f64)
        ),
    );
    let missing_sat = claimed.value * SAT_PER_BTC as f64 - CAP_SAT as f64;
    let missing = exact(
        "short of what is claimed by",
        missing_sat / SAT_PER_BTC as f64,
        "BTC",
        format!("{} − {}", claimed.digits(), cap.digits()),
    );
    let conclusion = format!(
        "The cap is {} BTC, {} BTC below {}. The rule of the subsidy does not name it: it is what \
         halving {} BTC every {} blocks in whole satoshi adds up to, until after {} halvings \
         nothing is left.",
        cap.digits(),
        missing.digits(),
        claimed.digits(),
        full(subsidy_btc(0)),
        full(HALVING_INTERVAL as f64),
        eras.digits(),
    );
    Claim {
        claim: "hard-coded cap of 21 million coins".into(),
        said_by: ARTICLE.into(),
        date: None,
        verdict: Verdict::PartlyRight,
        steps: vec![claimed, eras, cap, missing],
        conclusion,
    }
}

/// Height of the halving after which a block makes nothing.
fn last_halving() -> u64 {
    let mut height = 0;
    while let Some(next) = next_halving(height) {
        height = next;
    }
    height
}

/// "US dominates Bitcoin mining with 75.4 % hashrate".
pub fn three_quarters() -> Result<Claim, ClaimError> {
    let surveyed = Step::given(
        "US share of the activity surveyed",
        0.754,
        "",
        Evidence::Sourced,
        CAMBRIDGE,
    );
    let coverage = Step::given(
        "share of the network that was surveyed",
        0.48,
        "",
        Evidence::Sourced,
        CAMBRIDGE,
    );
    let known = Step::computed(
        "share of the network known to be in the US",
        input::share("the US share surveyed", surveyed.value)?
            * input::share("the survey's share", coverage.value)?,
        "",
        format!("{} × {}", surveyed.digits(), coverage.digits()),
        &[&surveyed, &coverage],
    );
    let network = Step::given(
        "US share of the network",
        0.36,
        "",
        Evidence::Sourced,
        "hashrateindex.com heat map, Q2 2025, by satoshibrother.com",
    );
    let over = Step::computed(
        "too high by a factor of",
        surveyed.value / network.value,
        "",
        format!("{} / {}", surveyed.digits(), network.digits()),
        &[&surveyed, &network],
    );
    let conclusion = format!(
        "{} is a share of the firms that answered, and those were {} of the network: {} of the \
         network is known to be in the US by it. Measured over the whole network the share is {}, \
         so the headline is too high by a factor of {}.",
        per_cent(surveyed.value),
        per_cent(coverage.value),
        per_cent(known.value),
        per_cent(network.value),
        over.number(),
    );
    Ok(Claim {
        claim: "US Dominates Bitcoin Mining with 75.4% Hashrate".into(),
        said_by: "a headline of svetcrypto.com, and others, on Cambridge's report".into(),
        date: Some("2025".into()),
        verdict: Verdict::Wrong,
        steps: vec![surveyed, coverage, known, network, over],
        conclusion,
    })
}
