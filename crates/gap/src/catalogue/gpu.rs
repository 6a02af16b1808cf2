//! Hash rates of GPUs and CPUs that others measured, reported or modelled.

use perwatt_record::work::Work;

use super::columns::row;
use super::row::{Basis, Declared, Row, Value};
use super::table::{Cells, Kind};

/// A single SHA-256 of one block is half a double SHA-256 of a header with a precomputed
/// midstate: one compression against two.
const SINGLE_TO_DOUBLE: f64 = 0.5;
/// Tolerance for rounding of the converted rate, relative.
const CONVERSION_AGREES_REL: f64 = 0.001;
/// Tolerance for rounding of hashes per joule, relative; sources print three digits.
const PER_JOULE_AGREES_REL: f64 = 0.005;

row! {
    /// A hash rate from another source.
    GpuHashrate {
        /// The hash that was counted: `sha256d`, or `sha256`, which is converted.
        algorithm: text "algorithm",
        /// The device.
        device: text "device",
        /// `gpu`, `gpu rig` or `cpu`.
        class: text "class",
        /// The rate as it was counted, 10^6 per second.
        hashrate_mh_s: number "hashrate_mh_s",
        /// The same as double SHA-256, 10^6 hashes per second.
        sha256d_equiv_mh_s: number "sha256d_equiv_mh_s",
        /// The conversion, in words.
        conversion: text "conversion",
        /// Power at that rate, watts.
        power_w: maybe_number "power_w",
        /// Basis of that power, which is rarely a measurement.
        power_basis: maybe_text "power_basis",
        /// Double SHA-256 per joule at that power, 10^6 hashes per joule.
        sha256d_mh_per_j: maybe_number "sha256d_mh_per_j",
        /// The program that counted the hashes.
        tool: text "tool",
        /// `measured`, `derived`, `modelled`, `reported`, …
        kind: text "kind",
    }
    computed {
        /// True if it was converted from single SHA-256.
        converted: bool = algorithm == "sha256",
    }
}

impl Row for GpuHashrate {
    const KIND: Kind = Kind::Gpus;
    const NAME_COLUMN: &'static str = "device";
    const REQUIRED: &'static str = "device class algorithm hashrate_mh_s sha256d_equiv_mh_s conversion power_w \
        power_basis sha256d_mh_per_j tool kind confidence source date notes";
    const OPTIONAL: &'static str = "";
    const COMPUTED: &'static str = "converted mark origin";
    const ORDER: (&'static str, bool) = ("sha256d_equiv_mh_s", true);

    fn value(&self, column: &str) -> Value {
        match column {
            "converted" => Value::text(if self.converted { "yes" } else { "no" }),
            other => self.written(other),
        }
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
        if self.provenance.basis == Basis::Measured && self.kind != "measured" {
            let kind = &self.kind;
            let wrong = format!("is more than kind {kind:?} supports; write a weaker one");
            cells.fault("confidence", wrong);
        }
    }
}
