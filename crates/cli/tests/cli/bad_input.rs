//! Bad input: each gives an error that names the value and the remedy, the right
//! exit code, nothing on standard output, and leaves nothing behind.

use std::ffi::OsStr;
use std::path::Path;

use crate::records::{HASHES, PRODUCTS, edited, resealed, unfinished};
use crate::sandbox::{Sandbox, TINY, json, stderr, stdout};

const GENESIS: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

/// Runs the program and checks that it refuses with `code`, that the message has
/// every part of `says` (the value given and a remedy), and that nothing else
/// happened.
fn refused<S: AsRef<OsStr>>(
    sandbox: &Sandbox,
    args: impl IntoIterator<Item = S>,
    code: i32,
    says: &[&str],
) {
    let args: Vec<S> = args.into_iter().collect();
    let shown: Vec<_> = args
        .iter()
        .map(|arg| arg.as_ref().to_string_lossy().into_owned())
        .collect();
    let shown: String = shown.join(" ").chars().take(200).collect();
    let assert = sandbox.perwatt(args);
    let errors = stderr(&assert);
    assert_eq!(
        assert.get_output().status.code(),
        Some(code),
        "{shown}: {errors}"
    );
    assert_eq!(stdout(&assert), "", "{shown}");
    assert!(errors.starts_with("error: "), "{shown}: {errors}");
    for part in says {
        assert!(errors.contains(part), "{shown}: no {part:?} in: {errors}");
    }
    assert!(
        !sandbox.results().exists(),
        "{shown} left {:?}",
        sandbox.result_files()
    );
}

fn run_with(extra: &[&str]) -> Vec<String> {
    TINY.iter()
        .chain(extra)
        .map(|arg| (*arg).to_owned())
        .collect()
}

/// The genesis header with other bits, given as they are written in hex.
fn header_with_bits(bits: u32) -> String {
    let bytes: String = bits
        .to_le_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}{bytes}{}", &GENESIS[..144], &GENESIS[152..])
}

mod search {
    use super::*;

    #[test]
    fn headers_that_are_not_160_hex_digits() {
        let sandbox = Sandbox::new();
        let spoiled = format!("{}g{}", &GENESIS[..17], &GENESIS[18..]);
        let accented = format!("{}é{}", &GENESIS[..17], &GENESIS[18..]);
        let cases: [(&str, &[&str]); 7] = [
            (&spoiled, &["'g'", "17", "hex"]),
            (&accented, &["'é'", "17", "hex"]),
            (&GENESIS[..159], &["159", "160"]),
            (&GENESIS[..158], &["158", "160"]),
            (&format!("{GENESIS}00"), &["162", "160"]),
            ("", &["0", "160"]),
            ("not a header", &["160"]),
        ];
        for (header, says) in cases {
            refused(&sandbox, ["search", header], 2, says);
        }
    }

    #[test]
    fn bits_that_are_no_target() {
        let sandbox = Sandbox::new();
        let cases = [
            (0x0492_3456, "negative"),
            (0xff12_3456, "above 2^256"),
            (0x0100_3456, "zero"),
            (0, "zero"),
        ];
        for (bits, what) in cases {
            let hex = format!("{bits:08x}");
            let remedy = "1d00ffff";
            refused(
                &sandbox,
                ["search", &header_with_bits(bits)],
                2,
                &[&hex, what, "--bits"],
            );
            let args = ["search", GENESIS, "--bits", &hex];
            refused(&sandbox, args, 2, &[&format!("--bits {hex}"), what, remedy]);
        }
        for bits in ["", "xyz", "1d00ffff0", "0x", "+1d00fff", "1d 0ffff"] {
            let args = ["search", GENESIS, "--bits", bits];
            refused(
                &sandbox,
                args,
                2,
                &[&format!("--bits {bits}"), "8 hex digits", "1d00ffff"],
            );
        }
        refused(
            &sandbox,
            ["search", GENESIS, "--bits", "-1"],
            2,
            &["-1", "--help"],
        );
    }

    #[test]
    fn targets_that_are_no_number() {
        let sandbox = Sandbox::new();
        let long = "f".repeat(65);
        let cases = [
            ("", "64"),
            ("0", "zero"),
            (&*"0".repeat(64), "zero"),
            ("12g4", "'g'"),
            (&long, "64"),
        ];
        for (target, what) in cases {
            let args = ["search", GENESIS, "--target", target];
            refused(&sandbox, args, 2, &[&format!("--target {target}"), what]);
        }
    }

