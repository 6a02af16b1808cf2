//! Accelerators, GPUs among them: rates of matrix products, by their makers and by
//! measurement.

use super::columns::row;
use super::rates::{self, Format, Rates};
use super::row::{Declared, Row, Value};
use super::table::{Cells, Kind};
use perwatt_record::cost;
use perwatt_table::{Evidence, Source};

/// Products of 8-bit floats take half the bits of 16-bit ones. A figure of more than twice
/// (plus rounding) is not dense: it skips zeros.
const MOST_FP8_OVER_BF16: f64 = 2.1;
/// On GeForce cards 16-bit products with sums in 32 bits run at half rate and 8-bit
/// integers do not: four times is dense (Ampere GA102 whitepaper, 284.7 against 71.2).
const MOST_INT8_OVER_BF16: f64 = 4.1;

/// FP4 runs at twice the rate of FP8, on Blackwell Ultra at three times.
const MOST_FP4_OVER_FP8: f64 = 3.1;

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
        /// Fastest measured product of 16-bit floats, a burst of milliseconds, 10^12 FLOP/s.
        bf16_measured_tflops: maybe_number "bf16_measured_matmul_tflops",
        /// Peak of TF32, dense, 10^12 FLOP/s.
        tf32_tflops: maybe_number "tf32_dense_tflops",
        /// Peak of 4-bit floats, dense, 10^12 FLOP/s.
        fp4_tflops: maybe_number "fp4_dense_tflops",
        /// Measured rate of 16-bit floats over seconds, 10^12 FLOP/s.
        bf16_sustained_tflops: maybe_number "bf16_sustained_tflops",
        /// Watts of the board at that rate.
        bf16_sustained_w: maybe_number "bf16_sustained_w",
        /// Fastest measured product of 8-bit floats, a burst, 10^12 FLOP/s.
        fp8_burst_tflops: maybe_number "fp8_burst_tflops",
        /// Measured rate of 8-bit floats over seconds, 10^12 FLOP/s.
        fp8_sustained_tflops: maybe_number "fp8_sustained_tflops",
        /// Watts of the board at that rate.
        fp8_sustained_w: maybe_number "fp8_sustained_w",
        /// Fastest measured product of 4-bit floats, a burst, 10^12 FLOP/s.
        fp4_burst_tflops: maybe_number "fp4_burst_tflops",
        /// Measured rate of 4-bit floats over seconds, 10^12 FLOP/s.
        fp4_sustained_tflops: maybe_number "fp4_sustained_tflops",
        /// Watts of the board at that rate.
        fp4_sustained_w: maybe_number "fp4_sustained_w",
        /// Fastest measured product of 8-bit integers, a burst, 10^12 OP/s.
        int8_burst_tops: maybe_number "int8_burst_tops",
        /// Measured rate of 8-bit integers over seconds, 10^12 OP/s.
        int8_sustained_tops: maybe_number "int8_sustained_tops",
        /// Watts of the board at that rate.
        int8_sustained_w: maybe_number "int8_sustained_w",
        /// Source of the measured rates.
        measured_source: maybe_text "measured_source",
        /// Date of that source.
        measured_date: maybe_text "measured_date",
        /// Joules of the board for an output token.
        j_per_token: maybe_number "j_per_token",
        /// The model, its format and the batch.
        j_per_token_of: maybe_text "j_per_token_of",
        /// Source of the joules for a token.
        j_per_token_source: maybe_text "j_per_token_source",
        /// Date of that source.
        j_per_token_date: maybe_text "j_per_token_date",
        /// Rent of one accelerator, US dollars per hour.
        rent_usd_per_h: maybe_number "rent_usd_per_h",
        /// Source of the rent.
        rent_source: maybe_text "rent_source",
        /// Date of that source.
        rent_date: maybe_text "rent_date",
        /// Price of one, US dollars.
        price_usd: maybe_number "price_usd",
        /// Source of that price.
        price_source: maybe_text "price_source",
        /// Date of that source.
        price_date: maybe_text "price_date",
    }
    computed {}
}

