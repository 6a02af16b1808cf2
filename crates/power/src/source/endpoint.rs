//! The address of a meter's host, without credentials.

use super::{MeterSpec, SpecError};
use perwatt_host::Endpoint;

/// Parses `HOST[:PORT]`; credentials in it are refused with the place where they belong.
pub(super) fn endpoint(
    spec: &MeterSpec,
    text: &str,
    usual_port: u16,
) -> Result<Endpoint, SpecError> {
    Endpoint::parse(text, usual_port).map_err(|why| match text.contains('@') {
        true => spec.error(format!(
            "{why}; those go where auth=env:NAME or auth=file:PATH says"
        )),
        false => spec.error(why),
    })
}
