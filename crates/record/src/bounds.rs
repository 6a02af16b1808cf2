//! Limits on the number of items in a record. They are far above those of any session, and
//! low enough that comparisons of all pairs take little time and that texts repeated in
//! every line of a table take little memory.

use crate::schema::{Entry, Record};
use crate::tags;

/// A machine with 16 GPUs and a dozen meters on the network has fewer than 100.
const MOST_METERS: usize = 256;
/// Twice the number in the largest machines, to allow as many software devices.
const MOST_GPUS: usize = 128;
/// The largest suite has some dozens of entries for each device.
const MOST_ENTRIES: usize = 4096;
/// A session is resumed a few times.
const MOST_SEGMENTS: usize = 4096;
/// Bytes. The texts that each line of an export repeats take some hundred bytes; the label
/// may be as long as the command line allows.
const MOST_TEXT: usize = 8192;

/// Checks that the record is no larger than a session can be.
///
/// # Errors
/// A sentence that names the items of which there are too many.
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
        ("tags", record.session.tags.len(), tags::MOST),
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
    let names = model.into_iter().chain(&record.session.node);
    let of_session = of_session.into_iter().chain(names).map(String::len).sum();
    let meters = record.meters.iter().map(|meter| meter.id.len());
    let gpus = record.plan.gpus.iter();
    let gpus = gpus.map(|gpu| gpu.name.len() + gpu.model.len());
    let segments = record.session.segments.iter();
    let segments = segments.map(|segment| segment.started_utc.len());
    let entries = record.plan.entries.iter().map(text_of);
    let tags = record.session.tags.iter();
    let tags = tags.map(|(key, value)| key.len() + value.len());
    let names = meters.chain(gpus).chain(segments).chain(entries);
    let names = names.chain(tags);
    match names.chain([of_session]).max() {
        Some(length) if length > MOST_TEXT => Err(format!(
            "it has names of {length} bytes, and no session has any of more than {MOST_TEXT}"
        )),
        _ => Ok(()),
    }
}

/// Length in bytes of the texts that describe an entry.
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
