//! `perwatt search`: real headers, all backends, and the ways that a search ends.

use std::collections::BTreeSet;
use std::io::Read;

use assert_cmd::assert::Assert;
use serde_json::Value;

use crate::sandbox::{Sandbox, has, items, json, lacks, piped, stderr, stdout, word, words};

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
    let mut workloads = items(&list["workloads"]).iter();
    let hashing = workloads.find(|workload| workload["kinds"][0] == "sha256d");
    let all = items(&hashing.expect("sha256d is listed")["backends"]).iter();
    let here = all.filter(|backend| backend["available"] == true && backend["device"] == "cpu");
    let names: Vec<String> = here
        .map(|backend| word(&backend["name"]).to_owned())
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
    let hit = serde_json::json!({ "nonce": genesis.nonce, "hash": genesis.hash });
    assert_eq!(*items(&document["hits"]), [hit]);
    assert_eq!(document["hashes"], 21);
    assert_eq!(document["interrupted"], false);
    assert_eq!(
        document["target"],
        format!("00000000ffff{}", "0".repeat(52))
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
        let hits = items(&document["hits"]).iter();
        let hit = |hit: &Value| {
            (
                hit["nonce"].as_u64().unwrap(),
                word(&hit["hash"]).to_owned(),
            )
        };
        BTreeSet::from_iter(hits.map(hit))
    };
    let expected = by(&words("--bits 1f01ffff --backend portable --threads 1"));
    assert!(expected.len() > 2, "{expected:?}");
    for (nonce, hash) in &expected {
        assert!((5..=400_004).contains(nonce));
        assert!(hash.as_str() <= &target[2..], "{hash}");
    }
    for backend in backends(&sandbox) {
        for aim in [["--bits", "0x1F01FFFF"], ["--target", &target]] {
            let found = by(&[&aim[..], &["--backend", &backend]].concat());
            assert_eq!(found, expected, "{backend} {aim:?}");
        }
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
        let ["nonce", nonce, "hash", hash] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let nonce: u32 = nonce.parse().unwrap();
        assert!(nonce <= 400_000, "{line}");
        assert!(hash.len() == 64 && hash.starts_with("000"), "{line}");
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
        let target = format!("7f{}", "f".repeat(62));
        let args = ["search", &header, "--target", &target, "--format", format];
        let mut child = piped(sandbox.command(args));
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
    let args = words("--bits 1e200000 --format json --backend portable --threads 1");
    let mut child = piped(sandbox.command([&["search", &header], &args[..]].concat()));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = Vec::new();
    // After the first hit the signal handler is installed.
    out.read_until(b'}', &mut text).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    out.read_to_end(&mut text).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{errors}");
    let document: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(document["interrupted"], true);
    assert!(!items(&document["hits"]).is_empty());
    has!(errors, "interrupted");
}
