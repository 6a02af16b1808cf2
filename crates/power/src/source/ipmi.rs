//! Power of a server by its management controller (BMC): the DCMI power reading of
//! IPMI, through the program `ipmitool`.
//!
//! `ipmi` asks the BMC of this machine; `ipmi=HOST[:PORT],user=NAME,auth=env:NAME`
//! asks one over the network (RMCP+). The password is passed to `ipmitool` in its
//! environment, never in its arguments, which every user can list.
//!
//! Facts (DCMI 1.5, 6.6.1): whole watts at the power supplies' input. The BMC
//! updates and smooths them at its own pace; manufacturers state an accuracy of 2
//! to 10 %.

mod tool;

use super::endpoint::Endpoint;
use super::plausible::power_w;
use super::{Entry, Pace, Query, Source};
use crate::error::ReadError;
use crate::info::{Boundary, Covers, MeterInfo, Quantity};
use crate::parse::ipmi::{DcmiError, DcmiReading, dcmi_power};
use crate::secret::Keeper;
use crate::select::Found;
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};
use std::path::Path;
use std::time::Duration;
use tool::{Tool, ToolError};

/// The kind's name in `--meter`.
const NAME: &str = "ipmi";

pub(super) const ENTRY: Entry = Entry::automatic(NAME, probe).described(
    "server's management controller: DCMI power reading by ipmitool",
    "ipmi or ipmi=HOST[:PORT],user=NAME,auth=env:NAME",
);

const PORT: u16 = 623;
const USUAL_INTERVAL_S: f64 = 2.0;
/// Seconds for one reading. A BMC on the network takes about a second; one that
/// does not list its cipher suites takes ten more, which `cipher=` avoids.
const USUAL_TIMEOUT_S: f64 = 15.0;
/// Largest scale error that a manufacturer states, at coverage factor 2.
const USUAL_ACCURACY_REL: f64 = 0.10;
/// Device files of a BMC on Linux: directory and name.
const DEVICES: [(&str, &str); 3] = [("dev", "ipmi0"), ("dev/ipmi", "0"), ("dev/ipmidev", "0")];

/// A parsed meter specification.
struct Request {
    id: String,
    /// The BMC on the network; `None` for the BMC of this machine.
    remote: Option<Remote>,
    program: String,
    boundary: Boundary,
    covers: Covers,
    accuracy_rel: f64,
    interval_s: f64,
    timeout: Duration,
}

struct Remote {
    endpoint: Endpoint,
    user: Option<String>,
    level: String,
    cipher: Option<String>,
    keeper: Keeper,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
    let requests = match query.specs {
        [] => vec![request(&NAME.parse()?)?],
        specs => specs.iter().map(request).collect::<Result<_, _>>()?,
    };
    Ok(requests
        .into_iter()
        .map(|request| match open(&request, query.system) {
            Ok(bmc) => Found::Available(Box::new(bmc)),
            Err(why) => Found::Unavailable(why),
        })
        .collect())
}

fn request(spec: &MeterSpec) -> Result<Request, SpecError> {
    spec.allow(&["user", "auth", "level", "cipher", "tool", "timeout"])?;
    if spec.part.is_some() {
        return Err(spec.error("ipmi has no parts"));
    }
    let option = |key: &str| spec.options.get(key).cloned();
    let remote = match &spec.target {
        Some(target) => Some(remote(spec, target)?),
        None => {
            let remote_only = ["user", "auth", "level", "cipher"];
            if let Some(key) = remote_only.iter().find(|key| option(key).is_some()) {
                return Err(spec.error(format!("{key}= is for a BMC on the network, ipmi=HOST")));
            }
            None
        }
    };
    Ok(Request {
        id: spec.id(),
        remote,
        program: option("tool").unwrap_or_else(|| "ipmitool".into()),
        boundary: spec.boundary(Boundary::PsuIn)?,
        covers: spec.covers(spec.boundary(Boundary::PsuIn)?)?,
        accuracy_rel: spec.accuracy_rel(None)?.unwrap_or(USUAL_ACCURACY_REL),
        interval_s: spec.interval_s(USUAL_INTERVAL_S)?,
        timeout: Duration::from_secs_f64(spec.number("timeout", USUAL_TIMEOUT_S, 0.1..=120.0)?),
    })
}

