//! Power or energy of a PDU through SNMP v2c.
//!
//! `snmp=HOST[:PORT],preset=apc[,module=N|,outlet=N][,measure=energy]`,
//! `snmp=HOST,preset=raritan[,outlet=N|,inlet=N][,pdu=N][,measure=energy]`,
//! `snmp=HOST,oid=OID,unit=W|kW|Wh|kWh|J[,scale=NUMBER]`; with
//! `auth=env:NAME|file:PATH` for the community, which is `public` by default, and
//! `timeout=N` seconds for each of two requests.
//!
//! The community crosses the network unencrypted.

mod agent;
mod object;

use super::endpoint::endpoint;
use super::plausible::{MAX_METER_W, power_w};
use super::stated::{NO_ACCURACY, Stated};
use super::{Boundary, Entry, MeterInfo, MeterSpec, Opened, Pace, Quantity, ReadError, Reason};
use super::{Source, SpecError, System, Unavailable, attribute};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::parse::snmp::{Number, NumberKind, SnmpError, oid};
use crate::secret::{Keeper, Secret};
use crate::system::Clock;
use agent::{Agent, SnmpFailure};
use object::Object;
use perwatt_host::Endpoint;
use snmp2::Oid;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry::by_address("snmp", |spec, system| {
    Ok(vec![open(&request(spec)?, system).into()])
})
.described(
    "PDU through SNMP v2c: APC, Raritan, or any object by its identifier",
    "snmp=HOST,preset=apc|raritan[,outlet=N] or snmp=HOST,oid=OID,unit=W[,scale=N]",
);

const PORT: u16 = 161;
/// Seconds between readings: PDUs update their figures about once a second, and
/// answer slowly.
const USUAL_INTERVAL_S: f64 = 2.0;
/// Time limit in seconds of each of two requests.
const USUAL_TIMEOUT_S: f64 = 2.0;
/// Largest plausible number of decimal digits.
const MAX_DIGITS: f64 = 9.0;

/// A parsed meter specification.
struct Request {
    stated: Stated,
    endpoint: Endpoint,
    object: Object,
    oid: Oid<'static>,
    digits_oid: Option<Oid<'static>>,
    keeper: Option<Keeper>,
}

fn request(spec: &MeterSpec) -> Result<Request, SpecError> {
    spec.allow(&[
        "preset", "module", "outlet", "inlet", "pdu", "measure", "oid", "scale", "unit", "auth",
        "timeout",
    ])?;
    if spec.part.is_some() {
        return Err(spec.error("snmp takes no part; name an outlet with outlet=N"));
    }
    let target = spec.required_target("snmp=pdu.lan,preset=apc")?;
    let endpoint = endpoint(spec, target, PORT)?;
    let object = object::of(spec)?;
    let parsed = |text: &str| {
        oid(text).ok_or_else(|| {
            spec.error(format!(
                "oid={text} is not an object identifier; write it in numbers, such as \
                 1.3.6.1.4.1.318.1.1.26.4.3.1.5.1"
            ))
        })
    };
    Ok(Request {
        stated: Stated::of(spec, Boundary::Wall, USUAL_INTERVAL_S, USUAL_TIMEOUT_S)?,
        oid: parsed(&object.oid)?,
        digits_oid: object.digits_oid.as_deref().map(parsed).transpose()?,
        endpoint,
        object,
        keeper: Keeper::of(spec)?,
    })
}

fn open(request: &Request, system: &System) -> Opened {
    let (id, timeout) = (&request.stated.id, request.stated.timeout);
    let looked_for = format!("{} at {}", request.object.words, request.endpoint);
    let refuse = |reason, detail: String| Unavailable::new(id, &looked_for, reason, detail);
    let malformed = |error: ReadError| refuse(Reason::Malformed, error.to_string());
    let community = match &request.keeper {
        None => Secret::new("public"),
        Some(keeper) => keeper.secret().map_err(|m| m.of(id, &looked_for))?,
    };
    let address = request.endpoint.resolve(timeout);
    let mut agent = Agent {
        address: address
            .map_err(|why| refuse(Reason::Unreachable, why).with_fix("check the host's name"))?[0],
        community,
        timeout,
        next: i32::from(std::process::id() as u16),
    };
    let mut get = |oid: &Oid<'_>| {
        agent.get(oid).map_err(|failure| {
            let (reason, fix) = meaning(&failure);
            refuse(reason, failure.to_string()).with_any_fix(fix)
        })
    };
    let digits = match &request.digits_oid {
        None => 0.0,
        Some(oid) => {
            let digits = get(oid)?.value;
            if !(0.0..=MAX_DIGITS).contains(&digits) || digits.fract() != 0.0 {
                let detail = format!("the PDU states {digits} decimal digits");
                return Err(refuse(Reason::Malformed, detail));
            }
            digits
        }
    };
    let began_s = system.clock.now_s();
    let first = get(&request.oid)?;
    let answer_s = system.clock.now_s() - began_s;
    let factor = request.object.unit.factor / 10_f64.powf(digits);
    let what = format!("{id} {}", request.object.oid);
    let clock = system.clock.clone();
    let meter = match request.object.unit.quantity {
        Quantity::PowerW => {
            power_w(&what, first.value * factor).map_err(malformed)?;
            None
        }
        Quantity::EnergyJ => {
            let first_uj = microjoules(&what, first, factor).map_err(malformed)?;
            let diff = counter(first.kind, factor);
            if diff.max_interval_s() < 2.0 * request.stated.pace.interval_s {
                let detail = format!(
                    "a counter of 32 bits in steps of {factor} J may wrap more than once between \
                     two readings"
                );
                return Err(refuse(Reason::Malformed, detail)
                    .with_fix("ask for power, or for a coarser counter"));
            }
            Some(Accumulator::new(&what, diff, None, first_uj, clock.now_s()))
        }
    };
    let mut info = info(request, factor, first.kind);
    let pace = request.stated.pace.answering(answer_s, &mut info);
    Ok(Box::new(Pdu {
        info,
        what,
        pace,
        agent,
        oid: request.oid.clone(),
        factor,
        clock,
        meter,
    }))
}

