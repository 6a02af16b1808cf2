//! `perwatt answer`: what a joule buys on a machine, and whether its site should switch.

use std::io::Write;
use std::path::{Path, PathBuf};

use perwatt_answer::{Answer, Question, Scenario, answer as find};
use perwatt_compare::intern::Interner;
use perwatt_compare::session::Session;
use perwatt_compare::{Input, Loaded};
use perwatt_gap::catalogue::Catalogue;
use perwatt_record::Record;
use perwatt_record::cost::Stated;
use perwatt_report::answer_page;
use perwatt_report::doc::Block;
use perwatt_report::views::answer as view;
use perwatt_site::{Options, SiteReport};

use super::left_out::{exit_of_skipped, not_comparable};
use super::{catalogue, gap, rival, sessions, site};
use crate::args::{AnswerArgs, ViewFormat};
use crate::exit::{Exit, answered};
use crate::output::{self, standing, stdout};

pub fn answer(args: &AnswerArgs) -> anyhow::Result<Exit> {
    let inputs: Vec<Input> = args.inputs.iter().map(|text| Input::parse(text)).collect();
    let loaded = sessions::read(&inputs, false, &args.tags.wanted)?;
    standing::tell_skipped(&loaded.skipped);
    let exit = exit_of_skipped(&loaded.skipped, false);
    let catalogue = catalogue::read(&args.catalogue)?;
    let (asic, measured) = rival::of(args.asic.as_deref())?;
    let (report, scenario) = site_of(args.site.as_deref(), &args.catalogue)?;
    let from_file = |name: &str| args.set_in_files.iter().any(|option| option == name);
    let question = Question {
        catalogue: &catalogue,
        limits: &gap::limits,
        asic,
        measured: measured.as_ref(),
        stated_w: args.watts,
        usd_per_mwh: args.power_price,
        stated: Stated {
            price_usd: args.price_usd.filter(|_| !from_file("--price-usd")),
            rent_usd_per_h: (args.rent_usd_per_hour).filter(|_| !from_file("--rent-usd-per-hour")),
        },
        otherwise: Stated {
            price_usd: args.price_usd,
            rent_usd_per_h: args.rent_usd_per_hour,
        },
        site: Some((&report, scenario)),
    };
    match find(&loaded, &question)? {
        Some(found) => answered(exit, tell(&found, args.output.format)),
        None => Err(none(&loaded)),
    }
}

/// The answer in short for a session that has just ended: its record alone, and no money.
pub fn short(record: &Record, path: &Path) -> anyhow::Result<Vec<Block>> {
    let session = Session::of(path, record, &Interner::default());
    let found = without_money(&Loaded::of(vec![session]))?;
    let path = path.display().to_string();
    Ok(found.map_or_else(Vec::new, |found| view::short(&found, &path)))
}

/// The answer of these records with the default options and without a site.
pub fn without_money(loaded: &Loaded) -> anyhow::Result<Option<Answer>> {
    let catalogue = Catalogue::builtin()?;
    let question = Question::new(&catalogue, &gap::limits);
    Ok(find(loaded, &question)?)
}

fn none(loaded: &Loaded) -> anyhow::Error {
    not_comparable(
        "no answer: no record has verified hashes, products or memory traffic on hardware",
        &loaded.skipped,
    )
}

/// The report of a scenario, or of the example.
fn site_of(path: Option<&Path>, catalogue: &[PathBuf]) -> anyhow::Result<(SiteReport, Scenario)> {
    let options = Options::default();
    Ok(match path {
        Some(path) => {
            let name = path.display().to_string();
            let report = site::of_file(path, &[], catalogue, &options)?;
            (
                report,
                Scenario {
                    name,
                    example: false,
                },
            )
        }
        None => {
            let name = "20mw".to_owned();
            let report = site::of_example(&options)?;
            (
                report,
                Scenario {
                    name,
                    example: true,
                },
            )
        }
    })
}

fn tell(found: &Answer, format: ViewFormat) -> anyhow::Result<()> {
    if format == ViewFormat::Html {
        return Ok(write!(stdout(), "{}", answer_page(found))?);
    }
    output::view(format, "", found, || view::blocks(found))
}
