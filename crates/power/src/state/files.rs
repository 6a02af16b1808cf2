//! A probe that is a list of files, each with what makes its number a reading.

use super::attribute::number;
use super::{Channel, Gauge, Probe};
use crate::info::Covers;
use crate::system::System;
use std::path::PathBuf;

/// Turns a file's number into the gauge's unit; `None` for a sentinel.
pub(super) type Convert = fn(f64) -> Option<f64>;

/// How the numbers of several files become one reading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// The mean of those that can be read.
    Mean,
    /// The sum, if all can be read: a sum of some would fall and rise.
    Sum,
}

/// Channels that are read from files.
pub(super) struct Files {
    system: System,
    covers: Covers,
    channels: Vec<Channel>,
    sources: Vec<(Vec<PathBuf>, Convert, Join)>,
}

impl Files {
    /// With no channel yet, about this device.
    pub fn new(system: &System, covers: Covers) -> Self {
        Self {
            system: system.clone(),
            covers,
            channels: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Adds a channel of those files that can be read now; none, and nothing is
    /// added.
    pub fn add(
        &mut self,
        id: String,
        description: String,
        gauge: Gauge,
        paths: Vec<PathBuf>,
        (convert, join): (Convert, Join),
    ) {
        let read = |path: &PathBuf| number(&self.system, path).and_then(convert);
        let paths: Vec<PathBuf> = paths.into_iter().filter(|p| read(p).is_some()).collect();
        if paths.is_empty() {
            return;
        }
        self.channels.push(Channel {
            id,
            description,
            covers: self.covers.clone(),
            gauge,
        });
        self.sources.push((paths, convert, join));
    }

    /// Itself, unless it has no channel.
    pub fn opened(self) -> Option<Self> {
        (!self.channels.is_empty()).then_some(self)
    }
}

impl Probe for Files {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        self.sources
            .iter()
            .map(|(paths, convert, join)| {
                let values: Vec<f64> = paths
                    .iter()
                    .filter_map(|path| number(&self.system, path).and_then(convert))
                    .collect();
                let sum: f64 = values.iter().sum();
                match join {
                    Join::Mean => (!values.is_empty()).then(|| sum / values.len() as f64),
                    Join::Sum => (values.len() == paths.len()).then_some(sum),
                }
            })
            .collect()
    }
}
