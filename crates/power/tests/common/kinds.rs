//! Detection of one kind of source in a synthetic machine.

use super::says::fails;
use super::{World, system};
use perwatt_power::{Found, MeterInfo, Selection, Source, System, Unavailable};
use std::sync::Arc;

/// All sources of this kind in this system.
pub fn detect_in(system: &System, kind: &str) -> Vec<Found> {
    let selection = Selection {
        meters: Some(vec![kind.into()]),
        ..Selection::default()
    };
    perwatt_power::detect_in(&selection, system).unwrap()
}

/// All sources of this kind in this world.
pub fn detect(world: &Arc<World>, kind: &str) -> Vec<Found> {
    detect_in(&system(world), kind)
}

/// The identifiers of the available sources, and of the unavailable ones.
pub fn ids(found: &[Found]) -> (Vec<&str>, Vec<&str>) {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for one in found {
        match one {
            Found::Available(_) => open.push(one.id()),
            Found::Unavailable(_) => closed.push(one.id()),
        }
    }
    (open, closed)
}

/// The source `id` among `found`; panics if it is not available.
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

/// The reason that the source `id` among `found` is unavailable.
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

/// Opens the source `id` of this world; its kind is the text before the first colon.
pub fn open(world: &Arc<World>, id: &str) -> Box<dyn Source> {
    available(detect(world, kind(id)), id)
}

/// The reason that the source `id` of this world is unavailable.
pub fn refused(world: &Arc<World>, id: &str) -> Unavailable {
    unavailable(detect(world, kind(id)), id)
}

fn kind(id: &str) -> &str {
    id.split(':').next().unwrap()
}

/// Returns true if at least one note contains this text.
pub fn notes(info: &MeterInfo, text: &str) -> bool {
    info.notes.iter().any(|n| n.contains(text))
}

/// Breaks a source that counts `watts` in each of these ways. Each fault is an error of its
/// kind, costs its interval, and adds no energy.
pub fn faults_cost_their_interval<F>(
    source: &mut dyn Source,
    watts: f64,
    world: &World,
    faults: impl IntoIterator<Item = (F, &'static str)>,
    fail: impl Fn(F),
    mend: impl Fn(),
) {
    let before_j = source.read().unwrap();
    for (fault, kind) in faults {
        source.read().unwrap();
        world.pass(1.0);
        fail(fault);
        fails(source, kind);
        mend();
        // After a jump, the return is a jump too.
        let _ = source.read();
    }
    let start_j = source.read().unwrap();
    world.pass(2.0);
    let now_j = source.read().unwrap();
    assert!((now_j - start_j - 2.0 * watts).abs() < 0.004 * watts);
    assert!(now_j - before_j < watts * 20.0, "no fault added energy");
}
