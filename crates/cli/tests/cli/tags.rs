//! Tags, prices and rents: what a session records, what is refused, and what readers of
//! archives do with them.

use perwatt_record::fixture::Made;
use serde_json::{Value, json};

use crate::compare::made;
use crate::records::{read, resealed};
use crate::sandbox::{Sandbox, fits_a_screen, has, lacks, printed_path, stdout, tiny, words};

/// A session at a site, and one elsewhere, whose machine has a price and a rent.
fn two_sites(sandbox: &Sandbox) {
    let at = |site: &str, id: u64, centre: f64| -> Made {
        let mut made = made("quick", id, centre);
        made.tags = [("site".into(), site.into())].into();
        made
    };
    let mut dear = at("oslo", 2, 5e11);
    (dear.price_usd, dear.rent_usd_per_h) = (Some(2500.0), Some(1.8));
    sandbox.put("d/a.json", &at("berlin", 1, 4e11).record());
    sandbox.put("d/b.json", &dear.record());
    sandbox.put("d/c.json", &made("quick", 3, 4e11).record());
}

#[test]
fn a_session_keeps_its_tags_and_prices_and_edits_of_them_fail() {
    let sandbox = Sandbox::new();
    let args = tiny(&[
        "--tag",
        "site=lab 2",
        "--tag",
        "bios=1.2",
        "--price-usd",
        "2500",
        "--rent-usd-per-hour=0.5",
    ]);
    let assert = sandbox.perwatt(&args).code(0);
    has!(stdout(&assert), "running cost", "/(TFLOP/s)", "/EFLOP");
    let path = printed_path(&sandbox, &assert);
    let session = read(&path).session;
    assert_eq!(
        json!(session.tags),
        json!({ "bios": "1.2", "site": "lab 2" })
    );
    assert_eq!(
        (session.price_usd, session.rent_usd_per_h),
        (Some(2500.0), Some(0.5))
    );
    sandbox.about("check", &path).code(0);
    let text = stdout(&sandbox.about("show", &path).code(0));
    has!(
        text,
        "tags: bios=1.2, site=lab 2",
        "price $2500, rent $0.5/h, stated"
    );
    fits_a_screen(&text);
    let page = sandbox.out(0, ["report".as_ref(), path.as_os_str()]);
    has!(page, "bios=1.2, site=lab 2", "price $2500", "running cost");

    let bytes = std::fs::read(&path).unwrap();
    let edits: [fn(&mut Value); 4] = [
        |session| session["price_usd"] = json!(25.0),
        |session| session["rent_usd_per_h"] = json!(5.0),
        |session| session["tags"]["site"] = json!("lab 3"),
        |session| drop(session.as_object_mut().unwrap().remove("tags")),
    ];
    for edit in edits {
        let forged = resealed(&bytes, |document| edit(&mut document["session"]));
        let forged = sandbox.file("forged.json", forged);
        let said = stdout(&sandbox.about("check", &forged).code(4));
        has!(said, "session.id");
    }
}

