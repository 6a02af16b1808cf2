//! A meter as a plan sees it: the windows that it needs, and the error to expect of them.

use perwatt_power::{Found, MeterInfo, Pace, Provenance, Quantity};
use perwatt_record::derive::{ASSUMED_PERIOD_S, EDGES, settling_s, shortest_window_s};

use super::meter_note::MeterNote;
use super::request::Request;

/// A meter that a session will read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMeter {
    /// Its description, with the time that it looks back.
    pub info: MeterInfo,
    /// Seconds between readings.
    pub interval_s: f64,
    /// What a trial round showed of it, where there was one.
    pub shown: Option<Shown>,
}

/// What a trial round showed of a meter under load.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// The length of a window with the error that was asked for, in seconds.
    NeededS(f64),
    /// No joules, for this reason.
    Nothing(String),
}

impl PlannedMeter {
    /// A meter by its description and pace.
    pub fn new(info: &MeterInfo, pace: Pace) -> Self {
        Self {
            info: info.clone().looking_back(pace),
            interval_s: pace.expected_s(),
            shown: None,
        }
    }

    /// The meters among these that can be read.
    pub fn of(found: &[Found]) -> Vec<Self> {
        let open = found.iter().filter_map(|found| match found {
            Found::Available(source) => Some(Self::new(source.info(), source.pace())),
            Found::Unavailable(_) => None,
        });
        open.collect()
    }

    /// True if the error by its edges depends on what only a load shows: how much its
    /// readings scatter, or how often its counter moves.
    pub(super) fn needs_load(&self) -> bool {
        let is_regular =
            self.info.quantity == Quantity::EnergyJ && self.info.update_period_s.is_some();
        self.measures() && !is_regular
    }

    /// True if it measures, so that its readings have edges.
    pub(super) fn measures(&self) -> bool {
        matches!(
            self.info.provenance,
            Provenance::Counter | Provenance::PowerSamples
        )
    }

    /// Seconds between new readings; `None` for a counter that was not seen to move.
    fn period_s(&self) -> Option<f64> {
        let period_s = match (self.info.quantity, self.info.update_period_s) {
            (_, Some(period_s)) => period_s,
            (Quantity::PowerW, None) => ASSUMED_PERIOD_S,
            (Quantity::EnergyJ, None) => return None,
        };
        Some(period_s.max(self.interval_s))
    }

    fn look_back_s(&self) -> f64 {
        self.info.look_back_s.unwrap_or(0.0)
    }

    /// The shortest window that gives joules.
    pub(super) fn shortest_s(&self) -> Option<f64> {
        let (look_back_s, period_s) = (self.look_back_s(), self.period_s()?);
        Some(shortest_window_s(look_back_s, period_s, self.interval_s))
    }

    /// The time after which no reading shows anything from before it, in seconds.
    pub(super) fn settling_s(&self) -> f64 {
        let period_s = self.period_s().unwrap_or(0.0);
        settling_s(self.look_back_s(), period_s, self.info.quantity)
    }

    /// Largest delay of a reading at an edge, in seconds.
    fn late_s(&self) -> f64 {
        match (self.info.quantity, self.info.update_period_s) {
            (Quantity::EnergyJ, Some(period_s)) => period_s.min(self.interval_s),
            (Quantity::EnergyJ, None) => self.interval_s,
            (Quantity::PowerW, period_s) => {
                period_s.unwrap_or(self.interval_s).max(self.interval_s)
            }
        }
    }

    /// Time of a window without readings, in seconds: one update at each end.
    fn lost_s(&self) -> f64 {
        2.0 * self
            .info
            .update_period_s
            .unwrap_or(0.0)
            .max(self.interval_s)
    }

    /// The window at which its edges cause at most this relative error, as far as that is
    /// known.
    pub(super) fn exact_s(&self, error_rel: f64) -> f64 {
        let exact_s = EDGES * self.late_s() / error_rel + self.lost_s();
        match self.shown {
            Some(Shown::NeededS(needed_s)) => exact_s.max(needed_s),
            _ => exact_s,
        }
    }

    /// The window at which a counter that moves this often has at most this relative error.
    pub(super) fn exact_with_s(&self, period_s: f64, error_rel: f64) -> f64 {
        let update_period_s = Some(period_s);
        let info = MeterInfo {
            update_period_s,
            ..self.info.clone()
        };
        Self {
            info,
            ..self.clone()
        }
        .exact_s(error_rel)
    }

    /// The error to expect of a window, relative.
    pub(super) fn error_rel(&self, window_s: f64, asked: f64) -> f64 {
        let edges = EDGES * self.late_s() / (window_s - self.lost_s()).max(f64::MIN_POSITIVE);
        match self.shown {
            // The error by scatter falls with the root of the length.
            Some(Shown::NeededS(needed_s)) => edges.max(asked * (needed_s / window_s).sqrt()),
            _ => edges,
        }
    }

    /// Seconds between readings that tell of different power, as far as that is known.
    pub(super) fn apart_s(&self) -> f64 {
        let period_s = self.period_s().unwrap_or(ASSUMED_PERIOD_S);
        let averaging_s = self.info.averaging_s.unwrap_or(0.0);
        period_s.max(self.interval_s).max(averaging_s)
    }

    /// The relative scatter of readings up to which a window has at most this error.
    fn most_scatter(&self, window_s: f64, error_rel: f64) -> f64 {
        let period_s = self.period_s().unwrap_or(self.interval_s);
        let apart_s = self.apart_s();
        let time_s = (window_s - self.lost_s()).max(apart_s);
        let late = EDGES * (period_s + self.look_back_s()) / time_s;
        error_rel / late.hypot((time_s / apart_s + 1.0).sqrt().recip())
    }

    /// The note on the error that was asked for, where nothing of it is missed for certain.
    pub(super) fn promise(
        &self,
        request: &Request,
        asked: f64,
        window_s: f64,
    ) -> Option<MeterNote> {
        let meter = self.info.id.clone();
        match (&self.shown, self.info.quantity) {
            _ if !self.needs_load() => None,
            (Some(Shown::NeededS(_)), _) => None,
            (Some(Shown::Nothing(why)), _) => Some(MeterNote::NoPromise {
                meter,
                asked,
                why: format!("in a trial round {why}"),
            }),
            (None, _) if request.seconds.is_none() => Some(MeterNote::Trial { meter, asked }),
            (None, Quantity::PowerW) => Some(MeterNote::Scatter {
                meter,
                asked,
                most: self.most_scatter(window_s, asked),
            }),
            (None, Quantity::EnergyJ) => Some(MeterNote::NoPromise {
                meter,
                asked,
                why: "how often it moves is not known".into(),
            }),
        }
    }
}
