//! Removes figures that no record can hold, such as an infinite uncertainty. Their cause is
//! noted in their place, and everything else is kept.

use perwatt_record::schema::{EnergySeries, Failure, FailureKind, Gap, Record, Status};
use perwatt_record::{derive, survives};

/// Removes data that could not be read back: the readings of meters first, and a whole run
/// only where that is not sufficient.
pub fn mend(record: &mut Record) {
    for i in 0..record.runs.len() {
        if survives(&record.runs[i]) {
            continue;
        }
        remeasure(record, i);
        if !survives(&record.runs[i]) {
            let run = &mut record.runs[i];
            run.status = Status::Failed(Failure {
                kind: FailureKind::Protocol,
                message: "its figures are beyond what a record can hold".into(),
            });
            (run.measured, run.proof, run.device_time) = (None, None, None);
            (run.steady, run.work) = (None, Vec::new());
            run.state.clear();
        }
    }
    record.idle.retain(survives);
    record.summary = derive::summarise(record);
    // Each run may be valid and their summary not.
    for row in std::mem::take(&mut record.summary) {
        if !survives(&row) {
            for i in 0..record.runs.len() {
                if record.runs[i].entry == row.entry && record.runs[i].measured.is_some() {
                    remeasure(record, i);
                }
            }
        }
    }
    record.summary = derive::summarise(record);
}

/// Derives a run again without the readings of its meters.
fn remeasure(record: &mut Record, i: usize) {
    record.runs[i].energy.iter_mut().for_each(leave_out);
    record.runs[i].measured = derive::measure(record, &record.runs[i]);
}

/// Replaces all readings by one gap.
fn leave_out(series: &mut EnergySeries) {
    let Some(&(t_ns, first)) = series.samples.first() else {
        return;
    };
    let reason = format!("its readings ({first} at first) lead to figures that no record can hold");
    let count = series.samples.len().try_into().unwrap_or(u32::MAX);
    series.samples.clear();
    series.gaps.insert(
        0,
        Gap {
            t_ns,
            reason,
            count,
        },
    );
}

#[cfg(test)]
mod tests {
    use perwatt_record::fixture::{Made, counter};

    use super::*;

    #[test]
    fn readings_that_no_record_can_hold_cost_their_figures_alone() {
        let mut made = Made::one("test", 1, &[1e9, 1.1e9]);
        made.meter = Some(counter("made-up", None));
        let mut record = made.record();
        let sound = record.clone();
        for sample in &mut record.runs[1].energy[0].samples {
            sample.1 *= 1e-306;
        }
        record.runs[1].measured = derive::measure(&record, &record.runs[1]);
        record.summary = derive::summarise(&record);
        assert!(!survives(&record), "the fault is there");

        mend(&mut record);
        assert!(survives(&record));
        assert_eq!(record.runs[0], sound.runs[0]);
        let run = &record.runs[1];
        assert_eq!(run.status, Status::Ok);
        let measured = run.measured.as_ref().unwrap();
        assert_eq!(
            measured.rate_per_s,
            sound.runs[1].measured.as_ref().unwrap().rate_per_s
        );
        assert!(measured.energy.is_empty());
        assert!(run.energy[0].gaps[0].reason.contains("no record can hold"));

        // An invalid figure of the run itself removes the run.
        record.runs[0].measured.as_mut().unwrap().rate_per_s = f64::INFINITY;
        record.runs[0].work.clear();
        mend(&mut record);
        assert!(survives(&record) && record.runs[0].measured.is_none());

        // 2^53 + 1 is not a double, so a record that contains it cannot be sealed.
        let mut record = sound.clone();
        record.runs[0].work.last_mut().unwrap().1 = (1 << 53) + 1;
        assert!(!survives(&record));
        mend(&mut record);
        assert!(survives(&record) && record.runs[0].measured.is_none());
        assert_eq!(record.runs[1], sound.runs[1]);
    }
}
