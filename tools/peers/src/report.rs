//! The tables.

use std::fmt::Write;

use perwatt_stats::{max, median};

use crate::options::Options;

/// The largest width of the tables in columns.
const WIDTH: usize = 100;

/// One timing.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Hashes per second: of CPU time for perwatt, of the wall clock for a peer.
    pub rate_h_per_s: f64,
    /// CPU cycles per hash.
    pub cycles: Option<f64>,
    /// The fraction of the time for which a peer had the CPU, 0 to 1.
    pub share: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Backend,
    /// A loop around the `sha2` crate.
    Loop,
    Peer,
}

pub struct Contestant {
    pub name: String,
    pub kind: Kind,
    /// At least one sample.
    pub samples: Vec<Sample>,
}

impl Contestant {
    fn rates(&self) -> Vec<f64> {
        let samples = self.samples.iter();
        samples.map(|sample| sample.rate_h_per_s).collect()
    }

    /// Hashes per second of CPU time; for perwatt these are the samples themselves.
    fn rates_on_cpu(&self) -> Vec<f64> {
        let samples = self.samples.iter();
        samples
            .filter_map(|sample| match (self.kind, sample.share) {
                (Kind::Peer, share) => share
                    .filter(|&share| share > 0.0)
                    .map(|share| sample.rate_h_per_s / share),
                _ => Some(sample.rate_h_per_s),
            })
            .collect()
    }

    /// Cycles per hash of the fastest sample.
    fn cycles_of_fastest(&self) -> Option<f64> {
        let samples = self.samples.iter();
        samples
            .max_by(|a, b| a.rate_h_per_s.total_cmp(&b.rate_h_per_s))?
            .cycles
    }
}

pub struct Report<'a> {
    pub contestants: &'a [Contestant],
    /// Each peer's description of itself.
    pub peers: &'a [String],
    pub options: &'a Options,
}

impl Report<'_> {
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.head(&mut text);
        self.rates(&mut text);
        self.ratios(
            &mut text,
            "Ratios of medians, a backend's rate over a column's",
            |contestant| median(&contestant.rates()),
        );
        self.ratios(&mut text, "Ratios of bests", |contestant| {
            max(&contestant.rates())
        });
        let peers = || self.of(Kind::Peer);
        if peers().count() == 0 {
            text += "\nNo peer was measured. Give one that is built here, for instance\n  \
                     cargo peers --cpuminer PATH/cpuminer --minerd PATH/minerd\n";
        } else if peers().any(|peer| !peer.rates_on_cpu().is_empty()) {
            self.ratios(
                &mut text,
                "Ratios of medians, a peer's rate being per second of the CPU time that it had",
                |contestant| median(&contestant.rates_on_cpu()),
            );
        }
        text
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Contestant> {
        let contestants = self.contestants.iter();
        contestants.filter(move |contestant| contestant.kind == kind)
    }

    fn head(&self, text: &mut String) {
        let Options {
            rounds, seconds, ..
        } = self.options;
        let cpu = match self.options.cpu() {
            Some(cpu) => format!("on CPU {cpu}"),
            None => "not bound to a CPU".to_owned(),
        };
        *text += &format!(
            "One thread each, {cpu}; rounds: {rounds}, in each {seconds} s for every program by turns.\n"
        );
        *text += "\
perwatt, sha2: windows of about 20 ms of thread CPU time, by turns. The clock behind cycles/hash
  is measured every 2 ms; the best cycles/hash are those of the window with the best rate.
sha2: digest(digest(header)). sha2-mid: its compress256 from a midstate. -soft: its software code.
";
        if self.peers.is_empty() {
            return;
        }
        *text += "\
Peers: the rates that they print, by the wall clock, for each interval of about 1 s; the intervals
  of their warm-up, shorter than 0.5 s, are left out. CPU: the median share of that time in which
  they had the CPU. A short window escapes interruptions that 1 s does not, so bests favour ours.
";
        for peer in self.peers {
            *text += &format!("{peer}\n");
        }
    }

    fn rates(&self, text: &mut String) {
        let columns = ["MH/s", "best", "cycles/hash", "best", "CPU %", "samples"];
        let mut rows = vec![(String::new(), columns.map(str::to_owned).to_vec())];
        for kind in [Kind::Backend, Kind::Loop, Kind::Peer] {
            for contestant in self.of(kind) {
                let samples = &contestant.samples;
                let mega = |rate: Option<f64>| cell(rate.map(|rate| rate / 1e6), 2);
                let cycles: Vec<f64> = samples.iter().filter_map(|s| s.cycles).collect();
                let shares: Vec<f64> = samples.iter().filter_map(|s| s.share).collect();
                rows.push((
                    contestant.name.clone(),
                    vec![
                        mega(median(&contestant.rates())),
                        mega(max(&contestant.rates())),
                        cell(median(&cycles), 1),
                        cell(contestant.cycles_of_fastest(), 1),
                        cell(median(&shares).map(|share| share * 100.0), 1),
                        samples.len().to_string(),
                    ],
                ));
            }
        }
        text.push('\n');
        table(text, &rows);
    }

    /// The ratio of every backend to every peer and loop, by `rate`.
    fn ratios(&self, text: &mut String, title: &str, rate: impl Fn(&Contestant) -> Option<f64>) {
        let others: Vec<&Contestant> = self.of(Kind::Peer).chain(self.of(Kind::Loop)).collect();
        let mut rows = vec![(
            String::new(),
            others.iter().map(|other| other.name.clone()).collect(),
        )];
        for backend in self.of(Kind::Backend) {
            let ratios = others.iter().map(|other| {
                let ratio = rate(backend).zip(rate(other)).map(|(a, b)| a / b);
                cell(ratio, 2)
            });
            rows.push((backend.name.clone(), ratios.collect()));
        }
        *text += &format!("\n{title}:\n");
        table(text, &rows);
    }
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

