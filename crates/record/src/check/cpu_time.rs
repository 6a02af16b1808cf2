//! Checks of CPU times: possible amounts, and the flags that follow from them.

use crate::derive::{CpuShare, most_cpu_s};
use crate::schema::{Flag, Record, Run, Status};

/// Flags that say nothing but what the CPU times say. Anybody could leave unwelcome runs
/// out of a figure with them, so that they must neither be missing nor be there in excess.
const FLAGS: [Flag; 2] = [Flag::Disturbed, Flag::LackedCpu];

pub fn check(record: &Record) -> Result<String, String> {
    let mut times = 0;
    for (i, run) in record.runs.iter().enumerate() {
        check_run(record, run).map_err(|what| format!("runs[{i}]{what}"))?;
        times += usize::from(run.cpu_time.is_some());
    }
    for row in &record.summary {
        if row.runs_disturbed > row.runs_ok {
            return Err(format!(
                "summary row {} counts {} disturbed runs among {} good ones",
                row.entry, row.runs_disturbed, row.runs_ok
            ));
        }
    }
    Ok(format!("{times} CPU times"))
}

fn check_run(record: &Record, run: &Run) -> Result<(), String> {
    if let Some(time) = &run.cpu_time {
        let Some(steady) = run.steady else {
            return Err(".cpu_time is of a window, and the run has none".into());
        };
        let window_s = steady.to_ns.saturating_sub(steady.from_ns) as f64 * 1e-9;
        let others = [time.waited_s, time.stolen_s, time.busy_s, time.throttled_s];
        let all = [Some(time.worker_s)].into_iter().chain(others).flatten();
        if let Some(bad) = all.into_iter().find(|s| !(0.0..=1e9).contains(s)) {
            return Err(format!(".cpu_time holds {bad} s, which no window has"));
        }
        let most_s = most_cpu_s(record.threads.count, window_s);
        if time.worker_s > most_s {
            return Err(format!(
                ".cpu_time.worker_s is {:.3}, and {} threads get at most {most_s:.3} in a window of {window_s:.3} s",
                time.worker_s, record.threads.count
            ));
        }
    }
    // A failed run gives no figure, with or without these flags.
    if run.status != Status::Ok {
        return Ok(());
    }
    let follows = CpuShare::of(record, run).and_then(|share| share.flag());
    for flag in FLAGS {
        match (run.flags.contains(&flag), follows == Some(flag)) {
            (true, false) => {
                return Err(format!(
                    ".flags has {flag:?}, which does not follow from the CPU times"
                ));
            }
            (false, true) => {
                return Err(format!(
                    ".flags lacks {flag:?}, which follows from the CPU times"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
