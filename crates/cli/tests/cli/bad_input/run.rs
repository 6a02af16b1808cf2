//! Refusals of `perwatt run`.

use super::*;

#[test]
fn names_that_do_not_exist() {
    #[rustfmt::skip]
    let cases: [(&[&str], &[&str]); 8] = [
        (&["run", "--workload", "sha3"], &["\"sha3\"", "sha256d", "matmul/f32", "stream/triad"]),
        (&["run", "--workload", ""], &["\"\"", "sha256d"]),
        (&["run", "--workload", "sha256d:8"], &["sha256d", "\"8\"", "leave out"]),
        (&["run", "--backend", "abacus"], &["\"abacus\"", "portable", "embedded", "all"]),
        (&["run", "--workload", "stream", "--backend", "portable"], &["\"portable\"", "there are"]),
        (&["run", "--device", "tpu0"], &["\"tpu0\"", "\"cpu\""]),
        (&["run", "--meter", "wattmeter"], &["\"wattmeter\"", "rapl", "user-watts", "none"]),
        (&["run", "--suite", "fast"], &["\"fast\"", "quick, standard or full"]),
    ];
    for (args, says) in cases {
        misused(args, says);
    }
}

#[test]
fn matrix_shapes_that_make_no_sense() {
    let cases: [(&str, &str); 5] = [
        ("0x64x64", "at least 1"),
        ("64x64", "MxNxK"),
        ("-1x2x3", "MxNxK"),
        ("huge", "MxNxK"),
        ("2000000x2000000x2000000", "smaller shape"),
    ];
    for (shape, remedy) in cases {
        let workload = format!("matmul/f32:{shape}");
        misused(&["run", "--workload", &workload], &[shape, remedy]);
    }
}

#[test]
fn a_backend_that_this_cpu_lacks() {
    let sandbox = Sandbox::new();
    let list = sandbox.json(0, ["list", "--format", "json"]);
    let missing: Vec<(String, String, String)> = list["workloads"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|workload| {
            let kind = workload["kinds"][0].as_str().unwrap();
            workload["backends"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(move |backend| {
                    let why = backend["unavailable"].as_str()?;
                    Some((
                        kind.into(),
                        backend["name"].as_str().unwrap().into(),
                        why.into(),
                    ))
                })
        })
        .collect();
    if missing.is_empty() {
        eprintln!("skipped: this machine has every backend");
    }
    for (kind, name, why) in missing {
        misused(
            &["run", "--workload", &kind, "--backend", &name],
            &[&format!("{name:?}"), &why],
        );
        if kind == "sha256d" {
            misused(&["search", GENESIS, "--backend", &name], &[&name]);
        }
    }
}

#[test]
fn numbers_outside_their_range() {
    let cases: [(&str, &str, &str); 18] = [
        ("--seconds", "0", "seconds from 0.001 to"),
        ("--seconds", "-1", "seconds from 0.001 to"),
        ("--seconds", "nan", "seconds from 0.001 to"),
        ("--seconds", "inf", "0.001 to 86400"),
        ("--seconds", "1e300", "0.001 to 86400"),
        ("--seconds", "1e-300", "0.001 to 86400"),
        ("--timeout", "0", "seconds from 0.001 to"),
        ("--timeout", "-5", "seconds from 0.001 to"),
        ("--timeout", "NaN", "seconds from 0.001 to"),
        ("--rounds", "0", "from 1 to 10000"),
        ("--rounds", "10001", "from 1 to 10000"),
        ("--threads", "0", "from 1 to"),
        ("--threads", "100000", "from 1 to"),
        ("--watts", "0", "from 0.000001"),
        ("--watts", "-1", "from 0.000001"),
        ("--watts", "nan", "from 0.000001"),
        ("--watts", "1e9", "to 1000000"),
        ("--watts", "inf", "to 1000000"),
    ];
    for (option, value, range) in cases {
        let value_shown = match value {
            "nan" => "NaN".into(),
            "1e9" => "1000000000".into(),
            "1e-300" => format!("0.{}1", "0".repeat(299)),
            "1e300" => format!("1{}", "0".repeat(20)),
            other => other.to_owned(),
        };
        misused(&["run", option, value], &[option, &value_shown, range]);
    }
    for (option, value) in [
        ("--rounds", "-1"),
        ("--rounds", "two"),
        ("--seconds", "long"),
        ("--seed", "-3"),
    ] {
        misused(
            &["run", &format!("{option}={value}")],
            &[value, option, "--help"],
        );
    }
}

#[test]
fn a_dry_run_refuses_what_a_run_refuses() {
    for (option, value) in [
        ("--watts", "-1"),
        ("--meter", "wattmeter"),
        ("--seconds", "0"),
    ] {
        misused(&["run", "--dry-run", option, value], &[value]);
    }
}

#[test]
fn more_pinned_threads_than_cpus() {
    let cpus = std::thread::available_parallelism().unwrap().get();
    let threads = (cpus + 1).to_string();
    misused(
        &["run", "--pin", "--threads", &threads],
        &[&threads, "--pin", "at most"],
    );
}

#[test]
fn meters_that_contradict_each_other() {
    misused(&["run", "--meter", "user-watts"], &["--watts N"]);
    misused(
        &["run", "--meter", "none", "--meter", "rapl"],
        &["none", "rapl", "give one"],
    );
}

#[test]
fn texts_that_are_too_long() {
    let sandbox = Sandbox::new();
    let long = "x".repeat(5000);
    for (option, most) in [("--label", "at most 100"), ("--note", "at most 4000")] {
        refused(&sandbox, tiny(&[option, &long]), 2, &[option, "5000", most]);
    }
}

#[test]
fn names_that_no_node_has() {
    let sandbox = Sandbox::new();
    let long = "n".repeat(254);
    for (name, says) in [
        (long.as_str(), "254 bytes; give one of at most 253"),
        ("a\tb", "control character"),
        (" n01", "begins or ends with a space"),
    ] {
        refused(&sandbox, tiny(&["--node", name]), 2, &["--node", says]);
    }
    let mut command = sandbox.command(tiny(&[]));
    command.env("K8S_NODE_NAME", &long);
    let errors = stderr(&crate::sandbox::ended(command).code(2));
    has!(errors, "K8S_NODE_NAME: give --node NAME", "254 bytes");
    assert!(!sandbox.results().exists());
}

#[test]
fn an_output_directory_that_cannot_be_one() {
    let sandbox = Sandbox::new();
    let file = sandbox.file("taken", "mine");
    let file = file.to_str().unwrap();
    let below = format!("{file}/deeper/still");
    let mut places = vec![file, &below];
    if cfg!(target_os = "linux") {
        places.extend(["/proc/perwatt", "/proc", "/dev/full"]);
    }
    for place in places {
        refused(&sandbox, tiny(&["--out", place]), 2, &[place, "--out"]);
    }
    assert_eq!(std::fs::read(file).unwrap(), b"mine");
}

#[test]
fn an_output_directory_name_longer_than_any() {
    let sandbox = Sandbox::new();
    let name = "d".repeat(300);
    refused(&sandbox, tiny(&["--out", &name]), 2, &[&name, "--out"]);
}

#[test]
fn a_verb_that_does_not_exist() {
    misused(&["measure"], &["measure", "--help"]);
    misused(&["run", "--wats", "65"], &["--wats", "--watts"]);
}
