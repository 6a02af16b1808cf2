//! Distributions of the runs of a session.

use perwatt_record::fixture::noise::Noise;

/// Departure from independent normal runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Sessions and runs are normal and independent.
    Normal,
    /// Sessions and runs follow Student's t with 3 degrees of freedom.
    HeavyTails,
    /// Each run resembles the one before it: an autoregressive series of this correlation.
    Correlated(f64),
    /// Each session is on one of two clocks.
    SessionClocks {
        /// Distance between the clocks, as a logarithm.
        gap_ln: f64,
        /// Share of sessions on the slower one.
        share: f64,
    },
    /// Each run is on one of two clocks.
    RunClocks {
        /// Distance between the clocks, as a logarithm.
        gap_ln: f64,
        /// Share of runs on the slower one.
        share: f64,
    },
}

/// Law of a side's sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// Standard deviation between sessions, as a logarithm.
    pub between_ln: f64,
    /// Standard deviation between the runs of a session, as a logarithm.
    pub within_ln: f64,
    /// Departure from independent normal runs.
    pub shape: Shape,
}

impl Law {
    /// The figures of one session's runs around `centre`.
    pub fn session(self, noise: &mut Noise, centre: f64, runs: usize) -> Vec<f64> {
        let clock = |noise: &mut Noise, share: f64, gap_ln: f64| match noise.unit() < share {
            true => -gap_ln,
            false => 0.0,
        };
        let mut level = self.between_ln * self.deviate(noise);
        if let Shape::SessionClocks { gap_ln, share } = self.shape {
            level += clock(noise, share, gap_ln);
        }
        let mut last = noise.normal();
        (0..runs)
            .map(|_| {
                let deviate = match self.shape {
                    Shape::Correlated(r) => {
                        last = r * last + (1.0 - r * r).sqrt() * noise.normal();
                        last
                    }
                    _ => self.deviate(noise),
                };
                let own = match self.shape {
                    Shape::RunClocks { gap_ln, share } => clock(noise, share, gap_ln),
                    _ => 0.0,
                };
                centre * (level + self.within_ln * deviate + own).exp()
            })
            .collect()
    }

    fn deviate(self, noise: &mut Noise) -> f64 {
        let z = noise.normal();
        match self.shape {
            Shape::HeavyTails => {
                let squares: f64 = (0..3).map(|_| noise.normal().powi(2)).sum();
                z / (squares / 3.0).sqrt()
            }
            _ => z,
        }
    }
}
