//! The plan of a session of miners: one entry for each, and their sum.

use perwatt_record::pool;
use perwatt_record::schema::{Asic, Config, Plan, Protocol, Threads};
use perwatt_stratum::difficulty::Difficulty;

use super::planned::Planned;

/// A miner as it worked before its session.
#[derive(Debug, Clone, PartialEq)]
pub struct Miner {
    /// The name under which it was authorised.
    pub worker: String,
    /// The name of its software; may be empty.
    pub user_agent: String,
    /// Its model, by its API or as the user states it.
    pub model: Option<String>,
    /// Its share difficulty, fixed for the session.
    pub difficulty: Difficulty,
}

impl Miner {
    fn asic(&self) -> Asic {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Asic {
            name: format!("{}{}", pool::PREFIX, self.worker),
            user_agent: given(&self.user_agent),
            model: self.model.clone(),
            difficulty: self.difficulty.value(),
            members: Vec::new(),
        }
    }
}

/// The sum of several miners; `None` for one. Steps of the sum are shares of the smallest
/// difficulty, so that all others are whole numbers of them.
fn sum(asics: &[Asic]) -> Option<Asic> {
    let least = asics.iter().map(|asic| asic.difficulty);
    let fits = asics.len() > 1 && asics.iter().all(|asic| asic.name != pool::ALL);
    fits.then(|| Asic {
        name: pool::ALL.into(),
        user_agent: None,
        model: None,
        difficulty: least.fold(f64::INFINITY, f64::min),
        members: asics.iter().map(|asic| asic.name.clone()).collect(),
    })
}

/// Plans `windows` windows of `window_s` seconds for these miners, all at the same time.
pub fn miners(miners: &[Miner], windows: u32, window_s: f64) -> Planned {
    let mut asics: Vec<Asic> = miners.iter().map(Miner::asic).collect();
    asics.extend(sum(&asics));
    Planned {
        plan: Plan {
            entries: asics.iter().map(pool::entry).collect(),
            skipped: Vec::new(),
            trials: Vec::new(),
            gpus: Vec::new(),
            asics,
        },
        config: Config {
            suite: "asic".into(),
            rounds: windows,
            protocol: Protocol {
                window_s,
                // Miners are warm before their session begins.
                warmup_min_s: 0.0,
                warmup_max_s: 0.0,
                settle_s: 0.0,
                steady_tolerance: 1.0,
                stall_timeout_s: window_s,
                idle_s: 0.0,
                energy_error_rel: 0.005,
            },
            selfcheck: false,
            cards_at_once: None,
        },
        threads: Threads {
            count: 1,
            reason: "miners work by themselves; this machine only counts".into(),
            pinned_cpus: None,
        },
        notes: Vec::new(),
        trial: None,
    }
}
