//! Graphics cards against a machine for mining.

use super::devices::{Asic, Gpu, asic, gpu};
use super::step::Step;
use super::{Claim, ClaimError, Verdict};
use crate::catalogue::Catalogue;
use perwatt_table::Evidence;

/// "Nearly 300" graphics cards for one Antminer.
pub fn three_hundred_gpus(catalogue: &Catalogue) -> Result<Claim, ClaimError> {
    let said = Step::given(
        "graphics cards for one machine, as claimed",
        300.0,
        "",
        Evidence::Sourced,
        "theoblog.uk",
    );
    let said_power = Step::given(
        "their power over the machine's, as claimed",
        10.0,
        "",
        Evidence::Sourced,
        "theoblog.uk",
    );
    let hydro = asic(catalogue, "Antminer S21 Hyd")?;
    let air = asic(catalogue, "Antminer S21")?;
    let card = gpu(catalogue, "GeForce RTX 4090 (Strix, stock)")?;
    let newer = gpu(catalogue, "GeForce RTX 5090 FE")?;
    let cards = |what: &str, asic: &Asic, gpu: &Gpu| {
        Step::computed(
            what,
            asic.rate.value * 1000.0 / gpu.rate.value,
            "",
            format!("{} × 1,000 / {}", asic.rate.digits(), gpu.rate.digits()),
            &[&asic.rate, &gpu.rate],
        )
    };
    let for_hydro = cards("RTX 4090 for one S21 Hyd", &hydro, &card);
    let for_air = cards("RTX 4090 for one S21", &air, &card);
    let newer_for_hydro = cards("RTX 5090 for one S21 Hyd", &hydro, &newer);
    let short_by = Step::computed(
        "too few by a factor of",
        for_hydro.value / said.value,
        "",
        format!("{} / {}", for_hydro.operand(), said.digits()),
        &[&for_hydro, &said],
    );
    let power = Step::computed(
        "their power over that of the S21 Hyd",
        for_hydro.value * card.power.value / hydro.power.value,
        "",
        format!(
            "{} × {} / {}",
            for_hydro.operand(),
            card.power.digits(),
            hydro.power.digits()
        ),
        &[&for_hydro, &card.power, &hydro.power],
    );
    let conclusion = format!(
        "It takes {} RTX 4090 to hash as fast as one S21 Hyd ({} of the newer RTX 5090), and {} \
         for the plain S21. {} are too few by a factor of {}, and the power is {} times that of \
         the machine, not {} times.",
        for_hydro.number(),
        newer_for_hydro.number(),
        for_air.number(),
        said.number(),
        short_by.number(),
        power.number(),
        said_power.number(),
    );
    Ok(Claim {
        claim: "a hypothetical farm of the latest GPUs would require nearly 300 units and over \
                ten times the power to achieve a similar output"
            .into(),
        said_by: "theoblog.uk, The Rise of ASIC Miners, of the Antminer S21 Hyd".into(),
        date: None,
        verdict: Verdict::Wrong,
        steps: vec![
            said,
            said_power,
            hydro.rate,
            hydro.power,
            air.rate,
            card.rate,
            card.power,
            newer.rate,
            for_hydro,
            for_air,
            newer_for_hydro,
            short_by,
            power,
        ],
        conclusion,
    })
}