/// The class of a failure to open the meter, and a fix.
fn meaning(failure: &SnmpFailure) -> (Reason, Option<&'static str>) {
    let SnmpFailure::Answer(error) = failure else {
        let fix = "switch SNMP v2c on in the PDU, allow this host, and give its read community \
                   with auth=env:NAME";
        return (Reason::Unreachable, Some(fix));
    };
    match error {
        SnmpError::Status(6 | 16) => {
            let fix = "allow this community to read the object";
            (Reason::NotPermitted, Some(fix))
        }
        SnmpError::NoSuchObject
        | SnmpError::NoSuchInstance
        | SnmpError::Unsupported
        | SnmpError::Status(_) => (Reason::Absent, None),
        _ => (Reason::Malformed, None),
    }
}

/// The range and limits of a counter of this type, at `factor` joules per count.
fn counter(kind: NumberKind, factor: f64) -> CounterDiff {
    // Only a Counter32 wraps. A counter of another type that falls was reset, and
    // this range is so large that no fall counts as a wrap.
    let range_uj = match kind {
        NumberKind::Counter32 => f64::from(u32::MAX) * factor * 1e6,
        _ => u64::MAX as f64,
    };
    CounterDiff {
        // The cast saturates; no counter reaches a larger range.
        range_uj: range_uj as u64,
        max_w: MAX_METER_W,
        // A coarse counter rises by a whole count at a time.
        slack_s: 2.0 * factor / MAX_METER_W + USUAL_INTERVAL_S,
    }
}

/// Converts a count to microjoules.
fn microjoules(what: &str, number: Number, factor: f64) -> Result<u64, ReadError> {
    let value_uj = number.value * factor * 1e6;
    // Outside this range the value does not fit into a u64.
    if (0.0..1.8e19).contains(&value_uj) {
        return Ok(value_uj.round() as u64);
    }
    Err(attribute::malformed(what, number.value.to_string()))
}

fn info(request: &Request, factor: f64, kind: NumberKind) -> MeterInfo {
    let power = request.object.unit.quantity == Quantity::PowerW;
    // The step of a number sent as text is unknown.
    let quantum = (kind != NumberKind::Text).then_some(factor);
    let mut notes = Vec::new();
    if power && quantum.is_some_and(|w| w >= 10.0) {
        notes.push(format!(
            "shows steps of {factor} W: below about {} W a step is more than 1 %",
            factor * 100.0
        ));
    }
    if !power && quantum.is_some_and(|j| j >= 3.6e3) {
        notes.push(format!(
            "counts in steps of {factor} J: at 100 W one takes {} s",
            factor / 100.0
        ));
    }
    if request.stated.accuracy_rel.is_none() {
        notes.push(NO_ACCURACY.into());
    }
    let words = &request.object.words;
    let description = format!("{words} at {}", request.endpoint);
    MeterInfo {
        quantum_j: quantum.filter(|_| !power),
        quantum_w: quantum.filter(|_| power),
        notes,
        ..request
            .stated
            .info(description, words, request.object.unit.quantity)
    }
}

struct Pdu {
    info: MeterInfo,
    /// The name of the reading in errors.
    what: String,
    pace: Pace,
    agent: Agent,
    oid: Oid<'static>,
    /// Watts or joules per count.
    factor: f64,
    clock: Arc<dyn Clock>,
    /// Accumulates an energy counter; `None` for a power reading.
    meter: Option<Accumulator>,
}

impl Source for Pdu {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let before_s = self.clock.now_s();
        let number = self.agent.get(&self.oid);
        let number = number.map_err(|why| attribute::failed(&self.what, why.to_string()))?;
        let now_s = 0.5 * (before_s + self.clock.now_s());
        match &mut self.meter {
            None => power_w(&self.what, number.value * self.factor),
            Some(meter) => {
                let value_uj = microjoules(&self.what, number, self.factor)?;
                meter.advance(value_uj, now_s)
            }
        }
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        self.meter.as_ref().map(|m| m.diff().max_interval_s() / 4.0)
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}