    #[test]
    fn bits_and_target_at_once() {
        let args = ["search", GENESIS, "--bits", "1d00ffff", "--target", "ff"];
        refused(
            &Sandbox::new(),
            args,
            2,
            &["--bits", "--target", "cannot be used with"],
        );
    }

    #[test]
    fn ranges_that_hold_nothing() {
        let sandbox = Sandbox::new();
        let cases: [(&str, &str); 7] = [
            ("9..=7", "smaller nonce first"),
            ("7..9", "FIRST..=LAST"),
            ("", "FIRST..=LAST"),
            ("7", "FIRST..=LAST"),
            ("..=", "0 to 4294967295"),
            ("0..=4294967296", "0 to 4294967295"),
            ("a..=7", "0 to 4294967295"),
        ];
        for (range, remedy) in cases {
            let args = ["search", GENESIS, "--nonces", range];
            refused(&sandbox, args, 2, &[&format!("--nonces {range}"), remedy]);
        }
        refused(
            &sandbox,
            ["search", GENESIS, "--nonces=-1..=2"],
            2,
            &["-1..=2", "0 to 4294967295"],
        );
    }

    #[test]
    fn unknown_backends_and_impossible_thread_counts() {
        let sandbox = Sandbox::new();
        refused(
            &sandbox,
            ["search", GENESIS, "--backend", "abacus"],
            2,
            &["abacus", "portable"],
        );
        refused(
            &sandbox,
            ["search", GENESIS, "--threads", "0"],
            2,
            &["--threads 0", "from 1 to"],
        );
        let many = "4000000000";
        refused(
            &sandbox,
            ["search", GENESIS, "--threads", many],
            2,
            &[many, "from 1 to"],
        );
        refused(
            &sandbox,
            ["search", GENESIS, "--threads", "two"],
            2,
            &["two", "--threads"],
        );
    }

    #[test]
    fn the_header_is_required() {
        refused(&Sandbox::new(), ["search"], 2, &["<HEADER>", "--help"]);
    }
}

mod run {
    use super::*;

    #[test]
    fn names_that_do_not_exist() {
        let sandbox = Sandbox::new();
        let cases: [(&[&str], &[&str]); 8] = [
            (
                &["run", "--workload", "sha3"],
                &["\"sha3\"", "sha256d", "matmul/f32", "stream/triad"],
            ),
            (&["run", "--workload", ""], &["\"\"", "sha256d"]),
            (
                &["run", "--workload", "sha256d:8"],
                &["sha256d", "\"8\"", "leave out"],
            ),
            (
                &["run", "--backend", "abacus"],
                &["\"abacus\"", "portable", "embedded", "all"],
            ),
            (
                &["run", "--workload", "stream", "--backend", "portable"],
                &["\"portable\"", "there are"],
            ),
            (&["run", "--device", "tpu0"], &["\"tpu0\"", "\"cpu\""]),
            (
                &["run", "--meter", "wattmeter"],
                &["\"wattmeter\"", "rapl", "user-watts", "none"],
            ),
            (
                &["run", "--suite", "fast"],
                &["\"fast\"", "quick, standard or full"],
            ),
        ];
        for (args, says) in cases {
            refused(&sandbox, args, 2, says);
        }
    }

    #[test]
    fn matrix_shapes_that_make_no_sense() {
        let sandbox = Sandbox::new();
        let cases: [(&str, &str); 5] = [
            ("0x64x64", "at least 1"),
            ("64x64", "MxNxK"),
            ("-1x2x3", "MxNxK"),
            ("huge", "MxNxK"),
            ("2000000x2000000x2000000", "smaller shape"),
        ];
        for (shape, remedy) in cases {
            let workload = format!("matmul/f32:{shape}");
            refused(
                &sandbox,
                ["run", "--workload", &workload],
                2,
                &[shape, remedy],
            );
        }
    }

