//! Rates of matrix products on GPUs beside the makers' peaks and what others measured.

use std::collections::BTreeMap;

use perwatt_gap::catalogue::{Accelerator, Catalogue, Format};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, Gpu, GpuKind};
use perwatt_record::work::{Matmul, NotAi, Work, not_ai};
use perwatt_report::doc::{Block, Cell, Column, Grid, Item, Value};

use super::limits::limits_of;

/// Cards run above the clock of their data sheets for moments.
const MOST_OF_PEAK: f64 = 1.05;
/// Less than this share of what others measured is no matter of the shape.
const LEAST_OF_OTHERS: f64 = 0.5;

/// The judgement of one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Plausible,
    AbovePeak,
    BelowOthers,
    /// Below others, on a card that a setting limits.
    Limited,
    Unknown,
}

impl Judgement {
    /// Judges a rate by its shares of the peak and of what others measured; `limited` if a
    /// setting of the card is known to keep it down.
    fn of(of_peak: Option<f64>, of_others: Option<f64>, limited: bool) -> Self {
        match (of_peak, of_others) {
            (Some(share), _) if share > MOST_OF_PEAK => Self::AbovePeak,
            (_, Some(share)) if share < LEAST_OF_OTHERS && limited => Self::Limited,
            (_, Some(share)) if share < LEAST_OF_OTHERS => Self::BelowOthers,
            (None, None) => Self::Unknown,
            _ => Self::Plausible,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Plausible => "plausible",
            Self::AbovePeak => "IMPLAUSIBLE: above the peak",
            Self::BelowOthers => "IMPLAUSIBLE: below half of it",
            Self::Limited => "below half of it: the card is limited",
            Self::Unknown => "no figure to compare with",
        }
    }

    fn is_implausible(self) -> bool {
        matches!(self, Self::AbovePeak | Self::BelowOthers)
    }
}

/// The table of judgements, and true if a rate is implausible; no blocks without a product
/// on a GPU.
pub fn judge(record: &Record, catalogue: &Catalogue) -> (Vec<Block>, bool) {
    let mut grid = Grid::new([
        Column::left("product"),
        Column::left("device").fold(1),
        Column::left("backend").fold(0),
        Column::right("rate"),
        Column::right("of peak"),
        Column::right("of others"),
        Column::left("judgement"),
    ]);
    let mut implausible = false;
    let mut limited: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in record.summary.iter().filter(|row| row.verified) {
        let entry = record.plan.entries.get(row.entry as usize);
        let Some((entry, gpu, work)) = entry.and_then(|entry| product(record, entry)) else {
            continue;
        };
        let Some(rate) = &row.rate_per_s else {
            continue;
        };
        let known = catalogue.accelerator_of(&gpu.model);
        let known = known.zip(entry.workload.named().work().and_then(format));
        let share = |of: Option<f64>| of.map(|per_s| rate.median / per_s);
        let of_peak = known.and_then(|(card, format)| share(card.peak_per_s(format)));
        // What others measured is of the card's matrix units.
        let shaders = matches!(
            not_ai(&gpu.model, &entry.backend, work),
            Some(NotAi::Shaders { .. })
        );
        let of_others = known.filter(|_| !shaders).and_then(|(card, format)| {
            share(card.sustained_per_s(format).or(card.burst_per_s(format)))
        });
        let limits = limited.entry(&entry.device);
        let limits = limits.or_insert_with(|| limits_of(record, entry));
        let judgement = Judgement::of(of_peak, of_others, !limits.is_empty());
        implausible |= judgement.is_implausible();
        let percent = |share: Option<f64>| share.map(|share| Value::Percent(share, 0));
        let others = Cell::from(percent(of_others));
        grid.row([
            entry.work_name().into(),
            entry.device.as_str().into(),
            entry.backend.as_str().into(),
            Value::rate(rate.median, entry.unit).into(),
            percent(of_peak).into(),
            match (of_others, known) {
                (Some(_), Some((card, format))) => others.note(source(card, format)),
                _ => others,
            },
            judgement.words().into(),
        ]);
    }
    if grid.is_empty() {
        return (Vec::new(), false);
    }
    let title = Block::sentence("products beside the maker's peak and what others measured");
    let mut blocks = vec![title, Block::Grid(grid)];
    let items = limited.iter().flat_map(|(device, limits)| {
        let item = move |limit| Item::new(format!("{device}: {limit}"));
        limits.iter().map(item)
    });
    let items: Vec<Item> = items.collect();
    if !items.is_empty() {
        blocks.push(Block::Items(items));
    }
    (blocks, implausible)
}

/// A product on a hardware GPU whose sums are those of published rates.
fn product<'a>(record: &'a Record, entry: &'a Entry) -> Option<(&'a Entry, &'a Gpu, Matmul)> {
    let gpu = record
        .plan
        .gpus
        .iter()
        .find(|gpu| gpu.name == entry.device)?;
    match entry.workload.named().work()? {
        // Published rates of 16-bit floats are of sums in 32 bits.
        Work::Matmul(Matmul::F16) => None,
        Work::Matmul(of) if gpu.kind != GpuKind::Software => Some((entry, gpu, of)),
        _ => None,
    }
}

