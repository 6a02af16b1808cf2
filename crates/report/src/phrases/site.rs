//! Sentences of a site's report.

use std::collections::BTreeSet;

use perwatt_site::SiteReport;
use perwatt_site::curtailment::Curtailment;
use perwatt_site::scenario::Origin;
use perwatt_site::settings::{Contract, PaidBy, Settings, Use};
use perwatt_table::Evidence;

use crate::doc::{Fact, Mark};

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
    let line = |(of, meaning): (Evidence, &str)| {
        format!("{} {}: {meaning}", Mark::Evidence(of).sign(), of.word())
    };
    all.map(line).into()
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
    match kind {
        Use::KeepMining => format!("net present value of {}", kind.title()),
        _ => format!("net present value of {} over keep mining", kind.title()),
    }
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
        "A figure is as weak as the weakest of what it rests on: its letter is that one's.".into(),
    ];
    if report.monte_carlo.is_some() {
        all.push(
            "In the draws each parameter is drawn by itself, from a triangle over its range with \
             its value on top: that they do not move together is an assumption."
                .into(),
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
