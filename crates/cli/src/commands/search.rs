//! `perwatt search`: the benchmarked kernel applied to a real block header.

use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use perwatt_engine::device::MachineFacts;
use perwatt_engine::plan::{self, Request};
use perwatt_host::{Environment, cpus, lock};
use perwatt_record::work::Work;
use perwatt_sha256d::{
    Backend, Finished, Header, Progress, Rolls, SearchConfig, Share, Target, search as search_all,
    select,
};
use serde_json::json;

use super::interrupt::interrupt_flag;
use crate::args::{SearchArgs, ViewFormat};
use crate::exit::{Exit, answered};
use crate::output::units::{duration, rate};
use crate::output::{stdout, tell};

pub fn search(args: &SearchArgs) -> anyhow::Result<Exit> {
    let header = Header::from_hex(&args.header)?;
    let target = target(args, &header)?;
    let (first_nonce, last_nonce) = nonces(&args.nonces)?;
    let backend = match &args.backend {
        Some(name) => Backend::from_name(name)?,
        // There is one fixed header, so its version is not rolled.
        None => select::fastest_plain(select::TRIAL),
    };
    let (threads, pinned) = threads(args)?;
    let interrupt = interrupt_flag()?;

    let printer = Mutex::new(Printer::new(args.format, &header, target, backend)?);
    let rolls = Rolls::fixed(header, target);
    let progress = Progress::new(threads.get());
    let pin_error = Mutex::new(None);
    let on_thread_start = |thread: usize| {
        if let Some(cpu) = pinned.as_ref().and_then(|cpus| cpus.get(thread))
            && let Err(error) = cpus::pin_current_thread(*cpu as usize)
        {
            *lock(&pin_error) = Some(error);
            progress.cancel();
        }
    };
    let config = SearchConfig {
        backend,
        threads,
        first_nonce,
        last_nonce,
        on_thread_start: &on_thread_start,
    };
    let write_error = Mutex::new(None);
    let on_hit = |hit: Share| match lock(&printer).hit(&hit) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            *lock(&write_error) = Some(error);
            ControlFlow::Break(())
        }
    };
    let started = Instant::now();
    let outcome = std::thread::scope(|scope| {
        let searching = std::thread::Builder::new()
            .spawn_scoped(scope, || search_all(&rolls, &config, &progress, &on_hit))?;
        while !searching.is_finished() {
            if interrupt.load(std::sync::atomic::Ordering::Relaxed) {
                progress.cancel();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok::<_, std::io::Error>(searching.join())
    });
    let outcome = outcome.context(
        "the system starts no further thread; free some memory, or raise the limit of processes (ulimit -u)",
    )?;
    let Ok(outcome) = outcome else {
        bail!("a search thread panicked; this is a defect of perwatt")
    };
    if let Some(error) = lock(&pin_error).take() {
        return Err(error.into());
    }
    if let Some(error) = lock(&write_error).take() {
        return Err(error.into());
    }
    let interrupted = outcome.finished == Finished::Cancelled;
    let (hits, printed) = lock(&printer).end(outcome.hashes, started.elapsed(), interrupted);
    let answer = match (interrupted, hits) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Finding,
        (false, _) => Exit::Done,
    };
    answered(answer, printed)
}

fn target(args: &SearchArgs, header: &Header) -> anyhow::Result<Target> {
    if let Some(hex) = &args.target {
        return Target::from_hex(hex).with_context(|| format!("--target {hex}"));
    }
    if let Some(hex) = &args.bits {
        let digits = hex.strip_prefix("0x").unwrap_or(hex);
        let bits = u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with('+'));
        let Some(bits) = bits else {
            bail!(
                "--bits {hex} is not a compact target; give up to 8 hex digits, for example 1d00ffff"
            );
        };
        return Target::from_compact(bits).with_context(|| format!("--bits {hex}"));
    }
    header
        .target()
        .context("the header's own target cannot be used; give another with --bits or --target")
}

