//! `perwatt join`: adds the log of a meter that was written during a session to the
//! session's runs. The original record is not changed.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use perwatt_host::files;
use perwatt_power::parse::csv_log::{self, Columns};
use perwatt_power::{Boundary, MeterInfo, MeterSpec, Quantity};
use perwatt_record::{Record, RecordFile, check, file, join};

use super::show::read_error;
use crate::args::JoinArgs;
use crate::exit::{Coded, Exit};
use crate::output::{self, stdout, summary, tell};

/// The largest log of a session, in bytes: months of one reading per second.
const MAX_LOG_BYTES: u64 = 1 << 28;
/// The largest offset of a logger's clock, s: a century.
const MAX_OFFSET_S: f64 = 3.2e9;

pub fn join(args: &JoinArgs) -> anyhow::Result<Exit> {
    let loaded = file::read(&args.file).map_err(read_error)?;
    if check::check(&loaded).failed() {
        let error = anyhow::anyhow!(
            "{} fails its own checks, so nothing is added to it; see perwatt check",
            args.file.display()
        );
        let exit = Exit::Unverified;
        return Err(Coded { exit, error }.into());
    }
    let mut record = loaded.record;
    for text in &args.meter {
        add(&mut record, &text.parse()?)?;
    }
    let dir = match &args.out {
        Some(dir) => dir.clone(),
        None => args
            .file
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
    };
    // The parent of a bare file name is the empty path; it means the current directory.
    let dir = if dir.as_os_str().is_empty() {
        ".".into()
    } else {
        dir
    };
    let written = RecordFile::create(&dir, &mut record)?;
    output::blocks(&summary::blocks(&record))?;
    let mut out = stdout();
    writeln!(out)?;
    writeln!(out, "next: perwatt check {}", written.path().display())?;
    writeln!(out, "{}", written.path().display())?;
    Ok(Exit::Done)
}

fn add(record: &mut Record, spec: &MeterSpec) -> anyhow::Result<()> {
    if spec.kind != "csv" {
        return Err(spec
            .error("only a log can be added after the session: csv=FILE")
            .into());
    }
    spec.allow(&["time", "watts", "unit", "decimal", "timezone", "offset"])?;
    let path = Path::new(spec.required_target("csv=meter.csv,boundary=wall")?);
    if !spec.options.contains_key("boundary") {
        return Err(spec
            .error("say what the meter covers: boundary=wall, psu-in, dc-in or board")
            .into());
    }
    let boundary = spec.boundary(Boundary::Wall)?;
    let accuracy = spec.accuracy_rel()?;
    let (averaging_s, look_back_s) = spec.look_back_s()?;
    let offset_s = spec.number("offset", 0.0, -MAX_OFFSET_S..=MAX_OFFSET_S)?;
    let option = |key: &str| spec.options.get(key).cloned();
    let decimal = option("decimal").map(|text| text.parse());
    let columns = Columns {
        time: option("time"),
        watts: option("watts"),
        unit: option("unit"),
        decimal: decimal
            .transpose()
            .map_err(|why| spec.error(format!("decimal: {why}")))?,
        timezone: option("timezone"),
    };
    let bytes = files::read(path, MAX_LOG_BYTES).with_context(|| path.display().to_string())?;
    let log = csv_log::parse(&bytes, &columns).with_context(|| path.display().to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for (line, why) in log.skipped.iter().take(3) {
        tell!("warning: {name}, line {line} left out: {why}");
    }
    if log.skipped_lines > 3 {
        tell!(
            "warning: {name}: {} lines left out in all",
            log.skipped_lines
        );
    }
    let mut notes = vec![match accuracy {
        Some(_) => "scale error as stated by the user".into(),
        None => {
            "its scale error is not specified; give the meter's class with accuracy=".to_owned()
        }
    }];
    notes.push(match &log.unit {
        Some(unit) => format!("power from column {:?}, in {unit}", log.column),
        None => format!(
            "power from column {:?}, in the unit of each cell",
            log.column
        ),
    });
    notes.push("times are the logger's; a clock that is off mixes load with idle".into());
    let id = match spec.options.get("name") {
        Some(name) => name.clone(),
        None => format!("csv={name}"),
    };
    let meter = MeterInfo {
        domains: vec!["what the meter covers".into()],
        gain_uncertainty_rel: accuracy,
        averaging_s,
        look_back_s,
        notes,
        ..MeterInfo::new(
            id,
            format!("log of a meter ({name})"),
            spec.covers(boundary)?,
            boundary,
            Quantity::PowerW,
        )
    };
    join::join(record, meter, &log.samples, offset_s, name.into_owned())?;
    Ok(())
}
