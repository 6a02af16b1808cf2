//! Check of an energy counter against the power reading.
//!
//! The counters of some chips stand still or count in another step (MI100, and a
//! factor of fifteen in one library). Only a comparison with the power reveals
//! this.

/// Largest accepted ratio between the counter's power and the reading: the reading
/// is averaged over up to a second, and the load may just have changed.
const FACTOR: f64 = 2.0;
/// Difference in watts that is always accepted.
const NEAR_W: f64 = 10.0;

/// The values that one card showed while it was watched.
#[derive(Default)]
pub(super) struct Seen {
    last_uj: Option<u64>,
    /// Times and values just after the first and the latest step of the counter.
    first_step: Option<(f64, u64)>,
    latest_step: Option<(f64, u64)>,
    power_sum_w: f64,
    powers: u32,
}

impl Seen {
    /// Records the values that the card shows at `now_s`.
    pub fn see(&mut self, now_s: f64, energy_uj: Option<u64>, power_w: Option<f64>) {
        if let Some(power_w) = power_w {
            self.power_sum_w += power_w;
            self.powers += 1;
        }
        let Some(uj) = energy_uj else { return };
        if self.last_uj.is_some_and(|last| last != uj) {
            self.first_step.get_or_insert((now_s, uj));
            self.latest_step = Some((now_s, uj));
        }
        self.last_uj = Some(uj);
    }

    /// The reason that the counter must not be believed; `None` if it agrees with
    /// the power.
    pub fn fault(&self) -> Option<String> {
        let (Some(first), Some(latest)) = (self.first_step, self.latest_step) else {
            return Some("its counter stands still".into());
        };
        let elapsed_s = latest.0 - first.0;
        if elapsed_s <= 0.0 {
            return Some("its counter steps too seldom to be checked against its power".into());
        }
        let Some(energy_uj) = latest.1.checked_sub(first.1) else {
            return Some("its counter runs backwards".into());
        };
        if self.powers == 0 {
            return Some("there is no power reading to check its counter against".into());
        }
        let counted_w = energy_uj as f64 * 1e-6 / elapsed_s;
        let shown_w = self.power_sum_w / f64::from(self.powers);
        let near = (counted_w - shown_w).abs() <= NEAR_W;
        let alike = counted_w <= shown_w * FACTOR && shown_w <= counted_w * FACTOR;
        (!near && !alike).then(|| {
            format!("its counter tells {counted_w:.0} W while its power reading is {shown_w:.0} W")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    /// The verdict on a counter that runs at `counted_w` beside a power reading of
    /// `shown_w`.
    fn seen(counted_w: f64, shown_w: Option<f64>) -> Option<String> {
        let mut seen = Seen::default();
        for step in 0..250 {
            let now_s = f64::from(step) * 1e-3;
            seen.see(now_s, Some(7 + (counted_w * now_s * 1e6) as u64), shown_w);
        }
        seen.fault()
    }

    #[test]
    fn a_counter_must_tell_what_the_power_tells() {
        assert_eq!(seen(300.0, Some(300.0)), None);
        assert_eq!(seen(300.0, Some(200.0)), None);
        assert_eq!(seen(9.0, Some(2.0)), None);
        let off = seen(4500.0, Some(300.0)).unwrap();
        assert!(off.contains("4500 W") && off.contains("300 W"), "{off}");
        assert!(seen(20.0, Some(300.0)).is_some());
        assert!(seen(0.0, Some(300.0)).unwrap().contains("stands still"));
        assert!(seen(300.0, None).unwrap().contains("no power reading"));
        let mut back = Seen::default();
        for uj in [30, 20, 10] {
            back.see(1e-3 * (40 - uj) as f64, Some(uj), Some(100.0));
        }
        assert!(back.fault().unwrap().contains("backwards"));
    }
}
