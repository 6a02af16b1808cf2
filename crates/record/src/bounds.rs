//! How much of a kind a record may list: far more than any session has, and so little
//! that what is set against each other in pairs takes no time to speak of.

use crate::schema::Record;

/// The meters of a machine with 16 GPUs and a dozen on the network are fewer than 100.
const MOST_METERS: usize = 256;
/// As many as the largest machines have, and as many again of software.
const MOST_GPUS: usize = 128;
/// The largest suite has some dozens of entries for each device.
const MOST_ENTRIES: usize = 10_000;

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
    ] {
        if count > most {
            return Err(format!(
                "it has {count} {what}, and no session has more than {most}"
            ));
        }
    }
    Ok(())
}