fn remote(spec: &MeterSpec, target: &str) -> Result<Remote, SpecError> {
    let option = |key: &str| spec.options.get(key).cloned();
    let level = option("level").unwrap_or_else(|| "user".into());
    if !matches!(level.as_str(), "user" | "operator" | "administrator") {
        return Err(spec.error(format!(
            "level={level} is none of: user, operator, administrator"
        )));
    }
    let cipher = option("cipher");
    if cipher
        .as_ref()
        .is_some_and(|text| text.parse::<u8>().is_err())
    {
        return Err(spec.error("cipher= takes the number of a cipher suite, such as cipher=17"));
    }
    Ok(Remote {
        endpoint: Endpoint::parse(target, PORT).map_err(|why| spec.error(why))?,
        user: option("user"),
        level: level.to_ascii_uppercase(),
        cipher,
        keeper: Keeper::of(spec)?
            .ok_or_else(|| spec.error("a BMC on the network needs auth=env:NAME, its password"))?,
    })
}

fn open(request: &Request, system: &System) -> Result<Bmc, Unavailable> {
    let looked_for = match &request.remote {
        Some(remote) => format!("the BMC at {}", remote.endpoint),
        None => "this machine's BMC: /dev/ipmi0, /dev/ipmi/0, /dev/ipmidev/0".into(),
    };
    let refuse = |reason, detail: String, fix: Option<&str>| Unavailable {
        id: request.id.clone(),
        looked_for: looked_for.clone(),
        reason,
        detail,
        fix: fix.map(ToOwned::to_owned),
    };
    let mut tool = Tool {
        program: request.program.clone(),
        arguments: Vec::new(),
        password: None,
        timeout: request.timeout,
    };
    match &request.remote {
        None => local(system).map_err(|(reason, detail, fix)| refuse(reason, detail, fix))?,
        Some(remote) => {
            let secret = remote
                .keeper
                .secret()
                .map_err(|m| refuse(m.reason, m.detail, Some(&m.fix)))?;
            tool.password = Some(secret);
            tool.arguments = remote.arguments();
        }
    }
    let action = ["dcmi", "power", "reading"];
    tool.arguments.extend(action.map(ToOwned::to_owned));
    let reading = ask(&tool).map_err(|failure| {
        let (reason, fix) = failure.meaning(request.remote.is_some());
        refuse(reason, failure.to_string(), fix)
    })?;
    let what = format!("{} {}", request.id, action.join(" "));
    power_w(&what, reading.instantaneous_w)
        .map_err(|error| refuse(Reason::Malformed, error.to_string(), None))?;
    Ok(Bmc {
        info: info(request, &reading),
        what,
        pace: Pace {
            interval_s: request.interval_s,
            blocking: true,
        },
        tool,
    })
}

/// Checks that this machine has a BMC; the error holds the reason, its details and a fix.
fn local(system: &System) -> Result<(), (Reason, String, Option<&'static str>)> {
    let there = DEVICES.iter().any(|(directory, name)| {
        system
            .files
            .list(Path::new(directory))
            .is_ok_and(|names| names.iter().any(|n| n == name))
    });
    if there && system.live {
        return Ok(());
    }
    if there {
        let detail = "these are a recorded machine's files; its BMC cannot be asked here";
        return Err((Reason::Absent, detail.into(), None));
    }
    Err(match system.virtual_machine() {
        Some(machine) => (
            Reason::VirtualMachine,
            format!("{machine}, which has no BMC of its own"),
            None,
        ),
        None => (
            Reason::Absent,
            "there is no BMC, or its driver is not loaded".into(),
            Some("on a server: sudo modprobe ipmi_si ipmi_devintf"),
        ),
    })
}

