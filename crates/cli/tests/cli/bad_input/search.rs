//! Refusals of `perwatt search`.

use super::*;

#[test]
fn headers_that_are_not_160_hex_digits() {
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
        misused(&["search", header], says);
    }
}

#[test]
fn bits_that_are_no_target() {
    let cases = [
        (0x0492_3456, "negative"),
        (0xff12_3456, "above 2^256"),
        (0x0100_3456, "zero"),
        (0, "zero"),
    ];
    for (bits, what) in cases {
        let hex = format!("{bits:08x}");
        let remedy = "1d00ffff";
        misused(
            &["search", &header_with_bits(bits)],
            &[&hex, what, "--bits"],
        );
        misused(
            &["search", GENESIS, "--bits", &hex],
            &[&format!("--bits {hex}"), what, remedy],
        );
    }
    for bits in ["", "xyz", "1d00ffff0", "0x", "+1d00fff", "1d 0ffff"] {
        misused(
            &["search", GENESIS, "--bits", bits],
            &[&format!("--bits {bits}"), "8 hex digits", "1d00ffff"],
        );
    }
    misused(&["search", GENESIS, "--bits", "-1"], &["-1", "--help"]);
}

#[test]
fn targets_that_are_no_number() {
    let long = "f".repeat(65);
    let cases = [
        ("", "64"),
        ("0", "zero"),
        (&*"0".repeat(64), "zero"),
        ("12g4", "'g'"),
        (&long, "64"),
    ];
    for (target, what) in cases {
        misused(
            &["search", GENESIS, "--target", target],
            &[&format!("--target {target}"), what],
        );
    }
}

#[test]
fn bits_and_target_at_once() {
    misused(
        &["search", GENESIS, "--bits", "1d00ffff", "--target", "ff"],
        &["--bits", "--target", "cannot be used with"],
    );
}

#[test]
fn ranges_that_hold_nothing() {
    let cases: [(&str, &str); 9] = [
        ("9..=7", "smaller nonce first"),
        ("7..9", "FIRST..=LAST"),
        ("", "FIRST..=LAST"),
        ("7", "FIRST..=LAST"),
        ("..=", "0 to 4294967295"),
        ("0..=4294967296", "0 to 4294967295"),
        ("a..=7", "0 to 4294967295"),
        ("+5..=7", "0 to 4294967295"),
        ("0x+9..=12", "0 to 4294967295"),
    ];
    for (range, remedy) in cases {
        misused(
            &["search", GENESIS, "--nonces", range],
            &[&format!("--nonces {range}"), remedy],
        );
    }
    misused(
        &["search", GENESIS, "--nonces=-1..=2"],
        &["-1..=2", "0 to 4294967295"],
    );
}

#[test]
fn unknown_backends_and_impossible_thread_counts() {
    misused(
        &["search", GENESIS, "--backend", "abacus"],
        &["abacus", "portable"],
    );
    misused(
        &["search", GENESIS, "--threads", "0"],
        &["--threads 0", "from 1 to"],
    );
    let many = "4000000000";
    misused(
        &["search", GENESIS, "--threads", many],
        &[many, "from 1 to"],
    );
    misused(
        &["search", GENESIS, "--threads", "two"],
        &["two", "--threads"],
    );
}

#[test]
fn the_header_is_required() {
    misused(&["search"], &["<HEADER>", "--help"]);
}
