//! Settings of cards that keep their rates down, as far as meters state them.

use perwatt_power::state::{Gauge, limits};
use perwatt_record::Record;
use perwatt_record::derive::covers;
use perwatt_record::schema::Entry;

/// A power limit this near to the maker's is the maker's.
const NEAR: f64 = 0.99;

/// The settings that limit the device of an entry, in words; empty if none is known.
pub fn limits_of(record: &Record, entry: &Entry) -> Vec<String> {
    let Some(segment) = record.session.segments.last() else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for (index, channel) in record.channels.iter().enumerate() {
        if channel.gauge != Gauge::PowerLimitW || !covers(&channel.covers, entry, &record.plan.gpus)
        {
            continue;
        }
        let measured = record.runs.iter().filter_map(|run| run.measured.as_ref());
        let states = measured.flat_map(|measured| &measured.state);
        let own = states.filter(|state| state.channel as usize == index);
        let in_force_w = own.map(|state| state.figures.min).reduce(f64::min);
        let default_w = limits::default_limit_w(channel, &segment.settings);
        if let Some((in_force_w, default_w)) = in_force_w.zip(default_w)
            && in_force_w < NEAR * default_w
        {
            words.push(format!(
                "its power limit is {in_force_w:.0} W and the maker's {default_w:.0} W (nvidia-smi -pl {default_w:.0} sets it)"
            ));
        }
        if limits::is_partitioned(channel, &segment.settings) {
            words.push("it is partitioned (MIG), and a part is measured".to_owned());
        }
    }
    words
}
