//! A probe that reads files and converts their numbers to readings.

use super::attribute::number;
use super::{Channel, Gauge, Probe};
use crate::info::Covers;
use crate::system::System;
use std::path::PathBuf;

/// Converts a file's number to the gauge's unit; `None` for a value that means "unknown".
pub(super) type Convert = fn(f64) -> Option<f64>;

/// The operation that combines the numbers of several files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// The mean of the files that can be read.
    Mean,
    /// The sum, if all files can be read: a sum of only some would fall and rise.
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
    /// A probe of this device, still without channels.
    pub fn new(system: &System, covers: Covers) -> Self {
        Self {
            system: system.clone(),
            covers,
            channels: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Adds a channel of the files that can be read now. If none can be read, no
    /// channel is added.
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

    /// Returns the probe; `None` if it has no channel.
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
