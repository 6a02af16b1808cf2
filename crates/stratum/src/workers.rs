//! The workers of a pool: their counts and the course of their difficulty.

use std::collections::BTreeMap;

use crate::client::Client;
use crate::difficulty::Difficulty;
use crate::jobs::Judged;
use crate::plan::Plan;
use crate::share::Class;

/// Workers that are kept apart. A peer that makes names up cannot fill the memory: what
/// comes after them is counted under [`OTHERS`].
const MAX_WORKERS: usize = 1024;
/// The name for all workers after the first 1024.
pub const OTHERS: &str = "(others)";

/// The counts of one worker since the pool was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkerCounts {
    /// Name of the software, of the last connection.
    pub user_agent: String,
    /// The difficulty that its jobs have.
    pub difficulty: Option<Difficulty>,
    /// True if its difficulty gives the wanted rate of shares, as far as powers of two can.
    pub is_settled: bool,
    /// Connections that are open.
    pub open: u32,
    /// Connections that there were.
    pub connections: u32,
    /// Submissions by class, in the order of [`Class::ALL`].
    pub classes: [u64; Class::ALL.len()],
    /// Shares that count, by difficulty; 0 for one without shares.
    pub shares: BTreeMap<Difficulty, u64>,
    /// Arrival of the last share that counts, in seconds of the session.
    pub last_share_s: Option<f64>,
}

impl WorkerCounts {
    /// Submissions of one class.
    pub fn of(&self, class: Class) -> u64 {
        self.classes[class as usize]
    }

    /// The shares that came after an earlier snapshot, by difficulty: those of the
    /// difficulties that had some, and of the present one.
    pub fn shares_since(&self, earlier: Option<&Self>) -> Vec<(Difficulty, u64)> {
        let before = |d: &Difficulty| earlier.and_then(|e| e.shares.get(d)).copied();
        let news = |(d, n): (&Difficulty, &u64)| (*d, n - before(d).unwrap_or(0));
        let counts = self.shares.iter().map(news);
        counts
            .filter(|(d, n)| *n > 0 || Some(*d) == self.difficulty)
            .collect()
    }
}

/// How difficulties are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Steering {
    /// Toward this many shares per second, with a look at them every so many seconds.
    Wanted {
        /// Shares per second.
        per_s: f64,
        /// Seconds between steps.
        period_s: f64,
    },
    /// The same for all.
    Fixed(Difficulty),
}

/// All workers.
#[derive(Debug)]
pub struct Workers {
    steering: Steering,
    fixed: BTreeMap<String, Difficulty>,
    is_frozen: bool,
    table: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    counts: WorkerCounts,
    plan: Option<Plan>,
}

impl Workers {
    /// No workers yet; those in `fixed` will have that difficulty.
    pub fn new(steering: Steering, fixed: BTreeMap<String, Difficulty>) -> Self {
        Self {
            steering,
            fixed,
            is_frozen: false,
            table: BTreeMap::new(),
        }
    }

    /// Fixes or frees all difficulties.
    pub fn freeze(&mut self, is_frozen: bool) {
        self.is_frozen = is_frozen;
    }

    /// True while difficulties are fixed.
    pub fn is_frozen(&self) -> bool {
        self.is_frozen
    }

    /// All counts, by name.
    pub fn counts(&self) -> BTreeMap<String, WorkerCounts> {
        let counts = |(name, entry): (&String, &Entry)| {
            let mut counts = entry.counts.clone();
            counts.is_settled = entry.plan.as_ref().is_none_or(Plan::is_settled);
            (name.clone(), counts)
        };
        self.table.iter().map(counts).collect()
    }

    /// How the difficulty of a worker is chosen.
    fn steering(&self, name: Option<&str>) -> Steering {
        let fixed = name.and_then(|name| self.fixed.get(name));
        fixed.map_or(self.steering, |difficulty| Steering::Fixed(*difficulty))
    }

    fn entry(&mut self, name: &str) -> &mut Entry {
        let is_full = self.table.len() >= MAX_WORKERS && !self.table.contains_key(name);
        let name = if is_full { OTHERS } else { name };
        self.table.entry(name.to_owned()).or_insert_with(|| Entry {
            counts: WorkerCounts::default(),
            plan: None,
        })
    }

