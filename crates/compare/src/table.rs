//! From the grid to judged tables.

use std::collections::{BTreeMap, BTreeSet};

use perwatt_stats as stats;
use rayon::prelude::*;

use crate::column::{By, Layout};
use crate::compare::{Options, Sort};
use crate::context::Context;
use crate::family::family;
use crate::grid::{Grid, Line};
use crate::judge::{Rule, Verdict, judge};
use crate::key::{Difference, Key};
use crate::load::Loaded;
use crate::model::{Cell, Compared, Family, Figure, Outcome, Row, Table, Unmatched};
use crate::noise::Floors;
use crate::notes;
use crate::pool::{Level, Sample, meter_widening, pool};
use crate::rank::{MOST_COLUMNS, ranks};

/// Confidence of the interval of one median.
const CONFIDENCE: f64 = 0.95;

/// What [`build`] finds.
pub struct Built {
    pub family: Family,
    pub tables: Vec<Table>,
    pub unmatched: Vec<Unmatched>,
    pub not_like_for_like: Vec<String>,
    pub notes: Vec<String>,
}

/// A cell before it is judged.
enum Draft {
    Absent,
    Barred {
        reason: String,
        fields: Vec<Difference>,
        sample: Option<Box<Sample>>,
    },
    Sample(Box<Sample>),
}

impl Draft {
    fn sample(&self) -> Option<&Sample> {
        match self {
            Self::Absent => None,
            Self::Barred { sample, .. } => sample.as_deref(),
            Self::Sample(sample) => Some(sample),
        }
    }
}

/// Judges every row of the grid.
pub fn build(
    loaded: &Loaded,
    layout: &Layout,
    grid: &Grid,
    floors: &Floors,
    base: usize,
    options: &Options,
) -> Built {
    let (kept, unmatched) = split(layout, grid, base);
    let drafts: Vec<Vec<Draft>> = kept
        .par_iter()
        .map(|&line| {
            (0..layout.columns.len())
                .map(|column| draft(loaded, grid, line, column, base))
                .collect()
        })
        .collect();
    let tests = tests(&drafts, base);
    let sized: Vec<([usize; 2], f64)> = tests
        .iter()
        .map(|test| (test.sizes, test.p_value))
        .collect();
    let (family, adjusted) = family(&sized, options.alpha);

    let judge_of = Judges {
        loaded,
        floors,
        // Without rows there are no columns.
        base_label: layout.columns.get(base).map_or("", |c| &c.label),
        labels: layout.columns.iter().map(|c| c.label.as_str()).collect(),
        options,
        family: &family,
    };
    let mut rows: Vec<(&Line, Row)> = Vec::new();
    let mut next = tests.iter().zip(adjusted).peekable();
    for (i, (&line, drafts)) in kept.iter().zip(&drafts).enumerate() {
        let line = &grid.lines[line];
        let mut cells: Vec<Cell> = Vec::new();
        for (column, draft) in drafts.iter().enumerate() {
            let test = next
                .next_if(|(test, _)| (test.row, test.column) == (i, column))
                .map(|(test, adjusted)| (test.p_value, adjusted));
            cells.push(judge_of.cell(line, drafts, column, base, draft, test));
        }
        judge_of.rank(line, drafts, &mut cells);
        rows.push((line, row(line, cells)));
    }
    let not_like_for_like = stamps(loaded, grid, &kept, &options.allow_differ);
    let notes = judge_of.whole(&drafts);
    Built {
        tables: tables(rows, base, options.sort),
        family,
        unmatched,
        not_like_for_like,
        notes,
    }
}

/// Lines that face something, and those that face nothing.
fn split(layout: &Layout, grid: &Grid, base: usize) -> (Vec<usize>, Vec<Unmatched>) {
    let mut kept = Vec::new();
    let mut unmatched = Vec::new();
    // What stands in for another row is named there.
    let standing_in: BTreeSet<(usize, usize)> = grid
        .instead
        .iter()
        .map(|((_, column), (line, _))| (*line, *column))
        .collect();
    for (i, line) in grid.lines.iter().enumerate() {
        let has = |column: usize| !line.cells[column].is_empty();
        let columns = 0..layout.columns.len();
        let faces = |column: usize| has(column) || grid.instead.contains_key(&(i, column));
        if has(base)
            && columns
                .clone()
                .any(|column| column != base && faces(column))
        {
            kept.push(i);
            continue;
        }
        let alone: Vec<String> = columns
            .filter(|&column| has(column) && !standing_in.contains(&(i, column)))
            .map(|column| layout.columns[column].label.clone())
            .collect();
        if !alone.is_empty() {
            unmatched.push(Unmatched {
                metric: line.metric,
                name: line.name.to_string(),
                device: line.device.as_deref().map(str::to_owned),
                columns: alone,
            });
        }
    }
    (kept, unmatched)
}

