//! Settings from files: what holds, what is refused, and what records say of it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::records::read;
use crate::sandbox::{
    Sandbox, ended, fits_a_screen, has, items, json, printed_path, stderr, stdout, tiny, word,
    words,
};

/// A command that looks for files, with the user's in `home`.
fn looking(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env_remove("PERWATT_CONFIG");
    for name in ["XDG_CONFIG_HOME", "APPDATA"] {
        command.env(name, sandbox.path("home"));
    }
    command
}

/// A sandbox with a record in `r`, and files of the directory and of the user.
fn prepared(nearest: &str, user: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let record = results.join("20261130T172737Z_stated-watts_46dcb2fe_dee4b1.json");
    sandbox.file("r/a.json", std::fs::read(record).unwrap());
    sandbox.file("perwatt.toml", nearest);
    sandbox.file("home/perwatt/perwatt.toml", user);
    sandbox
}

#[test]
fn options_are_stronger_than_files_and_the_nearest_file_than_the_user_s() {
    let user = "power_price_usd_per_mwh = 60\nrent_usd_per_hour = 2\nout = 'nowhere'\n";
    let sandbox = prepared("out = 'r'\npower_price_usd_per_mwh = 70\n", user);
    let answer = |more: &[&str]| {
        let args = [&["answer", "--format", "json"], more].concat();
        json(&ended(looking(&sandbox, &args)).code(0))["money"].clone()
    };
    let money = answer(&[]);
    assert_eq!(money["power_price"]["usd_per_mwh"], 70.0);
    assert_ne!(money, answer(&["--rent-usd-per-hour", "3"]));
    let money = answer(&["--power-price", "80"]);
    assert_eq!(money["power_price"]["usd_per_mwh"], 80.0);
    let money = answer(&["--no-config", "r"]);
    assert_eq!(money["power_price"]["usd_per_mwh"], 45.0);
    // Found from a directory below it too; every reader has its directory.
    std::fs::create_dir_all(sandbox.path("deep/er")).unwrap();
    let mut command = looking(&sandbox, &["export"]);
    has!(stdout(&ended(command).code(0)), "stated-watts");
    command = looking(&sandbox, &["config", "--format", "json"]);
    command.current_dir(sandbox.path("deep/er"));
    command.env("PERWATT_SUITE", "full").env("PERWATT_OUT", "");
    let shown = json(&ended(command).code(0));
    let from = |key: &str| {
        let found = items(&shown["settings"]).iter().find(|of| of["key"] == key);
        word(&found.unwrap()["from"]).replace('\\', "/")
    };
    assert_eq!(from("suite"), "$PERWATT_SUITE");
    assert_eq!(from("watts"), "default");
    let of_user = "home/perwatt/perwatt.toml:2";
    assert!(from("rent_usd_per_hour").ends_with(of_user));
    assert!(!from("power_price_usd_per_mwh").ends_with(of_user));
    assert!(from("power_price_usd_per_mwh").ends_with("perwatt.toml:2"));
    assert!(from("out").ends_with("perwatt.toml:1"));
    assert!(items(&shown["files"]).iter().all(|of| of["read"] == true));
    let named = looking(&sandbox, &["gap", "r", "--format", "json"])
        .env("PERWATT_CONFIG", "home/perwatt/perwatt.toml")
        .output()
        .unwrap();
    let gap: Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!(gap["power_price"]["usd_per_mwh"], 60.0);
}

