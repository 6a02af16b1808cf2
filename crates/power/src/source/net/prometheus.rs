//! Any Prometheus exporter, by metric name and labels.

use super::address::Address;
use super::meter::{About, open};
use super::{allow, client, each, required, stated_boundary};
use crate::parse::Unit;
use crate::parse::prometheus::{Selector, reading};
use crate::select::{Found, MAX_USER_WATTS, MeterName};
use crate::source::{Entry, Query};
use crate::spec::{MeterSpec, SpecError};

pub(in crate::source) const ENTRY: Entry = Entry {
    name: MeterName {
        name: "prometheus",
        description: "any Prometheus exporter, by metric name and labels",
        usage: "prometheus=URL,metric=NAME{label=\"x\"},boundary=wall[,unit=W]",
        automatic: false,
    },
    probe: |query| each(query, one),
};

fn one(query: &Query<'_>, spec: &MeterSpec) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["metric", "unit"])?;
    let mut address = Address::of_spec(spec, "prometheus=http://localhost:9100/metrics", "http")?;
    if address.path() == "/" {
        address = address.with_path("/metrics");
    }
    let metric = required(spec, "metric", "metric=node_hwmon_power_watt{chip=\"x\"}")?;
    let selector: Selector = metric
        .parse()
        .map_err(|error| spec.error(format!("metric: {error}")))?;
    let unit = unit(spec, &selector)?;
    let about = About {
        description: format!("{metric} in {unit} at {address}"),
        boundary: stated_boundary(spec)?,
        interval_s: spec.interval_s(1.0)?,
        max_w: MAX_USER_WATTS,
        domain: metric.to_owned(),
        notes: vec!["an exporter may itself read its source less often than it is asked".into()],
    };
    let parse = Box::new(move |text: &str| reading(text, &selector, unit).map(|(found, _)| found));
    open(
        spec,
        query.environment,
        client(spec)?,
        address,
        about,
        parse,
    )
}

/// `unit=`, or the unit that the name ends with; not one against the other.
fn unit(spec: &MeterSpec, selector: &Selector) -> Result<Unit, SpecError> {
    let stated = spec
        .options
        .get("unit")
        .map(|text| text.parse::<Unit>())
        .transpose()
        .map_err(|error| spec.error(format!("unit: {error}")))?;
    match (stated, selector.unit()) {
        (Some(stated), Some(named)) if stated != named => Err(spec.error(format!(
            "unit={stated}, but the metric's name says {named}; drop unit="
        ))),
        (Some(unit), _) | (None, Some(unit)) => Ok(unit),
        (None, None) => Err(spec.error(
            "needs unit=, for the metric's name ends with none (such as _watts or \
             _joules_total): one of W, kW, mW, J, kJ, mJ, Wh, kWh",
        )),
    }
}