impl Accelerator {
    /// The rates in a format.
    pub(super) fn rates(&self, format: Format) -> Rates {
        let (peak, burst, sustained, sustained_w) = match format {
            Format::Fp32 => (self.fp32_tflops, self.fp32_measured_tflops, None, None),
            Format::Tf32 => (self.tf32_tflops, None, None, None),
            Format::Bf16 => (
                self.bf16_tflops,
                self.bf16_measured_tflops,
                self.bf16_sustained_tflops,
                self.bf16_sustained_w,
            ),
            Format::Fp8 => (
                self.fp8_tflops,
                self.fp8_burst_tflops,
                self.fp8_sustained_tflops,
                self.fp8_sustained_w,
            ),
            Format::Fp4 => (
                self.fp4_tflops,
                self.fp4_burst_tflops,
                self.fp4_sustained_tflops,
                self.fp4_sustained_w,
            ),
            Format::Int8 => (
                self.int8_tops,
                self.int8_burst_tops,
                self.int8_sustained_tops,
                self.int8_sustained_w,
            ),
        };
        Rates {
            peak,
            burst,
            sustained,
            sustained_w,
        }
    }

    /// Peak in a format, FLOP/s or OP/s, by its maker.
    pub fn peak_per_s(&self, format: Format) -> Option<f64> {
        Some(self.rates(format).peak? * 1e12)
    }

    /// The fastest product that was measured in a format, FLOP/s or OP/s: a burst of
    /// milliseconds, whose power no meter follows.
    pub fn burst_per_s(&self, format: Format) -> Option<f64> {
        Some(self.rates(format).burst? * 1e12)
    }

    /// The rate that was measured over seconds in a format, FLOP/s or OP/s.
    pub fn sustained_per_s(&self, format: Format) -> Option<f64> {
        Some(self.rates(format).sustained? * 1e12)
    }

    /// Peak over board power in a format, FLOP/J or OP/J: a quotient of two nameplate
    /// figures that need not hold at once.
    pub fn peak_per_j(&self, format: Format) -> Option<f64> {
        Some(self.peak_per_s(format)? / self.board_power_w?)
    }

    /// Sustained rate over the watts that were measured with it, FLOP/J or OP/J.
    pub fn sustained_per_j(&self, format: Format) -> Option<f64> {
        Some(self.sustained_per_s(format)? / self.rates(format).sustained_w?)
    }

    /// The source of the measured rates; that of the row where none is named.
    pub fn measured_source(&self) -> Source {
        match self.measured_source.as_str() {
            "" => Source {
                evidence: Evidence::Measured,
                ..self.provenance.as_source()
            },
            text => Source {
                evidence: Evidence::Measured,
                text: text.into(),
                date: Some(self.measured_date.clone()),
            },
        }
    }

    /// Its rent over its sustained rate of 16-bit floats, US dollars per 10^18 FLOP; over
    /// the peak, which no product reaches, with `peak`.
    pub fn usd_per_eflop(&self, peak: bool) -> Option<f64> {
        let per_s = self.bf16_per_s(peak)?;
        Some(cost::usd_per_exa(self.rent_usd_per_h?, per_s))
    }

    /// Its price over the same rates, US dollars per TFLOP/s.
    pub fn usd_per_tflop_s(&self, peak: bool) -> Option<f64> {
        let per_s = self.bf16_per_s(peak)?;
        Some(cost::usd_per_tera_per_s(self.price_usd?, per_s))
    }

    fn bf16_per_s(&self, peak: bool) -> Option<f64> {
        match peak {
            true => self.peak_per_s(Format::Bf16),
            false => self.sustained_per_s(Format::Bf16),
        }
    }

    /// [`Self::peak_per_j`] of 16-bit floats.
    pub fn flop_per_j_peak(&self) -> Option<f64> {
        self.peak_per_j(Format::Bf16)
    }

    /// [`Self::sustained_per_j`] of 16-bit floats.
    pub fn flop_per_j_measured(&self) -> Option<f64> {
        self.sustained_per_j(Format::Bf16)
    }
}