    /// A worker was authorised on a connection; returns its open connections.
    pub fn opened(&mut self, name: &str, client: &Client, now_s: f64) -> u32 {
        let steering = self.steering(Some(name));
        let entry = self.entry(name);
        let counts = &mut entry.counts;
        counts.user_agent = client.user_agent().to_owned();
        counts.open += 1;
        counts.connections += 1;
        let open = counts.open;
        match (&mut entry.plan, steering) {
            (Some(plan), _) if open == 1 => plan.reconnected(),
            (plan @ None, Steering::Wanted { per_s, period_s }) => {
                let suggested = client.suggested();
                *plan = Some(Plan::new(client.start(), suggested, per_s, period_s, now_s));
            }
            _ => {}
        }
        open
    }

    /// A connection of a worker ended.
    pub fn closed(&mut self, name: &str) {
        let open = &mut self.entry(name).counts.open;
        *open = open.saturating_sub(1);
    }

    /// Counts a submission.
    pub fn count(&mut self, name: &str, judged: &Judged) {
        let entry = self.entry(name);
        entry.counts.classes[judged.class as usize] += 1;
        if let (Class::Ok, Some(share), Some(difficulty)) =
            (judged.class, judged.share, judged.difficulty)
        {
            *entry.counts.shares.entry(difficulty).or_default() += 1;
            entry.counts.last_share_s = Some(share.time_s);
        }
        if let Some(plan) = &mut entry.plan {
            plan.count(judged);
        }
    }

    /// Passes a suggestion on, unless difficulties are fixed.
    pub fn suggest(&mut self, name: &str, suggested: Difficulty) {
        if !self.is_frozen
            && let Some(plan) = &mut self.entry(name).plan
        {
            plan.suggest(suggested);
        }
    }

    /// The difficulty that a connection's jobs have from now on. While difficulties are
    /// fixed that is the one it has.
    pub fn difficulty(&mut self, client: &Client, now_s: f64) -> Difficulty {
        let start = client.start().first(client.suggested());
        let has = client.difficulty();
        let (steering, is_frozen) = (self.steering(client.worker()), self.is_frozen);
        let (Some(name), Steering::Wanted { .. }) = (client.worker(), steering) else {
            return match steering {
                Steering::Fixed(difficulty) => difficulty,
                Steering::Wanted { .. } => has.unwrap_or(start),
            };
        };
        let is_welcomed = client.is_welcomed();
        match &mut self.entry(name).plan {
            Some(_) if is_frozen && is_welcomed => has.unwrap_or(start),
            Some(plan) => {
                if !is_frozen {
                    plan.step(now_s);
                }
                plan.difficulty()
            }
            None => start,
        }
    }

    /// Notes the difficulty of a job that was sent.
    pub fn sent(&mut self, name: &str, difficulty: Difficulty) {
        let counts = &mut self.entry(name).counts;
        counts.difficulty = Some(difficulty);
        counts.shares.entry(difficulty).or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let mut workers = Workers::new(Steering::Fixed(Difficulty::ONE), BTreeMap::new());
        for name in 0..2000 {
            workers.count(&name.to_string(), &Judged::bare(Class::Malformed));
        }
        let counts = workers.counts();
        assert_eq!(counts.len(), MAX_WORKERS + 1);
        assert_eq!(
            counts[OTHERS].of(Class::Malformed),
            2000 - MAX_WORKERS as u64
        );
    }

    #[test]
    fn a_window_is_the_difference_of_snapshots() {
        let (one, two) = (Difficulty::ONE, Difficulty::power_of_two(1));
        let counts = |shares: &[(Difficulty, u64)]| WorkerCounts {
            difficulty: Some(two),
            shares: shares.iter().copied().collect(),
            ..WorkerCounts::default()
        };
        let (before, after) = (counts(&[(one, 5)]), counts(&[(one, 5), (two, 0)]));
        assert_eq!(after.shares_since(Some(&before)), [(two, 0)]);
        assert_eq!(after.shares_since(None), [(one, 5), (two, 0)]);
    }
}