fn draft(loaded: &Loaded, grid: &Grid, line: usize, column: usize, base: usize) -> Draft {
    let of = &grid.lines[line];
    if let Some((instead, fields)) = grid.instead.get(&(line, column)) {
        let named: Vec<&str> = fields.iter().map(|d| d.field.as_str()).collect();
        let same_unit = !fields.iter().any(|d| d.field == "unit");
        let sample = pool(&loaded.sessions, &grid.lines[*instead].cells[column]).ok();
        return Draft::Barred {
            reason: format!("{} differs", named.join(", ")),
            fields: fields.clone(),
            sample: sample.filter(|_| same_unit).map(Box::new),
        };
    }
    let places = &of.cells[column];
    if places.is_empty() {
        return Draft::Absent;
    }
    if let Some(fields) = mixture(loaded, places) {
        return Draft::Barred {
            reason: format!(
                "this column holds figures that differ in {}; compare files instead of directories",
                fields.join(", ")
            ),
            fields: Vec::new(),
            sample: None,
        };
    }
    match pool(&loaded.sessions, places) {
        Err(barred) => Draft::Barred {
            reason: barred.0.to_string(),
            fields: vec![Difference {
                field: "verified".into(),
                base: None,
                other: Some("false".into()),
            }],
            sample: None,
        },
        Ok(sample) if column != base => {
            let shared = pool(&loaded.sessions, &of.cells[base])
                .ok()
                .and_then(|other| shared_session(loaded, &sample, &other));
            match shared {
                Some(id) => Draft::Barred {
                    reason: format!("the same runs are on both sides: session {id}"),
                    fields: Vec::new(),
                    sample: Some(Box::new(sample)),
                },
                None => Draft::Sample(Box::new(sample)),
            }
        }
        Ok(sample) => Draft::Sample(Box::new(sample)),
    }
}

/// Fields in which figures of one cell differ, which `--allow-differ` makes possible.
fn mixture(loaded: &Loaded, places: &[(usize, usize)]) -> Option<Vec<String>> {
    let key = |&(s, r): &(usize, usize)| &loaded.sessions[s].rows[r].key;
    let first = key(places.first()?);
    let fields: BTreeSet<String> = places
        .iter()
        .map(key)
        .filter(|other| *other != first)
        .flat_map(|other| first.differences(other))
        .map(|difference| difference.field)
        .collect();
    (!fields.is_empty()).then(|| fields.into_iter().collect())
}

/// The id of a session whose runs are in both samples.
fn shared_session(loaded: &Loaded, a: &Sample, b: &Sample) -> Option<String> {
    let runs = |sample: &Sample| -> BTreeSet<(String, String, String)> {
        sample
            .rows
            .iter()
            .map(|&(s, r)| {
                let (session, row) = (&loaded.sessions[s], &loaded.sessions[s].rows[r]);
                (
                    session.id.clone(),
                    row.device.to_string(),
                    row.backend.to_string(),
                )
            })
            .collect()
    };
    let (a, b) = (runs(a), runs(b));
    let shared = a.intersection(&b).next()?;
    Some(shared.0.get(..8).unwrap_or(&shared.0).to_owned())
}

struct Test {
    row: usize,
    column: usize,
    sizes: [usize; 2],
    p_value: f64,
}

/// Every pair that is tested, row by row.
fn tests(drafts: &[Vec<Draft>], base: usize) -> Vec<Test> {
    let mut tests = Vec::new();
    for (row, cells) in drafts.iter().enumerate() {
        let Draft::Sample(of_base) = &cells[base] else {
            continue;
        };
        for (column, draft) in cells.iter().enumerate() {
            if let Draft::Sample(sample) = draft
                && column != base
                && let Some(test) = stats::mann_whitney(&sample.values, &of_base.values)
            {
                tests.push(Test {
                    row,
                    column,
                    sizes: [of_base.values.len(), sample.values.len()],
                    p_value: test.p_value,
                });
            }
        }
    }
    tests
}

