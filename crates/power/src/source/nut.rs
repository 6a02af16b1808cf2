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

use super::attribute::failed;
use super::endpoint::endpoint;
use super::meter::Watts;
use super::plausible::MAX_METER_W;
use super::stated::{NO_ACCURACY, Stated};
use super::{Boundary, Entry, MeterInfo, MeterSpec, Opened, Pace, Provenance, Quantity};
use super::{Reason, SpecError, System, Unavailable};
use crate::parse::nut::number;
use crate::secret::Keeper;
use client::{Client, Login, NutFailure};
use perwatt_host::Endpoint;
use variable::{ChoiceError, Variable};

pub(super) const ENTRY: Entry = Entry::by_address("nut", |spec, system| {
    Ok(vec![open(&request(spec)?, system).into()])
})
.described(
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
    stated: Stated,
    ups: String,
    endpoint: Endpoint,
    /// The variables to search for, best first.
    names: Vec<String>,
    /// True if the load in percent may be used when these variables are missing.
    estimate: bool,
    keeper: Option<Keeper>,
    /// True if `interval=` is given.
    paced: bool,
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
    let endpoint = endpoint(spec, host, PORT)?;
    let (names, estimate) = names(spec)?;
    Ok(Request {
        stated: Stated::of(spec, Boundary::Wall, USUAL_POLL_S, USUAL_TIMEOUT_S)?,
        ups: ups.to_owned(),
        endpoint,
        names,
        estimate,
        keeper: Keeper::of(spec)?,
        paced: spec.options.contains_key("interval"),
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

fn open(request: &Request, system: &System) -> Opened {
    let id = &request.stated.id;
    let looked_for = format!("upsd at {}", request.endpoint);
    let refuse = |reason, detail: String| Unavailable::new(id, &looked_for, reason, detail);
    let login = match &request.keeper {
        None => None,
        Some(keeper) => {
            let secret = keeper.secret().map_err(|m| m.of(id, &looked_for))?;
            Some(Login::of(&secret).ok_or_else(|| {
                let detail = format!("{keeper} does not hold user:password");
                refuse(Reason::Malformed, detail)
                    .with_fix("put the user, a colon and the password there")
            })?)
        }
    };
    let mut client = Client::new(request.endpoint.clone(), login, request.stated.timeout)
        .map_err(|why| refuse(Reason::Unreachable, why).with_fix("check the host's name"))?;
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
        refuse(reason, detail).with_any_fix(fix)
    };
    let variable = Variable::choose(&mut client, &request.ups, &request.names, request.estimate)
        .map_err(explain)?;
    let poll_s = variable::reported(&mut client, &request.ups, "driver.parameter.pollinterval")
        .map_err(|failure| explain(failure.into()))?
        .as_deref()
        .and_then(number)
        .filter(|s| (0.05..=3600.0).contains(s));
    let what = format!("{id} {}", variable.name());
    let mut info = info(request, &variable, poll_s);
    let ups = request.ups.clone();
    let mut power_w = move || {
        let value = client.variable(&ups, variable.name());
        let value = value.map_err(|failure| failed(&what, failure.to_string()))?;
        variable.power_w(&what, &value)
    };
    let began_s = system.clock.now_s();
    power_w().map_err(|error| explain(error.into()))?;
    let answer_s = system.clock.now_s() - began_s;
    let pace = match poll_s {
        Some(poll_s) if !request.paced => Pace::blocking(poll_s),
        _ => request.stated.pace,
    };
    let pace = pace.answering(answer_s, &mut info);
    Ok(Box::new(Watts {
        what: info.id.clone(),
        info,
        watts: Box::new(power_w),
        max_w: MAX_METER_W,
        pace,
    }))
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
    if request.stated.accuracy_rel.is_none() {
        notes.push(NO_ACCURACY.into());
    }
    let (name, ups, endpoint) = (variable.name(), &request.ups, &request.endpoint);
    let description = format!("{name} of {ups} through upsd at {endpoint}");
    MeterInfo {
        provenance,
        quantum_w,
        notes,
        ..request.stated.info(description, name, Quantity::PowerW)
    }
}
