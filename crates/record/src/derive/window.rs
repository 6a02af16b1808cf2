//! The rule that selects the window of a run from its work series while the work is
//! reported. The warm-up ends when the rate has settled or the longest warm-up is over; the
//! window ends at the first report after its length. A session applies the rule to each
//! sample, and a check applies it to the finished series, so that no better window can be
//! selected afterwards.

use perwatt_stats::{MIN_STEADY, is_steady};

use crate::schema::{Protocol, Steady};

/// Shortest stretch in nanoseconds over which rates are computed to detect a settled load.
const RATE_STRETCH_NS: u64 = 100_000_000;

/// State of the rule for one run.
#[derive(Debug, Clone)]
pub struct Window<'a> {
    protocol: &'a Protocol,
    first_ns: Option<u64>,
    /// The sample at which the stretch of the next rate begins.
    stretch: (u64, u64),
    /// The last rates, in steps per second; at most [`MIN_STEADY`].
    rates: Vec<f64>,
    steady: Option<Steady>,
    full: bool,
}

impl<'a> Window<'a> {
    /// Creates the rule from a session's protocol, before the first sample.
    pub fn new(protocol: &'a Protocol) -> Self {
        Self {
            protocol,
            first_ns: None,
            stretch: (0, 0),
            rates: Vec::new(),
            steady: None,
            full: false,
        }
    }

    /// The window of a complete series; `None` if it is too short for one.
    pub fn of(work: &[(u64, u64)], protocol: &'a Protocol) -> Option<Steady> {
        let mut window = Self::new(protocol);
        work.iter().find(|(t_ns, steps)| window.push(*t_ns, *steps));
        window.steady.filter(|_| window.full)
    }

    /// Adds the next sample; times and steps must not fall. Returns true once the window is
    /// full; later samples change nothing.
    pub fn push(&mut self, t_ns: u64, steps: u64) -> bool {
        if self.full {
            return true;
        }
        if let Some(steady) = &mut self.steady {
            if t_ns.saturating_sub(steady.from_ns) >= (self.protocol.window_s * 1e9) as u64 {
                steady.to_ns = t_ns;
                self.full = true;
            }
            return self.full;
        }
        if let Some(reached) = self.warmed_up(t_ns, steps) {
            self.steady = Some(Steady {
                from_ns: t_ns,
                to_ns: u64::MAX,
                reached,
            });
        }
        false
    }

    /// The window so far; its end is final only once the window is full.
    pub fn steady(&self) -> Option<Steady> {
        self.steady
    }

    /// Returns a value if the warm-up ends with this sample: `Some(true)` if the rate has
    /// settled, `Some(false)` if the longest warm-up has passed without that.
    fn warmed_up(&mut self, t_ns: u64, steps: u64) -> Option<bool> {
        let first_ns = *self.first_ns.get_or_insert_with(|| {
            self.stretch = (t_ns, steps);
            t_ns
        });
        let stretch_ns = t_ns.saturating_sub(self.stretch.0);
        if stretch_ns >= RATE_STRETCH_NS {
            if self.rates.len() == MIN_STEADY {
                self.rates.remove(0);
            }
            let done = steps.saturating_sub(self.stretch.1);
            self.rates.push(done as f64 / (stretch_ns as f64 * 1e-9));
            self.stretch = (t_ns, steps);
        }
        let elapsed_s = super::seconds(first_ns, t_ns);
        if elapsed_s < self.protocol.warmup_min_s.max(self.protocol.settle_s) {
            return None;
        }
        // Miners are warm before their session begins: its windows follow one another.
        if self.protocol.warmup_max_s == 0.0 {
            return Some(true);
        }
        if self.rates.len() == MIN_STEADY && is_steady(&self.rates, self.protocol.steady_tolerance)
        {
            return Some(true);
        }
        // A product that takes longer than the whole warm-up still needs one sample before
        // the window and one after it.
        (elapsed_s >= self.protocol.warmup_max_s).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol() -> Protocol {
        Protocol {
            window_s: 1.0,
            warmup_min_s: 0.4,
            warmup_max_s: 2.0,
            settle_s: 0.0,
            steady_tolerance: 0.03,
            stall_timeout_s: 5.0,
            idle_s: 0.0,
            energy_error_rel: 0.005,
        }
    }

    /// Work sampled every 50 ms at the given rates, in steps per sample.
    fn series(increments: &[u64]) -> Vec<(u64, u64)> {
        let mut steps = 0;
        let mut work = vec![(0, 0)];
        for (i, increment) in increments.iter().enumerate() {
            steps += increment;
            work.push(((i as u64 + 1) * 50_000_000, steps));
        }
        work
    }

    /// The result of the warm-up at the end of a series, as by [`Window::warmed_up`].
    fn warmed_up(work: &[(u64, u64)]) -> Option<bool> {
        let protocol = protocol();
        let mut window = Window::new(&protocol);
        for (t_ns, steps) in work {
            window.push(*t_ns, *steps);
        }
        window.steady().map(|steady| steady.reached)
    }

    #[test]
    fn a_constant_rate_is_steady_after_the_shortest_warm_up() {
        assert_eq!(warmed_up(&series(&[1000; 11])), None);
        assert_eq!(warmed_up(&series(&[1000; 12])), Some(true));
    }

    #[test]
    fn a_rising_rate_waits_and_then_is_flagged() {
        let rising: Vec<u64> = (0..40).map(|i| 1000 + 80 * i).collect();
        assert_eq!(warmed_up(&series(&rising[..20])), None);
        assert_eq!(warmed_up(&series(&rising)), Some(false));
    }

    #[test]
    fn a_rate_that_settles_is_steady_then() {
        let mut increments = vec![400, 600, 800, 900, 950];
        assert_eq!(warmed_up(&series(&increments)), None);
        increments.extend([1000; 13]);
        assert_eq!(warmed_up(&series(&increments)), Some(true));
    }

    #[test]
    fn a_steady_rate_waits_for_the_meters_to_settle() {
        let protocol = Protocol {
            settle_s: 2.5,
            ..protocol()
        };
        let window = Window::of(&series(&[1000; 80]), &protocol).unwrap();
        assert_eq!((window.from_ns, window.reached), (2_500_000_000, true));
        // The longest warm-up has passed by then.
        let rising: Vec<u64> = (0..80).map(|i| 1000 + 80 * i).collect();
        let window = Window::of(&series(&rising), &protocol).unwrap();
        assert_eq!((window.from_ns, window.reached), (2_500_000_000, false));
    }

    #[test]
    fn long_steps_end_the_warm_up_by_time() {
        let work = [(0, 0), (1_500_000_000, 1)];
        assert_eq!(warmed_up(&work), None);
        let work = [(0, 0), (1_500_000_000, 1), (3_000_000_000, 2)];
        assert_eq!(warmed_up(&work), Some(false));
    }

    #[test]
    fn the_window_ends_at_the_first_sample_after_its_length_and_stays() {
        let protocol = protocol();
        let work = series(&[1000; 60]);
        let expected = Steady {
            from_ns: 600_000_000,
            to_ns: 1_600_000_000,
            reached: true,
        };
        assert_eq!(Window::of(&work, &protocol), Some(expected));
        assert_eq!(Window::of(&work[..33], &protocol), Some(expected));
        assert_eq!(Window::of(&work[..32], &protocol), None);
    }
}
