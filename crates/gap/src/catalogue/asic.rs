//! Machines that compute double SHA-256 and nothing else.

use serde::Serialize;

use super::row::{self, Origin, Provenance, ReadRow, Row, Value};
use super::table::{Cells, Kind};
use super::tolerance::Tolerance;

/// A quoted efficiency that is further than this from watts over hash rate needs a note.
const QUOTE_AGREES_REL: f64 = 0.03;
/// Tolerance for rounding of a column that is computed from other columns, relative.
const COMPUTED_AGREES_REL: f64 = 0.001;
/// The largest plausible tolerance. No maker allows itself more, so a larger one is a
/// mistake: percent where a fraction belongs.
const MOST_TOLERANCE_REL: f64 = 0.5;

/// An ASIC of the catalogue. Its power is what the machine takes from the wall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asic {
    /// The maker.
    pub vendor: String,
    /// The model.
    pub model: String,
    /// Date of announcement, listing or shipping, in words; empty where not known.
    pub release: String,
    /// Double SHA-256, terahashes per second.
    pub hashrate_th_s: f64,
    /// Power at that rate, watts.
    pub power_w: f64,
    /// Joules per terahash as the source prints it.
    pub efficiency_quoted_j_th: Option<f64>,
    /// The kind of cooling.
    pub cooling: String,
    /// Tolerances of rate and power.
    pub tolerance: Tolerance,
    /// Tolerances as the row states them, for output.
    #[serde(skip)]
    stated: [Option<f64>; 2],
    /// Source and basis of the row.
    #[serde(flatten)]
    pub provenance: Provenance,
}

impl Asic {
    /// Joules per terahash: watts over terahashes per second.
    pub fn efficiency_j_th(&self) -> f64 {
        self.power_w / self.hashrate_th_s
    }

    /// The interval of its efficiency from its tolerances: expanded uncertainty, k = 2, see
    /// [`Tolerance::efficiency_rel`].
    pub fn efficiency_interval_j_th(&self) -> [f64; 2] {
        let (centre, rel) = (self.efficiency_j_th(), self.tolerance.efficiency_rel());
        [centre * (1.0 - rel), centre * (1.0 + rel)]
    }
}

impl Row for Asic {
    const KIND: Kind = Kind::Asics;
    const NAME_COLUMN: &'static str = "model";
    const REQUIRED: &'static str = "vendor model release_date hashrate_th_s power_w efficiency_quoted_j_th cooling \
        confidence source date notes";
    const OPTIONAL: &'static str = "efficiency_j_th hashrate_tolerance_rel power_tolerance_rel";
    const COMPUTED: &'static str = "efficiency_low_j_th efficiency_high_j_th tolerance mark origin";
    const ORDER: (&'static str, bool) = ("efficiency_j_th", false);

    fn vendor(&self) -> &str {
        &self.vendor
    }
    fn model(&self) -> &str {
        &self.model
    }
    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "vendor" => Value::text(&self.vendor),
            "model" => Value::text(&self.model),
            "release_date" => Value::text(&self.release),
            "hashrate_th_s" => Value::Number(self.hashrate_th_s),
            "power_w" => Value::Number(self.power_w),
            "efficiency_quoted_j_th" => self.efficiency_quoted_j_th.into(),
            "hashrate_tolerance_rel" => self.stated[0].into(),
            "power_tolerance_rel" => self.stated[1].into(),
            "cooling" => Value::text(&self.cooling),
            "efficiency_j_th" => Value::Number(self.efficiency_j_th()),
            "efficiency_low_j_th" => Value::Number(self.efficiency_interval_j_th()[0]),
            "efficiency_high_j_th" => Value::Number(self.efficiency_interval_j_th()[1]),
            "tolerance" => Value::text(match self.tolerance.assumed {
                true => "assumed",
                false => "stated",
            }),
            other => row::shared_value(&self.provenance, other),
        }
    }
}

impl ReadRow for Asic {
    fn read(cells: &mut Cells<'_>, origin: &Origin) -> Self {
        let stated = ["hashrate_tolerance_rel", "power_tolerance_rel"].map(|column| {
            let found = cells.maybe_number(column);
            if found.is_some_and(|rel| rel > MOST_TOLERANCE_REL) {
                cells.fault(column, "is more than half; write 0.03 for 3 %");
            }
            found
        });
        let asic = Self {
            vendor: cells.text("vendor"),
            model: cells.text("model"),
            release: cells.raw("release_date").to_owned(),
            hashrate_th_s: cells.number("hashrate_th_s"),
            power_w: cells.number("power_w"),
            efficiency_quoted_j_th: cells.maybe_number("efficiency_quoted_j_th"),
            cooling: cells.text("cooling"),
            tolerance: Tolerance::of(stated[0], stated[1]),
            stated,
            provenance: Provenance::read(cells, origin),
        };
        asic.check(cells);
        asic
    }
}

impl Asic {
    /// Checks watts over hash rate against the figure that the source prints. NaN, from a
    /// column with a fault, passes every comparison, so that no second fault is noted.
    fn check(&self, cells: &mut Cells<'_>) {
        let own = self.efficiency_j_th();
        if own.is_infinite() || own == 0.0 {
            let wrong = "is not an efficiency: hash rate and power are out of proportion; correct one of them";
            cells.fault_of("power_w/hashrate_th_s", own.to_string(), wrong);
        }
        if let Some(quoted) = self.efficiency_quoted_j_th
            && (own / quoted - 1.0).abs() > QUOTE_AGREES_REL
            && !self.provenance.notes.contains("J/TH")
        {
            let wrong = format!(
                "is more than 3 % from {own:.2}, power over hash rate; correct one of the three, or \
                 say in notes why the two figures in J/TH differ"
            );
            cells.fault("efficiency_quoted_j_th", wrong);
        }
        if let Some(given) = cells.maybe_number("efficiency_j_th")
            && (own / given - 1.0).abs() > COMPUTED_AGREES_REL
        {
            let wrong =
                format!("is not power over hash rate, {own}; leave it empty to have it computed");
            cells.fault("efficiency_j_th", wrong);
        }
    }
}