    #[test]
    fn a_backend_that_this_cpu_lacks() {
        let sandbox = Sandbox::new();
        let list = json(&sandbox.perwatt(["list", "--format", "json"]).code(0));
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
            let args = ["run", "--workload", &kind, "--backend", &name];
            refused(&sandbox, args, 2, &[&format!("{name:?}"), &why]);
            if kind == "sha256d" {
                refused(
                    &sandbox,
                    ["search", GENESIS, "--backend", &name],
                    2,
                    &[&name],
                );
            }
        }
    }

    #[test]
    fn numbers_outside_their_range() {
        let sandbox = Sandbox::new();
        let cases: [(&str, &str, &str); 17] = [
            ("--seconds", "0", "seconds above 0"),
            ("--seconds", "-1", "seconds above 0"),
            ("--seconds", "nan", "seconds above 0"),
            ("--seconds", "inf", "at most 86400"),
            ("--seconds", "1e300", "at most 86400"),
            ("--timeout", "0", "seconds above 0"),
            ("--timeout", "-5", "seconds above 0"),
            ("--timeout", "NaN", "seconds above 0"),
            ("--rounds", "0", "from 1 to 10000"),
            ("--rounds", "10001", "from 1 to 10000"),
            ("--threads", "0", "from 1 to"),
            ("--threads", "100000", "from 1 to"),
            ("--watts", "0", "above 0"),
            ("--watts", "-1", "above 0"),
            ("--watts", "nan", "above 0"),
            ("--watts", "1e9", "at most 1000000"),
            ("--watts", "inf", "at most 1000000"),
        ];
        for (option, value, range) in cases {
            let value_shown = match value {
                "nan" => "NaN".into(),
                "1e9" => "1000000000".into(),
                "1e300" => format!("1{}", "0".repeat(20)),
                other => other.to_owned(),
            };
            refused(
                &sandbox,
                ["run", option, value],
                2,
                &[option, &value_shown, range],
            );
        }
        for (option, value) in [
            ("--rounds", "-1"),
            ("--rounds", "two"),
            ("--seconds", "long"),
            ("--seed", "-3"),
        ] {
            refused(
                &sandbox,
                ["run", &format!("{option}={value}")],
                2,
                &[value, option, "--help"],
            );
        }
    }

    #[test]
    fn a_dry_run_refuses_what_a_run_refuses() {
        let sandbox = Sandbox::new();
        for (option, value) in [
            ("--watts", "-1"),
            ("--meter", "wattmeter"),
            ("--seconds", "0"),
        ] {
            refused(&sandbox, ["run", "--dry-run", option, value], 2, &[value]);
        }
    }

    #[test]
    fn more_pinned_threads_than_cpus() {
        let cpus = std::thread::available_parallelism().unwrap().get();
        let threads = (cpus + 1).to_string();
        let args = ["run", "--pin", "--threads", &threads];
        refused(&Sandbox::new(), args, 2, &[&threads, "--pin", "at most"]);
    }

    #[test]
    fn meters_that_contradict_each_other() {
        let sandbox = Sandbox::new();
        refused(
            &sandbox,
            ["run", "--meter", "user-watts"],
            2,
            &["--watts N"],
        );
        refused(
            &sandbox,
            ["run", "--meter", "none", "--meter", "rapl"],
            2,
            &["none", "rapl", "drop one"],
        );
    }

    #[test]
    fn texts_that_are_too_long() {
        let sandbox = Sandbox::new();
        let long = "x".repeat(5000);
        for option in ["--label", "--note"] {
            refused(
                &sandbox,
                run_with(&[option, &long]),
                2,
                &[option, "5000", "at most 4000"],
            );
        }
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
            refused(&sandbox, run_with(&["--out", place]), 2, &[place, "--out"]);
        }
        assert_eq!(std::fs::read(file).unwrap(), b"mine");
    }

    #[test]
    fn an_output_directory_name_longer_than_any() {
        let sandbox = Sandbox::new();
        let name = "d".repeat(300);
        refused(&sandbox, run_with(&["--out", &name]), 2, &[&name, "--out"]);
    }

    #[test]
    fn a_verb_that_does_not_exist() {
        refused(&Sandbox::new(), ["measure"], 2, &["measure", "--help"]);
        refused(
            &Sandbox::new(),
            ["run", "--wats", "65"],
            2,
            &["--wats", "--watts"],
        );
    }
}

mod resume {
    use super::*;

    fn resume(path: &Path) -> [&OsStr; 3] {
        ["run".as_ref(), "--resume".as_ref(), path.as_os_str()]
    }

