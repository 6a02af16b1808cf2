//! The conclusions of a check, in words: facts that are proven, facts that agree with the
//! rest of the record, and facts that a reader has to believe.

use perwatt_power::Provenance;
use perwatt_stats::agreement;

use crate::commitment::applies;
use crate::pool;
use crate::proof::{FALSE_ALARM, family_of};
use crate::schema::{Entry, Proof, Record, Run, Status, Summary, Unit};
use crate::work::ProofMethod;
use crate::workload_rules::window_over_run;

/// Ratio of rates above which a row is pointed out as faster than the next of its kind.
const ABOVE_SIBLINGS: f64 = 3.0;

/// Strength of the evidence for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Anybody can verify it by computation.
    Proven,
    /// It agrees with everything else in the record; somebody who makes up the whole record
    /// can make this up too.
    Consistent,
    /// Nothing in the record shows it.
    Trusted,
}

impl Standing {
    /// All standings, strongest first.
    pub const ALL: [Self; 3] = [Self::Proven, Self::Consistent, Self::Trusted];

    /// The heading above the statements of this standing.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Consistent => "consistent",
            Self::Trusted => "taken on trust",
        }
    }
}

/// A statement about the record with the strength of its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Strength of the evidence.
    pub standing: Standing,
    /// The sentence, without a full stop.
    pub text: String,
}

/// The statements about a record that passes its check. They do not hold for one that
/// fails.
pub fn statements(record: &Record) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut say = |standing, text: String| all.push(Statement { standing, text });
    for (entry, row) in rows(record) {
        if row.runs_ok > 0 {
            let (standing, text) = work(record, entry, row);
            say(standing, format!("{}: {text}", entry.id));
        }
    }
    let runs = record.runs.len();
    let good = record
        .runs
        .iter()
        .filter(|run| run.status == Status::Ok)
        .count();
    if good > 0 {
        say(
            Standing::Consistent,
            format!(
                "rates, joules per unit and intervals follow from the series of {good} of {runs} runs; windows, order of runs, settings, machine key and clocks agree with each other, and no rate is above what the hardware can do"
            ),
        );
    }
    let told = pool::trust::told(record).into_iter().map(|told| told.text);
    for text in (failures(record).into_iter().chain(above_siblings(record))).chain(told) {
        say(Standing::Consistent, text);
    }
    say(Standing::Trusted, time(record));
    for meter in &record.meters {
        let what = match meter.provenance {
            Provenance::User => "a number that the user stated, not measured".to_owned(),
            Provenance::Nameplate => "the maker's figure, not measured".to_owned(),
            Provenance::DeviceEstimate => {
                format!("the device's own estimate, read as {}", meter.description)
            }
            _ => format!("what the meter showed, read as {}", meter.description),
        };
        say(Standing::Trusted, format!("joules by {}: {what}", meter.id));
    }
    let machine = match pool::title(record) {
        None => "the machine: its properties are what the program read on it, and nothing shows that it was this one".to_owned(),
        Some(miners) => format!(
            "{miners}: user agent, model and firmware are what it or the user says; the machine named is the one that counted, and nothing shows where the hashes were computed"
        ),
    };
    say(Standing::Trusted, machine);
    if !applies(&record.schema) {
        say(
            Standing::Trusted,
            format!(
                "what files of minor version {} could not show: the id commits to nothing, shares do not bind their difficulty, and only the last product of a run was checked",
                record.schema.minor
            ),
        );
    }
    all
}

fn rows(record: &Record) -> impl Iterator<Item = (&Entry, &Summary)> {
    record.summary.iter().filter_map(|row| {
        let entry = record.plan.entries.get(row.entry as usize)?;
        Some((entry, row))
    })
}

fn good_runs<'a>(record: &'a Record, row: &Summary) -> impl Iterator<Item = &'a Run> {
    let entry = row.entry;
    let of_row = record.runs.iter().filter(move |run| run.entry == entry);
    of_row.filter(|run| run.status == Status::Ok)
}

