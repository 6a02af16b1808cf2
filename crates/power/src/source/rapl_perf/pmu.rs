//! A performance monitoring unit, as the kernel describes it in sysfs.

use crate::source::{ReadError, Reason, System, Unavailable, attribute};
use std::path::{Path, PathBuf};

const DEVICES: &str = "sys/bus/event_source/devices";
const CPUS: &str = "sys/devices/system/cpu";

/// Upper bound of processor numbers, above any machine that runs Linux.
const MAX_CPU: usize = 1 << 16;

/// Largest plausible joules per step: RAPL's is 2^-32, and a value above a joule
/// would be in another unit.
const MAX_SCALE_J: f64 = 1.0;

/// One performance monitoring unit.
pub(super) struct Pmu {
    /// Its name, such as `power`.
    pub name: String,
    /// The value for `perf_event_attr.type`.
    pub unit_type: u32,
    /// One processor for each counter.
    pub cpus: Vec<usize>,
    events: Vec<(String, Result<Event, Unavailable>)>,
}

/// One event of a unit.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Its name, such as `energy-pkg`.
    pub name: String,
    /// The value for `perf_event_attr.config`.
    pub config: u64,
    /// Joules per step.
    pub scale_j: f64,
}

impl Pmu {
    /// The event `energy-PART`; `None` if the unit does not list it.
    pub fn event(&self, part: &str) -> Option<&Result<Event, Unavailable>> {
        self.events
            .iter()
            .find(|(name, _)| name.strip_prefix("energy-") == Some(part))
            .map(|(_, event)| event)
    }

    /// The names of the events that it lists, separated by commas.
    pub fn listed(&self) -> String {
        let names: Vec<&str> = self.events.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    /// The sysfs directory that describes it.
    pub fn dir(&self) -> String {
        format!("/{DEVICES}/{}", self.name)
    }
}

/// Reads the description of the unit `name`.
pub(super) fn read(system: &System, name: &str) -> Result<Pmu, ReadError> {
    let dir = Path::new(DEVICES).join(name);
    let unit_type = attribute::unsigned(system, &dir.join("type"))?;
    let unit_type = u32::try_from(unit_type)
        .map_err(|_| ReadError::malformed(&dir.join("type"), &unit_type.to_string()))?;
    let mask = dir.join("cpumask");
    let text = attribute::text(system, &mask)?;
    let cpus = cpu_list(&text).ok_or_else(|| ReadError::malformed(&mask, &text))?;
    let list = dir.join("events");
    let names = system
        .files
        .list(&list)
        .map_err(|e| ReadError::from_io(&list, &e))?;
    let events = names
        .into_iter()
        .filter(|n| n.starts_with("energy-") && !n.contains('.'))
        .map(|n| {
            let event = event(system, &list, &n);
            (n, event)
        })
        .collect();
    Ok(Pmu {
        name: name.to_owned(),
        unit_type,
        cpus,
        events,
    })
}

/// Reads one event; an error if its figures are not in joules.
fn event(system: &System, list: &Path, name: &str) -> Result<Event, Unavailable> {
    let file = |suffix: &str| -> PathBuf { list.join(format!("{name}{suffix}")) };
    let refuse = |detail: String| {
        let looked_for = format!("/{}", file("").display());
        let detail = format!("{name}: {detail}");
        Unavailable::new(super::ID, looked_for, Reason::Malformed, detail)
    };
    let text =
        |suffix: &str| attribute::text(system, &file(suffix)).map_err(|e| refuse(e.to_string()));
    let unit = text(".unit")?;
    if unit.trim() != "Joules" {
        return Err(refuse(format!("its unit is {:?}, not Joules", unit.trim())));
    }
    let scale = text(".scale")?;
    let scale_j = scale
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|s| *s > 0.0 && *s <= MAX_SCALE_J)
        .ok_or_else(|| refuse(format!("its scale {:?} is not a scale", scale.trim())))?;
    let config = text("")?;
    let config = config
        .trim()
        .strip_prefix("event=0x")
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .filter(|config| *config <= 0xff)
        .ok_or_else(|| refuse(format!("{:?} is not an event of RAPL", config.trim())))?;
    Ok(Event {
        name: name.to_owned(),
        config,
        scale_j,
    })
}

/// The processors of a list such as `0,28` or `0-3,8`; `None` if it is malformed or empty.
pub(super) fn cpu_list(text: &str) -> Option<Vec<usize>> {
    let mut cpus = Vec::new();
    for range in text.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |digits: &str| {
            digits
                .parse::<usize>()
                .ok()
                .filter(|n| *n < MAX_CPU && !digits.starts_with('+'))
        };
        let (first, last) = (number(first)?, number(last)?);
        if last < first {
            return None;
        }
        cpus.extend(first..=last);
    }
    Some(cpus)
}

/// One processor for each distinct package counter, and the other processors with
/// the reason for leaving them out.
///
/// Two processors of one socket read the same counter, except where Intel's dies
/// have one each.
pub(super) fn sockets(system: &System, cpus: &[usize]) -> (Vec<usize>, Vec<String>) {
    let own_dies = system.cpu_info().vendor() == Some("GenuineIntel");
    let topology =
        |cpu: usize, file: &str| system.line(&format!("{CPUS}/cpu{cpu}/topology/{file}"));
    let mut kept: Vec<(usize, (String, String))> = Vec::new();
    let mut mirrors = Vec::new();
    for &cpu in cpus {
        let socket = topology(cpu, "physical_package_id");
        let die = match own_dies {
            true => topology(cpu, "die_id"),
            false => String::new(),
        };
        let place = (socket, die);
        match kept.iter().find(|(_, p)| *p == place) {
            // Without a topology the counters cannot be told apart, and the
            // kernel's list is believed.
            Some((twin, (socket, _))) if !socket.is_empty() => mirrors.push(format!(
                "energy-pkg on cpu {cpu}: the same counter as on cpu {twin}"
            )),
            _ => kept.push((cpu, place)),
        }
    }
    (kept.into_iter().map(|(cpu, _)| cpu).collect(), mirrors)
}

#[cfg(test)]
mod tests {
    use super::cpu_list;
    use proptest::prelude::*;

    #[test]
    fn lists_of_processors() {
        assert_eq!(cpu_list("0\n"), Some(vec![0]));
        assert_eq!(cpu_list("0,28"), Some(vec![0, 28]));
        assert_eq!(cpu_list("0-2,8"), Some(vec![0, 1, 2, 8]));
        for text in ["", "a", "3-1", "0,", "-1", "+1", "0-99999999999", "1 2"] {
            assert_eq!(cpu_list(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_or_none(text in "[0-9,\\-]{0,20}") {
            if let Some(cpus) = cpu_list(&text) {
                prop_assert!(!cpus.is_empty());
            }
        }
    }
}
