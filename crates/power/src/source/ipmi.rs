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

use super::endpoint::endpoint;
use super::meter::Watts;
use super::plausible::{MAX_METER_W, power_w};
use super::stated::Stated;
use super::{
    Boundary, Entry, MeterInfo, MeterSpec, Opened, Quantity, ReadError, Reason, SpecError,
};
use super::{System, Unavailable, attribute};
use crate::parse::ipmi::{DcmiError, DcmiReading, dcmi_power};
use crate::secret::Keeper;
use perwatt_host::Endpoint;
use std::path::Path;
use tool::{Tool, ToolError};

pub(super) const ENTRY: Entry = Entry::by_address("ipmi", |spec, system| {
    Ok(vec![open(&request(spec)?, system).into()])
})
.also_local()
.described(
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
    stated: Stated,
    /// The BMC on the network; `None` for the BMC of this machine.
    remote: Option<Remote>,
    program: String,
}

struct Remote {
    endpoint: Endpoint,
    user: Option<String>,
    level: String,
    cipher: Option<String>,
    keeper: Keeper,
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
        stated: Stated::of(spec, Boundary::PsuIn, USUAL_INTERVAL_S, USUAL_TIMEOUT_S)?,
        remote,
        program: option("tool").unwrap_or_else(|| "ipmitool".into()),
    })
}

fn remote(spec: &MeterSpec, target: &str) -> Result<Remote, SpecError> {
    let option = |key: &str| spec.options.get(key).cloned();
    let level = option("level").unwrap_or_else(|| "user".into());
    if !matches!(level.as_str(), "user" | "operator" | "administrator") {
        let why = format!("level={level} is none of: user, operator, administrator");
        return Err(spec.error(why));
    }
    let cipher = option("cipher");
    let is_suite = |text: &String| text.parse::<u8>().is_ok();
    if !cipher.iter().all(is_suite) {
        return Err(spec.error("cipher= takes the number of a cipher suite, such as cipher=17"));
    }
    Ok(Remote {
        endpoint: endpoint(spec, target, PORT)?,
        user: option("user"),
        level: level.to_ascii_uppercase(),
        cipher,
        keeper: Keeper::of(spec)?
            .ok_or_else(|| spec.error("a BMC on the network needs auth=env:NAME, its password"))?,
    })
}

fn open(request: &Request, system: &System) -> Opened {
    let id = &request.stated.id;
    let looked_for = match &request.remote {
        Some(remote) => format!("the BMC at {}", remote.endpoint),
        None => "this machine's BMC: /dev/ipmi0, /dev/ipmi/0, /dev/ipmidev/0".into(),
    };
    let refuse = |reason, detail: String, fix: Option<&str>| {
        Unavailable::new(id, &looked_for, reason, detail).with_any_fix(fix)
    };
    let mut tool = Tool {
        program: request.program.clone(),
        arguments: Vec::new(),
        password: None,
        timeout: request.stated.timeout,
    };
    match &request.remote {
        None => local(system).map_err(|(reason, detail, fix)| refuse(reason, detail, fix))?,
        Some(remote) => {
            let secret = remote.keeper.secret();
            tool.password = Some(secret.map_err(|missing| missing.of(id, &looked_for))?);
            tool.arguments = remote.arguments();
        }
    }
    let action = ["dcmi", "power", "reading"];
    tool.arguments.extend(action.map(ToOwned::to_owned));
    let began_s = system.clock.now_s();
    let reading = ask(&tool).map_err(|failure| {
        let (reason, fix) = failure.meaning(request.remote.is_some());
        refuse(reason, failure.to_string(), fix)
    })?;
    let answer_s = system.clock.now_s() - began_s;
    let what = format!("{id} {}", action.join(" "));
    power_w(&what, reading.instantaneous_w)
        .map_err(|error| refuse(Reason::Malformed, error.to_string(), None))?;
    let named = what.clone();
    let mut info = info(request, &reading);
    let pace = request.stated.pace.answering(answer_s, &mut info);
    Ok(Box::new(Watts {
        info,
        what,
        watts: Box::new(move || read_w(&tool, &named)),
        max_w: MAX_METER_W,
        pace,
    }))
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
                    let fix = "run perwatt as root: access to /dev/ipmi0 gives control of the BMC";
                    return (Reason::NotPermitted, Some(fix));
                }
                if said.contains("unable to establish") {
                    let fix = "check address, user and password; switch IPMI over LAN on in the \
                               BMC; try cipher=17 or cipher=3";
                    return (Reason::Unreachable, Some(fix));
                }
                if said.contains("insufficient privilege") {
                    let fix = "add level=operator or level=administrator";
                    return (Reason::NotPermitted, Some(fix));
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
    let description = match &request.remote {
        None => "DCMI power reading of this machine's BMC".into(),
        Some(remote) => format!("DCMI power reading of the BMC at {}", remote.endpoint),
    };
    let mut info = request.stated.info(description, "system", Quantity::PowerW);
    info.quantum_w = Some(1.0);
    info.gain_uncertainty_rel.get_or_insert(USUAL_ACCURACY_REL);
    info.notes.push(
        "the BMC smooths its readings over a time that it does not state, and states no accuracy; \
         makers name 2 to 10 %"
            .into(),
    );
    if reading.without_statistics {
        info.notes.push(
            "the BMC calls its measurement deactivated, as OpenBMC does for want of statistics; \
             the power now is live"
                .into(),
        );
    }
    info
}

fn read_w(tool: &Tool, what: &str) -> Result<f64, ReadError> {
    let reading = ask(tool).map_err(|failure| match failure {
        Failure::Reading(DcmiError::Malformed(text)) => attribute::malformed(what, text),
        other => attribute::failed(what, other.to_string()),
    })?;
    power_w(what, reading.instantaneous_w)
}