    /// Refuses to resume and leaves the file and its directory as they were.
    fn refused_and_untouched(name: &str, bytes: &[u8], code: i32, says: &[&str]) {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, bytes);
        let before = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        refused(&sandbox, resume(&path), code, &[says, &[name]].concat());
        assert!(std::fs::read(&path).unwrap() == bytes, "{name} was changed");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            before,
            "{name}"
        );
    }

    #[test]
    fn a_file_that_is_missing() {
        let sandbox = Sandbox::new();
        let path = sandbox.path("absent.json");
        refused(
            &sandbox,
            resume(&path),
            2,
            &["absent.json", "check the path"],
        );
        assert!(!path.exists());
    }

    #[test]
    fn a_record_that_is_complete() {
        refused_and_untouched("done.json", &HASHES, 2, &["complete", "nothing to resume"]);
    }

    #[test]
    fn a_file_that_is_no_record() {
        refused_and_untouched("other.json", b"{\"a\": 1}", 2, &["not a perwatt record"]);
        refused_and_untouched("text.json", b"hello", 4, &["damaged", "copy"]);
        refused_and_untouched("empty.json", b"", 4, &["damaged", "copy"]);
    }

    #[test]
    fn a_record_that_was_edited() {
        let bytes = unfinished(&HASHES, |_| {});
        let bytes = edited(&bytes, |document| {
            document["session"]["label"] = "better".into()
        });
        refused_and_untouched("edited.json", &bytes, 4, &["digest", "edited"]);
    }

    #[test]
    fn a_record_of_another_build() {
        let bytes = unfinished(&PRODUCTS, |record| record.tool.version = "0.0.9".into());
        refused_and_untouched("old.json", &bytes, 3, &["0.0.9", "build", "new session"]);
    }

    #[test]
    fn a_record_of_another_machine() {
        let key = "0".repeat(64);
        let bytes = unfinished(&PRODUCTS, |record| record.machine.key = key.clone());
        refused_and_untouched("theirs.json", &bytes, 3, &[&key, "machine", "new session"]);
    }

    #[test]
    fn a_record_with_other_meters() {
        let bytes = unfinished(&HASHES, |_| {});
        refused_and_untouched("watts.json", &bytes, 3, &["meters", "user-watts"]);
    }

    #[test]
    fn together_with_a_plan() {
        let sandbox = Sandbox::new();
        for (option, value) in [
            ("--rounds", "3"),
            ("--label", "x"),
            ("--out", "elsewhere"),
            ("--suite", "full"),
        ] {
            let args = ["run", "--resume", "f.json", option, value];
            refused(
                &sandbox,
                args,
                2,
                &["--resume", option, "cannot be used with"],
            );
        }
    }
}

mod records {
    use super::*;

    /// `show` and `check` refuse the file alike, in either format's exit code.
    fn unreadable(sandbox: &Sandbox, path: &Path, code: i32, says: &[&str]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        for verb in ["show", "check"] {
            refused(
                sandbox,
                [verb.as_ref(), path.as_os_str()],
                code,
                &[says, &[name]].concat(),
            );
        }
        let args = ["check".as_ref(), "--format=json".as_ref(), path.as_os_str()];
        let report = json(&sandbox.perwatt(args).code(code));
        let error = report[0]["error"]
            .as_str()
            .expect("the report has the error");
        assert!(says.iter().all(|part| error.contains(part)), "{error}");
    }

    #[test]
    fn files_that_cannot_be_read() {
        let sandbox = Sandbox::new();
        unreadable(
            &sandbox,
            &sandbox.path("absent.json"),
            2,
            &["cannot read", "check the path"],
        );
        unreadable(&sandbox, &sandbox.path("tmp"), 2, &["cannot read"]);
    }

