//! Sentences about a comparison; those about a gap and a site are in modules of their own.

pub mod gap;
pub mod site;

use std::collections::{BTreeMap, BTreeSet};

use perwatt_compare::decline::SessionTrend;
use perwatt_compare::key::Difference;
use perwatt_compare::load::{Checked, Skipped, SkippedKind};
use perwatt_compare::model::{
    Cell, Column, Compared, Comparison, Outcome, Procedure, Row, Table, Unmatched,
};
use perwatt_compare::{DISTURBED, Remedy, VERIFIED};

use crate::dollars;
use crate::units::{days, percent};

/// The largest number of nodes that a note names.
const MOST_NODES: usize = 6;

/// The title of a table: its metric, unit, boundary and direction.
pub fn title(table: &Table) -> String {
    let direction = match table.higher_is_better {
        true => "higher is better",
        false => "lower is better",
    };
    let unit = table.unit.quoted_in();
    let boundary = match &table.boundary {
        Some(boundary) => format!(", {boundary}, gross"),
        None => String::new(),
    };
    format!("{} in {unit}, {direction}{boundary}", table.metric.name())
}

/// The machines, devices, sessions and dates of a column.
pub fn described(column: &Column) -> String {
    let several = |all: &[String], what: &str| match all {
        [one] => one.clone(),
        all if all.len() > 3 => format!("{} {what}", all.len()),
        all => all.join(" | "),
    };
    let mut parts = vec![several(&column.machines, "machines")];
    let nodes = column.specimens.len();
    parts.extend((nodes > column.machine_keys.len()).then(|| format!("{nodes} nodes")));
    let other: Vec<String> = column
        .devices
        .iter()
        .filter(|device| {
            !column
                .machines
                .iter()
                .any(|m| m.starts_with(device.as_str()))
        })
        .cloned()
        .collect();
    if !other.is_empty() {
        parts.push(several(&other, "devices"));
    }
    let days = days([&column.first_utc, &column.last_utc]);
    parts.push(match column.sessions {
        1 => format!("session of {days}"),
        n if days.contains(' ') => format!("{n} sessions, {days}"),
        n => format!("{n} sessions of {days}"),
    });
    parts.extend(dollars::stated(&column.stated));
    parts.join("; ")
}

/// The name of a row: the workload, and the device where columns are not devices.
pub fn name(row: &Row) -> String {
    match &row.device {
        Some(device) => format!("{} on {device}", row.name),
        None => row.name.clone(),
    }
}

/// A row without a counterpart in the other ones of `columns` columns.
pub fn unmatched(row: &Unmatched, columns: usize) -> String {
    let device = row
        .device
        .as_deref()
        .map_or_else(String::new, |device| format!(" on {device}"));
    let lone = format!(
        "only in {}: {} of {}{device}",
        row.columns.join(", "),
        row.metric.name(),
        row.name
    );
    match &row.nearest {
        Some(nearest) => {
            let values: Vec<String> = nearest.fields.iter().map(of_both).collect();
            format!(
                "{lone}; what {} has nearest to it differs in {}",
                nearest.column,
                values.join(", ")
            )
        }
        None if columns < 2 => lone,
        None => format!("{lone}; no other column has figures of that workload"),
    }
}

/// A field with its value in the nearest row and in this one.
fn of_both(difference: &Difference) -> String {
    let text = |value: &Option<String>| value.as_deref().unwrap_or("absent").to_owned();
    format!(
        "{} ({} there, {} here)",
        difference.field,
        text(&difference.base),
        text(&difference.other)
    )
}

/// The sides of a comparison with the baseline, by their names in a remedy.
pub const SIDES: [&str; 2] = ["the baseline", "this column"];

/// The remedy for a verdict that is unclear or holds for these sessions only; `sides` are the
/// names of the two.
pub fn remedy(remedy: Remedy, meters_rel: f64, sides: [&str; 2]) -> String {
    match remedy {
        Remedy::Sessions { sessions } => undecided([sessions; 2]),
        Remedy::AtLeastSessions { missing, .. } => format!(
            "of these sessions only, since the scatter between sessions of the machine is not known: {} would show it",
            missing_sessions(missing, sides)
        ),
        Remedy::AtLeast { runs } => {
            format!("too few runs for a verdict at this confidence: {runs} a side are the least")
        }
        Remedy::None if meters_rel > 0.0 => {
            "undecided, and more sessions would not settle it: the meters are not that accurate"
                .into()
        }
        Remedy::None => {
            "undecided, and no reasonable number of sessions would settle it: the difference is about as large as the margin"
                .into()
        }
    }
}

