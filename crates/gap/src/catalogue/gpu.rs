//! Hash rates of GPUs and CPUs that others measured, reported or modelled.

use perwatt_record::work::Work;
use serde::Serialize;

use super::row::{self, Origin, Provenance, ReadRow, Row, Value};
use super::table::{Cells, Kind};

/// A single SHA-256 of one block is half a double SHA-256 of a header with a precomputed
/// midstate: one compression against two.
const SINGLE_TO_DOUBLE: f64 = 0.5;
/// Tolerance for rounding of the converted rate, relative.
const CONVERSION_AGREES_REL: f64 = 0.001;
/// Tolerance for rounding of hashes per joule, relative; sources print three digits.
const PER_JOULE_AGREES_REL: f64 = 0.005;

/// A hash rate from another source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GpuHashrate {
    /// The device.
    pub device: String,
    /// `gpu`, `gpu rig` or `cpu`.
    pub class: String,
    /// The hash that was counted: `sha256d`, or `sha256`, which is converted.
    pub algorithm: String,
    /// The rate as it was counted, 10^6 per second.
    pub hashrate_mh_s: f64,
    /// The same as double SHA-256, 10^6 hashes per second.
    pub sha256d_equiv_mh_s: f64,
    /// True if it was converted from single SHA-256.
    pub converted: bool,
    /// The conversion, in words.
    pub conversion: String,
    /// Power at that rate, watts.
    pub power_w: Option<f64>,
    /// Basis of that power, which is rarely a measurement.
    pub power_basis: String,
    /// Double SHA-256 per joule at that power, 10^6 hashes per joule.
    pub sha256d_mh_per_j: Option<f64>,
    /// The program that counted the hashes.
    pub tool: String,
    /// `measured`, `derived`, `modelled`, `reported`, …
    pub kind: String,
    /// Source and basis of the row.
    #[serde(flatten)]
    pub provenance: Provenance,
}

impl Row for GpuHashrate {
    const KIND: Kind = Kind::Gpus;
    const NAME_COLUMN: &'static str = "device";
    const REQUIRED: &'static str = "device class algorithm hashrate_mh_s sha256d_equiv_mh_s conversion power_w \
        power_basis sha256d_mh_per_j tool kind confidence source date notes";
    const OPTIONAL: &'static str = "";
    const COMPUTED: &'static str = "converted mark origin";
    const ORDER: (&'static str, bool) = ("sha256d_equiv_mh_s", true);

    fn vendor(&self) -> &str {
        ""
    }
    fn model(&self) -> &str {
        &self.device
    }
    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "device" => Value::text(&self.device),
            "class" => Value::text(&self.class),
            "algorithm" => Value::text(&self.algorithm),
            "hashrate_mh_s" => Value::Number(self.hashrate_mh_s),
            "sha256d_equiv_mh_s" => Value::Number(self.sha256d_equiv_mh_s),
            "conversion" => Value::text(&self.conversion),
            "converted" => Value::text(if self.converted { "yes" } else { "no" }),
            "power_w" => self.power_w.into(),
            "power_basis" => Value::text(&self.power_basis),
            "sha256d_mh_per_j" => self.sha256d_mh_per_j.into(),
            "tool" => Value::text(&self.tool),
            "kind" => Value::text(&self.kind),
            other => row::shared_value(&self.provenance, other),
        }
    }
}

impl ReadRow for GpuHashrate {
    fn read(cells: &mut Cells<'_>, origin: &Origin) -> Self {
        let algorithm = cells.text("algorithm");
        let row = Self {
            device: cells.text("device"),
            class: cells.text("class"),
            converted: algorithm == "sha256",
            algorithm,
            hashrate_mh_s: cells.number("hashrate_mh_s"),
            sha256d_equiv_mh_s: cells.number("sha256d_equiv_mh_s"),
            conversion: cells.text("conversion"),
            power_w: cells.maybe_number("power_w"),
            power_basis: cells.raw("power_basis").to_owned(),
            sha256d_mh_per_j: cells.maybe_number("sha256d_mh_per_j"),
            tool: cells.text("tool"),
            kind: cells.text("kind"),
            provenance: Provenance::read(cells, origin),
        };
        row.check(cells);
        row
    }
}

impl GpuHashrate {
    fn check(&self, cells: &mut Cells<'_>) {
        let (factor, word) = match self.algorithm.as_str() {
            "sha256" => (SINGLE_TO_DOUBLE, "x0.5"),
            name if name == Work::Sha256d.name() => (1.0, "as measured"),
            _ => {
                let wrong = "is neither sha256 nor sha256d; other hashes do not compare";
                return cells.fault("algorithm", wrong);
            }
        };
        if !self.conversion.starts_with(word) {
            let wrong = format!("must begin with {word:?} for {}", self.algorithm);
            cells.fault("conversion", wrong);
        }
        let wanted = self.hashrate_mh_s * factor;
        if (self.sha256d_equiv_mh_s / wanted - 1.0).abs() > CONVERSION_AGREES_REL {
            let wrong =
                format!("is not hashrate_mh_s times {factor}, {wanted}; correct one of them");
            cells.fault("sha256d_equiv_mh_s", wrong);
        }
        match (self.power_w, self.sha256d_mh_per_j) {
            (Some(power_w), Some(per_j)) => {
                let wanted = self.sha256d_equiv_mh_s / power_w;
                if (per_j / wanted - 1.0).abs() > PER_JOULE_AGREES_REL {
                    let wrong = format!(
                        "is not sha256d_equiv_mh_s over power_w, {wanted:.4}; correct one of the three"
                    );
                    cells.fault("sha256d_mh_per_j", wrong);
                }
            }
            (None, Some(_)) => {
                let wrong = "has no power_w beside it; give both or neither";
                cells.fault("sha256d_mh_per_j", wrong);
            }
            (Some(_), None) => {
                let wrong = "is empty and power_w is not; give sha256d_equiv_mh_s over power_w";
                cells.fault("sha256d_mh_per_j", wrong);
            }
            (None, None) => {}
        }
        if self.power_w.is_some() && self.power_basis.is_empty() {
            let wrong = "is empty; say what power_w is: a TDP, a reading, whose";
            cells.fault("power_basis", wrong);
        }
        if self.provenance.basis == row::Basis::Measured && self.kind != "measured" {
            let kind = &self.kind;
            let wrong = format!("is more than kind {kind:?} supports; write a weaker one");
            cells.fault("confidence", wrong);
        }
    }
}
