//! What of a mining site an AI data centre can use.

use super::format::per_cent;
use super::step::Step;
use super::{Claim, Verdict};
use perwatt_table::Evidence;

/// Who is asked what a site costs and what of it can be kept.
pub const SABRE56: &str = "P. Harvey, CEO of Sabre56, in Cointelegraph 2024-09 \
                       (binance.com square 13104949643562)";

/// "Turning dormant rigs into cash cows".
pub fn dormant_rigs() -> Claim {
    let flops = Step::given(
        "what an ASIC for SHA-256d computes of a model",
        0.0,
        "FLOP/s",
        Evidence::Sourced,
        "the same article: \"ASICs, built for one thing\"; it has no other circuit",
    );
    let [efficiency, price, rigs] = rigs_of_a_mw();
    let site = Step::given(
        "the site around them, the dearer of two figures",
        0.35,
        "$M/MW",
        Evidence::Sourced,
        SABRE56,
    );
    let replaced = Step::given(
        "share of the existing plant that is replaced, at least",
        0.9,
        "",
        Evidence::Sourced,
        SABRE56,
    );
    let convertible = Step::given(
        "share of a portfolio that can be converted",
        0.2,
        "",
        Evidence::Sourced,
        SABRE56,
    );
    let rigs_share = Step::computed(
        "share of the machines in what a MW cost",
        rigs.value / (rigs.value + site.value),
        "",
        format!(
            "{} / ({} + {})",
            rigs.operand(),
            rigs.operand(),
            site.digits()
        ),
        &[&rigs, &site],
    );
    let kept = Step::computed(
        "plant that is kept, at most",
        (1.0 - replaced.value) * site.value,
        "$M/MW",
        format!("(1 − {}) × {}", replaced.digits(), site.digits()),
        &[&replaced, &site],
    );
    let kept_share = Step::computed(
        "share that is kept of what a MW cost, at most",
        kept.value / (rigs.value + site.value),
        "",
        format!(
            "{} / ({} + {})",
            kept.operand(),
            rigs.operand(),
            site.digits()
        ),
        &[&kept, &rigs, &site],
    );
    let conclusion = format!(
        "A rig computes {} of a model: it is sold, moved or scrapped. Rigs are {} of what a MW of \
         mining costs new; of the plant around them at least {} is replaced, so at most {} of the \
         money is used again. What is reused is the powered shell: the connection, the land and \
         the permits, and of a portfolio only about {} has what AI needs.",
        flops.figure(),
        per_cent(rigs_share.value),
        per_cent(replaced.value),
        per_cent(kept_share.value),
        per_cent(convertible.value),
    );
    Claim {
        claim: "turning dormant rigs into cash cows for hyperscalers".into(),
        said_by: "a news article, Bitcoin Miners Pivot to AI Data Centers".into(),
        date: None,
        verdict: Verdict::Wrong,
        steps: vec![
            flops,
            efficiency,
            price,
            rigs,
            site,
            replaced,
            convertible,
            rigs_share,
            kept,
            kept_share,
        ],
        conclusion,
    }
}

/// Efficiency and price of new machines, and what those of a MW cost in $M/MW.
pub fn rigs_of_a_mw() -> [Step; 3] {
    let efficiency = Step::given(
        "efficiency of new machines",
        13.5,
        "J/TH",
        Evidence::Nameplate,
        "support.bitmain.com, S21 XP",
    );
    let price = Step::given(
        "price of new machines",
        13.0,
        "$/TH",
        Evidence::Sourced,
        "WhatsMiner M70S list, MineForge App. B, 2026-10",
    );
    let rigs = Step::computed(
        "machines for a MW",
        price.value / efficiency.value,
        "$M/MW",
        format!("{} / {}", price.digits(), efficiency.digits()),
        &[&price, &efficiency],
    );
    [efficiency, price, rigs]
}