/// The numbers of sessions a side that the undecided comparisons of a table need, from the
/// least to the most.
fn undecided([least, most]: [usize; 2]) -> String {
    let count = match least == most {
        true => least.to_string(),
        false => format!("{least} to {most}"),
    };
    format!(
        "undecided: about {count} sessions a side would settle it (an estimate); take all of them before you look, because stopping when the table looks good makes false verdicts"
    )
}

/// `2 more sessions on each side`, `1 more session of the baseline`.
fn missing_sessions(missing: [usize; 2], sides: [&str; 2]) -> String {
    let count = |n: usize| match n {
        1 => "1 more session".to_owned(),
        n => format!("{n} more sessions"),
    };
    match missing {
        [base, other] if base == other => format!("{} on each side", count(base)),
        [base, 0] => format!("{} of {}", count(base), sides[0]),
        [0, other] => format!("{} of {}", count(other), sides[1]),
        [base, other] => format!(
            "{} of {} and {other} of {}",
            count(base),
            sides[0],
            sides[1]
        ),
    }
}

/// The least and the most sessions a side that undecided cells of these need.
pub fn needed_sessions<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<[usize; 2]> {
    let all = cells.filter_map(|cell| match &cell.outcome {
        Outcome::Compared(compared) => match compared.remedy {
            Some(Remedy::Sessions { sessions }) => Some([sessions; 2]),
            _ => None,
        },
        _ => None,
    });
    all.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}

/// The remedy for a verdict, and the reasons for limits or an interval that are wider than
/// asked for; `needed` stands for the sessions that all cells of its table need.
pub fn of_compared(compared: &Compared, needed: Option<[usize; 2]>) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(compared.remedy.map(|of| match (of, needed) {
        (Remedy::Sessions { .. }, Some(needed)) => undecided(needed),
        _ => remedy(of, compared.meters_rel, SIDES),
    }));
    if let (Some(noise), Some(reason)) = (compared.noise, &compared.noise_reason) {
        let noise = percent(noise, 1);
        notes.push(format!("{reason}: BETTER and WORSE lie beyond {noise}"));
    }
    if compared.meters_rel > 0.0 {
        notes.push(format!(
            "different meters: their scale errors widen the interval by {}",
            percent(compared.meters_rel, 1)
        ));
    }
    notes
}

/// The reason that a cell is not comparable, with the values of the fields.
pub fn not_comparable(reason: &str, fields: &[Difference]) -> String {
    let values: Vec<String> = fields
        .iter()
        .filter(|d| ![VERIFIED, DISTURBED].contains(&d.field.as_str()))
        .map(|d| {
            let text = |value: &Option<String>| value.as_deref().unwrap_or("absent").to_owned();
            format!(
                "{}: {} in the baseline, {} here",
                d.field,
                text(&d.base),
                text(&d.other)
            )
        })
        .collect();
    match values.is_empty() {
        true => format!("N/A: {reason}"),
        false => format!("N/A: {}", values.join("; ")),
    }
}

/// The names of all key fields that rule out a comparison in any cell.
pub fn fields_in_the_way(comparison: &Comparison) -> Vec<String> {
    let fields: BTreeSet<&str> = comparison
        .cells()
        .filter_map(|cell| match &cell.outcome {
            Outcome::NotComparable { fields, .. } => Some(fields),
            _ => None,
        })
        .flatten()
        .map(|difference| difference.field.as_str())
        .collect();
    fields.into_iter().map(str::to_owned).collect()
}

/// The number of comparisons, and the procedure that corrects for it.
pub fn family(comparison: &Comparison) -> String {
    let family = &comparison.family;
    let count = match family.comparisons {
        1 => "1 comparison".to_owned(),
        n => format!("{n} comparisons"),
    };
    let alpha = family.alpha;
    let level = confidence(family.confidence);
    match (family.procedure, family.comparisons) {
        (_, 0) => "nothing was compared".into(),
        (_, 1) => format!("{count}: interval of {level}"),
        (Procedure::FamilyWise, _) => format!(
            "{count}: a chance of {alpha} that any verdict is wrong (Holm; intervals of {level}, by Bonferroni)"
        ),
        (Procedure::FalseDiscovery, _) => format!(
            "{count}, too many for their runs to rule out any wrong one: of the verdicts BETTER and WORSE a share of {alpha} is expected to be wrong at most (Benjamini and Hochberg; intervals of {level})"
        ),
    }
}

