//! The command-line surface: help, completions, manual, schema, `worker`.

use crate::sandbox::{Sandbox, has, items, json, lacks, stderr, stdout, words};

#[rustfmt::skip]
const VERBS: [&str; 10] = [
    "run", "asic", "search", "list", "show", "check", "env", "schema", "completions", "man",
];

fn help(args: &[&str]) -> String {
    let assert = Sandbox::new().perwatt(args).code(0);
    assert_eq!(stderr(&assert), "");
    stdout(&assert)
}

/// True if a line of a help text begins with this word.
fn has_entry(text: &str, word: &str) -> bool {
    let mut firsts = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    firsts.any(|first| first == word)
}

/// Asserts a snapshot in which the program has the same name on all systems.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"perwatt\.exe", "perwatt");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn top_level_help() {
    let text = help(&["--help"]);
    has!(text, "Exit codes:");
    for code in ["0", "1", "2", "3", "4", "130"] {
        assert!(has_entry(&text, code), "{code}");
    }
    snapshot("help", &text);
}

#[test]
fn run_help() {
    let text = help(&["run", "--help"]);
    has!(text, "Examples:");
    snapshot("help-run", &text);
}

#[test]
fn every_verb_has_help_in_both_lengths() {
    let top = help(&["--help"]);
    for verb in VERBS {
        assert!(has_entry(&top, verb), "{verb}");
        for option in ["--help", "-h"] {
            let text = help(&[verb, option]);
            has!(text, &format!("perwatt {verb}"), "Usage:");
            lacks!(text, '\u{1b}');
        }
    }
    lacks!(top, "worker");
    assert!(help(&["search", "--help"]).contains("Example: the genesis block"));
}

#[test]
fn no_argument_is_a_usage_error_with_help() {
    let assert = Sandbox::new().perwatt([""; 0]).code(2);
    assert_eq!(stdout(&assert), "");
    has!(stderr(&assert), "Usage:");
}

#[test]
fn version() {
    let version = concat!("perwatt ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(help(&["--version"]), version);
}

#[test]
fn the_example_in_the_help_of_search_works() {
    let text = help(&["search", "--help"]);
    let header = text.split_whitespace().find(|word| word.len() == 160);
    let header = header.expect("a whole header");
    let args = ["search", header, "--nonces", "2083236893..=2083236893"];
    Sandbox::new().perwatt(args).code(0);
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = help(&["completions", shell]);
        has!(text, "perwatt", "search", "nonces", "watts");
    }
    let assert = Sandbox::new().perwatt(["completions", "tcsh"]).code(2);
    has!(stderr(&assert), "tcsh", "zsh");
}

#[cfg(unix)]
#[test]
fn bash_accepts_its_completions() {
    use std::process::Command;

    let sandbox = Sandbox::new();
    let path = sandbox.file("perwatt.bash", help(&["completions", "bash"]));
    match Command::new("bash").arg("-n").arg(&path).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => eprintln!("skipped: no bash here: {error}"),
    }
}

#[test]
fn the_manual_is_roff_and_has_every_verb() {
    let text = help(&["man"]);
    has!(format!("\n{text}"), "\n.TH ", "\n.SH NAME\n");
    // roff writes a hyphen as \-; the titles of the subcommands' pages have one.
    let plain = text.replace("perwatt\\-", "perwatt ");
    for verb in VERBS {
        has!(plain, &format!("perwatt {verb}"));
    }
    lacks!(text, "perwatt\\-worker");
}

#[test]
fn the_schema_is_one() {
    let schema = json(&Sandbox::new().perwatt(["schema"]).code(0));
    jsonschema::meta::validate(&schema).unwrap();
    assert_eq!(schema["$id"], "perwatt-record-v1");
    let dialect = "https://json-schema.org/draft/2020-12/schema";
    assert_eq!(schema["$schema"], dialect);
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({})));
    for name in words("schema digest session host runs summary meters_unavailable") {
        let mut required = items(&schema["required"]).iter();
        assert!(required.any(|field| field == name), "{name}");
    }
    let mut properties = schema["properties"].as_object().unwrap().values();
    assert!(properties.all(|field| field["description"].is_string()));
}

#[test]
fn a_worker_without_a_coordinator_leaves_quietly() {
    let sandbox = Sandbox::new();
    // Standard input is empty.
    let assert = sandbox.perwatt(["worker"]).code(0);
    assert_eq!(stdout(&assert) + &stderr(&assert), "");
    let mut command = assert_cmd::Command::from_std(sandbox.command(["worker"]));
    let assert = command.write_stdin("{\"say\":\"stop\"}\n").assert().code(0);
    assert_eq!(stdout(&assert) + &stderr(&assert), "");
    let mut command = assert_cmd::Command::from_std(sandbox.command(["worker"]));
    let assert = command.write_stdin("nonsense\n").assert().code(2);
    assert_eq!(stdout(&assert), "");
    let errors = stderr(&assert);
    assert!(errors.starts_with("error: "), "{errors}");
}

#[test]
fn every_listing_survives_a_reader_that_leaves() {
    use std::process::Stdio;

    let sandbox = Sandbox::new();
    for args in [
        ["list", "--format=text"].as_slice(),
        &["list", "--format=json"],
        &["env", "--format=text"],
        &["env", "--format=json"],
        &["schema"],
        &["man"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = sandbox
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            (output.status.code(), errors.as_str()),
            (Some(0), ""),
            "{args:?}"
        );
    }
}
