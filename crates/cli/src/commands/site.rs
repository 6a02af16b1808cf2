//! `perwatt site`: revenue, cost and value of a site's megawatts in each use.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use perwatt_gap::catalogue::{Catalogue, Row};
use perwatt_report::{site_page, views::site as view};
use perwatt_site::curtail::{Prices, ReadOptions};
use perwatt_site::parameter::write;
use perwatt_site::parameters::parameters;
use perwatt_site::settings::PriceFile;
use perwatt_site::{Options, Rig, Scenario, SiteReport, Use, report};
use serde_json::{Value, json};

use crate::args::{Example, SiteArgs, UseName, ViewFormat};
use crate::exit::Exit;
use crate::output::{self, stdout};

const SMALL: &str = include_str!("../../../site/scenarios/site-20mw.toml");
const LARGE: &str = include_str!("../../../site/scenarios/site-200mw.toml");
const PRICES: &str = include_str!("../../../site/data/prices_example.csv");

pub fn site(args: &SiteArgs) -> anyhow::Result<Exit> {
    let options = Options {
        seed: args.seed,
        draws: args.draws,
        answer: args.answer.map(named),
    };
    if let Some(example) = args.example {
        let (name, text) = match example {
            Example::Small => ("20mw", SMALL),
            Example::Large => ("200mw", LARGE),
            Example::Prices => ("prices", PRICES),
        };
        if args.output.format == ViewFormat::Text || example == Example::Prices {
            write!(stdout(), "{text}")?;
            return Ok(Exit::Done);
        }
        let catalogue = super::catalogue::read(&args.catalogue)?;
        let find = |model: &str| rig(&catalogue, model);
        let scenario = Scenario::parse(Path::new(name), text, &[], &find)?;
        let prices = || Prices::from_reader(PRICES.as_bytes(), "prices", &ReadOptions::default());
        let prices = scenario.settings.prices.as_ref().map(|_| prices());
        return print(
            args,
            &of(&scenario, prices.transpose()?.as_ref(), &options)?,
        );
    }
    let Some(path) = &args.scenario else {
        let title = "perwatt: parameters of a site";
        output::view(args.output.format, title, &defaults(), view::defaults)?;
        return Ok(Exit::Done);
    };
    print(args, &of_file(path, &args.set, &args.catalogue, &options)?)
}

fn print(args: &SiteArgs, report: &SiteReport) -> anyhow::Result<Exit> {
    match args.output.format {
        ViewFormat::Html => write!(stdout(), "{}", site_page(report))?,
        format => output::view(format, "", report, || view::blocks(report, args.explain))?,
    }
    Ok(Exit::Done)
}

/// The report of the example of 20 MW.
pub fn of_example(options: &Options) -> anyhow::Result<SiteReport> {
    let catalogue = Catalogue::builtin()?;
    let find = |model: &str| rig(&catalogue, model);
    let scenario = Scenario::parse(Path::new("20mw"), SMALL, &[], &find)?;
    of(&scenario, None, options)
}

/// The report of a scenario file.
pub fn of_file(
    path: &Path,
    set: &[String],
    catalogue: &[PathBuf],
    options: &Options,
) -> anyhow::Result<SiteReport> {
    let catalogue = super::catalogue::read(catalogue)?;
    let scenario = Scenario::read(path, set, &|model| rig(&catalogue, model))?;
    let prices = match &scenario.settings.prices {
        Some(file) => Some(prices(path, file)?),
        None => None,
    };
    of(&scenario, prices.as_ref(), options)
}

fn of(
    scenario: &Scenario,
    prices: Option<&Prices>,
    options: &Options,
) -> anyhow::Result<SiteReport> {
    if let Some(answer) = options.answer
        && !scenario.settings.uses.contains(&answer)
    {
        return Err(anyhow!(
            "--answer {}: the scenario's uses leave it out; add it there or name another",
            answer.id()
        ));
    }
    perwatt_record::threads::prepare();
    Ok(report(scenario, prices, options)?)
}

/// All parameters with their defaults, as JSON.
fn defaults() -> Value {
    let all = parameters().iter().map(|parameter| {
        let default = parameter.default.as_ref();
        json!({
            "key": parameter.key,
            "unit": parameter.unit,
            "about": parameter.about,
            "value": default.map(|given| write(parameter.rule, given.value)),
            "range": default.and_then(|given| given.range),
            "range_source": default.map(|given| &given.range_source),
            "source": default.map(|given| &given.source),
        })
    });
    Value::Array(all.collect())
}

/// The rig of a model; for an unknown one an error that names the known models.
fn rig(catalogue: &Catalogue, model: &str) -> Result<Rig, String> {
    let asic = catalogue.asic(model).map_err(|error| error.to_string())?;
    Ok(Rig {
        model: asic.full_name(),
        efficiency_j_th: asic.efficiency_j_th(),
        interval_j_th: asic.efficiency_interval_j_th(),
        source: asic.provenance.as_source(),
    })
}

/// The prices in the file that a scenario names, with a path relative to the scenario.
fn prices(scenario: &Path, file: &PriceFile) -> anyhow::Result<Prices> {
    let path = scenario.parent().unwrap_or(Path::new("")).join(&file.path);
    let usual = ReadOptions::default();
    let options = ReadOptions {
        time_column: file.time_column.clone().unwrap_or(usual.time_column),
        price_column: file.price_column.clone().unwrap_or(usual.price_column),
        timezone: file.timezone.clone(),
    };
    Prices::read(&path, &options)
        .with_context(|| format!("curtailment.prices of {}", scenario.display()))
}

fn named(name: UseName) -> Use {
    match name {
        UseName::KeepMining => Use::KeepMining,
        UseName::SellNow => Use::SellNow,
        UseName::NewerAsics => Use::NewerAsics,
        UseName::Hosting => Use::Hosting,
        UseName::GpuCloud => Use::GpuCloud,
        UseName::Mixed => Use::Mixed,
    }
}
