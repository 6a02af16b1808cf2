//! Accelerators, GPUs among them: rates of matrix products, by their makers and by
//! measurement.

use perwatt_record::work::NumberFormat;
use serde::Serialize;

use super::columns::row;
use super::row::{Declared, Row, Value};
use super::table::{Cells, Kind};

/// Products of 8-bit floats take half the bits of 16-bit ones. A figure of more than twice
/// (plus rounding) is not dense: it skips zeros.
const MOST_FP8_OVER_BF16: f64 = 2.1;
/// On GeForce cards 16-bit products with sums in 32 bits run at half rate and 8-bit
/// integers do not: four times is dense (Ampere GA102 whitepaper, 284.7 against 71.2).
const MOST_INT8_OVER_BF16: f64 = 4.1;

/// The format of the numbers that are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 32-bit floats.
    Fp32,
    /// 16-bit floats of either kind, sums in 32 bits, no zeros skipped.
    Bf16,
    /// 8-bit integers.
    Int8,
}

impl Format {
    /// The column that products of numbers of this format are compared with; `None` if
    /// there is no such column.
    pub fn of(input: NumberFormat) -> Option<Self> {
        match input {
            NumberFormat::F32 => Some(Self::Fp32),
            NumberFormat::F16 | NumberFormat::Bf16 => Some(Self::Bf16),
            NumberFormat::I8 => Some(Self::Int8),
            NumberFormat::F64 | NumberFormat::I32 | NumberFormat::Tf32 | NumberFormat::Fp8 => None,
        }
    }

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fp32 => "FP32",
            Self::Bf16 => "BF16/FP16 dense, sums in FP32",
            Self::Int8 => "INT8 dense",
        }
    }
}

row! {
    /// An accelerator of the catalogue. Rates are dense: a zero counts as work.
    Accelerator {
        /// The maker.
        vendor: text "vendor",
        /// The model.
        model: text "model",
        /// Release date; empty where not known.
        release: maybe_text "release_date",
        /// Power of the board or module by its maker, watts.
        board_power_w: maybe_number "board_power_w",
        /// Peak of 32-bit floats, 10^12 FLOP/s.
        fp32_tflops: maybe_number "fp32_tflops",
        /// Peak of 16-bit floats, dense, sums in 32 bits, 10^12 FLOP/s.
        bf16_tflops: maybe_number "bf16_fp16_dense_tflops_fp32acc",
        /// Peak of 8-bit floats, dense, 10^12 FLOP/s.
        fp8_tflops: maybe_number "fp8_dense_tflops",
        /// Peak of 8-bit integers, dense, 10^12 OP/s.
        int8_tops: maybe_number "int8_dense_tops",
        /// Memory, gigabytes.
        mem_gb: maybe_number "mem_gb",
        /// Memory bandwidth, 10^9 bytes per second.
        mem_bw_gb_s: maybe_number "mem_bw_gb_s",
        /// Largest measured product of 32-bit floats, 10^12 FLOP/s.
        fp32_measured_tflops: maybe_number "fp32_measured_matmul_tflops",
        /// Largest measured product of 16-bit floats, 10^12 FLOP/s.
        bf16_measured_tflops: maybe_number "bf16_measured_matmul_tflops",
    }
    computed {}
}

impl Accelerator {
    /// Peak in a format, FLOP/s or OP/s, by its maker.
    pub fn peak_per_s(&self, format: Format) -> Option<f64> {
        let tera = match format {
            Format::Fp32 => self.fp32_tflops,
            Format::Bf16 => self.bf16_tflops,
            Format::Int8 => self.int8_tops,
        };
        tera.map(|tera| tera * 1e12)
    }

    /// The largest product that was measured in a format, FLOP/s; the catalogue has none of
    /// 8-bit integers.
    pub fn measured_per_s(&self, format: Format) -> Option<f64> {
        let tera = match format {
            Format::Fp32 => self.fp32_measured_tflops,
            Format::Bf16 => self.bf16_measured_tflops,
            Format::Int8 => None,
        };
        tera.map(|tera| tera * 1e12)
    }

