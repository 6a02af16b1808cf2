//! Generic meter: any device that serves its power or energy as JSON.

use super::address::Address;
use super::meter::{About, document, open};
use super::{allow, client, required, unit};
use crate::parse::json;
use crate::source::{Entry, Found, MeterSpec, SpecError, System};

pub(in crate::source) const ENTRY: Entry = Entry::by_address("json", one).described(
    "any address that serves JSON, by JSON pointer",
    "json=URL,pointer=/a/b,boundary=wall[,unit=W]",
);

fn one(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["pointer", "unit"])?;
    let address = Address::of_spec(spec, "json=http://192.168.1.20/status", "http")?;
    let pointer = required(spec, "pointer", "pointer=/power/watts")?.to_owned();
    if !pointer.starts_with('/') {
        return Err(spec.error(format!(
            "pointer={pointer} does not begin with /; a pointer is /key/key, and /0 is the \
             first of a list"
        )));
    }
    let unit = unit(spec, &pointer)?;
    let about = About::stated(spec, &pointer, unit, &address)?;
    let ask = document(move |text: &str| json::reading(text, &pointer, unit));
    open(spec, system, client(spec)?, address, about, ask)
}