impl Row for Accelerator {
    const KIND: Kind = Kind::Accelerators;
    const NAME_COLUMN: &'static str = "model";
    const REQUIRED: &'static str = "vendor model release_date board_power_w fp32_tflops bf16_fp16_dense_tflops_fp32acc \
        fp8_dense_tflops int8_dense_tops mem_gb mem_bw_gb_s bf16_measured_matmul_tflops \
        confidence source date notes";
    const OPTIONAL: &'static str = "fp32_measured_matmul_tflops tf32_dense_tflops fp4_dense_tflops \
        bf16_sustained_tflops bf16_sustained_w fp8_burst_tflops fp8_sustained_tflops \
        fp8_sustained_w fp4_burst_tflops fp4_sustained_tflops fp4_sustained_w int8_burst_tops \
        int8_sustained_tops int8_sustained_w measured_source measured_date j_per_token \
        j_per_token_of j_per_token_source j_per_token_date rent_usd_per_h rent_source rent_date \
        price_usd price_source price_date";
    const COMPUTED: &'static str = "flop_per_j_peak flop_per_j_measured usd_per_eflop_peak \
        usd_per_eflop_measured usd_per_tflop_s_peak usd_per_tflop_s_measured mark origin";
    const ORDER: (&'static str, bool) = ("flop_per_j_peak", true);

    fn value(&self, column: &str) -> Value {
        match column {
            "flop_per_j_peak" => self.flop_per_j_peak().into(),
            "flop_per_j_measured" => self.flop_per_j_measured().into(),
            "usd_per_eflop_peak" => self.usd_per_eflop(true).into(),
            "usd_per_eflop_measured" => self.usd_per_eflop(false).into(),
            "usd_per_tflop_s_peak" => self.usd_per_tflop_s(true).into(),
            "usd_per_tflop_s_measured" => self.usd_per_tflop_s(false).into(),
            other => self.written(other),
        }
    }

    fn more_sources(&self) -> Vec<String> {
        [
            ("measured", &self.measured_source, &self.measured_date),
            ("J/token", &self.j_per_token_source, &self.j_per_token_date),
            ("rent", &self.rent_source, &self.rent_date),
            ("price", &self.price_source, &self.price_date),
        ]
        .into_iter()
        .filter(|(_, source, _)| !source.is_empty())
        .map(|(what, source, date)| format!("{what}: {source}, {date}"))
        .collect()
    }
}

impl Accelerator {
    fn check(&self, cells: &mut Cells<'_>) {
        let none = |format: &Format| {
            let rates = self.rates(*format);
            rates.peak.or(rates.burst).or(rates.sustained).is_none()
        };
        if Format::ALL.iter().all(none) {
            let wrong = "has no rate of any number format; give one at least, or take the row out";
            cells.fault("model", wrong);
        }
        for column in ["source", "notes", "measured_source"] {
            if cells.raw(column).to_lowercase().contains("spars") {
                let wrong =
                    "speaks of sparsity; give dense rates and say nothing of sparse ones here";
                cells.fault(column, wrong);
            }
        }
        let (bf16, fp8) = (self.bf16_tflops, self.fp8_tflops);
        #[rustfmt::skip]
        let shorter = [
            ("fp8_dense_tflops", fp8, MOST_FP8_OVER_BF16, bf16, "16-bit"),
            ("int8_dense_tops", self.int8_tops, MOST_INT8_OVER_BF16, bf16, "16-bit"),
            ("fp4_dense_tflops", self.fp4_tflops, MOST_FP4_OVER_FP8, fp8, "8-bit"),
        ];
        for (column, figure, most, longer, word) in shorter {
            let ratio = figure.zip(longer).map(|(figure, longer)| figure / longer);
            if ratio.is_some_and(|ratio| ratio < 1.0) {
                let wrong = format!(
                    "is less than the {word} rate; one of the two skips zeros, sums in 16 bits or \
                     is a slip"
                );
                cells.fault(column, wrong);
            } else if ratio.is_some_and(|ratio| ratio > most) {
                let wrong = format!(
                    "is more than {most} times the {word} rate, so it is hardly dense; give the \
                     figure without zeros skipped"
                );
                cells.fault(column, wrong);
            }
        }
        rates::check(self, cells);
        let of_measured = [Format::Bf16, Format::Fp8, Format::Fp4, Format::Int8]
            .iter()
            .any(|format| self.rates(*format).sustained.is_some());
        for (is_there, source, date) in [
            (of_measured, "measured_source", "measured_date"),
            (
                self.j_per_token.is_some(),
                "j_per_token_source",
                "j_per_token_date",
            ),
            (self.rent_usd_per_h.is_some(), "rent_source", "rent_date"),
            (self.price_usd.is_some(), "price_source", "price_date"),
        ] {
            cells.sourced(is_there, source, date);
        }
        if self.j_per_token.is_some() && self.j_per_token_of.is_empty() {
            cells.fault("j_per_token_of", "is empty; name the model and the batch");
        }
    }
}
