//! Looking for one kind of source in a self-made machine.

use super::{World, system};
use perwatt_power::{Found, MeterInfo, ReadError, Selection, Source, System, Unavailable};
use std::sync::Arc;

/// Everything of this kind in this system.
pub fn detect_in(system: &System, kind: &str) -> Vec<Found> {
    let selection = Selection {
        meters: Some(vec![kind.into()]),
        ..Selection::default()
    };
    perwatt_power::detect_in(&selection, system).unwrap()
}

/// Everything of this kind in this world.
pub fn detect(world: &Arc<World>, kind: &str) -> Vec<Found> {
    detect_in(&system(world), kind)
}

/// The identifiers of what can be read, and of what cannot.
pub fn ids(found: &[Found]) -> (Vec<&str>, Vec<&str>) {
    let is_open = |f: &&Found| matches!(f, Found::Available(_));
    (
        found.iter().filter(is_open).map(Found::id).collect(),
        found
            .iter()
            .filter(|f| !is_open(f))
            .map(Found::id)
            .collect(),
    )
}

/// The source `id` among `found`, which must be there.
pub fn available(found: Vec<Found>, id: &str) -> Box<dyn Source> {
    for one in found {
        match one {
            Found::Available(source) if source.info().id == id => return source,
            Found::Unavailable(why) if why.id == id => panic!("{why:?}"),
            _ => {}
        }
    }
    panic!("no {id}")
}

/// Why the source `id` among `found` is not there.
pub fn unavailable(found: Vec<Found>, id: &str) -> Unavailable {
    for one in found {
        match one {
            Found::Unavailable(why) if why.id == id => return why,
            Found::Available(source) if source.info().id == id => panic!("{:?}", source.info()),
            _ => {}
        }
    }
    panic!("no {id}")
}

/// The source `id` of this world; its kind is what stands before the first colon.
pub fn open(world: &Arc<World>, id: &str) -> Box<dyn Source> {
    available(detect(world, kind(id)), id)
}

/// Why the source `id` of this world is not there.
pub fn refused(world: &Arc<World>, id: &str) -> Unavailable {
    unavailable(detect(world, kind(id)), id)
}

fn kind(id: &str) -> &str {
    id.split(':').next().unwrap()
}

/// Whether some note has this text.
pub fn notes(info: &MeterInfo, text: &str) -> bool {
    info.notes.iter().any(|n| n.contains(text))
}

/// The kind of an error, as records write it.
pub fn error_kind(error: &ReadError) -> String {
    let json = serde_json::to_value(error).unwrap();
    json["kind"].as_str().unwrap().to_owned()
}