fn nonces(text: &str) -> anyhow::Result<(u32, u32)> {
    let number = |digits: &str| {
        let digits = digits.trim();
        let (unprefixed, radix) = match digits.strip_prefix("0x") {
            Some(hex) => (hex, 16),
            None => (digits, 10),
        };
        // The parser of the standard library would accept a sign.
        let parsed = match unprefixed.starts_with('+') {
            true => None,
            false => u32::from_str_radix(unprefixed, radix).ok(),
        };
        parsed.with_context(|| {
            format!(
                "--nonces {text}: {digits:?} is not a nonce; give a number from 0 to 4294967295"
            )
        })
    };
    let Some((first, last)) = text.split_once("..=") else {
        bail!("--nonces {text} is not a range; give FIRST..=LAST, for example 0..=4294967295");
    };
    let (first, last) = (number(first)?, number(last)?);
    ensure!(
        first <= last,
        "--nonces {text} is empty: {first} is after {last}; give the smaller nonce first"
    );
    Ok((first, last))
}

fn threads(args: &SearchArgs) -> anyhow::Result<(NonZeroUsize, Option<Vec<u32>>)> {
    let root = Path::new("/");
    let facts = MachineFacts::collect(root, &Environment::collect(root));
    let request = Request {
        workloads: vec![Work::Sha256d.name().into()],
        threads: args.threads,
        pin: args.pin,
        ..Default::default()
    };
    let threads = plan::threads(&request, &facts)?;
    let count = NonZeroUsize::new(threads.count as usize).unwrap_or(NonZeroUsize::MIN);
    Ok((count, threads.pinned_cpus))
}

/// Prints hits as they are found.
struct Printer {
    format: ViewFormat,
    hits: u64,
}

impl Printer {
    fn new(
        format: ViewFormat,
        header: &Header,
        target: Target,
        backend: Backend,
    ) -> anyhow::Result<Self> {
        if format == ViewFormat::Json {
            let mut out = stdout();
            write!(
                out,
                "{{\"header\": {}, \"target\": {}, \"backend\": {}, \"hits\": [",
                json!(header.to_hex()),
                json!(target.to_hex()),
                json!(backend.name())
            )?;
        }
        Ok(Self { format, hits: 0 })
    }

    fn hit(&mut self, hit: &Share) -> std::io::Result<()> {
        let mut out = stdout();
        match self.format {
            ViewFormat::Json => {
                let comma = if self.hits > 0 { ", " } else { "" };
                let hit = json!({ "nonce": hit.nonce, "hash": hit.hash.to_string() });
                write!(out, "{comma}{hit}")?;
            }
            _ => writeln!(out, "nonce {} hash {}", hit.nonce, hit.hash)?,
        }
        self.hits += 1;
        out.flush()
    }

    fn end(&mut self, hashes: u64, took: Duration, interrupted: bool) -> (u64, anyhow::Result<()>) {
        let per_s = hashes as f64 / took.as_secs_f64();
        let printed = match self.format {
            ViewFormat::Json => writeln!(
                stdout(),
                "], \"hashes\": {hashes}, \"time_s\": {}, \"interrupted\": {interrupted}}}",
                json!(took.as_secs_f64())
            )
            .map_err(anyhow::Error::from),
            _ => Ok(()),
        };
        let hits = match self.hits {
            1 => "1 hit".into(),
            n => format!("{n} hits"),
        };
        tell!(
            "{hits} in {hashes} nonces, {}, {}{}",
            duration(took.as_secs_f64()),
            rate(per_s, perwatt_record::schema::Unit::Hash),
            if interrupted { ", interrupted" } else { "" }
        );
        (self.hits, printed)
    }
}

#[cfg(test)]
mod tests {
    use super::nonces;

    #[test]
    fn ranges() {
        assert_eq!(nonces("0..=4294967295").unwrap(), (0, u32::MAX));
        assert_eq!(nonces("0x10..=0x1f").unwrap(), (16, 31));
        assert_eq!(nonces("7..=7").unwrap(), (7, 7));
        #[rustfmt::skip]
        let cases = [
            "", "7", "7..9", "9..=7", "a..=7", "0..=4294967296", "-1..=2", "..=5",
        ];
        for bad in cases {
            let message = format!("{:#}", nonces(bad).unwrap_err());
            assert!(message.contains(&format!("--nonces {bad}")), "{message}");
        }
    }
}
