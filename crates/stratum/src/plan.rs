//! The difficulty of one worker before its window: steps by powers of two toward a wanted
//! rate of shares, and back where the worker bears them badly.
//!
//! Pure: the caller says what arrived and when. Steps are taken by the clock, not by
//! shares, so that a difficulty that is far too high comes down too.

use crate::agent::Start;
use crate::difficulty::Difficulty;
use crate::jobs::Judged;
use crate::share::Class;

/// Rates this many doublings from the wanted one are left alone: a step of a power of two
/// would come no nearer.
const NEAR_DOUBLINGS: f64 = 0.75;
/// Most halvings in one step: a worker that was idle may begin at full speed.
const MAX_HALVINGS: i32 = 4;
/// Shares that are enough for a step before its time.
const FLOOD: u64 = 64;
/// Shares that the wanted rate gives before its look: fewer say little about a rate.
const WANTED_SHARES: f64 = 8.0;
/// Refused shares of a worker that bears its rate are rarer than this.
const BORNE_REFUSALS: f64 = 0.05;
/// Shares of a withdrawn job arrive sooner than this from a worker that bears its rate.
const BORNE_LAG_S: f64 = 5.0;

/// The course of a worker's difficulty.
#[derive(Clone, Debug)]
pub struct Plan {
    difficulty: Difficulty,
    lowest: Difficulty,
    wanted_per_s: f64,
    period_s: f64,
    /// Since when shares are counted.
    since_s: f64,
    /// Shares of the present difficulty. Those of the one before are still arriving.
    found: u64,
    taken: u64,
    refused: u64,
    reconnects: u64,
    lag_s: f64,
    was_lowered: bool,
    is_settled: bool,
}

impl Plan {
    /// Begins where the software's name or the miner's suggestion says; `period_s` is the
    /// time between steps.
    pub fn new(
        start: Start,
        suggested: Option<Difficulty>,
        wanted_per_s: f64,
        period_s: f64,
        now_s: f64,
    ) -> Self {
        Self {
            difficulty: start.first(suggested),
            lowest: start.lowest(),
            wanted_per_s,
            period_s,
            since_s: now_s,
            found: 0,
            taken: 0,
            refused: 0,
            reconnects: 0,
            lag_s: 0.0,
            was_lowered: false,
            is_settled: false,
        }
    }

    /// The difficulty that new jobs have.
    pub fn difficulty(&self) -> Difficulty {
        self.difficulty
    }

    /// True if the last look at the rate of shares asked for no step.
    pub fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Counts a submission.
    pub fn count(&mut self, judged: &Judged) {
        match judged.class.refusal() {
            None => self.taken += 1,
            Some(_) => self.refused += 1,
        }
        let is_present = judged.difficulty == Some(self.difficulty);
        self.found += u64::from(is_present && judged.class == Class::Ok);
        self.lag_s = self.lag_s.max(judged.lag_s.unwrap_or(0.0));
    }

    /// Notes that the worker came back on a new connection.
    pub fn reconnected(&mut self) {
        self.reconnects += 1;
    }

    /// Takes a suggestion of the miner's while nothing was counted yet.
    pub fn suggest(&mut self, suggested: Difficulty) {
        if self.found == 0 {
            self.difficulty = suggested.max(self.lowest);
        }
    }

    /// Looks at what arrived; returns the new difficulty if it changes.
    pub fn step(&mut self, now_s: f64) -> Option<Difficulty> {
        let elapsed_s = now_s - self.since_s;
        let rate = (self.found as f64).max(0.5) / elapsed_s.max(1e-3);
        let is_flood = self.found >= FLOOD && rate > 4.0 * self.wanted_per_s;
        let look_s = self.period_s.max(WANTED_SHARES / self.wanted_per_s);
        if elapsed_s < look_s && !is_flood {
            return None;
        }
        let before = self.difficulty;
        if self.was_lowered && self.is_borne_badly() {
            // What was borne before is the end of the way down.
            self.difficulty = before.doubled(1);
            self.lowest = self.difficulty;
        } else {
            let doublings = (rate / self.wanted_per_s).log2();
            if doublings.abs() > NEAR_DOUBLINGS {
                let steps = (doublings.round() as i32).max(-MAX_HALVINGS);
                self.difficulty = before.doubled(steps).max(self.lowest);
            }
        }
        let is_changed = self.difficulty != before;
        self.was_lowered = match is_changed {
            true => self.difficulty < before,
            false => self.was_lowered,
        };
        self.is_settled = !is_changed && self.found > 0;
        (self.since_s, self.found) = (now_s, 0);
        (self.taken, self.refused) = (0, 0);
        (self.reconnects, self.lag_s) = (0, 0.0);
        is_changed.then_some(self.difficulty)
    }

