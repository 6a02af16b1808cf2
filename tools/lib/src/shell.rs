//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};

/// The workspace's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command for a program that runs in the workspace's root.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// A command in words that are separated by blanks, which runs in the workspace's root.
pub fn line(words: &str) -> Command {
    let mut words = words.split_whitespace();
    let program = words.next().unwrap_or_default();
    command(program, &words.collect::<Vec<_>>())
}

/// A path of the workspace as text.
pub fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str()
        .context("the path of the workspace is not UTF-8")
}

/// Runs a program with its output shown; fails when it does.
pub fn run(mut command: Command) -> anyhow::Result<()> {
    let shown = show(&command);
    eprintln!("+ {shown}");
    let status = command
        .status()
        .with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// Runs a program and returns its standard output.
pub fn output(mut command: Command) -> anyhow::Result<String> {
    let shown = show(&command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} failed: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// True when a program can be run and succeeds; its output is not shown.
pub fn succeeds(mut command: Command) -> bool {
    let quiet = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The exit code for the result of a program; an error is printed.
pub fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
