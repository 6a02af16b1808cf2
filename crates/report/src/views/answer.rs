//! The answer on one screen.

use perwatt_answer::{
    Answer, Basis, Bought, Buys, Earner, Gross, Money, PerDollar, Rival, Running,
};
use perwatt_gap::catalogue::Format;
use perwatt_gap::energy::Figure;
use perwatt_record::schema::Unit;
use perwatt_site::summary::{Summary, Turn, UseSummary};
use perwatt_table::Evidence;

use crate::doc::{Block, Cell, Column, Grid, Mark, Row, Tone, Value};
use crate::phrases::site as site_phrases;
use crate::units::{Scale, counted, day, number};

/// Hashes in a terahash.
const TERA: f64 = 1e12;
/// Lines of a screen that the answer may take.
const LINES: usize = 24;
/// Most warnings on the screen.
const WARNINGS: usize = 2;
/// Fewest uses of a site that are shown.
const LEAST_USES: usize = 3;
/// Lines that are no rows and no warnings: the machine, three headings with an empty line
/// before each, the verdict, the legend.
const FRAME: usize = 9;
/// Kilowatt-hours in a megawatt-hour.
const KILO: f64 = 1e3;

/// The blocks of an answer, 24 lines of 80 columns.
pub fn blocks(answer: &Answer) -> Vec<Block> {
    let mut out = vec![Block::Sentence(machine(answer))];
    let warnings = answer.warnings.iter().take(WARNINGS);
    out.extend(warnings.map(|text| Block::Warning(format!("! {text}"))));
    let bought = bought(answer);
    let mut lines = FRAME + bought.rows.len() + answer.warnings.len().min(WARNINGS);
    out.extend([Block::Space, Block::Grid(bought)]);
    if let Some(text) = without_joules(answer) {
        lines += 1;
        out.push(Block::Sentence(text));
    }
    if let Some(of) = &answer.per_dollar {
        lines += 1;
        out.push(Block::Sentence(per_dollar(of, answer)));
    }
    if let Some(of) = &answer.running {
        lines += 1;
        out.push(Block::Sentence(running(of, answer)));
    }
    if let Some(money) = &answer.money {
        let kwh = kwh(money);
        lines += kwh.rows.len();
        let uses = LINES.saturating_sub(lines).max(LEAST_USES);
        out.extend([
            Block::Space,
            Block::Grid(kwh),
            Block::Space,
            Block::Grid(site(&money.site, uses)),
            Block::Verdict(site_phrases::tone(money.site.verdict), verdict(money)),
        ]);
    }
    out.push(Block::Sentence(legend(answer)));
    out
}

