//! Pairs of sides that are simulated.

use crate::law::{Law, Shape};

/// Runs of each session.
pub const RUNS: usize = 10;
/// Standard deviation of runs within a session.
const WITHIN_LN: f64 = 0.005;

/// Two sides, and what is known beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name.
    pub name: String,
    /// Sessions of both sides.
    pub sessions: [usize; 2],
    /// Laws of both sides.
    pub laws: [Law; 2],
    /// True ratio of the second side to the first, as a logarithm.
    pub effect_ln: f64,
    /// Sessions of the first side's machine that are archived beside these.
    pub archived: usize,
    /// True if both sides are sessions of one machine.
    pub one_machine: bool,
}

impl Scenario {
    fn of(name: &str, sessions: [usize; 2], law: Law) -> Self {
        Self {
            name: format!("{name}, {} v {}", sessions[0], sessions[1]),
            sessions,
            laws: [law; 2],
            effect_ln: 0.0,
            archived: 0,
            one_machine: true,
        }
    }
}

/// Independent normal runs, with this deviation between sessions.
pub fn normal(between_ln: f64) -> Law {
    Law {
        between_ln,
        within_ln: WITHIN_LN,
        shape: Shape::Normal,
    }
}

/// Every scenario in which nothing differs, and those in which a difference is planted.
pub fn all() -> Vec<Scenario> {
    let sizes = [[1, 1], [2, 2], [3, 3], [5, 5], [6, 6], [1, 6]];
    let mut all = Vec::new();
    for percent in [0.0, 0.5, 1.0, 2.0, 3.0] {
        for sessions in sizes {
            let name = format!("A/A, sessions {percent} %");
            all.push(Scenario::of(&name, sessions, normal(percent / 100.0)));
        }
    }
    let shapes = [
        ("correlated runs 0.6", Shape::Correlated(0.6)),
        ("heavy tails", Shape::HeavyTails),
        (
            "two clocks by session",
            Shape::SessionClocks {
                gap_ln: 0.04,
                share: 0.5,
            },
        ),
        (
            "a rare clock by session",
            Shape::SessionClocks {
                gap_ln: 0.04,
                share: 0.2,
            },
        ),
        (
            "two clocks by run",
            Shape::RunClocks {
                gap_ln: 0.04,
                share: 0.5,
            },
        ),
    ];
    for (name, shape) in shapes {
        for sessions in sizes {
            let law = Law {
                shape,
                ..normal(0.005)
            };
            all.push(Scenario::of(&format!("A/A, {name}"), sessions, law));
        }
    }
    for laws in [[0.03, 0.005], [0.005, 0.03]] {
        for sessions in [[6, 20], [3, 3]] {
            let name = format!("A/A, {} % and {} %", 100.0 * laws[0], 100.0 * laws[1]);
            all.push(Scenario {
                laws: laws.map(normal),
                ..Scenario::of(&name, sessions, normal(0.0))
            });
        }
    }
    for (sessions, archived) in [([1, 1], 16), ([2, 2], 4), ([1, 2], 8)] {
        let name = format!("A/A, {archived} archived");
        all.push(Scenario {
            archived,
            ..Scenario::of(&name, sessions, normal(0.02))
        });
    }
    all.push(Scenario {
        one_machine: false,
        ..Scenario::of("A/A, two machines", [3, 6], normal(0.01))
    });
    for (percent, sessions) in [(5.0, [3, 3]), (-5.0, [3, 3]), (5.0, [6, 6])] {
        all.push(Scenario {
            effect_ln: (1.0_f64 + percent / 100.0).ln(),
            ..Scenario::of(&format!("planted {percent} %"), sessions, normal(0.005))
        });
    }
    all
}