    #[test]
    fn files_that_are_damaged() {
        let sandbox = Sandbox::new();
        let half = &HASHES[..HASHES.len() / 2];
        let noise: Vec<u8> = (0..5000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let mut spoiled = HASHES.clone();
        spoiled[40] = 0xff;
        let cases: [(&str, &[u8]); 5] = [
            ("empty.json", b""),
            ("half.json", half),
            ("noise.json", &noise),
            ("spoiled.json", &spoiled),
            ("tail.json", &[HASHES.as_slice(), b"}"].concat()),
        ];
        for (name, bytes) in cases {
            let path = sandbox.file(name, bytes);
            unreadable(
                &sandbox,
                &path,
                4,
                &["is damaged", "restore it from a copy"],
            );
        }
    }

    #[test]
    fn files_of_another_kind() {
        let sandbox = Sandbox::new();
        let reports: [(&str, &str); 5] = [
            ("array.json", "[1, 2]"),
            ("number.json", "42"),
            ("null.json", "null"),
            (
                "other.json",
                "{\"schema\": {\"name\": \"something-else\", \"major\": 1}}",
            ),
            ("flat.json", "{\"schema\": \"perwatt-record\"}"),
        ];
        for (name, text) in reports {
            let path = sandbox.file(name, text);
            unreadable(
                &sandbox,
                &path,
                2,
                &["not a perwatt record", "perwatt-record"],
            );
        }
    }

    #[test]
    fn a_record_of_a_newer_major_version() {
        let sandbox = Sandbox::new();
        let bytes = resealed(&HASHES, |document| document["schema"]["major"] = 2.into());
        let path = sandbox.file("newer.json", bytes);
        unreadable(
            &sandbox,
            &path,
            2,
            &["2.0", "major version 1", "use a perwatt that writes"],
        );
    }

    #[test]
    fn a_record_with_a_field_that_does_not_fit() {
        let sandbox = Sandbox::new();
        let bytes = resealed(&HASHES, |document| {
            document["runs"][0]["work"][3][1] = (-5).into()
        });
        unreadable(
            &sandbox,
            &sandbox.file("negative.json", bytes),
            4,
            &["is damaged", "-5"],
        );
        let bytes = resealed(&HASHES, |document| {
            document.as_object_mut().unwrap().remove("config");
        });
        unreadable(
            &sandbox,
            &sandbox.file("partial.json", bytes),
            4,
            &["is damaged", "config"],
        );
    }

    #[test]
    fn a_file_of_a_gigabyte() {
        let sandbox = Sandbox::new();
        let path = sandbox.path("big.json");
        std::fs::File::create(&path)
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
        unreadable(&sandbox, &path, 2, &["larger than", "not a perwatt record"]);
    }

    #[test]
    fn a_file_that_nests_too_deeply() {
        let sandbox = Sandbox::new();
        for (name, open) in [("arrays.json", "["), ("objects.json", "{\"a\":")] {
            let path = sandbox.file(name, open.repeat(200_000));
            unreadable(&sandbox, &path, 4, &["is damaged", "recursion limit"]);
        }
    }

    #[test]
    fn one_bad_file_does_not_hide_the_others() {
        let sandbox = Sandbox::new();
        let good = sandbox.file("good.json", &*HASHES);
        let bad = sandbox.file("bad.json", "x");
        let absent = sandbox.path("absent.json");
        let args = [
            "check".as_ref(),
            bad.as_os_str(),
            absent.as_os_str(),
            good.as_os_str(),
        ];
        let assert = sandbox.perwatt(args).code(4);
        assert!(stdout(&assert).contains("good.json") && stdout(&assert).ends_with("verified\n"));
        assert!(stderr(&assert).contains("bad.json") && stderr(&assert).contains("absent.json"));
    }

    #[test]
    fn a_record_cannot_move_the_cursor() {
        let sandbox = Sandbox::new();
        let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{9b}31m";
        let bytes = resealed(&HASHES, |document| {
            document["session"]["label"] = hostile.into();
            document["session"]["note"] = hostile.into();
            document["host"]["cpu"]["model"] = hostile.into();
            document["plan"]["entries"][0]["id"] = hostile.into();
            document["plan"]["entries"][0]["backend"] = hostile.into();
            document["plan"]["entries"][0]["workload"]["name"] = hostile.into();
            document["plan"]["skipped"] =
                serde_json::json!([{ "what": hostile, "reason": hostile, "fix": hostile }]);
            document["meters"][0]["id"] = hostile.into();
        });
        let forged = sandbox.file("forged.json", bytes);
        let bytes = resealed(&HASHES, |document| {
            document["runs"][0]["status"]["state"] = hostile.into()
        });
        let misshapen = sandbox.file("misshapen.json", bytes);
        for verb in ["show", "check"] {
            for path in [&forged, &misshapen] {
                let mut command = sandbox.command([verb.as_ref(), path.as_os_str()]);
                // As on a terminal: nothing is stripped.
                command.env("CLICOLOR_FORCE", "1");
                let assert = crate::sandbox::ended(command);
                let text = stdout(&assert) + &stderr(&assert);
                let moves = |c: char| c.is_control() && c != '\n';
                assert!(!text.contains(moves), "{verb} {}: {text:?}", path.display());
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::new();
    let odd = OsStr::from_bytes(b"odd\xff");
    let label = [OsStr::new("run"), OsStr::new("--label"), odd];
    refused(&sandbox, label, 2, &["UTF-8"]);
    refused(
        &sandbox,
        [OsStr::new("show"), odd],
        2,
        &["odd", "check the path"],
    );
    // A directory may be called anything.
    let args = TINY
        .iter()
        .map(OsStr::new)
        .chain([OsStr::new("--out"), odd]);
    sandbox.perwatt(args).code(0);
    assert_eq!(
        std::fs::read_dir(sandbox.path("").join(odd))
            .unwrap()
            .count(),
        1
    );
}
