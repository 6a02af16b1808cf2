//! `perwatt gap`: distance of measured devices from an ASIC and from accelerators.

use std::io::Write;

use anyhow::anyhow;
use perwatt_compare::{Input, Loaded};
use perwatt_gap::catalogue::Catalogue;
use perwatt_gap::energy::{EnergyGap, Options, PowerPrice, gap as set_against};
use perwatt_gpu::model::Model;
use perwatt_record::work::Work;
use perwatt_report::gap_page;
use perwatt_report::views::gap as view;

use super::left_out::{exit_of_skipped, not_comparable};
use super::sessions;
use crate::args::{GapArgs, ViewFormat};
use crate::exit::{Coded, Exit, answered};
use crate::hardware;
use crate::output::{self, standing, stdout};

pub fn gap(args: &GapArgs) -> anyhow::Result<Exit> {
    let catalogue = super::catalogue::read(&args.catalogue)?;
    let (model, measured) = super::rival::of(args.asic.as_deref())?;
    let mut options = Options::new(&catalogue, model, &args.accelerator, &limits)?;
    if let Some(of) = &measured {
        options.set_against(of);
    }
    options.all_backends = args.all_backends;
    options.stated_w = args.watts;
    if let Some(price) = args.power_price {
        options.power_price = PowerPrice::given(price);
    }
    let inputs: Vec<Input> = args.inputs.iter().map(|text| Input::parse(text)).collect();
    let loaded = sessions::read(&inputs, false, &args.tags.wanted)?;
    standing::tell_skipped(&loaded.skipped);
    let exit = exit_of_skipped(&loaded.skipped, false);
    if loaded.sessions.is_empty() && exit != Exit::Done {
        return Err(Coded {
            exit,
            error: anyhow!("no record is left to compare"),
        }
        .into());
    }
    let found = set_against(&loaded, &options);
    let printed = tell(&found, args.output.format);
    let products = found.arithmetic.iter();
    if found.hashing.is_empty() && products.flat_map(|row| &row.against).next().is_none() {
        return Err(not_comparable(
            "no comparable records: they have no verified sha256d and no matmul \
             in a format of the catalogue",
            &loaded.skipped,
        ));
    }
    answered(exit, printed)
}

/// The gap of all records that were read, with the default options; `None` if none of them
/// can be compared.
pub fn of_records(loaded: &Loaded) -> anyhow::Result<Option<EnergyGap>> {
    let catalogue = Catalogue::builtin()?;
    let options = Options::new(&catalogue, None, &[], &limits)?;
    let found = set_against(loaded, &options);
    Ok(Some(found).filter(|gap| !(gap.hashing.is_empty() && gap.arithmetic.is_empty())))
}

fn tell(gap: &EnergyGap, format: ViewFormat) -> anyhow::Result<()> {
    if format == ViewFormat::Html {
        return Ok(write!(stdout(), "{}", gap_page(gap))?);
    }
    output::view(format, "", gap, || view::blocks(gap))
}

/// The limit of a card by its maker's figures, or by a model of its integer units, with its
/// source.
pub fn limits(device_model: &str, work: Work) -> Option<(f64, String)> {
    let limit = hardware::limit(&Model::find(device_model)?, work)?;
    let source = limit.published.unwrap_or(hardware::HASH_MODEL);
    Some((limit.per_s, source.to_owned()))
}
