//! Detection of containers by the marks that runtimes leave.

use crate::tree::Tree;

pub(super) fn recognise(tree: &Tree) -> Option<String> {
    // systemd's container interface: the manager's name, such as `lxc`.
    if let Ok(name) = tree.text("/run/systemd/container") {
        return Some(name);
    }
    let groups = tree.text("/proc/self/cgroup").unwrap_or_default();
    let by_group = [
        ("kubepods", "kubernetes"),
        ("docker", "docker"),
        ("libpod", "podman"),
        ("containerd", "containerd"),
        ("lxc", "lxc"),
    ];
    if let Some((_, name)) = by_group.iter().find(|(mark, _)| groups.contains(mark)) {
        return Some((*name).to_owned());
    }
    let by_file = [("/run/.containerenv", "podman"), ("/.dockerenv", "docker")];
    by_file
        .iter()
        .find(|(path, _)| tree.exists(path))
        .map(|(_, name)| (*name).to_owned())
}
