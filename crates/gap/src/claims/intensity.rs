//! How much more of everything an AI data centre takes than a mining site.

use super::assets::{SABRE56, rigs_of_a_mw};
use super::step::Step;
use super::{Claim, Verdict};
use perwatt_table::Evidence;

const IREN: &str = "IREN and Dell, 2025-11-03, GB300";

/// "More than an order of magnitude of intensity and complexity".
pub fn order_of_magnitude() -> Claim {
    let money = |text, value, source| Step::given(text, value, "$M/MW", Evidence::Sourced, source);
    let mining_low = money("mining site, low", 0.30, SABRE56);
    let mining_high = money("mining site, high", 0.35, SABRE56);
    let shell_low = money(
        "AI data centre, low",
        8.0,
        "TeraWulf, blockspace.media 2025-08-14",
    );
    let shell_high = money(
        "AI data centre, high",
        11.0,
        "Cipher Barber Lake, stocktitan.net 2025-09-25",
    );
    let [efficiency, price, rigs] = rigs_of_a_mw();
    let bought = Step::given(
        "GPUs and their racks",
        5800.0,
        "$M",
        Evidence::Sourced,
        IREN,
    );
    let bought_for = Step::given("power they are for", 200.0, "MW", Evidence::Sourced, IREN);
    let gpus = Step::computed(
        "GPUs and their racks for a MW",
        bought.value / bought_for.value,
        "$M/MW",
        format!("{} / {}", bought.digits(), bought_for.digits()),
        &[&bought, &bought_for],
    );
    let area = |text, value| Step::given(text, value, "sq ft/MW", Evidence::Sourced, SABRE56);
    let mining_area = area("floor of a mining site", 1000.0);
    let ai_area = area("floor of an AI data centre", 5000.0);
    let link = Step::given(
        "network of each GPU",
        400.0,
        "Gb/s",
        Evidence::Sourced,
        "ml-engineering, network/README, 2026-08",
    );

    let times = |text, over: &Step, under: &Step| {
        Step::computed(
            text,
            over.value / under.value,
            "",
            format!("{} / {}", over.digits(), under.digits()),
            &[over, under],
        )
    };
    let shells_low = times("AI shell over mining site, least", &shell_low, &mining_high);
    let shells_high = times("AI shell over mining site, most", &shell_high, &mining_low);
    let filled = Step::computed(
        "the same, filled with what hashes or computes, least",
        (shell_low.value + gpus.value) / (mining_high.value + rigs.value),
        "",
        format!(
            "({} + {}) / ({} + {})",
            shell_low.digits(),
            gpus.digits(),
            mining_high.digits(),
            rigs.operand()
        ),
        &[&shell_low, &gpus, &mining_high, &rigs],
    );
    let floors = times("floor over floor", &ai_area, &mining_area);
    let conclusion = format!(
        "In money it holds: the shell costs {} to {} times as much for a MW, and filled {} times \
         or more. In floor it does not: {} times as much for a MW, so the building as a whole is \
         less dense, whatever a rack holds. The network, {} for each GPU, stands against a trickle \
         of shares, for which no sourced figure was found; complexity has no unit.",
        shells_low.number(),
        shells_high.number(),
        filled.number(),
        floors.number(),
        link.figure(),
    );
    Claim {
        claim: "more than an order of magnitude of intensity and complexity".into(),
        said_by: "Dede, in a news article, Bitcoin Miners Pivot to AI Data Centers".into(),
        date: None,
        verdict: Verdict::PartlyRight,
        steps: vec![
            mining_low,
            mining_high,
            shell_low,
            shell_high,
            efficiency,
            price,
            rigs,
            bought,
            bought_for,
            gpus,
            mining_area,
            ai_area,
            link,
            shells_low,
            shells_high,
            filled,
            floors,
        ],
        conclusion,
    }
}