struct Judges<'a> {
    loaded: &'a Loaded,
    floors: &'a Floors,
    base_label: &'a str,
    labels: Vec<&'a str>,
    options: &'a Options,
    family: &'a Family,
}

impl Judges<'_> {
    fn cell(
        &self,
        line: &Line,
        drafts: &[Draft],
        column: usize,
        base: usize,
        draft: &Draft,
        test: Option<(f64, f64)>,
    ) -> Cell {
        let mut notes = draft.sample().map(notes::of_sample).unwrap_or_default();
        let of_base = drafts[base].sample();
        let outcome = match (draft, &drafts[base]) {
            (Draft::Absent, _) => Outcome::Absent,
            (Draft::Barred { reason, fields, .. }, _) => Outcome::NotComparable {
                reason: reason.clone(),
                fields: fields.clone(),
            },
            (Draft::Sample(_), _) if column == base => Outcome::Base,
            (Draft::Sample(sample), Draft::Sample(of_base)) => {
                self.compared(line, of_base, sample, column, test, &mut notes)
            }
            (Draft::Sample(_), Draft::Barred { reason, fields, .. }) => Outcome::NotComparable {
                reason: format!("in {}: {reason}", self.base_label),
                fields: fields.clone(),
            },
            (Draft::Sample(_), Draft::Absent) => Outcome::Absent,
        };
        let differs = match (draft.sample(), of_base) {
            (Some(sample), Some(of_base)) if column != base => {
                self.context_differences(of_base, sample)
            }
            _ => Vec::new(),
        };
        Cell {
            figure: draft.sample().and_then(figure),
            outcome,
            rank: None,
            differs,
            notes,
        }
    }

    fn compared(
        &self,
        line: &Line,
        base: &Sample,
        sample: &Sample,
        column: usize,
        test: Option<(f64, f64)>,
        notes: &mut Vec<String>,
    ) -> Outcome {
        let (widening_ln, unknown) = meter_widening(base, sample);
        for meter in unknown {
            notes.push(format!(
                "nobody states the scale error of meter {meter}: the interval leaves it out"
            ));
        }
        let (margin_ln, margin_reason) = self.margin(base, sample, column);
        let rule = Rule {
            confidence: self.family.confidence,
            margin_ln,
            widening_ln,
            higher_is_better: line.metric.higher_is_better(),
        };
        let judged = judge(&base.values, &sample.values, &rule);
        let (Some(judged), Some((p_value, p_adjusted))) = (judged, test) else {
            return Outcome::NotComparable {
                reason: "a figure is not a positive number".into(),
                fields: Vec::new(),
            };
        };
        Outcome::Compared(Box::new(Compared {
            verdict: judged.verdict,
            ratio: judged.ratio_ln.exp(),
            interval: judged
                .interval_ln
                .map(|(low, high)| [low.exp(), high.exp()]),
            p_value,
            p_adjusted,
            margin: margin_ln.exp_m1(),
            margin_reason,
            meters_rel: widening_ln.exp_m1(),
            remedy: judged.remedy,
        }))
    }

    /// The smallest difference that matters here, and why it is more than was asked
    /// for: never less than what either side differs from itself.
    fn margin(&self, base: &Sample, sample: &Sample, column: usize) -> (f64, Option<String>) {
        let mut margin = (self.options.margin.ln_1p(), None);
        let sides = [(base, self.base_label), (sample, self.labels[column])];
        for (side, label) in sides {
            let percent = |ln: f64| format!("{:.1} %", 100.0 * ln.exp_m1());
            if let Some(floor) = self.floor(side).filter(|floor| *floor > margin.0) {
                let why = format!("{label} differs from itself by {}", percent(floor));
                margin = (floor, Some(why));
            }
            if let Some(gap) = side.session_gap_ln.filter(|gap| *gap > margin.0) {
                let why = format!("sessions of {label} differ by {}", percent(gap));
                margin = (gap, Some(why));
            }
        }
        margin
    }

    /// The largest noise floor of a sample's rows.
    fn floor(&self, sample: &Sample) -> Option<f64> {
        sample
            .rows
            .iter()
            .filter_map(|&(s, r)| {
                let session = &self.loaded.sessions[s];
                self.floors.get(session, &session.rows[r])
            })
            .reduce(f64::max)
    }

    fn context_differences(&self, base: &Sample, sample: &Sample) -> Vec<Difference> {
        let of = |sample: &Sample| -> BTreeMap<String, BTreeSet<String>> {
            let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for &(s, r) in &sample.rows {
                let context: &Context = &self.loaded.sessions[s].rows[r].context;
                for (field, value) in context {
                    all.entry(field.clone()).or_default().insert(value.clone());
                }
            }
            all
        };
        let text = |values: Option<&BTreeSet<String>>| {
            let all: Vec<&str> = values?.iter().map(String::as_str).collect();
            Some(all.join(" | "))
        };
        let (base, other) = (of(base), of(sample));
        let fields: BTreeSet<&String> = base.keys().chain(other.keys()).collect();
        fields
            .into_iter()
            .filter(|field| base.get(*field) != other.get(*field))
            .map(|field| Difference {
                field: field.clone(),
                base: text(base.get(field)),
                other: text(other.get(field)),
            })
            .collect()
    }

    fn rank(&self, line: &Line, drafts: &[Draft], cells: &mut [Cell]) {
        let ranked: Vec<(usize, &Sample, f64)> = drafts
            .iter()
            .enumerate()
            .filter_map(|(column, draft)| match draft {
                Draft::Sample(sample) => {
                    let noise = [self.floor(sample), sample.session_gap_ln];
                    let noise = noise.into_iter().flatten().fold(0.0, f64::max);
                    Some((column, &**sample, noise))
                }
                _ => None,
            })
            .collect();
        if !(3..=MOST_COLUMNS).contains(&ranked.len()) {
            return;
        }
        let samples: Vec<(&Sample, f64)> = ranked.iter().map(|(_, s, n)| (*s, *n)).collect();
        let places = ranks(&samples, line.metric.higher_is_better(), self.options.alpha);
        for ((column, ..), place) in ranked.iter().zip(places) {
            cells[*column].rank = Some(place);
        }
    }

    /// Notes on the whole.
    fn whole(&self, drafts: &[Vec<Draft>]) -> Vec<String> {
        let mut notes = Vec::new();
        let samples = || drafts.iter().flatten().filter_map(Draft::sample);
        let single = |column: usize| {
            let mut of_column = drafts.iter().filter_map(|row| row[column].sample());
            of_column.any(|sample| sample.level == Level::Run && sample.sessions.len() == 1)
        };
        let lonely: Vec<&str> = (0..self.labels.len())
            .filter(|&column| single(column))
            .map(|column| self.labels[column])
            .collect();
        if !lonely.is_empty() && self.options.by != By::Session {
            let which = match lonely.len() == self.labels.len() {
                true => "every column".into(),
                false => lonely.join(", "),
            };
            notes.push(format!(
                "one session in {which}: how much sessions of one machine differ is not known there"
            ));
        }
        if samples().next().is_some() && self.floors.is_empty() {
            notes.push(
                "noise floor: not measured; perwatt selfcheck on each machine measures it".into(),
            );
        }
        let columns = drafts.first().map_or(0, Vec::len);
        if columns > MOST_COLUMNS {
            notes.push(format!(
                "places are not given among {columns} columns; {MOST_COLUMNS} is the most"
            ));
        }
        notes
    }
}