fn work(record: &Record, entry: &Entry, row: &Summary) -> (Standing, String) {
    if pool::is_asic(&entry.device) {
        let shares =
            good_runs(record, row).filter_map(|run| Some(run.measured.as_ref()?.counted?.events));
        return (
            Standing::Proven,
            format!(
                "{} shares were found by hashing headers of this session and this miner; each was hashed again, and their number is the work",
                shares.sum::<u64>()
            ),
        );
    }
    if entry.unit == Unit::Hash {
        let (mut shares, mut claimed) = (0, 0u64);
        for run in good_runs(record, row) {
            if let Some(Proof::Shares {
                claimed_hashes,
                shares: found,
                ..
            }) = &run.proof
            {
                shares += found.len() as u64;
                claimed = claimed.saturating_add(*claimed_hashes);
            }
        }
        let tests = family_of(record);
        return match row.unproven {
            true => (
                Standing::Trusted,
                format!("{claimed} hashes, as {}", row.verification),
            ),
            false => (
                Standing::Proven,
                format!(
                    "{:.4e} hashes were computed for this session and no other: {shares} shares were hashed again, and a claim {:.0} % above the truth would show; {}",
                    claimed as f64,
                    100.0 * detectable(shares, tests),
                    of_windows(record, row)
                ),
            ),
        };
    }
    let probes: u64 = good_runs(record, row)
        .filter_map(|run| match run.proof {
            Some(Proof::Freivalds { probes, .. }) => probes,
            _ => None,
        })
        .sum();
    let checked = match (entry.proof_method(), probes) {
        (_, 1..) => format!(
            "results were right when the program checked them (Freivalds' test of the last product, and {probes} products whose input was changed)"
        ),
        (ProofMethod::Exact, _) => {
            "every element was right when the program compared the last pass".into()
        }
        (ProofMethod::Freivalds | ProofMethod::Shares, _) => {
            "the last result was right when the program checked it (Freivalds' test)".into()
        }
    };
    (
        Standing::Trusted,
        format!("{checked}; nothing in the record shows how many times the work was done"),
    )
}

/// The largest ratio of the rate of a row's windows to that of whole runs, in words. Shares
/// prove only whole runs.
fn of_windows(record: &Record, row: &Summary) -> String {
    let ratios = good_runs(record, row).filter_map(|run| window_over_run(record, run));
    let most = ratios.fold(0.0, f64::max);
    format!(
        "that is of whole runs, warm-up included, and the windows of the figure have up to {most:.2} times their rate by the series alone"
    )
}

/// The smallest relative excess of claimed over actual work that the number of shares would
/// reveal.
fn detectable(shares: u64, tests: u64) -> f64 {
    let agrees = |excess: f64| {
        let expected = shares as f64 * (1.0 + excess);
        agreement(shares, expected, 1.0 - FALSE_ALARM / tests.max(1) as f64).agrees
    };
    let (mut low, mut high) = (0.0, 1.0);
    while agrees(high) && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        match agrees(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// Rows with failed runs: the runs that remain may be the better ones.
fn failures(record: &Record) -> Vec<String> {
    rows(record)
        .filter(|(_, row)| row.runs_failed > 0)
        .map(|(entry, row)| {
            let tried = row.runs_ok + row.runs_failed;
            format!(
                "{}: {} of {tried} runs failed; the figure is of the other {}",
                entry.id, row.runs_failed, row.runs_ok
            )
        })
        .collect()
}

/// Rows whose work cannot be proven and that are far faster than every other backend of the
/// same work.
fn above_siblings(record: &Record) -> Vec<String> {
    let median = |row: &Summary| row.rate_per_s.as_ref().map(|rate| rate.median);
    rows(record)
        .filter(|(entry, _)| entry.unit != Unit::Hash)
        .filter_map(|(entry, row)| {
            let best = rows(record)
                .filter(|(other, _)| {
                    other.workload == entry.workload
                        && other.device == entry.device
                        && other.id != entry.id
                })
                .filter_map(|(_, other)| median(other))
                .fold(0.0, f64::max);
            let ratio = median(row)? / best;
            (best > 0.0 && ratio > ABOVE_SIBLINGS).then(|| {
                format!(
                    "{}: {ratio:.1} times as fast as the next backend of the same work; look at why before you believe it",
                    entry.id
                )
            })
        })
        .collect()
}

fn time(record: &Record) -> String {
    let date = match &record.session.challenge {
        Some(challenge) if applies(&record.schema) => {
            let hashes = record
                .plan
                .entries
                .iter()
                .any(|entry| entry.unit == Unit::Hash);
            match hashes {
                true => format!(
                    "the hashes are younger than the challenge {challenge}, and how much younger nothing shows"
                ),
                false => {
                    format!("the challenge {challenge} binds hashes only, and this record has none")
                }
            }
        }
        _ => "the date is the machine's (--challenge of a later session would bound it)".into(),
    };
    format!("the time that the work took: the clocks are the machine's own; {date}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_shares_show_smaller_excesses() {
        assert!((0.05..0.12).contains(&detectable(3000, 7)));
        assert!((0.2..0.4).contains(&detectable(500, 7)));
        assert!(detectable(63, 7) > 0.6);
        assert!(detectable(0, 7) > 1.0);
    }
}
