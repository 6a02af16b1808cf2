//! What a kilowatt-hour earns in each use, and whether the site should switch.

use perwatt_answer::{Earner, Gross, Money};
use perwatt_record::schema::Unit;
use perwatt_site::summary::{Summary, Turn, UseSummary};
use perwatt_table::Evidence;

use crate::doc::{Cell, Column, Grid, Mark, Tone, Value};
use crate::phrases::site as site_phrases;

/// Kilowatt-hours in a megawatt-hour.
const KILO: f64 = 1e3;

/// What a kilowatt-hour earns in each use.
pub fn kwh(money: &Money) -> Grid {
    let price = &money.power_price;
    let sign = Mark::Evidence(price.source.evidence).sign();
    let usd = Value::Dollars(price.usd_per_mwh / KILO);
    let mut grid = Grid::new([
        Column::left(format!("ONE kWh ({usd}{sign})")),
        Column::right("hashes"),
        Column::right("earns, gross"),
        Column::right("range"),
        Column::right("left after power"),
    ]);
    for earner in &money.kwh {
        grid.row(earns(earner));
    }
    grid
}

fn earns(of: &Earner) -> [Cell; 5] {
    let hashes = of
        .hashes
        .map(|hashes| Value::figure(hashes, Unit::Hash.to_string()));
    let mark = |evidence: Evidence| match of.estimate || of.stated {
        true => Mark::Stated,
        false => Mark::Evidence(evidence),
    };
    let [gross, range, net] = match &of.gross {
        Gross::Usd { value, net, range } => [
            Cell::from(Value::Dollars(*value)).mark(mark(of.evidence)),
            range
                .map(|(ends, evidence)| {
                    Cell::from(Value::ends(ends, Value::Dollars)).mark(mark(evidence))
                })
                .into(),
            Cell::toned(
                Value::Dollars(*net),
                if *net < 0.0 { Tone::Bad } else { Tone::Good },
            )
            .mark(mark(of.net_evidence)),
        ],
        Gross::Unknown(reason) => [reason.clone().into(), Cell::empty(), Cell::empty()],
    };
    [of.name.clone().into(), hashes.into(), gross, range, net]
}

/// The net present value of each use, at most so many of them, and what turns the answer.
pub fn site(found: &Summary, most: usize) -> Grid {
    let mut grid = Grid::new([
        Column::left("SHOULD THE SITE SWITCH?"),
        Column::right("NPV"),
        Column::right("best in"),
        Column::left("the answer turns at"),
    ]);
    let mut uses: Vec<&UseSummary> = found.uses.iter().collect();
    let value = |of: &UseSummary| of.annual_over_sell_usd;
    uses.sort_by(|a, b| value(b).total_cmp(&value(a)));
    for of in uses.into_iter().take(most) {
        let tone = match of.kind == found.best {
            true => Tone::Strong,
            false => Tone::Plain,
        };
        grid.row([
            Cell::toned(of.kind.title(), tone),
            Cell::from(Value::Dollars(of.npv_usd)).mark(Mark::Evidence(of.npv_evidence)),
            of.best_share.map(site_phrases::chance).into(),
            of.turn.as_ref().map(turn).into(),
        ]);
    }
    grid
}

fn turn(of: &Turn) -> String {
    let way = if of.at > of.now { '>' } else { '<' };
    format!("{way} {}", site_phrases::turn(of))
}

/// The verdict in one line.
pub fn verdict(money: &Money) -> String {
    let (scenario, site) = (&money.scenario, &money.site);
    let whose = match scenario.example {
        true => "example site; yours: --site FILE",
        false => &scenario.name,
    };
    let share = site.confidence.map(|share| {
        let likeliest = site.likeliest.short();
        let share = site_phrases::chance(share);
        format!(": {likeliest} is best in {share} of draws")
    });
    let word = site.verdict.word();
    let days = money.price_days;
    let days = days.map(|days| format!("; {days:.0} days of prices"));
    let (share, days) = (share.unwrap_or_default(), days.unwrap_or_default());
    format!("=> {word}{share} ({whose}{days})")
}