impl Remote {
    fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = ["-I", "lanplus", "-H"].map(Into::into).into();
        arguments.push(self.endpoint.host.clone());
        arguments.extend(["-p".into(), self.endpoint.port.to_string()]);
        arguments.extend(["-L".into(), self.level.clone()]);
        if let Some(user) = &self.user {
            arguments.extend(["-U".into(), user.clone()]);
        }
        if let Some(cipher) = &self.cipher {
            arguments.extend(["-C".into(), cipher.clone()]);
        }
        // `-E` takes the password from IPMI_PASSWORD.
        arguments.push("-E".into());
        arguments
    }
}

/// Errors of one reading.
#[derive(thiserror::Error, Debug)]
enum Failure {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Reading(#[from] DcmiError),
}

impl Failure {
    /// The class of the failure, and a fix.
    fn meaning(&self, remote: bool) -> (Reason, Option<&'static str>) {
        match self {
            Self::Tool(ToolError::NotStarted { .. }) => (
                Reason::Absent,
                Some("install ipmitool, for example: sudo apt-get install ipmitool"),
            ),
            Self::Tool(ToolError::TimedOut { .. }) => (Reason::Unreachable, None),
            Self::Tool(ToolError::Failed { said, .. }) => {
                let said = said.to_ascii_lowercase();
                if !remote && said.contains("could not open device") {
                    return (
                        Reason::NotPermitted,
                        Some("run perwatt as root: access to /dev/ipmi0 gives control of the BMC"),
                    );
                }
                if said.contains("unable to establish") {
                    return (
                        Reason::Unreachable,
                        Some(
                            "check address, user and password; switch IPMI over LAN on in the \
                             BMC; try cipher=17 or cipher=3",
                        ),
                    );
                }
                if said.contains("insufficient privilege") {
                    return (
                        Reason::NotPermitted,
                        Some("add level=operator or level=administrator"),
                    );
                }
                (Reason::Absent, None)
            }
            Self::Reading(DcmiError::Deactivated) => (Reason::Absent, None),
            Self::Reading(_) => (Reason::Malformed, None),
        }
    }
}

fn ask(tool: &Tool) -> Result<DcmiReading, Failure> {
    Ok(dcmi_power(&tool.output()?)?)
}

fn info(request: &Request, reading: &DcmiReading) -> MeterInfo {
    let mut notes = vec![
        "the BMC smooths its readings over a time that it does not state, and states no accuracy; \
         makers name 2 to 10 %"
            .to_owned(),
    ];
    if reading.without_statistics {
        notes.push(
            "the BMC calls its measurement deactivated, as OpenBMC does for want of statistics; \
             the power now is live"
                .into(),
        );
    }
    MeterInfo {
        domains: vec!["system".into()],
        quantum_w: Some(1.0),
        gain_uncertainty_rel: Some(request.accuracy_rel),
        notes,
        ..MeterInfo::new(
            &request.id,
            match &request.remote {
                None => "DCMI power reading of this machine's BMC".into(),
                Some(remote) => format!("DCMI power reading of the BMC at {}", remote.endpoint),
            },
            request.covers.clone(),
            request.boundary,
            Quantity::PowerW,
        )
    }
}

struct Bmc {
    info: MeterInfo,
    /// The name of the reading in errors.
    what: String,
    pace: Pace,
    tool: Tool,
}

impl Source for Bmc {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn read(&mut self) -> Result<f64, ReadError> {
        let reading = ask(&self.tool).map_err(|failure| match failure {
            Failure::Reading(DcmiError::Malformed(text)) => ReadError::Malformed {
                path: self.what.clone(),
                text,
            },
            other => ReadError::Io {
                path: self.what.clone(),
                detail: other.to_string(),
            },
        })?;
        power_w(&self.what, reading.instantaneous_w)
    }

    fn max_read_interval_s(&self) -> Option<f64> {
        None
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}
