//! The rules for imports.

/// A table of rules.
pub struct Rules {
    /// The crates in groups, the foundations first. A crate imports crates of earlier
    /// groups only; each is named as its directory in `crates/`.
    pub crates: &'static [&'static [&'static str]],
    /// Crates in which files must not import each other in a circle.
    pub no_circles: &'static [&'static str],
    /// Crates whose modules are in layers.
    pub layered: &'static [Layered],
    /// Names that must not appear in a part of the tree.
    pub never: &'static [Never],
}

/// A crate in layers, each of which imports only earlier ones.
pub struct Layered {
    pub name: &'static str,
    pub layers: &'static [Layer],
}

/// A layer: its name in messages, and the modules of the crate's root that form it.
pub struct Layer {
    pub name: &'static str,
    pub modules: &'static [&'static str],
}

/// Names that must not appear in a part of the tree.
pub struct Never {
    /// A crate, or `crate/module`.
    pub within: &'static str,
    /// The first segments of the paths.
    pub names: &'static [&'static str],
    pub remedy: &'static str,
}

/// The rules of this workspace.
pub const RULES: Rules = Rules {
    crates: &[
        &[
            "sha256d",
            "matmul",
            "stream",
            "stats",
            "host",
            "table",
            "gpu-experimental",
        ],
        &["power", "gpu"],
        &["record"],
        &["engine", "compare", "site"],
        &["gap"],
        &["report"],
        &["cli"],
    ],
    no_circles: &["engine", "record", "compare", "cli"],
    layered: &[Layered {
        name: "engine",
        layers: &[
            Layer {
                name: "worker protocol",
                modules: &["worker"],
            },
            Layer {
                name: "device",
                modules: &["device"],
            },
            Layer {
                name: "plan",
                modules: &["plan"],
            },
            Layer {
                name: "workload",
                modules: &["workload"],
            },
            Layer {
                name: "session",
                modules: &["session", "serve"],
            },
        ],
    }],
    never: &[
        Never {
            within: "engine/plan",
            names: &["std::process", "crate::worker"],
            remedy: "start the process in another layer and hand its answer to the plan as data",
        },
        Never {
            within: "site",
            names: &[
                "perwatt_record",
                "perwatt_compare",
                "perwatt_power",
                "perwatt_gpu",
                "perwatt_engine",
            ],
            remedy: "give the figure to the site as a parameter",
        },
    ],
};

impl Rules {
    /// The group of a crate.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.crates.iter().position(|group| group.contains(&name))
    }
}

impl Layered {
    /// The layer of a module of the crate's root.
    pub fn layer(&self, module: &str) -> Option<usize> {
        let of = |layer: &Layer| layer.modules.contains(&module);
        self.layers.iter().position(of)
    }
}