/// A confidence level with as many digits as distinguish it from 100 %: `95 %`, `99.9917
/// %`.
fn confidence(share: f64) -> String {
    let miss = 100.0 * (1.0 - share);
    let decimals = match miss {
        m if m >= 1.0 => 1,
        m => (2.0 - m.log10().floor()).clamp(1.0, 12.0) as usize,
    };
    let text = format!("{:.decimals$}", 100.0 * share);
    let short = text.trim_end_matches('0').trim_end_matches('.');
    format!("{short} %")
}

/// The word for a trend in tables.
pub fn trend_word(trend: &SessionTrend) -> &'static str {
    match trend.worse {
        true => "WORSENS",
        false => "IMPROVES",
    }
}

/// A trend over sessions: its size and its evidence.
pub fn trend(trend: &SessionTrend) -> String {
    let since = trend.since_utc.get(..16).unwrap_or(&trend.since_utc);
    let way = match trend.ratio < 1.0 {
        true => "falls",
        false => "rises",
    };
    let share = |ratio: f64, digits: usize| percent((ratio - 1.0).abs(), digits);
    format!(
        "{way} by {} per session since the session of {}: by {} over {} sessions (Mann and Kendall's test, p = {:.1e}; it takes sessions for independent)",
        share(trend.ratio_per_session, 2),
        since.replace('T', " "),
        share(trend.ratio, 1),
        trend.sessions,
        trend.p_value,
    )
}

/// Notes on nodes of one machine id; their specimens are the id and the node's name.
pub fn one_machine_ids<'a>(specimens: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut nodes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, node) in specimens.filter_map(|specimen| specimen.split_once(' ')) {
        nodes.entry(id).or_default().insert(node);
    }
    let several = nodes.into_values().filter(|nodes| nodes.len() > 1);
    let note = several.map(|nodes| {
        let named = match nodes.len() {
            n if n > MOST_NODES => format!("{n} nodes"),
            _ => Vec::from_iter(nodes).join(", "),
        };
        format!(
            "{named} have one machine id and are told apart by --node: copies of one disk image, or one machine that was renamed (then its sessions need one name)"
        )
    });
    note.collect()
}

/// A warning for each file that is left out because it failed verification.
pub fn left_out(all: &[Skipped]) -> impl Iterator<Item = String> {
    let unverified = all
        .iter()
        .filter(|skipped| skipped.kind == SkippedKind::Unverified);
    unverified.map(|skipped| format!("WARNING: left out: {skipped}"))
}

/// The number of files that were left out, by the kinds of reasons: `2 failed verification`.
pub fn count_left_out(skipped: &[Skipped]) -> Option<String> {
    let kinds = [
        (SkippedKind::Unverified, "failed verification"),
        (SkippedKind::Unreadable, "could not be read"),
    ];
    let all = kinds.into_iter().filter_map(|(kind, what)| {
        let count = skipped.iter().filter(|one| one.kind == kind).count();
        (count > 0).then(|| format!("{count} {what}"))
    });
    let all: Vec<String> = all.collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The checks that the records passed before the comparison, and the number of files that
/// were left out of it.
pub fn checked(checked: Checked, skipped: &[Skipped]) -> String {
    let left_out = count_left_out(skipped);
    let shown = match &left_out {
        None => "every record",
        Some(_) => "every record that is shown",
    };
    let mut text = match checked {
        Checked::InFull => format!("{shown} was verified in full"),
        Checked::Rates => format!(
            "rates were derived again from the work series of {shown}; shares and joules were not (--check does)"
        ),
    };
    if let Some(left_out) = left_out {
        text.push_str(&format!("; left out: {left_out}"));
    }
    text
}

/// The explanation of the report for its readers.
pub const EXPLAIN: &str = "\
How to read this
  A session is the replicate: its median is one value, because sessions of
    one machine differ by more than the runs within them.
  ratio: this figure over the baseline's, of the geometric means of the
    sessions' medians.
  interval: of the ratio, by Welch's t over sessions; all intervals of the
    report hold together as its last lines say. Different meters widen it by
    their scale errors.
  BETTER, WORSE: the interval lies wholly beyond the margin. SAME: wholly
    within. UNCLEAR: neither; the estimate alone decides nothing.
  HERE: of these sessions only. With fewer than three sessions a side, and
    too few others of the machine beside them, their scatter is not known;
    ratio and interval are of runs (Hodges and Lehmann; Mann and Whitney).
  margin: what you asked for. Where a machine differs from itself by more
    (perwatt selfcheck), BETTER and WORSE lie beyond that too.
  place: best and worst place that the figures allow among the columns.
";
