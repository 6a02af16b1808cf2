//! Generic meter: any Prometheus exporter, selected by metric name and labels.

use super::address::Address;
use super::meter::{About, Ask, open};
use super::{allow, client, required, unit};
use crate::parse::prometheus::{Page, Selector};
use crate::source::{Entry, Found, MeterSpec, SpecError, System};

pub(in crate::source) const ENTRY: Entry = Entry::by_address("prometheus", one).described(
    "any Prometheus exporter, by metric name and labels",
    "prometheus=URL,metric=NAME{label=\"x\"},boundary=wall[,unit=W]",
);

fn one(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["metric", "unit"])?;
    let mut address = Address::of_spec(spec, "prometheus=http://localhost:9100/metrics", "http")?;
    if address.path() == "/" {
        address = address.with_path("/metrics");
    }
    let metric = required(spec, "metric", "metric=node_hwmon_power_watt{chip=\"x\"}")?;
    let selector: Selector = metric
        .parse()
        .map_err(|error| spec.error(format!("metric: {error}")))?;
    let unit = unit(spec, selector.name())?;
    let about = About {
        notes: vec!["an exporter may itself read its source less often than it is asked".into()],
        ..About::stated(spec, metric, unit, &address)?
    };
    let ask: Ask = Box::new(move |client, address| {
        let mut page = Page::new(&selector);
        client.lines(address, |line| page.line(line))?;
        Ok(page.finish(unit)?)
    });
    open(spec, system, client(spec)?, address, about, ask)
}