/// What one joule buys, beside the best rivals alone, and where to read on: the end of a
/// session's output. `path` is its record.
pub fn short(answer: &Answer, path: &str) -> Vec<Block> {
    let mut grid = bought(answer);
    // Rows of the second rival, and of the same figure in another unit.
    grid.rows
        .retain(|row| matches!(row, Row::Cells { depth: 0, .. }));
    let mut out = vec![Block::Space, Block::Grid(grid)];
    out.extend(without_joules(answer).map(Block::Sentence));
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
    out.push(Block::Grid(bought(answer)));
    out.extend(without_joules(answer).map(Block::Sentence));
    let costs = [
        answer.per_dollar.as_ref().map(|of| per_dollar(of, answer)),
        answer.running.as_ref().map(|of| running(of, answer)),
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
            Block::Grid(kwh(money)),
            Block::part("site", "Should the site switch?"),
            Block::Grid(site(&money.site, usize::MAX)),
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

fn bought(answer: &Answer) -> Grid {
    let (title, per) = match &answer.basis {
        Basis::Joule { .. } => ("ONE JOULE BUYS", ""),
        Basis::Second { .. } => ("ONE SECOND BUYS", "/s"),
    };
    let mut grid = Grid::new([
        Column::left(title),
        Column::right(answer.machine.short()),
        Column::left("best rival"),
        Column::right("gap"),
        Column::right("95 % interval").drop(1),
    ]);
    for row in &answer.bought {
        let mut rivals = row.rivals.iter();
        let unit = unit(row.buys);
        let own = Value::figure(row.own.value, format!("{unit}{per}"));
        let own = Cell::from(own).mark(own_mark(row.estimate));
        let first = rivals.next();
        grid.row(
            [name(row.buys).into(), own]
                .into_iter()
                .chain(side(first, unit, per)),
        );
        if row.buys == Buys::Hashes && per.is_empty() {
            grid.sub_row(j_th(row, first));
        }
        for rival in rivals {
            let cells = [role(rival).into(), Cell::empty()];
            grid.sub_row(cells.into_iter().chain(side(Some(rival), unit, per)));
        }
    }
    grid
}

/// The role of a second rival; with the year where it rests on a share of the network.
fn role(rival: &Rival) -> String {
    match rival.share_date.as_deref().and_then(|date| date.get(..4)) {
        Some(year) => format!("most used {year}"),
        None => rival.role.into(),
    }
}

/// The rows that are not in the table for want of joules, on one line.
fn without_joules(answer: &Answer) -> Option<String> {
    let devices = answer.without_joules.chunk_by(|a, b| a.device == b.device);
    let of_device = devices.map(|rows| {
        let names = rows.iter().map(|row| name(row.buys));
        let names = names.collect::<Vec<_>>().join("; ");
        let on = &rows[0].device;
        match rows {
            [row] => {
                let rate = Value::figure(row.per_s, format!("{}/s", unit(row.buys)));
                format!("{names} on {on} ({rate})")
            }
            _ => format!("{names} on {on}"),
        }
    });
    let all = of_device.collect::<Vec<_>>().join("; ");
    (!all.is_empty()).then(|| format!("no joules, not above: {all}"))
}

/// The rival's figure, the gap and its interval.
fn side(rival: Option<&Rival>, unit: &str, per: &str) -> [Cell; 3] {
    let Some(rival) = rival else {
        return ["none is known".into(), Cell::empty(), Cell::empty()];
    };
    let its = Cell::from(Value::figure(rival.per, format!("{unit}{per}")));
    let its = its
        .and(rival.short.clone())
        .mark(Mark::Evidence(rival.source.evidence));
    let [gap, interval] = match &rival.gap {
        Some(gap) => times(gap),
        None => ["-".into(), Cell::empty()],
    };
    [its, gap, interval]
}

fn times(gap: &Figure) -> [Cell; 2] {
    // On the scale of the gap as it is written.
    let scale = match gap.value < 1e4 {
        true => Scale::UNIT,
        false => Scale::of(gap.value),
    };
    let interval = gap.interval.map(|ends| Value::Interval(ends, scale));
    [
        Value::Words(format!("{} x", number(gap.value))).into(),
        interval.into(),
    ]
}

fn j_th(row: &Bought, rival: Option<&Rival>) -> [Cell; 3] {
    let of = |per: f64| Value::Amount(TERA / per);
    [
        "in J/TH".into(),
        Cell::from(of(row.own.value)).mark(own_mark(row.estimate)),
        rival
            .map(|rival| Cell::from(of(rival.per)).mark(Mark::Evidence(rival.source.evidence)))
            .into(),
    ]
}

fn own_mark(estimate: bool) -> Mark {
    match estimate {
        true => Mark::Stated,
        false => Mark::Evidence(Evidence::Measured),
    }
}

fn name(buys: Buys) -> String {
    let word = |format: Format| {
        format
            .word()
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    match buys {
        Buys::Hashes => "Bitcoin hashes".into(),
        Buys::Flop(Format::Fp32) => "arithmetic, FP32".into(),
        Buys::Flop(format) | Buys::Op(format) => format!("AI, {}", word(format)),
        Buys::Bytes => "memory traffic".into(),
        Buys::Tokens => "tokens, at most".into(),
    }
}

fn unit(buys: Buys) -> &'static str {
    match buys {
        Buys::Hashes => "H",
        Buys::Flop(_) => "FLOP",
        Buys::Op(_) => "OP",
        Buys::Bytes => "B",
        Buys::Tokens => "tokens",
    }
}

/// The price of the machine over its rates, and the cheapest rig's.
fn per_dollar(of: &PerDollar, answer: &Answer) -> String {
    let rig = of.rig.as_ref().map_or_else(String::new, |rig| {
        let usd = Value::Dollars(rig.usd_per_th_s);
        format!("; {usd}/(TH/s) {} ({})", rig.short, rig.date)
    });
    format!(
        "for {}{}:{}{}{rig}",
        Value::Dollars(of.price_usd),
        Mark::Stated.sign(),
        per(of.usd_per_th_s, "(TH/s)"),
        per(of.usd_per_tera_op_s, &format!("(T{}/s)", operation(answer)))
    )
}

/// The rent of the machine over its work.
fn running(of: &Running, answer: &Answer) -> String {
    let tokens = of.usd_per_mtoken_at_least;
    let tokens = tokens.map_or_else(String::new, |usd| {
        format!(" \u{2265}{}/(M tokens)", Value::Dollars(usd))
    });
    format!(
        "rented at {}/h{}:{}{}{tokens}",
        Value::Dollars(of.rent_usd_per_h),
        Mark::Stated.sign(),
        per(of.usd_per_eh, "EH"),
        per(of.usd_per_exa_op, &format!("E{}", operation(answer)))
    )
}

/// Dollars per unit, after a space; nothing where they are not known.
fn per(usd: Option<f64>, unit: &str) -> String {
    usd.map_or_else(String::new, |usd| {
        format!(" {}/{unit}", Value::Dollars(usd))
    })
}

/// The unit of the product that stands for the machine.
fn operation(answer: &Answer) -> Unit {
    let integer = |row: &Bought| matches!(row.buys, Buys::Op(_));
    match answer.bought.iter().any(integer) {
        true => Unit::Op,
        false => Unit::Flop,
    }
}

fn kwh(money: &Money) -> Grid {
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

fn site(found: &Summary, most: usize) -> Grid {
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
