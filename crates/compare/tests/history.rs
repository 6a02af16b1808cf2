//! History of a machine: a change is reported once, and noise is not a change.

mod common;

use common::groups;
use perwatt_compare::{History, Options, Verdict, history};
use perwatt_record::Record;
use perwatt_record::fixture::Made;
use perwatt_record::fixture::noise::Noise;

fn sessions(centres: &[f64]) -> Vec<Record> {
    let mut noise = Noise(3);
    let session = |(centre, i): (&f64, u64)| {
        let mut made = Made::one("x", i, &noise.rates(10, *centre, 0.003));
        made.started_unix_s = 1_760_000_000 + 86_400 * i as u32;
        made.record()
    };
    centres.iter().zip(0..).map(session).collect()
}

fn of(records: &[Record]) -> History {
    history(&groups(&[records]), &Options::default()).unwrap()
}

fn verdicts(history: &History) -> Vec<Option<Verdict>> {
    assert_eq!(history.machines.len(), 1);
    let points = &history.machines[0].rows[0].points;
    let steps = points.iter().map(|point| point.step.as_ref());
    steps.map(|step| step.map(|s| s.verdict)).collect()
}

#[test]
fn a_change_is_found_once_and_is_the_new_level() {
    let centres = [4e11, 4e11, 4e11, 4.4e11, 4.4e11, 4.4e11, 4e11];
    let mut records = sessions(&centres);
    // Out of order on disk.
    records.reverse();
    let found = verdicts(&of(&records));
    use Verdict::{Better, BetterHere, SameHere, WorseHere};
    assert_eq!(found[0], None);
    let after: Vec<Verdict> = found.into_iter().flatten().collect();
    // Three sessions of the new level beside three of the old one make it a change.
    let expected = [
        SameHere, SameHere, BetterHere, BetterHere, Better, WorseHere,
    ];
    assert_eq!(after, expected);
    let history = of(&records);
    let points = &history.machines[0].rows[0].points;
    let change = points[5].step.as_ref().unwrap();
    assert_eq!(change.since_utc, points[3].started_utc);
    assert_eq!(change.sessions, 3);
}

#[test]
fn at_a_change_it_is_said_what_else_changed() {
    let mut records = sessions(&[4e11, 4.4e11]);
    records[1].host.os.kernel = Some("6.12".into());
    let history = of(&records);
    let step = history.steps().next().unwrap();
    assert_eq!(step.differs.len(), 1);
    assert_eq!(step.differs[0].field, "os.kernel");
    assert_eq!(step.differs[0].other.as_deref(), Some("6.12"));
}

#[test]
fn what_sessions_differ_by_anyway_is_no_change() {
    // The sessions differ by 4 %: another 4 % is not a change, 20 % is.
    let mut levels = vec![
        4e11, 4.08e11, 4.16e11, 4.1e11, 4.02e11, 4.14e11, 4.06e11, 4.12e11,
    ];
    levels.extend([4.16e11, 5e11]);
    let history = of(&sessions(&levels));
    let changes = verdicts(&history).into_iter().flatten();
    let changes = changes.filter(|v| matches!(v, Verdict::Better | Verdict::Worse));
    assert_eq!(changes.count(), 1, "{:?}", verdicts(&history));
}

#[test]
fn rows_of_another_key_are_another_history() {
    let mut records = sessions(&[4e11, 4e11]);
    records[1].plan.entries[0].workload.version = 2;
    let history = of(&records);
    assert_eq!(history.machines[0].rows.len(), 2);
    assert_eq!(history.steps().count(), 0);
}

#[test]
fn a_decline_that_no_step_shows_is_a_trend_and_starts_again_after_a_change() {
    let falling: Vec<f64> = (0..14).map(|i| 4e11 * 0.994_f64.powi(i)).collect();
    let history = of(&sessions(&falling));
    let row = &history.machines[0].rows[0];
    let trend = row.trend.as_ref().unwrap();
    assert!(trend.worse && trend.sessions == 14, "{trend:?}");
    assert_eq!(trend.since_utc, row.points[0].started_utc);
    assert!((trend.ratio_per_session - 0.994).abs() < 1e-3, "{trend:?}");
    assert!((trend.ratio - 0.925).abs() < 0.01, "{trend:?}");
    // The interval of the last steps is wider because sessions resemble each other.
    let notes = &row.points[13].notes;
    let said = |note: &String| note.contains("each session resembles the one before it");
    assert!(notes.iter().any(said), "{notes:?}");
    // Within the margin it is none, and neither is a level that changed once.
    let slight: Vec<f64> = (0..14).map(|i| 4e11 * 0.9995_f64.powi(i)).collect();
    assert_eq!(of(&sessions(&slight)).trends().count(), 0);
    let step = [[4e11; 7], [4.4e11; 7]].concat();
    assert_eq!(of(&sessions(&step)).trends().count(), 0);
}

#[test]
fn only_what_holds_for_every_session_of_both_sides_changed_with_a_figure() {
    let mut records = sessions(&[4e11, 4e11, 4e11, 4.4e11, 4.4e11, 4.4e11]);
    for (record, governor) in records.iter_mut().zip("pppsps".chars()) {
        record.host.os.kernel = Some(governor.to_string());
    }
    let history = of(&records);
    let steps: Vec<_> = history.steps().collect();
    assert_eq!(steps[2].differs.len(), 1, "one session differs in it");
    assert!(steps[4].verdict.is_change());
    assert_eq!(steps[3].differs, [], "with the next it does not");
    assert_eq!(steps[4].differs, []);
}
