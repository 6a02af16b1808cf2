//! Mining machines and graphics cards, by the tables that come with the program.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ClaimError;
use super::step::Step;
use crate::Mark;

const ASICS: &str = "asics.csv";
const GPUS: &str = "gpu_hashrates.csv";

/// A machine for mining.
pub struct Asic {
    /// Its rate in TH/s.
    pub rate: Step,
    /// What it draws in W.
    pub power: Step,
    /// Its efficiency in J/TH, power over rate.
    pub efficiency: Step,
}

/// A graphics card that hashes.
pub struct Gpu {
    /// Double SHA-256 of a header in GH/s.
    pub rate: Step,
    /// What it draws in W.
    pub power: Step,
}

#[derive(Deserialize)]
struct AsicRow {
    model: String,
    hashrate_th_s: Option<f64>,
    power_w: Option<f64>,
    source: String,
}

#[derive(Deserialize)]
struct GpuRow {
    device: String,
    sha256d_equiv_mh_s: Option<f64>,
    conversion: String,
    power_w: Option<f64>,
    power_basis: String,
    kind: String,
    source: String,
}

/// The mining machine of exactly this name.
pub fn asic(model: &'static str) -> Result<Asic, ClaimError> {
    let row: AsicRow = find(
        ASICS,
        include_str!("../../data/asics.csv"),
        model,
        |row: &AsicRow| row.model == model,
    )?;
    let empty = |column| ClaimError::Empty {
        file: ASICS,
        device: model,
        column,
    };
    let rate = Step::given(
        format!("what an {model} hashes"),
        row.hashrate_th_s.ok_or_else(|| empty("hashrate_th_s"))?,
        "TH/s",
        Mark::Nameplate,
        &row.source,
    );
    let power = Step::given(
        format!("what an {model} draws"),
        row.power_w.ok_or_else(|| empty("power_w"))?,
        "W",
        Mark::Nameplate,
        &row.source,
    );
    let efficiency = Step::computed(
        format!("the efficiency of an {model}"),
        power.value / rate.value,
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

/// The graphics card of exactly this name.
pub fn gpu(device: &'static str) -> Result<Gpu, ClaimError> {
    let row: GpuRow = find(
        GPUS,
        include_str!("../../data/gpu_hashrates.csv"),
        device,
        |row: &GpuRow| row.device == device,
    )?;
    let empty = |column| ClaimError::Empty {
        file: GPUS,
        device,
        column,
    };
    let mark = if row.kind == "measured" {
        Mark::Measured
    } else {
        Mark::Sourced
    };
    Ok(Gpu {
        rate: Step::given(
            format!("what a {device} hashes ({})", row.conversion),
            row.sha256d_equiv_mh_s
                .ok_or_else(|| empty("sha256d_equiv_mh_s"))?
                / 1000.0,
            "GH/s",
            mark,
            row.source,
        ),
        power: Step::given(
            format!("what a {device} may draw"),
            row.power_w.ok_or_else(|| empty("power_w"))?,
            "W",
            Mark::Nameplate,
            row.power_basis,
        ),
    })
}

/// The first row of a table that is wanted.
fn find<T: DeserializeOwned>(
    file: &'static str,
    text: &str,
    device: &'static str,
    wanted: impl Fn(&T) -> bool,
) -> Result<T, ClaimError> {
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let row = row.map_err(|cause| ClaimError::Table { file, cause })?;
        if wanted(&row) {
            return Ok(row);
        }
    }
    Err(ClaimError::Device { file, device })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_devices_named_here_are_in_the_tables() {
        assert_eq!(asic("Antminer S21").unwrap().rate.value, 200.0);
        assert_eq!(asic("Antminer S21 Pro").unwrap().efficiency.value, 15.0);
        let card = gpu("GeForce RTX 4090 (Strix, stock)").unwrap();
        assert!((card.rate.value - 10.9878).abs() < 1e-9);
        assert_eq!((card.rate.mark, card.power.value), (Mark::Measured, 450.0));
    }

    #[test]
    fn a_missing_device_and_a_missing_figure_are_errors() {
        let error = asic("Antminer S99").err().unwrap().to_string();
        assert!(
            error.contains("asics.csv") && error.contains("S99"),
            "{error}"
        );
        let error = gpu("GeForce RTX 2060").err().unwrap().to_string();
        assert!(error.contains("RTX 2060 has no power_w"), "{error}");
        let broken = find::<AsicRow>(ASICS, "model,source\n\"x", "x", |_| true);
        assert!(matches!(broken, Err(ClaimError::Table { .. })));
    }
}
