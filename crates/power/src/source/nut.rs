//! Power of a UPS or PDU through NUT, the Network UPS Tools.
//!
//! `nut=UPS@HOST[:PORT][,outlet=N][,var=NAME][,auth=env:NAME|file:PATH][,timeout=N]`.
//!
//! Facts (NUT's `docs/net-protocol.txt`): `upsd` listens on TCP 3493 and answers
//! `GET VAR ups name` in one line. It serves the last value that its driver
//! received from the device. The driver polls every `driver.parameter.pollinterval`
//! seconds (2 by default) or, for slow values, more rarely. Reading needs no
//! password by default; if one is given, it crosses the network unencrypted.
//!
//! A UPS measures at its output: its own losses and the charging power are not part
//! of `ups.realpower`, but are part of `input.realpower`.

mod client;
mod variable;

use super::endpoint::Endpoint;
use super::{Entry, Pace, Query, Source};
use crate::error::ReadError;
use crate::info::{Boundary, Covers, MeterInfo, Provenance, Quantity};
use crate::parse::nut::number;
use crate::secret::Keeper;
use crate::select::Found;
use crate::spec::{MeterSpec, SpecError};
use crate::unavailable::{Reason, Unavailable};
use client::{Client, Login, NutFailure};
use std::time::Duration;
use variable::{ChoiceError, Variable};

pub(super) const ENTRY: Entry = Entry::by_address("nut", probe).described(
    "UPS or PDU through NUT's upsd",
    "nut=UPS@HOST[:PORT][,outlet=N][,var=NAME][,auth=env:NAME]",
);

const PORT: u16 = 3493;
/// Default time between two polls of NUT's own drivers, in seconds.
const USUAL_POLL_S: f64 = 2.0;
/// Time limit in seconds; upsd answers from memory.
const USUAL_TIMEOUT_S: f64 = 3.0;

/// A parsed meter specification.
struct Request {
    id: String,
    ups: String,
    endpoint: Endpoint,
    /// The variables to search for, best first.
    names: Vec<String>,
    /// True if the load in percent may be used when these variables are missing.
    estimate: bool,
    keeper: Option<Keeper>,
    boundary: Boundary,
    covers: Covers,
    accuracy_rel: Option<f64>,
    /// The value of `interval=` in seconds, if given.
    interval_s: Option<f64>,
    timeout: Duration,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
    let requests: Vec<_> = query.specs.iter().map(request).collect::<Result<_, _>>()?;
    Ok(requests
        .into_iter()
        .map(|request| match open(&request) {
            Ok(nut) => Found::Available(Box::new(nut)),
            Err(why) => Found::Unavailable(why),
        })
        .collect())
}

fn request(spec: &MeterSpec) -> Result<Request, SpecError> {
    spec.allow(&["outlet", "var", "auth", "timeout"])?;
    if spec.part.is_some() {
        return Err(spec.error("nut takes no part; name an outlet with outlet=N"));
    }
    let target = spec.required_target("nut=ups@localhost")?;
    let (ups, host) = target.rsplit_once('@').unwrap_or((target, "localhost"));
    if ups.is_empty() || !ups.chars().all(is_name) {
        return Err(spec.error("the text before @ is not the name of a UPS"));
    }
    let endpoint = Endpoint::parse(host, PORT).map_err(|why| spec.error(why))?;
    let (names, estimate) = names(spec)?;
    let usual_s = USUAL_POLL_S;
    let given_s = spec.interval_s(usual_s)?;
    Ok(Request {
        id: spec.id(),
        ups: ups.to_owned(),
        endpoint,
        names,
        estimate,
        keeper: Keeper::of(spec)?,
        boundary: spec.boundary(Boundary::Wall)?,
        covers: spec.covers(spec.boundary(Boundary::Wall)?)?,
        accuracy_rel: spec.accuracy_rel(None)?,
        interval_s: spec.options.contains_key("interval").then_some(given_s),
        timeout: Duration::from_secs_f64(spec.number("timeout", USUAL_TIMEOUT_S, 0.1..=120.0)?),
    })
}

/// The variables to search for, and true if the load may be used instead of them.
fn names(spec: &MeterSpec) -> Result<(Vec<String>, bool), SpecError> {
    let option = |key: &str| spec.options.get(key).map(String::as_str);
    match (option("var"), option("outlet")) {
        (Some(_), Some(_)) => Err(spec.error("give var= or outlet=, not both")),
        (Some(name), None) if !name.ends_with("realpower") || !name.chars().all(is_name) => {
            Err(spec.error(format!(
                "var={name} is not a real power; give one whose name ends in realpower, such as \
                 var=input.L1.realpower (names that end in power are VA)"
            )))
        }
        (Some(name), None) => Ok((vec![name.to_owned()], false)),
        // Numbers, and names such as outlet.group.1 where a driver has them.
        (None, Some(outlet)) if !outlet.chars().all(is_name) => {
            Err(spec.error(format!("outlet={outlet} is not an outlet; give its number")))
        }
        (None, Some(outlet)) => Ok((vec![format!("outlet.{outlet}.realpower")], false)),
        (None, None) => Ok((vec!["ups.realpower".into(), "input.realpower".into()], true)),
    }
}

