//! The statements of `check`: facts that are proven and facts that are taken on trust. A
//! verifier's challenge counts as proven.

use perwatt_record::commitment;

use crate::records::{HASHES, PRODUCTS, typed};
use crate::sandbox::{Sandbox, flat, has, items, json, lacks, printed_path, stdout, words};

const CHALLENGE: &str = "00000000000000000001F7A3B2C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6";

#[test]
fn check_says_what_is_proven_and_what_is_taken_on_trust() {
    for (bytes, work, proven) in [
        (&*HASHES, "sha256d/cpu/portable", true),
        (&*PRODUCTS, "matmul/f32", false),
    ] {
        let sandbox = Sandbox::new();
        let path = sandbox.file("record.json", bytes);
        let path = path.to_str().unwrap();
        let text = sandbox.out(0, ["check", path]);
        let (rules, said) = text.split_once("\ntaken on trust\n").unwrap();
        assert_eq!(rules.contains("\nproven\n"), proven, "{text}");
        assert!(rules.contains("\nconsistent\n"), "{text}");
        let work_said = if proven { rules } else { said };
        has!(format!("\n{work_said}"), &format!("\n  {work}"));
        assert!(said.contains("the time that the work took"), "{text}");
        assert!(said.ends_with("\nverified\n"), "{text}");
        let statements = text.lines().skip_while(|line| *line != "consistent");
        for line in statements {
            assert!(line.chars().count() <= 80, "{line}");
        }

        let report = json(&sandbox.perwatt(["check", "--format", "json", path]));
        let statements = items(&report[0]["statements"]);
        let of = |standing: &str| statements.iter().any(|s| s["standing"] == standing);
        assert_eq!(of("proven"), proven);
        assert!(of("consistent") && of("taken on trust"));
    }
}

#[test]
fn hashes_are_younger_than_a_challenge() {
    let sandbox = Sandbox::new();
    let run = |rounds: &str| {
        let fixed = words(
            "run --workload sha256d --backend portable --seconds 0.2 --threads 1 --meter none",
        );
        let given = ["--rounds", rounds, "--challenge", CHALLENGE];
        sandbox.perwatt([&fixed[..], &given].concat())
    };
    // One honest session in a million fails its share count.
    let path = printed_path(&sandbox, &run("1").code(0));
    let bytes = std::fs::read(&path).unwrap();
    let lower = CHALLENGE.to_ascii_lowercase();
    assert_eq!(typed(&bytes).session.challenge, Some(lower.clone()));
    let text = flat(&stdout(&sandbox.about("check", &path).code(0)));
    has!(text, &format!("younger than the challenge {lower}"));

    let other = crate::records::resealed(&bytes, |document| {
        document["session"]["challenge"] = "ff".repeat(16).into();
    });
    let path = sandbox.file("other.json", &other);
    let text = stdout(&sandbox.about("check", &path).code(4));
    let failure = "FAILED: facts held twice agree: session.challenge";
    has!(flat(&text), failure);
}

#[test]
fn a_challenge_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    for bad in ["", "0011", "not hexadecimal!", &"0".repeat(130)] {
        let errors = sandbox.err(2, ["run", "--challenge", bad]);
        has!(errors, "16 to 128 hex digits");
    }
    let errors = sandbox.err(2, ["run", "--seed", "9007199254740992"]);
    has!(errors, "9007199254740991");
}

/// Products have no shares, so a clone with its own ID passes by itself; beside the
/// original session it does not.
#[test]
fn a_clone_is_refused_beside_its_original() {
    let sandbox = Sandbox::new();
    let original = sandbox.file("a.json", &*PRODUCTS);
    let clone = sandbox.file("b.json", renamed(&PRODUCTS));
    let (a, b) = (original.to_str().unwrap(), clone.to_str().unwrap());
    sandbox.ends(0, ["check", b]);

    let told = "one is a copy of the other";
    let text = sandbox.out(4, ["check", a, b]);
    let failures = text.matches("FAILED: no file is a copy").count();
    assert_eq!(failures, 2, "{text}");
    lacks!(text, "taken on trust");
    for command in ["compare", "export"] {
        let text = sandbox.err(4, [command, a, b]);
        assert!(text.contains(told), "{command}: {text}");
    }
}

/// The record with another label and salt, which give it another session ID.
fn renamed(bytes: &[u8]) -> Vec<u8> {
    let mut record = typed(bytes);
    record.session.salt = Some("0".repeat(32));
    record.session.id = commitment::id(&record).expect("a canonical form");
    record.seal().expect("a record is JSON");
    record.to_bytes().expect("a record is JSON")
}
