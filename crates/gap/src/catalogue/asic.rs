//! Machines that compute double SHA-256 and nothing else.

use super::columns::row;
use super::row::{Declared, Row, Value};
use super::table::{Cells, Kind};
use super::tolerance::Tolerance;
use perwatt_record::cost;
use perwatt_record::work::EnergyUnit;

/// A quoted efficiency that is further than this from watts over hash rate needs a note.
const QUOTE_AGREES_REL: f64 = 0.03;
/// Tolerance for rounding of a column that is computed from other columns, relative.
const COMPUTED_AGREES_REL: f64 = 0.001;

row! {
    /// An ASIC of the catalogue. Its power is what the machine takes from the wall.
    Asic {
        /// Tolerance of the hash rate as the row states it.
        #[serde(skip)]
        stated_hashrate_rel: maybe_tolerance "hashrate_tolerance_rel",
        /// Tolerance of the power as the row states it.
        #[serde(skip)]
        stated_power_rel: maybe_tolerance "power_tolerance_rel",
        /// The maker.
        vendor: text "vendor",
        /// The model.
        model: text "model",
        /// Date of announcement, listing or shipping, in words; empty where not known.
        release: maybe_text "release_date",
        /// Double SHA-256, terahashes per second.
        hashrate_th_s: number "hashrate_th_s",
        /// Power at that rate, watts.
        power_w: number "power_w",
        /// Joules per terahash as the source prints it.
        efficiency_quoted_j_th: maybe_number "efficiency_quoted_j_th",
        /// The kind of cooling.
        cooling: text "cooling",
        /// Share of the network's hash rate that this model computes, 0 to 1.
        network_share: maybe_number "network_share",
        /// Source of that share.
        network_share_source: maybe_text "network_share_source",
        /// Date of that source.
        network_share_date: maybe_text "network_share_date",
        /// Price of one, US dollars.
        price_usd: maybe_number "price_usd",
        /// Source of that price.
        price_source: maybe_text "price_source",
        /// Date of that source.
        price_date: maybe_text "price_date",
    }
    computed {
        /// Tolerances of rate and power.
        tolerance: Tolerance = Tolerance::of(stated_hashrate_rel, stated_power_rel),
    }
}

impl Asic {
    /// Joules per terahash: watts over terahashes per second.
    pub fn efficiency_j_th(&self) -> f64 {
        self.power_w / self.hashrate_th_s
    }

    /// Its price over its hash rate, US dollars per TH/s.
    pub fn usd_per_th_s(&self) -> Option<f64> {
        let rate_per_s = self.hashrate_th_s * EnergyUnit::TERA;
        Some(cost::usd_per_tera_per_s(self.price_usd?, rate_per_s))
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
    const OPTIONAL: &'static str = "efficiency_j_th hashrate_tolerance_rel power_tolerance_rel \
        network_share network_share_source network_share_date price_usd price_source price_date";
    const COMPUTED: &'static str =
        "efficiency_low_j_th efficiency_high_j_th tolerance usd_per_th_s mark origin";
    const ORDER: (&'static str, bool) = ("efficiency_j_th", false);

    fn value(&self, column: &str) -> Value {
        match column {
            "efficiency_j_th" => Value::Number(self.efficiency_j_th()),
            "efficiency_low_j_th" => Value::Number(self.efficiency_interval_j_th()[0]),
            "efficiency_high_j_th" => Value::Number(self.efficiency_interval_j_th()[1]),
            "usd_per_th_s" => self.usd_per_th_s().into(),
            "tolerance" => Value::text(match self.tolerance.assumed {
                true => "assumed",
                false => "stated",
            }),
            other => self.written(other),
        }
    }

    fn more_sources(&self) -> Vec<String> {
        let (share, price) = (&self.network_share_source, &self.price_source);
        [
            ("share of the network", share, &self.network_share_date),
            ("price", price, &self.price_date),
        ]
        .into_iter()
        .filter(|(_, source, _)| !source.is_empty())
        .map(|(what, source, date)| format!("{what}: {source}, {date}"))
        .collect()
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
        if self.network_share.is_some_and(|share| share > 1.0) {
            cells.fault("network_share", "is more than 1, the whole network");
        }
        for (is_there, source, date) in [
            (
                self.network_share.is_some(),
                "network_share_source",
                "network_share_date",
            ),
            (self.price_usd.is_some(), "price_source", "price_date"),
        ] {
            cells.sourced(is_there, source, date);
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
