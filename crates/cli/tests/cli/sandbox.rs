//! A scratch directory for each test, and the program started inside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use assert_cmd::assert::Assert;
use perwatt_record::Record;
use serde_json::Value;
use tempfile::TempDir;

/// Time limit of a command; a command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// The smallest session: two rounds of a small matrix product. Hashes are not used, since
/// one honest session of them in a thousand fails its share count by design, and tests
/// start many sessions.
#[rustfmt::skip]
pub const TINY: [&str; 11] = [
    "run", "--workload", "matmul/f32:64x64x64", "--backend", "embedded", "--rounds", "2",
    "--seconds", "0.2", "--threads", "1",
];

/// [`TINY`] with further arguments.
pub fn tiny(extra: &[&str]) -> Vec<String> {
    let all = TINY.iter().chain(extra);
    all.map(|arg| (*arg).to_owned()).collect()
}

/// A scratch directory in which the program runs. Its lock and its temporary files are in
/// it too, so that tests neither wait for each other nor leave files behind.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        let dir = TempDir::new().expect("a scratch directory");
        std::fs::create_dir(dir.path().join("tmp")).expect("a directory in it");
        Self(dir)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The default directory of results.
    pub fn results(&self) -> PathBuf {
        self.path("results")
    }

    /// Writes a file, and the directories above it, and returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its directories");
        std::fs::write(&path, bytes).expect("a file in the scratch directory");
        path
    }

    /// Writes a record.
    pub fn put(&self, name: &str, record: &Record) -> PathBuf {
        self.file(name, record.to_bytes().unwrap())
    }

    /// The program with a clean environment and these arguments, ready to start.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perwatt"));
        command.args(args);
        self.prepared(command)
    }

    /// A shell command line that finds the program by its name.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_perwatt"));
        let mut path = program.with_file_name("").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.args(["-e", "-c", line]).env("PATH", path);
        self.prepared(command)
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.current_dir(self.0.path());
        for name in words(
            "PERWATT_OUT PERWATT_SUITE NO_COLOR CLICOLOR_FORCE COLUMNS \
             SLURMD_NODENAME K8S_NODE_NAME NODE_NAME",
        ) {
            command.env_remove(name);
        }
        command
            // No file above the scratch directory has a say.
            .env("PERWATT_CONFIG", "none")
            .env("PERWATT_CACHE", self.path("cache"))
            .env("TMPDIR", self.path("tmp"))
            .env("TMP", self.path("tmp"))
            .env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs the program to its end and checks that it did not panic.
    pub fn perwatt<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Assert {
        ended(self.command(args))
    }

    /// The standard output of the program, which ends with this code.
    pub fn out<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) -> String {
        stdout(&self.perwatt(args).code(code))
    }

    /// The standard error of the program, which ends with this code.
    pub fn err<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) -> String {
        stderr(&self.perwatt(args).code(code))
    }

    /// The one JSON document that the program prints; it ends with this code.
    pub fn json<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) -> Value {
        json(&self.perwatt(args).code(code))
    }

    /// Runs the program, which ends with this code.
    pub fn ends<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) {
        self.perwatt(args).code(code);
    }

    /// Runs a command on one file.
    pub fn about(&self, verb: &str, path: impl AsRef<Path>) -> Assert {
        self.perwatt([verb.as_ref(), path.as_ref().as_os_str()])
    }

    /// The files in the results directory; empty if it does not exist.
    pub fn result_files(&self) -> Vec<PathBuf> {
        self.files_in("results")
    }

    /// The files in a directory of the sandbox; empty if it does not exist.
    pub fn files_in(&self, name: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path(name)) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<_> = paths.collect();
        paths.sort();
        paths
    }
}

/// Asserts that a text contains each of these parts.
macro_rules! has {
    ($text:expr, $($part:expr),+ $(,)?) => {{
        let text: &str = &$text;
        $(assert!(text.contains($part), "{} is not in: {text}", stringify!($part));)+
    }};
}

/// Asserts that a text contains none of these parts.
macro_rules! lacks {
    ($text:expr, $($part:expr),+ $(,)?) => {{
        let text: &str = &$text;
        $(assert!(!text.contains($part), "{} is in: {text}", stringify!($part));)+
    }};
}

pub(crate) use {has, lacks};

/// The arguments of a command line without spaces inside arguments.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A prepared command, run by a shell script in which its words are `"$0" "$@"`.
#[cfg(unix)]
pub fn through_shell(script: &str, template: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        .arg(template.get_program())
        .args(template.get_args());
    for (name, value) in template.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(directory) = template.get_current_dir() {
        shell.current_dir(directory);
    }
    shell
}

/// Runs a prepared command to its end and checks that it did not panic.
pub fn ended(command: Command) -> Assert {
    let assert = assert_cmd::Command::from_std(command)
        .timeout(PATIENCE)
        .assert();
    assert!(!stderr(&assert).contains("panicked"), "{}", stderr(&assert));
    assert
}

/// Starts a prepared command with pipes for its output and its errors.
pub fn piped(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Asserts that no line is wider than a screen.
#[track_caller]
pub fn fits_a_screen(text: &str) {
    let wide = text.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{text}");
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("standard output is UTF-8")
}

/// A text without its line breaks, for finding wrapped sentences.
pub fn flat(text: &str) -> String {
    words(text).join(" ")
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// Parses standard output as a single JSON document.
pub fn json(assert: &Assert) -> Value {
    let text = stdout(assert);
    assert!(
        text.starts_with(['{', '[']),
        "JSON from the first byte: {text:.100}"
    );
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.200}"))
}

/// The members of a JSON array.
#[track_caller]
pub fn items(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

/// A JSON string.
#[track_caller]
pub fn word(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The path that a session prints last.
pub fn printed_path(sandbox: &Sandbox, assert: &Assert) -> PathBuf {
    let text = stdout(assert);
    let last = text.lines().last().expect("a session prints its path");
    sandbox.path("").join(Path::new(last))
}
