//! `perwatt search`: real headers, all backends, and the ways that a search ends.

use std::io::Read;
use std::process::Stdio;

use assert_cmd::assert::Assert;
use serde_json::Value;

use crate::sandbox::{Sandbox, has, json, lacks, stderr, stdout};

/// A real header of the chain.
struct Known {
    hash: String,
    header: String,
    nonce: u32,
}

fn genesis() -> Known {
    let text = include_str!("../../../sha256d/tests/data/headers.csv");
    let row = text.lines().nth(1).unwrap();
    let [_, hash, header, _, _, nonce] = row.splitn(7, ',').collect::<Vec<_>>()[..6] else {
        unreachable!("six fields")
    };
    let (hash, header) = (hash.to_owned(), header.to_owned());
    let nonce = nonce.parse().unwrap();
    Known {
        hash,
        header,
        nonce,
    }
}

impl Known {
    /// The hit as a line of output.
    fn line(&self) -> String {
        format!("nonce {} hash {}\n", self.nonce, self.hash)
    }

    /// Searches this header.
    fn search(&self, sandbox: &Sandbox, range: &str, extra: &[&str]) -> Assert {
        let args = ["search", &self.header, "--nonces", range];
        sandbox.perwatt([&args, extra].concat())
    }
}

/// The backends of the search that this CPU supports.
fn backends(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(0, ["list", "--format", "json"]);
    let workloads = list["workloads"].as_array().unwrap();
    let hashing = workloads
        .iter()
        .find(|w| w["kinds"][0] == "sha256d")
        .expect("sha256d is listed");
    let names: Vec<String> = hashing["backends"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|backend| backend["available"] == true)
        .filter(|backend| backend["device"] == "cpu")
        .map(|backend| backend["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.iter().any(|name| name == "portable"), "{names:?}");
    names
}

#[test]
fn the_nonce_is_found_at_either_end_of_the_range_and_alone() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    let nonce = genesis.nonce;
    let ranges = [
        format!("{nonce}..={nonce}"),
        format!("{}..={nonce}", nonce - 1000),
        format!("{nonce}..={}", nonce + 1000),
    ];
    for range in ranges {
        for threads in ["1", "3"] {
            let assert = genesis.search(&sandbox, &range, &["--threads", threads]);
            assert_eq!(stdout(&assert.code(0)), genesis.line(), "{range}");
        }
    }
}

#[test]
fn no_nonce_in_the_range_is_exit_1_and_says_so() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    let range = format!("{}..={}", genesis.nonce + 1, genesis.nonce + 70_000);
    for format in ["text", "json"] {
        let assert = genesis.search(&sandbox, &range, &["--format", format]);
        let assert = assert.code(1);
        has!(stderr(&assert), "0 hits in 70000 nonces");
        if format == "text" {
            assert_eq!(stdout(&assert), "");
        } else {
            let document = json(&assert);
            assert_eq!(document["hits"], Value::Array(Vec::new()));
            assert_eq!(document["hashes"], 70_000);
        }
    }
}

#[test]
fn json_is_one_document_with_hits_target_and_count() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    let range = format!("{}..={}", genesis.nonce - 10, genesis.nonce + 10);
    let assert = genesis.search(&sandbox, &range, &["--format", "json"]);
    let document = json(&assert.code(0));
    assert_eq!(document["header"], genesis.header.as_str());
    assert_eq!(
        document["hits"],
        serde_json::json!([{ "nonce": genesis.nonce, "hash": genesis.hash }])
    );
    assert_eq!(document["hashes"], 21);
    assert_eq!(document["interrupted"], false);
    assert_eq!(
        document["target"],
        "00000000ffff0000000000000000000000000000000000000000000000000000"
    );
    assert!(document["time_s"].as_f64().unwrap() > 0.0);
}

