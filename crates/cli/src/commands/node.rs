//! The name of the node that a session runs on.

use anyhow::Context;
use perwatt_record::node;

/// Variables in which schedulers tell a job the name of its node: Slurm's daemon, and the
/// names that pods usually give `spec.nodeName` of Kubernetes' downward API. The host name
/// is not among them: a record names nobody who did not ask for it.
const VARIABLES: [&str; 3] = ["SLURMD_NODENAME", "K8S_NODE_NAME", "NODE_NAME"];

/// The name that `--node` gives, or else that of the scheduler; none where both are empty.
pub fn name(given: Option<&str>) -> anyhow::Result<Option<String>> {
    select(given, |variable| std::env::var(variable).ok())
}

fn select(
    given: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<Option<String>> {
    if let Some(given) = given {
        return Ok(Some(given.to_owned()).filter(|name| !name.is_empty()));
    }
    for from in VARIABLES {
        let name = variable(from).unwrap_or_default();
        let name = name.trim();
        if !name.is_empty() {
            node::check(name).with_context(|| format!("{from}: give --node NAME instead"))?;
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_then_slurm_then_kubernetes() {
        let of = |given, set: &[(&str, &str)]| {
            let found = |name: &str| set.iter().find(|(variable, _)| *variable == name);
            select(given, |name| found(name).map(|(_, value)| (*value).into())).unwrap()
        };
        let both = [("SLURMD_NODENAME", "n07"), ("NODE_NAME", "worker-2")];
        assert_eq!(of(Some("desk"), &both).as_deref(), Some("desk"));
        assert_eq!(of(Some(""), &both), None);
        assert_eq!(of(None, &both).as_deref(), Some("n07"));
        assert_eq!(of(None, &both[1..]).as_deref(), Some("worker-2"));
        let empty = [("SLURMD_NODENAME", " "), ("K8S_NODE_NAME", "pool-a\n")];
        assert_eq!(of(None, &empty).as_deref(), Some("pool-a"));
        assert_eq!(of(None, &[("HOSTNAME", "secret-host")]), None);
    }

    #[test]
    fn a_variable_with_no_name_is_told() {
        let error = select(None, |_| Some("a\u{7}b".into())).unwrap_err();
        let message = format!("{error:#}");
        assert!(message.contains("SLURMD_NODENAME"), "{message}");
        assert!(message.contains("control character"), "{message}");
    }
}