/// The figure of a sample.
pub(crate) fn figure(sample: &Sample) -> Option<Figure> {
    let values = sample.values.clone();
    let interval = stats::median_interval(&values, CONFIDENCE).ok();
    let mut meters: Vec<String> = sample.meters.iter().map(|(_, m)| m.id.clone()).collect();
    meters.sort_unstable();
    meters.dedup();
    Some(Figure {
        median: stats::median(&values)?,
        interval: interval.map(|i| [i.low, i.high]),
        range: [stats::min(&values)?, stats::max(&values)?],
        level: sample.level,
        sessions: sample.sessions.len(),
        backend: sample.backend.to_string(),
        backends: sample.backends,
        meters,
        estimate: sample.meters.iter().any(|(_, meter)| meter.estimate),
        values,
    })
}

fn row(line: &Line, cells: Vec<Cell>) -> Row {
    Row {
        name: line.name.to_string(),
        device: line.device.as_deref().map(str::to_owned),
        key: line.key.clone(),
        cells,
    }
}

/// Fields that were allowed to differ and do, with the values.
fn stamps(loaded: &Loaded, grid: &Grid, kept: &[usize], allowed: &[String]) -> Vec<String> {
    allowed
        .iter()
        .filter_map(|field| {
            let mut differing: Option<BTreeSet<String>> = None;
            for &line in kept {
                let keys = grid.lines[line].cells.iter().flatten();
                let values: BTreeSet<String> = keys
                    .map(|&(s, r)| &loaded.sessions[s].rows[r].key)
                    .map(|key: &std::sync::Arc<Key>| key.get(field).unwrap_or("absent").to_owned())
                    .collect();
                if values.len() > 1 {
                    differing.get_or_insert_default().extend(values);
                }
            }
            let values: Vec<String> = differing?.into_iter().collect();
            Some(format!("{field} differs ({})", values.join(" | ")))
        })
        .collect()
}

