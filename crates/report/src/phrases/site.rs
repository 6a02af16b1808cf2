//! Sentences of a site's report.

use std::collections::BTreeSet;

use perwatt_site::SiteReport;
use perwatt_site::curtailment::Curtailment;
use perwatt_site::monte_carlo;
use perwatt_site::scenario::Origin;
use perwatt_site::settings::{Contract, PaidBy, Settings, Use};
use perwatt_site::stated::{Course, DealCase};
use perwatt_site::summary::{Summary, Turn, Verdict};
use perwatt_table::Evidence;

use crate::doc::{Fact, Mark, Tone, Value};
use crate::units::{dollars, number, with_unit};

/// The legend of the letters that stand behind figures.
pub fn letters() -> Vec<String> {
    let all = [
        (
            Evidence::Exact,
            "follows from the rules of Bitcoin or from arithmetic alone",
        ),
        (
            Evidence::Measured,
            "in an archived record, or by a named party",
        ),
        (Evidence::Nameplate, "what the maker says of the device"),
        (
            Evidence::Sourced,
            "somebody else's figure, with the source and its date",
        ),
        (
            Evidence::Assumed,
            "set by the scenario, or taken for granted",
        ),
    ];
    let line = |(of, meaning): (Evidence, &str)| format!("{} {}: {meaning}", mark(of), of.word());
    all.map(line).into()
}

/// The measure by which uses compare.
pub const COMPARED: &str = "over selling/year: net present value less that of selling the rigs now, as an \
                            annuity over the years that the use occupies the site, so that uses of \
                            unequal lives compare; best: share of draws in which that is the most; turns at: price of its \
                            product at which a use becomes best, or ceases to be; the site's own value is \
                            in no use";

/// The parameters that move together in the draws.
pub const TOGETHER: &str = "price, fees, hash rate and both growths move together \
                            (network.correlation), all others by themselves";

/// The tone of a verdict: a site that changes its use is no better or worse news than one
/// that keeps it.
pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Unclear => Tone::Unclear,
        _ => Tone::Good,
    }
}

/// The verdict in words.
pub fn verdict(of: &Summary) -> String {
    let word = of.verdict.word();
    let share = of.confidence.map(chance);
    let (best, likeliest) = (of.best.title(), of.likeliest.title());
    match share {
        None => format!("{word}: {best} is worth most at the values given; no draws were made"),
        Some(share) if of.verdict != Verdict::Unclear => {
            format!("{word}: {best} is worth most at the values given and in {share} of the draws")
        }
        Some(share) if of.best == of.likeliest => format!(
            "{word}: {best} is worth most at the values given, but in {share} of the draws only; two \
             thirds would be clear"
        ),
        Some(share) => format!(
            "{word}: {best} is worth most at the values given, and {likeliest} in {share} of the draws"
        ),
    }
}

/// The raised letter of evidence.
pub fn mark(evidence: Evidence) -> &'static str {
    Mark::Evidence(evidence).sign()
}

/// A share of the draws, with its letter.
pub fn chance(share: f64) -> String {
    format!("{}{}", Value::Chance(share), mark(monte_carlo::EVIDENCE))
}

/// A value of an input at which the answer changes, beside its value now.
pub fn turn(of: &Turn) -> String {
    let now = match of.unit.starts_with('$') {
        true => dollars(of.now),
        false => number(of.now),
    };
    let [at_mark, now_mark] = [of.at_evidence, of.now_evidence].map(mark);
    format!(
        "{}{at_mark} (now {now}{now_mark})",
        with_unit(of.at, of.unit)
    )
}

/// What the verdict should be read with: inputs that turn it within their ranges, and
/// prices that cover less than a year.
pub fn cautions(report: &SiteReport) -> Vec<String> {
    let mut all = Vec::new();
    let summary = &report.summary;
    let values = || summary.uses.iter().map(|of| of.annual_over_sell_usd);
    if values().all(|usd| usd < 0.0) {
        all.push(
            "selling the rigs now, which is not among the uses, is worth more than any of them"
                .into(),
        );
    }
    let turns = summary.turns.iter().take(4);
    let turns = turns.map(|of| format!("{} at {}", of.key, turn(of)));
    let turns: Vec<String> = turns.collect();
    let best = summary.best.title();
    all.push(match summary.turns.len() {
        0 => format!("no parameter by itself turns the answer from {best} within its range"),
        n => format!(
            "{n} parameters, each by itself, turn the answer from {best} within their ranges: {}",
            turns.join("; ")
        ),
    });
    if let (Some(prices), Some(days)) = (&report.prices, report.curtailment.extrapolated_days()) {
        all.push(format!(
            "extrapolated: {days:.0} days of prices, {} to {}, stand for every year; a year would have its \
             seasons",
            prices.first.split('T').next().unwrap_or_default(),
            prices.last.split('T').next().unwrap_or_default()
        ));
    }
    all
}

/// What the stated courses set.
pub fn courses(all: &[Course]) -> String {
    let of = |course: &Course| {
        let [price, rate, fees] = [0, 1, 2].map(|i| course.set[i].1);
        format!(
            "{}: price {:+.0} % and hash rate {:+.0} % a year, fees {fees} BTC",
            course.name,
            100.0 * price,
            100.0 * rate
        )
    };
    let courses: Vec<String> = all.iter().map(of).collect();
    format!(
        "a year: over selling; {}; hash rate grows only as far as the marginal rig earns its power, and falls where it does not; all figures assumed",
        courses.join("; ")
    )
}

