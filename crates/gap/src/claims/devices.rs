//! Mining machines and graphics cards of the catalogue, as figures to compute with.

use super::ClaimError;
use super::step::Step;
use crate::catalogue::{Catalogue, Provenance, name};
use perwatt_table::Evidence;

/// A machine for mining.
pub struct Asic {
    /// Its rate in TH/s.
    pub rate: Step,
    /// What it draws in W.
    pub power: Step,
    /// Its efficiency in J/TH, power over rate.
    pub efficiency: Step,
}

impl Asic {
    /// Rate, power and efficiency: no efficiency without what it is computed from.
    pub fn steps(self) -> [Step; 3] {
        [self.rate, self.power, self.efficiency]
    }
}

/// A graphics card that hashes.
pub struct Gpu {
    /// Double SHA-256 of a header in GH/s.
    pub rate: Step,
    /// What it draws in W.
    pub power: Step,
}

/// The mining machine of this name.
pub fn asic(catalogue: &Catalogue, model: &str) -> Result<Asic, ClaimError> {
    let row = catalogue.asic(model)?;
    let (mark, source) = (row.provenance.basis.mark(), dated(&row.provenance));
    let given = |text, value, unit| Step::given(text, value, unit, mark, &source);
    let rate = given(
        format!("what an {} hashes", row.model),
        row.hashrate_th_s,
        "TH/s",
    );
    let power = given(format!("what an {} draws", row.model), row.power_w, "W");
    let efficiency = Step::computed(
        format!("the efficiency of an {}", row.model),
        row.efficiency_j_th(),
        "J/TH",
        format!("{} / {}", power.digits(), rate.digits()),
        &[&power, &rate],
    );
    Ok(Asic {
        rate,
        power,
        efficiency,
    })
}

/// The graphics card of this name.
pub fn gpu(catalogue: &Catalogue, device: &str) -> Result<Gpu, ClaimError> {
    let row = name::find(&catalogue.gpus, device)?;
    let power_w = row.power_w.ok_or_else(|| ClaimError::NoPower {
        device: row.device.clone(),
    })?;
    Ok(Gpu {
        rate: Step::given(
            format!("what a {} hashes ({})", row.device, row.conversion),
            row.sha256d_equiv_mh_s / 1000.0,
            "GH/s",
            row.provenance.basis.mark(),
            dated(&row.provenance),
        ),
        power: Step::given(
            format!("what a {} may draw", row.device),
            power_w,
            "W",
            Evidence::Nameplate,
            &row.power_basis,
        ),
    })
}

/// Who says so and, where the name does not hold it, when.
fn dated(of: &Provenance) -> String {
    match &of.date {
        Some(date) if !of.source.contains(date.as_str()) => format!("{}, {date}", of.source),
        _ => of.source.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_marks_are_the_catalogue_s() {
        let catalogue = Catalogue::builtin().unwrap();
        let s21 = asic(&catalogue, "Antminer S21").unwrap();
        assert_eq!((s21.rate.value, s21.rate.mark), (200.0, Evidence::Sourced));
        let xp = asic(&catalogue, "Antminer S21 XP").unwrap().efficiency;
        assert_eq!((xp.value, xp.mark), (13.5, Evidence::Nameplate));
        let card = gpu(&catalogue, "GeForce RTX 4090 (Strix, stock)").unwrap();
        assert!((card.rate.value - 10.9878).abs() < 1e-9);
        // Measured, but read where somebody cites it.
        assert_eq!(
            (card.rate.mark, card.power.value),
            (Evidence::Sourced, 450.0)
        );
    }

    #[test]
    fn a_missing_device_and_a_missing_figure_are_errors() {
        let catalogue = Catalogue::builtin().unwrap();
        let error = asic(&catalogue, "Antminer S99").err().unwrap().to_string();
        assert!(
            error.contains("\"Antminer S99\" among the asics"),
            "{error}"
        );
        let error = gpu(&catalogue, "GeForce RTX 2060").err().unwrap();
        let error = error.to_string();
        assert!(error.contains("RTX 2060 has no power_w"), "{error}");
    }
}
