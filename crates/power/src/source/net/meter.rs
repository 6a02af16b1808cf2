//! A polled meter, and the sources that share its replies.

use super::address::Address;
use super::http::{Client, HttpError};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::parse::{Reading, ReplyError, Unit};
use crate::select::MAX_USER_WATTS;
use crate::source::{Boundary, Found, MeterInfo, MeterSpec, Pace, Provenance, Quantity, ReadError};
use crate::source::{Reason, Source, SpecError, System, Unavailable};
use crate::system::Clock;
use perwatt_host::lock;
use std::sync::{Arc, Mutex};

/// Largest age of a reply, in seconds, that the other source of the same meter may
/// use. The resulting error in time is below that of the request itself.
const SHARED_S: f64 = 0.1;

/// Longest delay of a meter's counter, in seconds: several update once a minute.
const SLACK_S: f64 = 120.0;

/// Seconds without a step after which a counter is taken as stopped, in addition to
/// the time in which one watt fills its step.
const FROZEN_S: f64 = 300.0;

/// Requests one reading from a meter.
pub(super) type Ask = Box<dyn Fn(&mut Client, &Address) -> Result<Reading, NetFailure> + Send>;

/// Requests a document that `parse` turns into a reading.
pub(super) fn document(
    parse: impl Fn(&str) -> Result<Reading, ReplyError> + Send + 'static,
) -> Ask {
    Box::new(move |client, address| Ok(parse(&client.get(address)?)?))
}

/// Description of a kind of meter.
pub(super) struct About {
    pub description: String,
    pub boundary: Boundary,
    pub interval_s: f64,
    /// Largest power in watts that this kind of meter can measure.
    pub max_w: f64,
    /// The measured part in the meter's own terms, such as `switch:0`.
    pub domain: String,
    pub notes: Vec<String>,
}

impl About {
    /// A figure in `unit` at an address that only the user knows.
    pub fn stated(
        spec: &MeterSpec,
        figure: &str,
        unit: Unit,
        address: &Address,
    ) -> Result<Self, SpecError> {
        Ok(Self {
            description: format!("{figure} in {unit} at {address}"),
            boundary: super::stated_boundary(spec)?,
            interval_s: spec.interval_s(1.0)?,
            max_w: MAX_USER_WATTS,
            domain: figure.to_owned(),
            notes: Vec::new(),
        })
    }
}

/// Errors of one reading.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub(super) enum NetFailure {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl NetFailure {
    /// The report for a meter that could not be opened, with the secrets removed
    /// from the server's text.
    pub fn unavailable(&self, spec: &MeterSpec, address: &Address, client: &Client) -> Found {
        let (reason, fix) = match self {
            Self::Http(error) if error.silent() => (
                Reason::Unreachable,
                Some(format!(
                    "see that the meter is on and that {} is its address; a slow one may need \
                     timeout=10",
                    address.server()
                )),
            ),
            Self::Http(error) => match error.code() {
                Some(401 | 403) => (
                    Reason::NotPermitted,
                    Some(
                        "put USER:PASSWORD or \"bearer TOKEN\" into an environment variable or a \
                         file and add auth=env:NAME or auth=file:PATH"
                            .to_owned(),
                    ),
                ),
                Some(404) => (Reason::Absent, None),
                _ => (Reason::Malformed, None),
            },
            Self::Reply(ReplyError::Missing { .. }) => (Reason::Absent, None),
            Self::Reply(_) => (Reason::Malformed, None),
        };
        let detail = address.scrub(&client.scrub(&self.to_string()));
        let why = Unavailable::new(spec.id(), address.to_string(), reason, detail);
        Found::Unavailable(why.with_any_fix(fix))
    }

    fn read_error(&self, address: &Address, client: &Client) -> ReadError {
        let path = address.to_string();
        let detail = address.scrub(&client.scrub(&self.to_string()));
        match self {
            Self::Http(error) if error.silent() => ReadError::NoAnswer { path, detail },
            _ => ReadError::BadReply { path, detail },
        }
    }
}

/// The meter itself, which handles one request at a time.
struct Meter {
    client: Client,
    address: Address,
    ask: Ask,
    clock: Arc<dyn Clock>,
    last: Option<Reply>,
}

#[derive(Clone)]
struct Reply {
    number: u64,
    /// Time half-way through the request, in seconds of the clock; `end_s` is its end.
    middle_s: f64,
    end_s: f64,
    reading: Result<Reading, NetFailure>,
}

impl Reply {
    /// Seconds that the request took.
    fn answer_s(&self) -> f64 {
        2.0 * (self.end_s - self.middle_s)
    }
}

impl Meter {
    /// Returns the last reply if it arrived after `since_s` and is newer than
    /// number `seen`; otherwise sends a request.
    fn reply(&mut self, since_s: f64, seen: u64) -> Reply {
        if let Some(last) = &self.last
            && last.number > seen
            && last.end_s >= since_s
        {
            return last.clone();
        }
        let start_s = self.clock.now_s();
        let reading = (self.ask)(&mut self.client, &self.address);
        let end_s = self.clock.now_s();
        let reply = Reply {
            number: self.last.as_ref().map_or(0, |last| last.number) + 1,
            middle_s: 0.5 * (start_s + end_s),
            end_s,
            reading,
        };
        self.last = Some(reply.clone());
        reply
    }
}