/// Formats rows with their names at the left and columns right-aligned, as several tables
/// where they do not fit side by side.
fn table(text: &mut String, rows: &[(String, Vec<String>)]) {
    let name = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let columns = rows.iter().map(|(_, cells)| cells.len()).min().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|i| rows.iter().map(|(_, cells)| cells[i].len()).max())
        .map(|width| width.unwrap_or(0) + 2)
        .collect();
    let mut from = 0;
    while from < columns {
        let mut to = from + 1;
        while to < columns && name + widths[from..=to].iter().sum::<usize>() <= WIDTH {
            to += 1;
        }
        if from > 0 {
            text.push('\n');
        }
        for (row, cells) in rows {
            let mut line = format!("{row:name$}");
            for (cell, width) in cells[from..to].iter().zip(&widths[from..to]) {
                // Writing into a String does not fail.
                let _ = write!(line, "{cell:>width$}");
            }
            *text += line.trim_end();
            text.push('\n');
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn contestant(name: &str, kind: Kind, rates: &[f64], share: Option<f64>) -> Contestant {
        let cycles = (kind != Kind::Peer).then_some(100.0);
        let samples = rates.iter().map(|mega| Sample {
            rate_h_per_s: mega * 1e6,
            cycles,
            share,
        });
        Contestant {
            name: name.to_owned(),
            kind,
            samples: samples.collect(),
        }
    }

    fn text(contestants: &[Contestant], peers: &[String]) -> String {
        let options = Options::parse_from(["peers"]);
        Report {
            contestants,
            peers,
            options: &options,
        }
        .text()
    }

    fn cells<'a>(text: &'a str, title: &str, row: &str) -> Vec<&'a str> {
        let table = text.split_once(title).unwrap().1;
        let line = table.lines().find(|line| line.starts_with(row)).unwrap();
        line.split_whitespace().skip(1).collect()
    }

    #[test]
    fn rates_and_ratios_are_those_of_the_samples() {
        let text = text(
            &[
                contestant("avx2", Kind::Backend, &[10.0, 12.0, 30.0], None),
                contestant("sha2", Kind::Loop, &[6.0], None),
                contestant("minerd", Kind::Peer, &[4.0, 5.0], Some(0.5)),
            ],
            &["minerd: cpuminer 2.5.1".to_owned()],
        );
        let row = |title, name| cells(&text, title, name).join(" ");
        assert_eq!(row("samples", "avx2"), "12.00 30.00 100.0 100.0 - 3");
        assert_eq!(row("samples", "minerd"), "4.50 5.00 - - 50.0 2");
        // The columns are the peer and the loop.
        assert_eq!(row("of medians, a backend", "avx2"), "2.67 2.00");
        assert_eq!(row("of bests", "avx2"), "6.00 5.00");
        assert_eq!(row("of medians, a peer", "avx2"), "1.33 2.00");
        assert!(!text.contains("No peer"));
    }

    #[test]
    fn without_a_peer_it_says_how_to_give_one() {
        let text = text(
            &[
                contestant("avx2", Kind::Backend, &[10.0], None),
                contestant("sha2", Kind::Loop, &[5.0], None),
            ],
            &[],
        );
        assert!(text.contains("--cpuminer PATH/cpuminer"));
        assert!(!text.contains("Peers:"));
        assert_eq!(cells(&text, "of medians", "avx2"), ["2.00"]);
    }

    #[test]
    fn many_columns_go_below_each_other() {
        let mut contestants: Vec<Contestant> = (10..30)
            .map(|i| contestant(&format!("a-long-name-of-a-p{i}"), Kind::Peer, &[2.0], None))
            .collect();
        contestants.push(contestant("avx512-rolled", Kind::Backend, &[9.0], None));
        let text = text(&contestants, &["a peer".to_owned()]);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.matches("4.50").count(), 2 * 20);
    }
}
