//! `perwatt import-criterion`: archives the measurements of `cargo bench`.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use perwatt_engine::session::random_id;
use perwatt_host::{Environment, MachineKey, clock};
use perwatt_record::criterion::{self, Archive, Found, ImportError};

use super::command_line::check_texts;
use crate::args::ImportArgs;
use crate::exit::Exit;
use crate::output::{self, criterion as view, plain, stdout, tell};
use crate::tool::tool;

pub fn import(args: &ImportArgs) -> anyhow::Result<Exit> {
    check_texts(Some(&args.label), args.note.as_deref())?;
    let dir = args.dir.display();
    let found = criterion::collect(&args.dir).with_context(|| {
        format!("cannot read {dir}; run cargo bench first, or give criterion's directory")
    })?;
    let mut exit = Exit::Done;
    let mut benchmarks = Vec::new();
    for Found { dir, benchmark } in found {
        let error = match benchmark {
            Ok(benchmark) => {
                benchmarks.push(benchmark);
                continue;
            }
            Err(error) => error,
        };
        let dir = plain(&dir.display().to_string());
        tell!("skipped: {dir}: {}", plain(&error.to_string()));
        // Such benchmarks are not meant to be imported.
        let harmless = matches!(error, ImportError::NotTimes { .. });
        if !harmless && !args.keep_going {
            exit = Exit::Usage;
        }
    }
    ensure!(
        !benchmarks.is_empty(),
        "{dir} has no results of criterion; run cargo bench first, or give criterion's directory"
    );
    let host = (!args.foreign).then(|| Environment::collect(Path::new("/")));
    let mut archive = Archive {
        schema: Archive::schema(),
        digest: String::new(),
        id: random_id(),
        label: args.label.clone(),
        note: args.note.clone(),
        created_utc: clock::utc_now_rfc3339(),
        tool: tool(),
        machine: host.as_ref().map(MachineKey::of),
        host,
        benchmarks,
    };
    let path = archive.create(&args.out)?;
    output::blocks(&view::blocks(&archive))?;
    writeln!(stdout(), "\n{}", path.display())?;
    Ok(exit)
}