/// Opens the sources of a meter: its power, its energy counter, or both. If it has
/// both, the identifier of the counter ends in `:energy`.
pub(super) fn open(
    spec: &MeterSpec,
    system: &System,
    client: Client,
    address: Address,
    about: About,
    ask: Ask,
) -> Result<Vec<Found>, SpecError> {
    let gain = spec.accuracy_rel()?;
    let covers = spec.covers(about.boundary)?;
    let (averaging_s, look_back_s) = spec.look_back_s()?;
    let notes = [about.notes.clone(), client.notes(&address)].concat();
    let mut meter = Meter {
        client,
        address,
        ask,
        clock: Arc::clone(&system.clock),
        last: None,
    };
    let mut first = meter.reply(f64::INFINITY, 0);
    let mut answer_s = first.answer_s();
    if first.reading.is_ok() && answer_s > about.interval_s {
        // The first request may have waited for a name or a connection.
        first = meter.reply(f64::INFINITY, first.number);
        answer_s = answer_s.min(first.answer_s());
    }
    let reading = match first.reading {
        Ok(reading) => reading,
        Err(failure) => {
            let why = failure.unavailable(spec, &meter.address, &meter.client);
            return Ok(vec![why]);
        }
    };
    let path = meter.address.to_string();
    let meter = Arc::new(Mutex::new(meter));
    let info = |quantity, counter: bool| MeterInfo {
        provenance: match counter {
            _ if reading.typed => Provenance::User,
            true => Provenance::Counter,
            false => Provenance::PowerSamples,
        },
        domains: vec![about.domain.clone()],
        quantum_j: reading.energy_quantum_j.filter(|_| counter),
        quantum_w: reading.power_quantum_w.filter(|_| !counter),
        gain_uncertainty_rel: gain,
        averaging_s: averaging_s.filter(|_| !counter),
        look_back_s,
        notes: notes.clone(),
        ..MeterInfo::new(
            match counter && reading.power_w.is_some() {
                true => format!("{}:energy", spec.id()),
                false => spec.id(),
            },
            match counter {
                true => format!("{}, energy counter", about.description),
                false => format!("{}, power", about.description),
            },
            covers.clone(),
            about.boundary,
            quantity,
        )
    };
    let source = |mut info, kind| {
        Found::Available(Box::new(NetSource {
            pace: Pace::blocking(about.interval_s).answering(answer_s, &mut info),
            info,
            meter: Arc::clone(&meter),
            clock: Arc::clone(&system.clock),
            path: path.clone(),
            max_w: about.max_w,
            seen: first.number,
            kind,
        }))
    };
    let mut found = Vec::new();
    if let Some(power_w) = reading.power_w {
        let mut info = info(Quantity::PowerW, false);
        if reading.typed {
            let note = "the device measures nothing: it tells the power that its owner typed in";
            info.notes.push(note.into());
        }
        if power_w == 0.0 {
            let note = "it showed 0 W when it was opened: is it the meter of this machine?";
            info.notes.push(note.into());
        }
        found.push(source(info, Kind::Power));
    }
    // A counter that is derived from a typed-in power is not a measurement either.
    if let Some(energy_j) = reading.energy_j.filter(|_| !reading.typed) {
        let diff = CounterDiff::endless(about.max_w, SLACK_S);
        let frozen_s = FROZEN_S + reading.energy_quantum_j.unwrap_or(0.0);
        let (first_uj, first_s) = (microjoules(energy_j), first.middle_s);
        let counter = Accumulator::new(&path, diff, Some(frozen_s), first_uj, first_s);
        found.push(source(info(Quantity::EnergyJ, true), Kind::Energy(counter)));
    }
    Ok(found)
}

/// Converts to microjoules; saturates far above any real counter.
fn microjoules(joules: f64) -> u64 {
    (joules * 1e6).round() as u64
}

enum Kind {
    Power,
    Energy(Accumulator),
}

struct NetSource {
    info: MeterInfo,
    meter: Arc<Mutex<Meter>>,
    clock: Arc<dyn Clock>,
    path: String,
    pace: Pace,
    max_w: f64,
    seen: u64,
    kind: Kind,
}

impl Source for NetSource {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let since_s = self.clock.now_s() - SHARED_S;
        let mut meter = lock(&self.meter);
        let reply = meter.reply(since_s, self.seen);
        self.seen = reply.number;
        let reading = reply
            .reading
            .map_err(|failure| failure.read_error(&meter.address, &meter.client))?;
        drop(meter);
        let gone = |what: &str| ReadError::BadReply {
            path: self.path.clone(),
            detail: format!("it gave {what} when it was opened and gives none now"),
        };
        match &mut self.kind {
            Kind::Power => match reading.power_w.ok_or_else(|| gone("a power"))? {
                power_w if power_w <= self.max_w => Ok(power_w),
                implied_w => Err(ReadError::Implausible {
                    path: self.path.clone(),
                    implied_w,
                    max_w: self.max_w,
                }),
            },
            Kind::Energy(counter) => {
                let joules = reading.energy_j.ok_or_else(|| gone("an energy"))?;
                counter.advance(microjoules(joules), reply.middle_s)
            }
        }
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}
