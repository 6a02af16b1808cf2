//! Products against accelerators, with peak and measured rates separate.

use perwatt_gap::energy::{Against, Answer, Arithmetic, EnergyGap, Side};
use perwatt_record::schema::Unit;
use perwatt_record::work::EnergyUnit;

use super::{cells, figures, line, plot};
use crate::doc::{Block, Cell, Column, Dot, Grid, Value};
use crate::phrases::gap as phrases;

/// The meaning of tokens per joule.
const TOKENS: &str = "tokens/J: an upper bound by the products with the weights alone, without \
                      attention, cache and scheduling";

/// The blocks of the arithmetic.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    let mut out = vec![Block::part("arithmetic", "arithmetic against accelerators")];
    if gap.arithmetic.is_empty() {
        out.push(Block::sentence(
            "not measured: no record has a verified matrix product",
        ));
    } else {
        out.push(Block::section("AI figures"));
        out.push(Block::List(gap.ai.iter().flat_map(phrases::ai).collect()));
    }
    for row in &gap.arithmetic {
        out.extend(of(row));
    }
    out
}

/// The known sides of an accelerator with these names, the measured ones first.
fn sides(row: &Arithmetic) -> impl Iterator<Item = (&Against, &'static str, &Side)> {
    row.against.iter().flat_map(|against| {
        let all = [
            ("sustained", &against.sustained),
            ("burst", &against.burst),
            ("peak", &against.peak),
        ];
        let known = all.into_iter();
        known.filter_map(move |(what, side)| Some((against, what, side.known()?)))
    })
}

fn of(row: &Arithmetic) -> Vec<Block> {
    let unit = phrases::unit(&row.subject);
    let mut grid = figures();
    let rate = &row.rate_per_s.figure;
    grid.row(line("rate", rate, &format!("{unit}/s"), "measured"));
    for energy in &row.energy {
        let name = format!("per joule ({})", phrases::boundary(&energy.joules));
        let basis = phrases::basis(&energy.joules);
        let figure = &energy.per_j.figure;
        grid.row(line(name, figure, &EnergyUnit(unit).per_joule(), basis));
        let per_tera = EnergyUnit(unit).per_tera();
        let figure = &energy.j_per_tera.figure;
        grid.sub_row(line("energy", figure, &per_tera, basis));
        if let Some(tokens) = &energy.tokens_per_j {
            grid.sub_row(line("tokens/J at most", &tokens.figure, "", basis));
        }
    }
    let mut out = vec![
        Block::section(phrases::title(&row.subject)),
        Block::Grid(grid),
        Block::Sentence(phrases::format(&row.format)),
    ];
    let against = against(row, unit);
    if !against.is_empty() {
        out.push(Block::Grid(against));
    }
    let mut said: Vec<String> = phrases::no_energy(row).into_iter().collect();
    for energy in &row.energy {
        said.extend(phrases::joules(&energy.joules, energy.note.as_deref()));
    }
    if row.energy.iter().any(|of| of.tokens_per_j.is_some()) {
        said.push(TOKENS.into());
    }
    said.push(phrases::roofline(&row.roofline));
    said.push(phrases::share(phrases::MAKERS_PEAK, &row.alu));
    said.extend(phrases::standing(&row.rate_per_s, &row.subject));
    out.push(Block::List(said));
    out.extend(plots(row, unit).iter().filter_map(plot::block));
    out
}

/// The plots by rate, and by joules of each boundary.
fn plots(row: &Arithmetic, unit: Unit) -> Vec<plot::Times> {
    let name = |against: &Against, what: &str| format!("{what}: {}", against.accelerator);
    let rates =
        sides(row).map(|(of, what, side)| plot::dot(name(of, what), &side.units, what == "peak"));
    let mut out = vec![plot::Times {
        title: format!("Devices per accelerator by rate in {unit}/s"),
        caption: "The scale is logarithmic; the line at 1 is this device. A hollow dot is the accelerator's \
                  peak, which its maker says; a filled one somebody measured, for milliseconds (burst) or \
                  seconds (sustained). Whiskers hold re-runs of this \
                  device.",
        dots: rates.collect(),
    }];
    for (i, energy) in row.energy.iter().enumerate() {
        let dots = sides(row).filter_map(|(of, what, side)| {
            let over = side.over_device.get(i)?;
            Some(plot::dot(name(of, what), over, what == "peak"))
        });
        let dots: Vec<Dot> = dots.collect();
        let boundary = phrases::boundary(&energy.joules);
        out.push(plot::Times {
            title: format!(
                "{}: how many times this device's ({boundary})",
                EnergyUnit(unit).per_joule()
            ),
            caption: "",
            dots,
        });
    }
    out
}

fn against(row: &Arithmetic, unit: Unit) -> Grid {
    let mut grid = Grid::new([
        Column::left("accelerator"),
        Column::left("what"),
        Column::right("its"),
        Column::right("times"),
        Column::right("re-runs").fold(2),
        Column::right("in all").drop(1),
        Column::left("rests on").drop(0),
    ]);
    for (against, what, side) in sides(row) {
        side_rows(row, against, what, side, unit, &mut grid);
    }
    grid
}

fn side_rows(row: &Arithmetic, of: &Against, what: &str, side: &Side, unit: Unit, grid: &mut Grid) {
    let line = |name: String, its: Value, times: [Cell; 3], rests_on: String| {
        let first = [name.into(), what.into(), its.into()];
        let all = first.into_iter().chain(times);
        all.chain([rests_on.into()]).collect::<Vec<Cell>>()
    };
    let mark = side.evidence.word();
    grid.row(line(
        of.accelerator.clone(),
        Value::figure(side.per_s, format!("{unit}/s")),
        cells(&side.units, ""),
        format!("its: {mark}; this device: measured"),
    ));
    let Answer::Is(per_j) = &side.per_j else {
        return;
    };
    for (over, energy) in side.over_device.iter().zip(&row.energy) {
        let basis = phrases::basis(&energy.joules);
        grid.sub_row(line(
            format!("beside {}", phrases::boundary(&energy.joules)),
            Value::figure(*per_j, EnergyUnit(unit).per_joule()),
            cells(over, ""),
            match what {
                "sustained" => format!("its: {mark} with its watts; this device: {basis}"),
                _ => format!("its: {mark} over the board's nameplate power; this device: {basis}"),
            },
        ));
    }
}