/// One table for each metric, unit and energy boundary, rates first.
fn tables(rows: Vec<(&Line, Row)>, base: usize, sort: Sort) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (line, row) in rows {
        let unit = line.key.get("unit").unwrap_or("").to_owned();
        let boundary = line.key.get("energy.boundary").map(|boundary| {
            let covers = line.key.get("energy.covers").unwrap_or("");
            format!("{boundary} of the {covers}")
        });
        let place = tables.iter().position(|table| {
            (table.metric, &table.unit, &table.boundary) == (line.metric, &unit, &boundary)
        });
        let place = place.unwrap_or_else(|| {
            tables.push(Table {
                metric: line.metric,
                unit,
                higher_is_better: line.metric.higher_is_better(),
                boundary,
                rows: Vec::new(),
                geomeans: Vec::new(),
                geomean_rows: 0,
                geomean_without: Vec::new(),
            });
            tables.len() - 1
        });
        tables[place].rows.push(row);
    }
    tables.sort_by_key(|table| table.metric);
    for table in &mut tables {
        summarise(table, base);
        order(table, sort);
    }
    tables
}

/// Geometric means over the rows that every column has.
fn summarise(table: &mut Table, base: usize) {
    let ratio = |cell: &Cell| match &cell.outcome {
        Outcome::Compared(compared) => Some(compared.ratio.ln()),
        Outcome::Base => Some(0.0),
        _ => None,
    };
    let columns = table.rows.first().map_or(0, |row| row.cells.len());
    let mut sums = vec![0.0; columns];
    for row in &table.rows {
        let logs: Option<Vec<f64>> = row.cells.iter().map(ratio).collect();
        match logs {
            Some(logs) => {
                table.geomean_rows += 1;
                for (sum, ln) in sums.iter_mut().zip(logs) {
                    *sum += ln;
                }
            }
            None => table.geomean_without.push(match &row.device {
                Some(device) => format!("{} on {device}", row.name),
                None => row.name.clone(),
            }),
        }
    }
    let rows = table.geomean_rows;
    table.geomeans = sums
        .into_iter()
        .enumerate()
        .map(|(column, sum)| (column != base && rows > 0).then(|| (sum / rows as f64).exp()))
        .collect();
}

fn order(table: &mut Table, sort: Sort) {
    let sign = match table.higher_is_better {
        true => -1.0,
        false => 1.0,
    };
    let best = |row: &Row| {
        let ratios = row.cells.iter().filter_map(|cell| match &cell.outcome {
            Outcome::Compared(compared) => Some(sign * compared.ratio.ln()),
            _ => None,
        });
        ratios.fold(f64::INFINITY, f64::min)
    };
    let gravity = |row: &Row| {
        let of = |cell: &Cell| match &cell.outcome {
            Outcome::Compared(compared) => match compared.verdict {
                Verdict::Worse => 0,
                Verdict::Unclear => 2,
                Verdict::Better => 3,
                Verdict::Same => 4,
            },
            Outcome::NotComparable { .. } => 1,
            Outcome::Base | Outcome::Absent => 5,
        };
        row.cells.iter().map(of).min().unwrap_or(5)
    };
    match sort {
        Sort::Row => {}
        Sort::Ratio => table.rows.sort_by(|a, b| best(a).total_cmp(&best(b))),
        Sort::Verdict => table.rows.sort_by_key(gravity),
    }
}