    fn is_borne_badly(&self) -> bool {
        let all = (self.taken + self.refused) as f64;
        let refusals = self.refused >= 3 && self.refused as f64 > BORNE_REFUSALS * all;
        refusals || self.reconnects > 0 || self.lag_s > BORNE_LAG_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(plan: &mut Plan, class: Class, lag_s: Option<f64>) {
        let difficulty = Some(plan.difficulty());
        let bare = Judged::bare(class);
        plan.count(&Judged {
            difficulty,
            lag_s,
            ..bare
        });
    }

    /// A machine of this many hashes per second; returns the difficulties of each step.
    fn ramp(name: &str, rate_h_per_s: f64, wanted_per_s: f64) -> Vec<f64> {
        let mut plan = Plan::new(Start::of(name), None, wanted_per_s, 10.0, 0.0);
        let mut course = vec![plan.difficulty().value()];
        let mut due = 0.0;
        for second in 1..=600 {
            due += rate_h_per_s / plan.difficulty().work();
            while due >= 1.0 && plan.found < 100_000 {
                count(&mut plan, Class::Ok, None);
                due -= 1.0;
            }
            course.extend(plan.step(f64::from(second)).map(Difficulty::value));
        }
        assert!(plan.is_settled());
        course
    }

    #[test]
    fn machines_end_at_the_wanted_rate() {
        // The S21 XP of 270 TH/s, a Bitaxe, a CPU, and an unknown miner of each size.
        for (name, rate, wanted, last) in [
            ("Antminer S21 XP", 270e12, 4.0, 16_384.0),
            ("Antminer S21 XP", 270e12, 15.0, 4096.0),
            ("bitaxe/BM1370", 1.0e12, 2.0, 256.0),
            ("cpuminer", 5e6, 2.0, 1.0 / 2048.0),
            ("", 5e6, 2.0, 1.0 / 2048.0),
            ("", 270e12, 4.0, 16_384.0),
        ] {
            let course = ramp(name, rate, wanted);
            assert_eq!(*course.last().unwrap(), last, "{name}: {course:?}");
            assert!(course.len() < 10, "{course:?}");
        }
    }

    #[test]
    fn an_idle_asic_never_falls_below_its_chips() {
        let mut plan = Plan::new(Start::of("bitaxe"), None, 2.0, 10.0, 0.0);
        for step in 1..100 {
            assert_eq!(plan.step(f64::from(step) * 10.0), None);
        }
        assert!(!plan.is_settled());
    }

    #[test]
    fn a_flood_is_stopped_before_its_time() {
        let mut plan = Plan::new(
            Start::of(""),
            Difficulty::power_below(0.001),
            2.0,
            10.0,
            0.0,
        );
        (0..200).for_each(|_| count(&mut plan, Class::Ok, None));
        let raised = plan.step(0.1).unwrap();
        assert_eq!(raised, Difficulty::power_of_two(0));
    }

    #[test]
    fn what_is_borne_badly_is_taken_back_for_good() {
        for trouble in 0..3 {
            let mut plan = Plan::new(Start::of("Antminer"), None, 15.0, 10.0, 0.0);
            (0..10).for_each(|_| count(&mut plan, Class::Ok, None));
            let lowered = plan.step(10.0).unwrap();
            (0..20).for_each(|_| count(&mut plan, Class::Ok, None));
            match trouble {
                0 => (0..5).for_each(|_| count(&mut plan, Class::Duplicate, None)),
                1 => plan.reconnected(),
                _ => count(&mut plan, Class::Late, Some(6.0)),
            }
            assert_eq!(plan.step(20.0), Some(lowered.doubled(1)));
            for step in 3..20 {
                assert_eq!(plan.step(f64::from(step) * 10.0), None);
            }
        }
    }

    #[test]
    fn suggestions_count_only_at_the_beginning() {
        let mut plan = Plan::new(Start::of("NerdMinerV2"), None, 2.0, 10.0, 0.0);
        plan.suggest(Difficulty::power_of_two(-13));
        assert_eq!(plan.difficulty(), Difficulty::power_of_two(-13));
        count(&mut plan, Class::Ok, None);
        plan.suggest(Difficulty::power_of_two(3));
        assert_eq!(plan.difficulty(), Difficulty::power_of_two(-13));
    }
}
