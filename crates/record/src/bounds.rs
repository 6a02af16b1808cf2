//! How much of a kind a record may hold: far more than any session has, and so little
//! that what is set against each other in pairs takes no time to speak of, and what
//! tables repeat in every line no memory.

use crate::schema::{Entry, Record};

/// The meters of a machine with 16 GPUs and a dozen on the network are fewer than 100.
const MOST_METERS: usize = 256;
/// As many as the largest machines have, and as many again of software.
const MOST_GPUS: usize = 128;
/// The largest suite has some dozens of entries for each device.
const MOST_ENTRIES: usize = 4096;
/// A session is resumed a few times.
const MOST_SEGMENTS: usize = 4096;
/// The texts that a line of an export repeats take some hundred bytes, and the label as
/// many as the command line lets it.
const MOST_TEXT: usize = 8192;

/// Whether a session can have been as large as the record says.
///
/// # Errors
/// A sentence that names what there is too much of.
pub(crate) fn judge(record: &Record) -> Result<(), String> {
    for (what, count, most) in [
        ("meters", record.meters.len(), MOST_METERS),
        ("GPUs in its plan", record.plan.gpus.len(), MOST_GPUS),
        (
            "entries in its plan",
            record.plan.entries.len(),
            MOST_ENTRIES,
        ),
        ("rows in its summary", record.summary.len(), MOST_ENTRIES),
        ("segments", record.session.segments.len(), MOST_SEGMENTS),
        ("joined logs", record.joined.len(), MOST_METERS),
    ] {
        if count > most {
            return Err(format!(
                "it has {count} {what}, and no session has more than {most}"
            ));
        }
    }
    let of_session = [
        &record.session.id,
        &record.session.label,
        &record.machine.key,
        &record.tool.version,
        &record.config.suite,
    ];
    let model = record.host.cpu.model.as_ref();
    let of_session = of_session.into_iter().chain(model).map(String::len).sum();
    let meters = record.meters.iter().map(|meter| meter.id.len());
    let gpus = record.plan.gpus.iter();
    let gpus = gpus.map(|gpu| gpu.name.len() + gpu.model.len());
    let segments = record.session.segments.iter();
    let segments = segments.map(|segment| segment.started_utc.len());
    let entries = record.plan.entries.iter().map(text_of);
    let names = meters.chain(gpus).chain(segments).chain(entries);
    match names.chain([of_session]).max() {
        Some(length) if length > MOST_TEXT => Err(format!(
            "it has names of {length} bytes, and no session has any of more than {MOST_TEXT}"
        )),
        _ => Ok(()),
    }
}

/// Bytes of the texts that say what an entry is.
fn text_of(entry: &Entry) -> usize {
    let params = entry.workload.params.iter();
    let params: usize = params.map(|(key, value)| key.len() + value.len()).sum();
    let names = [
        &entry.id,
        &entry.workload.name,
        &entry.device,
        &entry.backend,
    ];
    let names = names.into_iter().chain(&entry.variant);
    params + names.map(String::len).sum::<usize>()
}