/// What a deal does not publish, and how to state it; nothing if it has a value.
pub fn unpublished(deal: &DealCase) -> Option<String> {
    deal.hosting.is_none().then(|| {
        format!(
            "not published: {}; for an NPV give your own beside hosting.deal = {:?}",
            deal.missing.join(" and "),
            deal.id
        )
    })
}

/// The deals whose leases outlive the horizon, and the years to which their rent counts.
pub fn cut_off(report: &SiteReport) -> String {
    let input = |key: &str| {
        let of = report.inputs.iter().find(|input| input.key == key);
        of.map_or(0.0, |input| input.number)
    };
    let years = input("finance.horizon_years");
    let from = input("hosting.months_to_power") / 12.0;
    let longer = report.deals.iter().filter(|deal| {
        let term = deal
            .terms
            .iter()
            .find(|term| term.key == "hosting.term_years");
        deal.hosting.is_some() && term.is_some_and(|term| from + term.value > years)
    });
    let ids: Vec<&str> = longer.map(|deal| deal.id).collect();
    match ids.is_empty() {
        true => String::new(),
        false => format!(
            "; rent of {} after the horizon (finance.horizon_years, {years} years) is not counted",
            ids.join(" and ")
        ),
    }
}

/// The sources of the deals.
pub fn sources(all: &[DealCase]) -> String {
    let of = |deal: &DealCase| {
        let source = deal.terms.first().map_or("", |term| term.source);
        format!("{}: {source}, {}", deal.id, deal.date)
    };
    let sources: Vec<String> = all.iter().map(of).collect();
    sources.join("; ")
}

/// The period and the resolution of the power prices.
pub fn covered(found: &Curtailment) -> String {
    match (found.covers_days, found.step_min) {
        (Some(days), Some(step)) => format!(
            "over {days:.1} days of prices every {step:.0} minutes, known in advance, so that the gain \
             is the most there is; sums are of those days, and are not scaled to a year"
        ),
        _ => "no prices are given (curtailment.prices): hours are not known".into(),
    }
}

/// The explanation of the states of the network.
pub const STATES: &str = "\"all off\" lasts until what was sold hashes again elsewhere; until the \
                          retarget a hash earns what it did";

/// The origin of a value: default, scenario or command line.
pub fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".into(),
        Origin::Scenario(line) => format!("scenario, line {line}"),
        Origin::CommandLine => "command line".into(),
    }
}

/// A unit as it is printed behind a value; a date has none.
pub fn unit(unit: &str) -> &str {
    match unit {
        "date" => "",
        unit => unit,
    }
}

/// The weakest evidence among the figures of a table.
pub fn weakest(evidence: Evidence) -> String {
    format!("all figures {} at the weakest", evidence.word())
}

/// The name of the answer that the sensitivity is about.
pub fn answer(kind: Use) -> String {
    format!("value of {} over the best other use, a year", kind.title())
}

/// The choices of the scenario, each with its meaning.
pub fn choices(settings: &Settings) -> Vec<Fact> {
    let fact = |name: &str, text: String| Fact {
        name: name.into(),
        qualifier: "",
        text,
    };
    let mut all = Vec::new();
    if let Some(by) = settings.power_paid_by {
        let text = match by {
            PaidBy::Tenant => "the tenant: passed through",
            PaidBy::Landlord => "the landlord: in the rent",
        };
        all.push(fact("power of hosting is paid by", text.into()));
    }
    let rigs = [
        ("rigs that are there", &settings.mining_asic),
        ("newer rigs", &settings.newer_asic),
    ];
    let named = rigs.into_iter();
    all.extend(named.filter_map(|(name, rig)| Some(fact(name, rig.clone()?))));
    if settings.power_paid_by.is_some() {
        all.push(fact("deal of hosting", settings.hosting_deal.into()));
    }
    let accelerator = settings.accelerator.clone();
    all.push(fact("accelerator of the cloud", accelerator));
    if let Some(file) = &settings.prices {
        let contract = match file.contract {
            Contract::Index => "bought at the price of each interval",
            Contract::Fixed => "bought at a fixed price, what is not used sold",
        };
        all.push(fact("power prices", format!("{}, {contract}", file.path)));
    }
    all
}

/// The assumptions of the whole report.
pub fn assumptions(report: &SiteReport) -> Vec<String> {
    let mut all = vec![
        "Everything is in dollars of the day of the decision (constant dollars): the discount rate \
         is a real one."
            .to_owned(),
        "Before taxes, and before interest on debt.".into(),
        "A part of the cost of mining goes on while rigs stop, until they are closed: when that leaves \
         the most, after a notice at the soonest; rigs are worth nothing at the end of their lives."
            .into(),
        "A figure is as weak as the weakest of what it rests on: its letter is that one's.".into(),
    ];
    if report.monte_carlo.is_some() {
        all.push(
            format!("In the draws each parameter lies in a triangle over its range with its value on top; {TOGETHER}."),
        );
    }
    let marks: BTreeSet<&str> = report
        .inputs
        .iter()
        .filter(|input| input.used && input.source.evidence == Evidence::Assumed)
        .map(|input| input.key)
        .collect();
    all.push(match marks.len() {
        0 => "No figure rests on a value that is assumed.".into(),
        1 => "One value that figures rest on is assumed; the table of inputs says which.".into(),
        n => {
            format!("{n} values that figures rest on are assumed; the table of inputs says which.")
        }
    });
    all
}
