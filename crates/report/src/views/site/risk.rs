//! Risk: the parameters that move the answer most, and the draws of all of them at once.

use perwatt_site::SiteReport;
use perwatt_site::monte_carlo::{Drawn, DrawnUse};
use perwatt_site::tornado::Swing;

use super::inputs::range_with;
use crate::doc::{Bar, Block, Cell, Chart, Column, Dot, Grid, Plot, Shape, Tick, Value};
use crate::phrases::site as phrases;

/// The largest number of parameters in the table of the strongest.
const MOST: usize = 12;

/// The sensitivity of the answer; with `full`, to the weaker parameters too.
pub fn tornado(report: &SiteReport, full: bool) -> Vec<Block> {
    let answer = phrases::answer(report.answer);
    let mut out = vec![
        Block::part("tornado", "parameters that move the answer most"),
        Block::Sentence(format!(
            "the answer: {answer}, {} at the values given; {}",
            Value::Dollars(report.advantage_usd_per_year),
            phrases::weakest(report.answer_evidence)
        )),
    ];
    let (shown, rest) = report.tornado.split_at(report.tornado.len().min(MOST));
    if shown.is_empty() {
        out.push(Block::sentence("no parameter with a range moves it"));
        return out;
    }
    let given = report.advantage_usd_per_year;
    out.push(Block::Chart(Chart {
        title: format!("Parameters that move the {answer}"),
        caption: "Each parameter by itself at both ends of its range: hollow to the low end, filled to the \
                  high end. The range is beside each name, the answers at both ends on the right, in the \
                  same order."
            .into(),
        shape: Shape::Tornado(given, shown.iter().map(bar).collect()),
    }));
    out.push(Block::Grid(swings(shown)));
    out.push(Block::sentence(
        "each parameter alone at both ends of its range",
    ));
    if let Some(first) = rest.first() {
        out.push(Block::Sentence(format!(
            "{} more move it less, the strongest of them ({}) by {}",
            rest.len(),
            first.key,
            Value::Dollars(first.size_usd())
        )));
        out.extend(full.then(|| Block::Details {
            title: "parameters that move it less".into(),
            blocks: vec![Block::Grid(swings(rest))],
        }));
    }
    out
}

fn bar(of: &Swing) -> Bar {
    let [low, high] = of.advantage_usd_per_year.map(Value::Dollars);
    Bar {
        name: of.key.to_owned(),
        range: range_with(&of.ends, of.unit),
        ends: of.advantage_usd_per_year,
        text: format!("{low}, {high}"),
    }
}

fn swings(all: &[Swing]) -> Grid {
    let mut grid = Grid::new([
        Column::left("parameter"),
        Column::left("range"),
        Column::right("at its low"),
        Column::right("at its high"),
    ]);
    for of in all {
        let [low, high] = of
            .advantage_usd_per_year
            .map(|usd| Value::Dollars(usd).into());
        grid.row([
            of.key.into(),
            range_with(&of.ends, of.unit).into(),
            low,
            high,
        ]);
    }
    grid
}

/// The draws of all parameters that have a range.
pub fn draws(drawn: &Drawn) -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("use"),
        Column::right("median NPV"),
        Column::right("5..95 %"),
        Column::right("payback"),
        Column::right("its median").drop(0),
        Column::right("NPV > 0"),
        Column::right("best"),
    ]);
    drawn.uses.iter().for_each(|of| draw(of, &mut grid));
    vec![
        Block::part("draws", "all parameters with a range drawn at once"),
        plot(drawn),
        Block::Grid(grid),
        Block::Sentence(format!(
            "{} draws of {} parameters, seed {}: each from the triangle over its range with its value on \
             top; {}; all figures assumed",
            drawn.draws,
            drawn.parameters,
            drawn.seed,
            phrases::TOGETHER
        )),
        Block::sentence(
            "over selling: a year, as above; payback in months, 5 to 95 % of draws; never: not within the horizon; NPV > 0: the chance of a \
             net present value above zero, or of more than selling now brings; best: that no other use is \
             worth more over selling, a year of its life",
        ),
    ]
}

/// A row for a use and, for one besides selling now, another for its value over that.
fn draw(of: &DrawnUse, grid: &mut Grid) {
    let money = |name: &str, all: [f64; 5]| {
        let ends = Value::ends([all[0], all[4]], Value::Dollars);
        [Cell::from(name), Value::Dollars(all[2]).into(), ends.into()]
    };
    let [soon, middle, late] = of.payback_months;
    let others = [
        Value::ends([soon, late], Value::Months).into(),
        Value::Months(middle).into(),
        Value::Chance(of.pays).into(),
        Value::Chance(of.best).into(),
    ];
    grid.row(money(of.kind.short(), of.npv_usd).into_iter().chain(others));
    if let (Some(over), Some(beats)) = (of.annual_over_sell_usd, of.beats_selling) {
        let others = [Cell::empty(), Cell::empty(), Value::Chance(beats).into()];
        grid.sub_row(money("over selling", over).into_iter().chain(others));
    }
}

fn plot(drawn: &Drawn) -> Block {
    let dots = drawn.uses.iter().map(|of| {
        let [p5, p25, p50, p75, p95] = of.npv_usd;
        Dot {
            name: of.title.to_owned(),
            text: Value::Dollars(p50).to_string(),
            value: p50,
            interval: Some([p5, p95]),
            range: Some([p25, p75]),
            hollow: false,
        }
    });
    let ends = || drawn.uses.iter().flat_map(|of| of.npv_usd);
    let low = ends().fold(0.0, f64::min);
    let high = ends().fold(0.0, f64::max);
    let room = 0.04 * (high - low);
    Block::Plot(Plot {
        title: "Net present value of each use in all draws".into(),
        caption: "The dot is the median, the whisker holds 5 to 95 % of draws, the grey \
                  behind it 25 to 75 %. The line is zero."
            .into(),
        dots: dots.collect(),
        from: [low - room, high + room],
        log: false,
        tick: Tick::Dollars,
        band: None,
        line: Some(0.0),
    })
}