fn format(work: Work) -> Option<Format> {
    Format::of(work.input()?)
}

/// The kind and the source of what others measured.
fn source(card: &Accelerator, format: Format) -> String {
    let kind = match card.sustained_per_s(format) {
        Some(_) => "sustained rate",
        None => "burst",
    };
    let source = card.measured_source();
    let date = source
        .date
        .map_or_else(String::new, |date| format!(", {date}"));
    format!("others: {kind} of {} by {}{date}", card.model, source.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_power::Covers;
    use perwatt_power::state::{Channel, Gauge, summarise};
    use perwatt_record::fixture::{Made, MadeEntry, card, product};
    use perwatt_record::schema::StateFigures;

    #[test]
    fn rates_are_judged_by_both_sides() {
        use Judgement::{AbovePeak, BelowOthers, Limited, Plausible, Unknown};
        for (of_peak, of_others, judgement) in [
            (Some(0.75), Some(1.0), Plausible),
            (Some(0.75), None, Plausible),
            (None, Some(0.9), Plausible),
            (Some(1.2), Some(1.5), AbovePeak),
            (Some(0.3), Some(0.4), BelowOthers),
            (None, None, Unknown),
        ] {
            assert_eq!(Judgement::of(of_peak, of_others, false), judgement);
        }
        assert_eq!(Judgement::of(Some(0.3), Some(0.4), true), Limited);
        assert_eq!(Judgement::of(Some(1.2), Some(1.5), true), AbovePeak);
    }

    /// The words of the judgements of these products on a card.
    fn judged(model: &str, products: &[(Matmul, &str, f64)]) -> (String, bool) {
        judged_of(&made(model, products))
    }

    fn judged_of(record: &Record) -> (String, bool) {
        let (blocks, implausible) = judge(record, &Catalogue::builtin().unwrap());
        (format!("{blocks:?}"), implausible)
    }

    fn made(model: &str, products: &[(Matmul, &str, f64)]) -> Record {
        let entries = products.iter().map(|(of, backend, rate)| MadeEntry {
            entry: product(*of, "gpu:0", backend),
            rates_per_s: vec![*rate; 6],
            power_w: 600.0,
        });
        let made = Made {
            entries: entries.collect(),
            gpus: vec![card("gpu:0", model)],
            ..Made::one("x", 1, &[])
        };
        made.record()
    }

    #[test]
    fn a_card_that_a_setting_limits_is_not_called_implausible() {
        let mut record = made("NVIDIA H200", &[(Matmul::Bf16, "cublaslt", 300e12)]);
        let covers = Covers::Pci("0000:1b:00.0".into());
        record.plan.gpus[0].pci_address = Some("0000:1B:00.0".into());
        record.channels.push(Channel {
            id: "nvml:0/power-limit".into(),
            description: String::new(),
            covers,
            gauge: Gauge::PowerLimitW,
        });
        for run in &mut record.runs {
            run.measured.as_mut().unwrap().state.push(StateFigures {
                channel: 0,
                figures: summarise(Gauge::PowerLimitW, &[350.0]).unwrap(),
            });
        }
        let (text, implausible) = judged_of(&record);
        assert!(implausible && !text.contains("power limit"), "{text}");
        let mut set = |name: &str, value: &str| {
            let settings = &mut record.session.segments[0].settings;
            settings.insert(format!("nvml:0/{name}"), value.into());
            judged_of(&record)
        };
        assert!(set("default-power-limit", "350 W").1, "the maker's limit");
        let (text, implausible) = set("default-power-limit", "700 W");
        assert!(
            !implausible && text.contains("350 W and the maker's 700 W"),
            "{text}"
        );
        assert!(text.contains("the card is limited"), "{text}");
        set("default-power-limit", "nonsense");
        let (text, implausible) = set("mig", "on");
        assert!(!implausible && text.contains("partitioned (MIG)"), "{text}");
    }

    #[test]
    fn a_card_is_judged_by_its_row_of_the_catalogue() {
        let bf16 = |rate| judged("NVIDIA H200", &[(Matmul::Bf16, "cublaslt", rate)]);
        let (text, implausible) = bf16(750e12);
        assert!(text.contains("sustained rate of H200 SXM"), "{text}");
        assert!(text.contains("plausible") && !implausible, "{text}");
        assert!(bf16(1200e12).1, "above the peak");
        assert!(bf16(300e12).1, "below half of what others measured");
        // Shaders do not reach the units that others measured.
        let coop = [(Matmul::F16F32, "wgsl-coop", 60e12)];
        assert!(!judged("NVIDIA H200", &coop).1);
        let (text, implausible) = judged("a card of tomorrow", &coop);
        assert!(text.contains("no figure to compare with") && !implausible);
        assert_eq!(judged("NVIDIA H200", &[]).0, "[]");
    }
}