/// Returns true if the character needs no quoting in the protocol.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

fn open(request: &Request) -> Result<Nut, Unavailable> {
    let refuse = |reason, detail: String, fix: Option<String>| Unavailable {
        id: request.id.clone(),
        looked_for: format!("upsd at {}", request.endpoint),
        reason,
        detail,
        fix,
    };
    let login = match &request.keeper {
        None => None,
        Some(keeper) => {
            let secret = keeper
                .secret()
                .map_err(|m| refuse(m.reason, m.detail, Some(m.fix)))?;
            Some(Login::of(&secret).ok_or_else(|| {
                refuse(
                    Reason::Malformed,
                    format!("{keeper} does not hold user:password"),
                    Some("put the user, a colon and the password there".into()),
                )
            })?)
        }
    };
    let mut client =
        Client::new(request.endpoint.clone(), login, request.timeout).map_err(|why| {
            refuse(
                Reason::Unreachable,
                why,
                Some("check the host's name".into()),
            )
        })?;
    let explain = |error: ChoiceError| {
        let detail = error.to_string();
        let (reason, fix) = match &error {
            ChoiceError::Failed(NutFailure::Unreachable(_)) => (
                Reason::Unreachable,
                Some(format!(
                    "check that upsd runs and has a LISTEN line for this network in upsd.conf; \
                     try `upsc {}@{}`",
                    request.ups, request.endpoint
                )),
            ),
            ChoiceError::Failed(NutFailure::Refused(code)) => (
                match code.as_str() {
                    "ACCESS-DENIED" | "USERNAME-REQUIRED" | "PASSWORD-REQUIRED"
                    | "INVALID-USERNAME" | "INVALID-PASSWORD" => Reason::NotPermitted,
                    _ => Reason::Absent,
                },
                None,
            ),
            ChoiceError::NoWatts(_) => (
                Reason::Absent,
                Some(
                    "name a variable that is real power with var=, or read a wall meter under \
                     load and add --watts N"
                        .into(),
                ),
            ),
            ChoiceError::Failed(NutFailure::Garbled(_)) | ChoiceError::Reading(_) => {
                (Reason::Malformed, None)
            }
        };
        refuse(reason, detail, fix)
    };
    let variable = Variable::choose(&mut client, &request.ups, &request.names, request.estimate)
        .map_err(explain)?;
    let poll_s = variable::reported(&mut client, &request.ups, "driver.parameter.pollinterval")
        .map_err(|failure| explain(failure.into()))?
        .as_deref()
        .and_then(number)
        .filter(|s| (0.05..=3600.0).contains(s));
    let mut nut = Nut {
        info: info(request, &variable, poll_s),
        what: format!("{} {}", request.id, variable.name()),
        pace: Pace {
            interval_s: request.interval_s.or(poll_s).unwrap_or(USUAL_POLL_S),
            blocking: true,
        },
        ups: request.ups.clone(),
        client,
        variable,
    };
    match nut.read() {
        Ok(_) => Ok(nut),
        Err(error) => Err(explain(error.into())),
    }
}

fn info(request: &Request, variable: &Variable, poll_s: Option<f64>) -> MeterInfo {
    let mut notes = Vec::new();
    if let Some(poll_s) = poll_s {
        notes.push(format!(
            "upsd's driver asks the device every {poll_s} s, and may renew this value more rarely"
        ));
    }
    let (provenance, quantum_w) = match variable {
        Variable::Watts(name) => {
            if name == "ups.realpower" {
                notes.push(
                    "measured at the output of the UPS: its own losses and charging are not in it"
                        .into(),
                );
            }
            (Provenance::PowerSamples, None)
        }
        Variable::Load { nominal_w } => {
            notes.push(format!(
                "estimated: ups.load percent of the nominal {nominal_w} W; the device reports no \
                 power in watts"
            ));
            (Provenance::DeviceEstimate, Some(nominal_w / 100.0))
        }
    };
    if request.accuracy_rel.is_none() {
        notes.push("its accuracy is not stated; give it with accuracy=N%".into());
    }
    MeterInfo {
        provenance,
        domains: vec![variable.name().to_owned()],
        quantum_w,
        gain_uncertainty_rel: request.accuracy_rel,
        notes,
        ..MeterInfo::new(
            &request.id,
            format!(
                "{} of {} through upsd at {}",
                variable.name(),
                request.ups,
                request.endpoint
            ),
            request.covers.clone(),
            request.boundary,
            Quantity::PowerW,
        )
    }
}

struct Nut {
    info: MeterInfo,
    /// The name of the reading in errors.
    what: String,
    pace: Pace,
    ups: String,
    client: Client,
    variable: Variable,
}

impl Source for Nut {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let value = self
            .client
            .variable(&self.ups, self.variable.name())
            .map_err(|failure| ReadError::Io {
                path: self.what.clone(),
                detail: failure.to_string(),
            })?;
        self.variable.power_w(&self.what, &value)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        None
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}
