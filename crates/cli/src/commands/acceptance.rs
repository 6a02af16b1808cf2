//! `perwatt gpu-acceptance`: checks and trial measurements for a GPU that has not been
//! tested yet: correctness of its kernels, their rates, and the limits of the hardware.

use std::io::Write;
use std::sync::Arc;

use perwatt_engine::device::{Inquiry, ask_verdicts, choose};
use perwatt_engine::worker::{CheckOutcome, Checked};
use perwatt_record::schema::GpuKind;
use perwatt_report::views::session::gpu_line;

use super::machine::Machine;
use super::run;
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::output::{plain, stdout};

pub fn acceptance(mut args: RunArgs) -> anyhow::Result<Exit> {
    let gpus = Inquiry {
        gpus: true,
        library: false,
        roads: false,
    };
    let Machine { facts, command, .. } = Machine::find(gpus, &Arc::default())?;
    if let Some(error) = &facts.gpu_error {
        anyhow::bail!("the GPUs cannot be listed: {error}");
    }
    if args.device.is_empty() {
        let hardware = facts
            .gpus
            .iter()
            .filter(|facts| facts.gpu.kind != GpuKind::Software);
        args.device = hardware.map(|facts| facts.gpu.name.clone()).collect();
        anyhow::ensure!(
            !args.device.is_empty(),
            "no GPU was found{}",
            match facts.gpus.first() {
                None => "; perwatt list says what is missing".into(),
                Some(software) => format!(
                    " but software adapters; to try one of those, name it: --device {}",
                    software.gpu.name
                ),
            }
        );
    }
    let chosen = choose(&args.device, &facts)?;
    let mut sound = true;
    for facts in facts
        .gpus
        .iter()
        .filter(|facts| chosen.contains(&facts.gpu.name))
    {
        say(format_args!(
            "{}: {}",
            facts.gpu.name,
            plain(&gpu_line(&facts.gpu))
        ));
        let mut tally = Tally::default();
        let ended = ask_verdicts(&command, &facts.gpu, &mut |checked| tally.hear(&checked));
        say(format_args!(
            "{} forms of kernels are right, {} wrong, {} cannot run here",
            tally.right, tally.wrong, tally.lacking
        ));
        if let Err(error) = &ended {
            say(format_args!(
                "the checks did not come to their end: {}",
                plain(error)
            ));
        }
        sound &= ended.is_ok() && tally.wrong == 0;
    }
    let measured = run::run(args)?;
    Ok(match measured {
        Exit::Done if !sound => Exit::Unverified,
        measured => measured,
    })
}

#[derive(Default)]
struct Tally {
    right: u32,
    wrong: u32,
    lacking: u32,
}

impl Tally {
    fn hear(&mut self, checked: &Checked) {
        let (count, word) = match &checked.outcome {
            CheckOutcome::Right => (&mut self.right, "right".to_owned()),
            CheckOutcome::Wrong(why) => (&mut self.wrong, format!("WRONG: {}", plain(why))),
            CheckOutcome::Lacking(why) => (
                &mut self.lacking,
                format!("cannot run here: {}", plain(why)),
            ),
        };
        *count += 1;
        say(format_args!("  {:<40} {word}", plain(&checked.what)));
    }
}

/// Prints a line. Errors are ignored, as the reader may have closed the pipe; the exit code
/// still gives the result.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(stdout(), "{line}");
}
