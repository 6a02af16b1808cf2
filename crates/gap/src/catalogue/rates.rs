//! Number formats of the catalogue, the rates of an accelerator in one, and their rules.

use perwatt_record::work::NumberFormat;
use serde::Serialize;

use super::accelerator::Accelerator;
use super::table::Cells;

/// A load may draw this much more than the board power: meters and limits differ.
const MOST_OVER_BOARD_POWER: f64 = 1.1;

/// The format of the numbers that are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 32-bit floats.
    Fp32,
    /// 32-bit floats of which 19 bits count, sums in 32 bits.
    Tf32,
    /// 16-bit floats of either kind, sums in 32 bits, no zeros skipped.
    Bf16,
    /// 8-bit floats.
    Fp8,
    /// 4-bit floats with shared scales.
    Fp4,
    /// 8-bit integers.
    Int8,
}

/// The rates of an accelerator in a format, in 10^12 per second, and the watts of the
/// sustained one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    pub(super) peak: Option<f64>,
    pub(super) burst: Option<f64>,
    pub(super) sustained: Option<f64>,
    pub(super) sustained_w: Option<f64>,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [
        Self::Fp32,
        Self::Tf32,
        Self::Bf16,
        Self::Fp8,
        Self::Fp4,
        Self::Int8,
    ];

    /// The format that products of numbers of this format are compared in; `None` if the
    /// catalogue has none.
    pub fn of(input: NumberFormat) -> Option<Self> {
        match input {
            NumberFormat::F32 => Some(Self::Fp32),
            NumberFormat::Tf32 => Some(Self::Tf32),
            NumberFormat::F16 | NumberFormat::Bf16 => Some(Self::Bf16),
            NumberFormat::Fp8 => Some(Self::Fp8),
            NumberFormat::I8 => Some(Self::Int8),
            NumberFormat::F64 | NumberFormat::I32 => None,
        }
    }

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fp32 => "FP32",
            Self::Tf32 => "TF32 dense",
            Self::Bf16 => "BF16/FP16 dense, sums in FP32",
            Self::Fp8 => "FP8 dense",
            Self::Fp4 => "FP4 dense",
            Self::Int8 => "INT8 dense",
        }
    }

    /// The columns of the peak, the burst, the sustained rate and its watts.
    fn columns(self) -> [&'static str; 4] {
        match self {
            Self::Fp32 => ["fp32_tflops", "fp32_measured_matmul_tflops", "", ""],
            Self::Tf32 => ["tf32_dense_tflops", "", "", ""],
            Self::Bf16 => [
                "bf16_fp16_dense_tflops_fp32acc",
                "bf16_measured_matmul_tflops",
                "bf16_sustained_tflops",
                "bf16_sustained_w",
            ],
            Self::Fp8 => [
                "fp8_dense_tflops",
                "fp8_burst_tflops",
                "fp8_sustained_tflops",
                "fp8_sustained_w",
            ],
            Self::Fp4 => [
                "fp4_dense_tflops",
                "fp4_burst_tflops",
                "fp4_sustained_tflops",
                "fp4_sustained_w",
            ],
            Self::Int8 => [
                "int8_dense_tops",
                "int8_burst_tops",
                "int8_sustained_tops",
                "int8_sustained_w",
            ],
        }
    }
}

/// Checks that measured rates are possible: none above the peak, the sustained one not above
/// the burst, its watts not far above the board's.
pub(super) fn check(of: &Accelerator, cells: &mut Cells<'_>) {
    for format in Format::ALL {
        let [_, burst_column, sustained_column, watts_column] = format.columns();
        let Rates {
            peak,
            burst,
            sustained,
            sustained_w,
        } = of.rates(format);
        for (column, measured) in [(burst_column, burst), (sustained_column, sustained)] {
            if let Some((measured, peak)) = measured.zip(peak)
                && measured > peak
            {
                let wrong =
                    format!("is measured and more than the peak, {peak}; correct one of them");
                cells.fault(column, wrong);
            }
        }
        if let Some((sustained, burst)) = sustained.zip(burst)
            && sustained > burst
        {
            let wrong = format!("is sustained and more than the burst, {burst}; correct one");
            cells.fault(sustained_column, wrong);
        }
        if sustained_w.is_some() && sustained.is_none() {
            let wrong = "goes with a sustained rate, which is empty; a burst has no watts";
            cells.fault(watts_column, wrong);
        }
        if let Some((watts, board_w)) = sustained_w.zip(of.board_power_w)
            && watts > MOST_OVER_BOARD_POWER * board_w
        {
            let wrong = format!(
                "is more than {MOST_OVER_BOARD_POWER} times the board power, {board_w} W; correct \
                 one of them"
            );
            cells.fault(watts_column, wrong);
        }
    }
}
