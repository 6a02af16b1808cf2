//! The rules for imports.

/// A table of rules; names that belong together are separated by blanks.
pub struct Rules {
    /// The crates in groups, the foundations first. A crate imports crates of earlier
    /// groups only; each is named as its directory in `crates/`.
    pub crates: &'static [&'static str],
    /// Crates in which files must not import each other in a circle.
    pub no_circles: &'static str,
    /// The crate whose modules are in layers.
    pub layered: &'static str,
    /// The modules of that crate's root, the lowest first. A layer imports earlier ones
    /// only, and is called after its first module.
    pub layers: &'static [&'static str],
    /// Names that must not appear in a crate or a `crate/module`, and the remedy.
    pub never: &'static [(&'static str, &'static str, &'static str)],
}

/// The rules of this workspace.
pub const RULES: Rules = Rules {
    crates: &[
        "vendor",
        "sha256d matmul stream stats host table gpu-experimental",
        "power gpu stratum miner",
        "record",
        "engine compare site",
        "gap",
        "answer",
        "report",
        "cli",
    ],
    no_circles: "engine record compare cli",
    layered: "engine",
    layers: &["worker", "device", "plan pool", "workload", "session serve"],
    never: &[
        (
            "engine/plan",
            "std::process crate::worker",
            "start the process in another layer and hand its answer to the plan as data",
        ),
        (
            "site",
            "perwatt_record perwatt_compare perwatt_power perwatt_gpu perwatt_engine",
            "give the figure to the site as a parameter",
        ),
    ],
};

/// The position of the group that has a name.
pub fn place(groups: &[&str], name: &str) -> Option<usize> {
    groups.iter().position(|group| has(group, name))
}

/// True if the name is one of the names.
pub fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|one| one == name)
}