#[test]
fn a_session_takes_its_settings_from_files_and_its_record_says_so() {
    let sandbox = prepared("out = 'new'\nsuite = 'standard'\n", "watts = 65\n");
    let args = tiny(&[]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let assert = ended(looking(&sandbox, &args)).code(0);
    let path = printed_path(&sandbox, &assert);
    assert!(path.starts_with(sandbox.path("new")));
    let record = read(&path);
    let argv = record.session.argv.join(" ");
    has!(argv, "1 [perwatt.toml] --suite standard --watts 65");
    sandbox.about("check", &path).code(0);
    // No meter at all is also none that is stated.
    let args = words("run --workload stream/triad --dry-run --meter none");
    ended(looking(&sandbox, &args)).code(0);
    sandbox.file("perwatt.toml", "meters = ['none']");
    ended(looking(&sandbox, &args[..4])).code(0);
}

#[test]
fn tags_and_prices_of_files_are_in_records_and_a_typed_tag_is_stronger() {
    let file = "price_usd = 900\nrent_usd_per_hour = 0.25\n[tags]\nsite = 'berlin'\nbios = '1.2'\n";
    let sandbox = prepared(file, "");
    let args = tiny(&["--tag", "site=oslo"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let assert = ended(looking(&sandbox, &args)).code(0);
    let path = printed_path(&sandbox, &assert);
    let session = read(&path).session;
    let tags: Vec<String> = session
        .tags
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(tags, ["bios=1.2", "site=oslo"]);
    assert_eq!(
        (session.price_usd, session.rent_usd_per_h),
        (Some(900.0), Some(0.25))
    );
    let argv = session.argv.join(" ");
    has!(
        argv,
        "[perwatt.toml] --rent-usd-per-hour 0.25 --price-usd 900 --tag bios=1.2"
    );
    sandbox.about("check", &path).code(0);
    // Readers do not filter by them.
    let exported = stdout(&ended(looking(&sandbox, &["export", "r"])).code(0));
    has!(exported, "stated-watts");
    for (file, part) in [
        ("tags = ['a=b']", "tags: invalid type"),
        ("[tags]\nA = 'b'", "tags: \"A\" is no key"),
        ("[tags]\na = 1", "tags: invalid type"),
        ("[tags]\na = ''", "tags: the tag a has an empty value"),
        ("price_usd = 0", "price_usd: 0 is not a price"),
    ] {
        sandbox.file("perwatt.toml", file);
        let said = stderr(&ended(looking(&sandbox, &["config"])).code(2));
        has!(said, "perwatt.toml:1: ", part);
    }
}

#[test]
fn the_settings_that_hold_are_a_table() {
    let file = "watts = 350\nmeters = ['shelly=10.0.0.7/rpc,user=me,auth=env:PLUG']\n";
    let sandbox = prepared(file, "");
    let mut command = sandbox.command(["config"]);
    command.env("PERWATT_CONFIG", "perwatt.toml");
    command.env("PERWATT_SUITE", "full");
    let text = stdout(&ended(command).code(0));
    fits_a_screen(&text);
    insta::assert_snapshot!("config", text);
    has!(sandbox.out(0, ["config"]), "no file is read");
}

#[test]
fn a_bad_file_is_refused_with_its_line() {
    let large = format!("# {}\n", "x".repeat(1 << 20));
    let cases: [(&[u8], &str); 7] = [
        (b"\nwats = 1\n", "perwatt.toml:2: there is no key \"wats\""),
        (b"\nwatts = nan\n", "perwatt.toml:2: watts: NaN is not"),
        (b"watts = 'x'\n", "perwatt.toml:1: watts: invalid type"),
        (b"watts = \n", "perwatt.toml:1: this is not TOML"),
        (b"\xff", "cannot read perwatt.toml: it is not UTF-8"),
        (large.as_bytes(), "cannot read perwatt.toml: it is larger"),
        (
            b"meters = ['shelly=me:word@h']",
            "perwatt.toml:1: meters: shelly=h: it may hold a secret",
        ),
    ];
    let sandbox = prepared("", "");
    for (file, part) in cases {
        sandbox.file("perwatt.toml", file);
        for args in [&["config"][..], &["answer"], &["run", "--dry-run"]] {
            let said = stderr(&ended(looking(&sandbox, args)).code(2));
            has!(said, part);
            assert!(
                said.starts_with("error: ") && !said.contains("word"),
                "{said}"
            );
        }
        for args in [&["answer", "r", "--no-config"][..], &["show", "r/a.json"]] {
            ended(looking(&sandbox, args)).code(0);
        }
    }
    std::fs::remove_file(sandbox.path("perwatt.toml")).unwrap();
    std::fs::create_dir(sandbox.path("perwatt.toml")).unwrap();
    let said = stderr(&ended(looking(&sandbox, &["history"])).code(2));
    has!(said, "it is a directory");
    let mut command = looking(&sandbox, &["history"]);
    command.env("PERWATT_CONFIG", "none-such.toml");
    has!(stderr(&ended(command).code(2)), "none-such.toml");
}
