//! The answer on one screen.

mod bought;
mod costs;
mod money;

use perwatt_answer::{Answer, Basis};
use perwatt_table::Evidence;

use crate::doc::{Block, Mark, Row};
use crate::phrases::site as site_phrases;
use crate::units::{counted, day};

pub use money::verdict;

/// Lines of a screen that the answer may take.
const LINES: usize = 24;
/// Most warnings on the screen.
const WARNINGS: usize = 2;
/// Fewest uses of a site that are shown.
const LEAST_USES: usize = 3;
/// Lines that are no rows and no warnings: the machine, three headings with an empty line
/// before each, the verdict, the legend.
const FRAME: usize = 9;

/// The blocks of an answer, 24 lines of 80 columns.
pub fn blocks(answer: &Answer) -> Vec<Block> {
    let mut out = vec![Block::Sentence(machine(answer))];
    let warnings = answer.warnings.iter().take(WARNINGS);
    out.extend(warnings.map(|text| Block::Warning(format!("! {text}"))));
    let bought = bought::grid(answer);
    let mut lines = FRAME + bought.rows.len() + answer.warnings.len().min(WARNINGS);
    out.extend([Block::Space, Block::Grid(bought)]);
    if let Some(text) = bought::without_joules(answer) {
        lines += 1;
        out.push(Block::Sentence(text));
    }
    if let Some(of) = &answer.per_dollar {
        lines += 1;
        out.push(Block::Sentence(costs::per_dollar(of, answer)));
    }
    if let Some(of) = &answer.running {
        lines += 1;
        out.push(Block::Sentence(costs::running(of, answer)));
    }
    if let Some(money) = &answer.money {
        let kwh = money::kwh(money);
        lines += kwh.rows.len();
        let uses = LINES.saturating_sub(lines).max(LEAST_USES);
        out.extend([
            Block::Space,
            Block::Grid(kwh),
            Block::Space,
            Block::Grid(money::site(&money.site, uses)),
            Block::Verdict(site_phrases::tone(money.site.verdict), verdict(money)),
        ]);
    }
    out.push(Block::Sentence(legend(answer)));
    out
}

/// What one joule buys, beside the best rivals alone, and where to read on: the end of a
/// session's output. `path` is its record.
pub fn short(answer: &Answer, path: &str) -> Vec<Block> {
    let mut grid = bought::grid(answer);
    // Rows of the second rival, and of the same figure in another unit.
    grid.rows
        .retain(|row| matches!(row, Row::Cells { depth: 0, .. }));
    let mut out = vec![Block::Space, Block::Grid(grid)];
    out.extend(bought::without_joules(answer).map(Block::Sentence));
    out.push(Block::Sentence(format!(
        "money and verdict: perwatt answer {path}"
    )));
    out
}

/// What one joule buys as a part of a page, with all warnings and the meaning of the marks.
pub fn joule(answer: &Answer) -> Vec<Block> {
    let mut out = joule_alone(answer);
    out.push(Block::Sentence(legend(answer)));
    out
}

fn joule_alone(answer: &Answer) -> Vec<Block> {
    let title = match &answer.basis {
        Basis::Joule { .. } => "What a joule buys",
        Basis::Second { .. } => "What a second buys",
    };
    let mut out = vec![Block::part("joule", title)];
    out.extend(answer.warnings.iter().cloned().map(Block::Warning));
    out.push(Block::Grid(bought::grid(answer)));
    out.extend(bought::without_joules(answer).map(Block::Sentence));
    let costs = [
        answer
            .per_dollar
            .as_ref()
            .map(|of| costs::per_dollar(of, answer)),
        answer.running.as_ref().map(|of| costs::running(of, answer)),
    ];
    out.extend(costs.into_iter().flatten().map(Block::Sentence));
    out
}

/// The parts of a page, which has room for all warnings and all uses; its title and its
/// lead are the [`title`] and the [`verdict`].
pub fn parts(answer: &Answer) -> Vec<Block> {
    let mut out = vec![Block::Sentence(machine(answer))];
    out.extend(joule_alone(answer));
    if let Some(money) = &answer.money {
        out.extend([
            Block::part("kwh", "What a kilowatt-hour earns"),
            Block::Grid(money::kwh(money)),
            Block::part("site", "Should the site switch?"),
            Block::Grid(money::site(&money.site, usize::MAX)),
        ]);
    }
    out.push(Block::Sentence(legend(answer)));
    out
}

/// The title of a page: the machine and the day.
pub fn title(answer: &Answer) -> String {
    let of = &answer.machine;
    format!("{} \u{b7} {}", of.name, day(&of.measured_utc))
}

fn machine(answer: &Answer) -> String {
    let of = &answer.machine;
    let node = of.node.iter().map(|node| format!("{node}: "));
    let node: String = node.collect();
    let counted = match of.sessions {
        1 => counted(of.runs, "run", "runs"),
        n => counted(n, "session", "sessions"),
    };
    format!(
        "{node}{} \u{b7} {} \u{b7} {counted}, verified",
        of.name,
        day(&of.measured_utc)
    )
}

/// The meaning of the marks on the screen, and where to read on.
fn legend(answer: &Answer) -> String {
    let sign = |of: Evidence| Mark::Evidence(of).sign();
    let watts = answer.bought.iter().any(|row| row.estimate);
    let dollars = answer.per_dollar.is_some() || answer.running.is_some();
    let stated = match watts || dollars {
        true => format!(" {} stated", Mark::Stated.sign()),
        false => String::new(),
    };
    format!(
        "weakest input: {} measured {} plate {} sourced {} assumed{stated} \u{b7} more: gap, site",
        sign(Evidence::Measured),
        sign(Evidence::Nameplate),
        sign(Evidence::Sourced),
        sign(Evidence::Assumed),
    )
}