#[test]
fn bad_tags_and_prices_are_refused_before_anything_is_measured() {
    let sandbox = Sandbox::new();
    let many: Vec<String> = (0..33).map(|i| format!("--tag=k{i}=v")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = format!("--tag=a={}", "x".repeat(129));
    for (args, part) in [
        (&["--tag", "site"][..], "has no value; write key=value"),
        (&["--tag", "Site=x"], "\"Site\" is no key of a tag"),
        (&["--tag", "site="], "the tag site has an empty value"),
        (&["--tag", "site=a\u{1b}[2Jb"], "not printed"),
        (
            &["--tag=a=1", "--tag=a=2"],
            "the tag a is given twice, as \"1\" and \"2\"",
        ),
        (&[&long], "129 characters; give at most 128"),
        (&many, "there are 33 tags; give at most 32"),
        (&["--price-usd", "0"], "0 is not a price above 0"),
        (&["--price-usd", "-1"], "-1 is not a price above 0"),
        (&["--price-usd", "nan"], "nan is not a price"),
        (&["--price-usd", "2e9"], "at most 1000000000"),
        (&["--rent-usd-per-hour", "2e6"], "at most 1000000"),
        (&["--rent-usd-per-hour", "two"], "two is not a rent"),
    ] {
        for verb in ["run", "selfcheck"] {
            let args = [&[verb, "--workload", "stream/triad", "--dry-run"], args].concat();
            has!(sandbox.err(2, args), part);
        }
    }
    for verb in [
        "compare d",
        "history d",
        "report d",
        "answer d",
        "gap d",
        "export d",
    ] {
        let said = sandbox.err(2, words(&format!("{verb} --tag site=")));
        has!(said, "the tag site has an empty value");
    }
    has!(
        sandbox.err(2, words("compare d --by tag:A")),
        "\"A\" is no key"
    );
    has!(sandbox.err(2, words("compare d --by site")), "tag:KEY");
    let resumed = sandbox.err(2, words("run --resume x.json --tag a=b"));
    has!(resumed, "cannot be used with");
    assert!(sandbox.result_files().is_empty());
}

#[test]
fn readers_of_archives_keep_the_sessions_with_a_tag() {
    let sandbox = Sandbox::new();
    two_sites(&sandbox);
    let of = |args: &str| sandbox.out(0, words(args));
    let lines = |args: &str| of(args).lines().count();
    assert_eq!(
        lines("export d --tag site") - 1,
        2 * lines("export d/c.json") - 2
    );
    assert_eq!(lines("export d --tag site=oslo"), lines("export d/b.json"));
    let csv = of("export d --tag site=oslo");
    has!(
        csv,
        "tags,price_usd,rent_usd_per_h",
        "\"{\"\"site\"\":\"\"oslo\"\"}\",2500.0,1.8,"
    );
    let gap = sandbox.json(0, words("gap d --tag site=oslo --format json"));
    let rate_per_s = gap["arithmetic"][0]["rate_per_s"]["value"].as_f64();
    assert!((4.9e11..5.1e11).contains(&rate_per_s.unwrap()), "{gap}");
    let answer = sandbox.json(0, words("answer d --tag site=oslo --format json"));
    assert_eq!(answer["machine"]["sessions"], 1);
    let page = of("report d --tag site=berlin");
    has!(page, "site=berlin");
    lacks!(page, "site=oslo", "2500");
    // A history of one session has nothing to compare.
    sandbox.ends(3, words("history d --tag site=oslo"));
    sandbox.ends(0, words("history d --tag site"));
    for verb in ["compare", "history", "report", "answer", "gap"] {
        let said = sandbox.err(3, words(&format!("{verb} d --tag rack=1")));
        has!(
            said,
            "no session has --tag rack=1",
            "site=berlin, site=oslo"
        );
    }
    has!(
        sandbox.err(3, words("export d --tag rack")),
        "no record with --tag rack"
    );
    has!(
        sandbox.err(3, words("compare d/c.json --tag a")),
        "they have no tags at all"
    );
}

#[test]
fn columns_of_a_comparison_are_the_values_of_a_tag() {
    let sandbox = Sandbox::new();
    two_sites(&sandbox);
    let text = sandbox.out(0, words("compare d --by tag:site"));
    insta::assert_snapshot!("compare_by_tag", text);
    fits_a_screen(&text);
    let of = |more: &str| {
        let args = format!("compare d --by tag:site --format json{more}");
        sandbox.json(0, words(&args))
    };
    let found = of("");
    assert_eq!(
        (&found["by"], &found["schema"]["minor"]),
        (&json!("tag:site"), &json!(5))
    );
    let labels = |found: &Value| -> Vec<String> {
        let columns = found["columns"].as_array().unwrap().iter();
        columns
            .map(|of| of["label"].as_str().unwrap().into())
            .collect()
    };
    assert_eq!(labels(&found), ["berlin", "oslo", "no site"]);
    assert_eq!(labels(&of(" --tag site")), ["berlin", "oslo"]);
    assert_eq!(found["columns"][1]["price_usd"], 2500.0);
    let cells = &found["tables"][0]["rows"][0]["cells"];
    assert!(cells[0]["figure"]["cost"].is_null());
    let usd = cells[1]["figure"]["cost"]["usd_per_tera_per_s"]
        .as_f64()
        .unwrap();
    let rate = cells[1]["figure"]["median"].as_f64().unwrap();
    assert!((usd / (2500.0 / (rate / 1e12)) - 1.0).abs() < 1e-12);
    let csv = sandbox.out(0, words("compare d --by tag:site --format csv"));
    has!(
        csv,
        "usd_per_tera_per_s,usd_per_exa,usd_per_mtoken_at_least"
    );
    // Without a price there are no columns of dollars.
    lacks!(
        sandbox.out(0, words("compare d/a.json d/c.json")),
        "capital",
        "cost"
    );
    let said = sandbox.err(3, words("compare d --by tag:rack"));
    has!(
        said,
        "no session has the tag of --by tag:rack",
        "site=berlin"
    );
}

#[test]
fn an_answer_takes_price_and_rent_of_the_record_unless_they_are_given() {
    let sandbox = Sandbox::new();
    two_sites(&sandbox);
    let price = |more: &str, config: &str| {
        let mut command = sandbox.command(words(&format!("answer d/b.json --format json{more}")));
        sandbox.file("perwatt.toml", config);
        command.env("PERWATT_CONFIG", "perwatt.toml");
        let found: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let of = |field: &str, usd: &str| found[field][usd].as_f64();
        (
            of("per_dollar", "price_usd"),
            of("running", "rent_usd_per_h"),
        )
    };
    let record = (Some(2500.0), Some(1.8));
    assert_eq!(price("", ""), record);
    assert_eq!(price("", "price_usd = 7\nrent_usd_per_hour = 7"), record);
    assert_eq!(price(" --price-usd 5", ""), (Some(5.0), Some(1.8)));
    assert_eq!(
        price(" --rent-usd-per-hour 3", "price_usd = 7"),
        (Some(2500.0), Some(3.0))
    );
    let text = sandbox.out(0, words("answer d/b.json"));
    has!(
        text,
        "for $2500\u{2b7}:",
        "rented at $1.8/h\u{2b7}:",
        "stated"
    );
    fits_a_screen(&text);
}