#[test]
fn an_easy_target_gives_the_same_several_hits_by_every_backend() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    // The target 0x1f01ffff is just below 2^-15: about 1 hit in 32768 nonces.
    let target = format!("0x{}", "0001ffff".to_owned() + &"0".repeat(56));
    let by = |extra: &[&str]| {
        let extra = [&["--format", "json"], extra].concat();
        let document = json(&genesis.search(&sandbox, "5..=400004", &extra).code(0));
        assert_eq!(document["hashes"], 400_000);
        let mut hits: Vec<(u64, String)> = document["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| {
                (
                    hit["nonce"].as_u64().unwrap(),
                    hit["hash"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        hits.sort();
        hits
    };
    let expected = by(&[
        "--bits",
        "1f01ffff",
        "--backend",
        "portable",
        "--threads",
        "1",
    ]);
    assert!(expected.len() > 2, "{expected:?}");
    for (nonce, hash) in &expected {
        assert!((5..=400_004).contains(nonce));
        assert!(hash.as_str() <= &target[2..], "{hash}");
    }
    for backend in backends(&sandbox) {
        assert_eq!(
            by(&["--bits", "0x1F01FFFF", "--backend", &backend]),
            expected,
            "{backend}"
        );
        assert_eq!(
            by(&["--target", &target, "--backend", &backend]),
            expected,
            "{backend}"
        );
    }
}

#[test]
fn every_hit_is_a_line_of_text() {
    let sandbox = Sandbox::new();
    let assert = genesis().search(&sandbox, "0..=400000", &["--bits", "1f01ffff"]);
    let assert = assert.code(0);
    let text = stdout(&assert);
    assert!(text.lines().count() > 2, "{text}");
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(
            (words.len(), words[0], words[2]),
            (4, "nonce", "hash"),
            "{line}"
        );
        assert!(
            words[1].parse::<u32>().is_ok_and(|nonce| nonce <= 400_000),
            "{line}"
        );
        assert!(
            words[3].len() == 64 && words[3].starts_with("000"),
            "{line}"
        );
    }
    has!(stderr(&assert), "hits in 400001 nonces");
}

#[test]
fn an_impossible_target_of_the_header_can_be_overridden() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    // The hash is compared with the given target instead of the header's own.
    let range = format!("{0}..={0}", genesis.nonce);
    let by = |target: &str| genesis.search(&sandbox, &range, &["--target", target]);
    by("01").code(1).stdout("");
    let found = by(&genesis.hash).code(0);
    assert_eq!(stdout(&found), genesis.line(), "a target is inclusive");
}

#[test]
fn pinned_threads_find_the_same() {
    let sandbox = Sandbox::new();
    let genesis = genesis();
    let range = format!("{}..={}", genesis.nonce - 5000, genesis.nonce);
    let pin = ["--pin"];
    let extra = &pin[..usize::from(cfg!(target_os = "linux"))];
    let assert = genesis.search(&sandbox, &range, extra);
    assert_eq!(stdout(&assert.code(0)), genesis.line());
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let sandbox = Sandbox::new();
    let header = genesis().header;
    for format in ["text", "json"] {
        // Half of all nonces are hits, far more than a pipe can hold.
        let mut child = sandbox
            .command([
                "search",
                &header,
                "--target",
                &format!("7f{}", "f".repeat(62)),
                "--format",
                format,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut start = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        // The pipe is closed here, in the middle of the search.
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {errors}");
        lacks!(errors, "panic", "error");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_search_with_130_and_whole_json() {
    use std::io::{BufRead, BufReader};

    use rustix::process::{Pid, Signal, kill_process};

    let sandbox = Sandbox::new();
    let header = genesis().header;
    // Two hits per million nonces: there are hits, and the range does not end soon.
    let mut child = sandbox
        .command([
            "search",
            &header,
            "--bits",
            "1e200000",
            "--format",
            "json",
            "--backend",
            "portable",
            "--threads",
            "1",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = Vec::new();
    // After the first hit the signal handler is installed.
    out.read_until(b'}', &mut text).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    out.read_to_end(&mut text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(130),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let document: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(document["interrupted"], true);
    assert!(
        document["hits"]
            .as_array()
            .is_some_and(|hits| !hits.is_empty())
    );
    has!(String::from_utf8(output.stderr).unwrap(), "interrupted");
}