    /// Peak over board power in a format, FLOP/J or OP/J: a quotient of two nameplate
    /// figures that need not hold at once.
    pub fn peak_per_j(&self, format: Format) -> Option<f64> {
        Some(self.peak_per_s(format)? / self.board_power_w?)
    }

    /// Measured product over board power, FLOP/J: the power is the nameplate's and was not
    /// measured together with the product.
    pub fn measured_per_j(&self, format: Format) -> Option<f64> {
        Some(self.measured_per_s(format)? / self.board_power_w?)
    }

    /// [`Self::peak_per_j`] of 16-bit floats.
    pub fn flop_per_j_peak(&self) -> Option<f64> {
        self.peak_per_j(Format::Bf16)
    }

    /// [`Self::measured_per_j`] of 16-bit floats.
    pub fn flop_per_j_measured(&self) -> Option<f64> {
        self.measured_per_j(Format::Bf16)
    }
}

impl Row for Accelerator {
    const KIND: Kind = Kind::Accelerators;
    const NAME_COLUMN: &'static str = "model";
    const REQUIRED: &'static str = "vendor model release_date board_power_w fp32_tflops bf16_fp16_dense_tflops_fp32acc \
        fp8_dense_tflops int8_dense_tops mem_gb mem_bw_gb_s bf16_measured_matmul_tflops \
        confidence source date notes";
    const OPTIONAL: &'static str = "fp32_measured_matmul_tflops";
    const COMPUTED: &'static str = "flop_per_j_peak flop_per_j_measured mark origin";
    const ORDER: (&'static str, bool) = ("flop_per_j_peak", true);

    fn value(&self, column: &str) -> Value {
        match column {
            "flop_per_j_peak" => self.flop_per_j_peak().into(),
            "flop_per_j_measured" => self.flop_per_j_measured().into(),
            other => self.written(other),
        }
    }
}

impl Accelerator {
    fn check(&self, cells: &mut Cells<'_>) {
        let peaks = [
            self.fp32_tflops,
            self.bf16_tflops,
            self.fp8_tflops,
            self.int8_tops,
        ];
        let measured = [self.fp32_measured_tflops, self.bf16_measured_tflops];
        if peaks.iter().chain(&measured).all(Option::is_none) {
            let wrong = "has no rate of any number format; give one at least, or take the row out";
            cells.fault("model", wrong);
        }
        for column in ["source", "notes"] {
            if cells.raw(column).to_lowercase().contains("spars") {
                let wrong =
                    "speaks of sparsity; give dense rates and say nothing of sparse ones here";
                cells.fault(column, wrong);
            }
        }
        let bf16 = self.bf16_tflops;
        for (column, figure, most) in [
            ("fp8_dense_tflops", self.fp8_tflops, MOST_FP8_OVER_BF16),
            ("int8_dense_tops", self.int8_tops, MOST_INT8_OVER_BF16),
        ] {
            let ratio = figure.zip(bf16).map(|(figure, bf16)| figure / bf16);
            if ratio.is_some_and(|ratio| ratio < 1.0) {
                let wrong = "is less than the 16-bit rate; one of the two skips zeros, sums in 16 \
                             bits or is a slip";
                cells.fault(column, wrong);
            } else if ratio.is_some_and(|ratio| ratio > most) {
                let wrong = format!(
                    "is more than {most} times the 16-bit rate, so it is hardly dense; give the \
                     figure without zeros skipped"
                );
                cells.fault(column, wrong);
            }
        }
        let columns = ["fp32_measured_matmul_tflops", "bf16_measured_matmul_tflops"];
        for ((column, measured), peak) in columns.into_iter().zip(measured).zip(peaks) {
            if let Some((measured, peak)) = measured.zip(peak)
                && measured > peak
            {
                let wrong =
                    format!("is measured and more than the peak, {peak}; correct one of them");
                cells.fault(column, wrong);
            }
        }
    }
}
