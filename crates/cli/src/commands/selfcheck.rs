//! `perwatt selfcheck`: the machine against itself, the first half of the rounds against
//! the second.

use perwatt_compare::load::SELFCHECK;
use perwatt_engine::plan::Request;

use super::run::{self, request};
use crate::args::SelfcheckArgs;
use crate::exit::Exit;

/// The default number of rounds: ten for each half.
const ROUNDS: u32 = 20;
/// The smallest number of rounds whose halves give an interval.
const FEWEST: u32 = 8;

pub fn selfcheck(args: SelfcheckArgs) -> anyhow::Result<Exit> {
    let mut args = args.run;
    if args.resume.is_some() {
        return run::run(args);
    }
    let rounds = args.rounds.unwrap_or(ROUNDS);
    anyhow::ensure!(
        rounds >= FEWEST,
        "--rounds {rounds} are too few to compare halves; give {FEWEST} or more"
    );
    args.rounds = Some(rounds);
    // Comparisons recognise the file by its name.
    let name = SELFCHECK.trim_start_matches('_');
    args.label = Some(match args.label {
        Some(label) => format!("{name} {label}"),
        None => name.to_owned(),
    });
    let request = Request {
        selfcheck: true,
        ..request(&args)
    };
    Ok(run::start(&args, &request)?.0)
}
