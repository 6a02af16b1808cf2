//! Output and exit codes of `perwatt catalogue`.

use serde_json::Value;

use crate::sandbox::{Sandbox, ended, has, items, lacks, stderr, stdout, words};

const HEADER: &str = "vendor,model,release_date,hashrate_th_s,power_w,efficiency_quoted_j_th,\
cooling,confidence,source,date,notes";

#[test]
fn three_tables_each_row_with_its_mark_and_date() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(["catalogue"]);
    command.env("COLUMNS", "180");
    let text = stdout(&ended(command).code(0));
    has!(
        text,
        "ASICs: ",
        "accelerators: ",
        "hash rates of GPUs and CPUs by others: "
    );
    let row = |model: &str| text.lines().find(|line| line.starts_with(model)).unwrap();
    assert!(row("Bitmain Antminer S21 XP  ").ends_with("nameplate  2024-12"));
    assert!(row("Bitmain Antminer S21 XP  ").contains("[12.59, 14.41] (assumed)"));
    assert!(row("FutureBit Apollo III").ends_with("measured   2026-08-20"));
    assert!(row("NVIDIA H100 SXM5").ends_with("sourced    2026-08-22"));
    assert!(row("H100 PCIe (estimate)").ends_with("estimate  undated"));
    lacks!(text, "support.bitmain.com");
}

#[test]
fn filter_order_and_sources() {
    let sandbox = Sandbox::new();
    let args = words("catalogue asics --filter cooling=^air$ --filter bitmain");
    let wide = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("COLUMNS", "180");
        stdout(&ended(command).code(0))
    };
    let text = wide(&args);
    let rows = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("Bitmain"));
        lines.map(str::to_owned).collect()
    };
    let models = rows(&text);
    assert!(models[0].starts_with("Bitmain Antminer S23 "), "{text}");
    assert!(models.iter().all(|line| line.contains("  air")), "{text}");
    let reversed = wide(&[&args[..], &["--reverse"]].concat());
    assert_eq!(rows(&reversed).first(), models.last());
    let sources = sandbox.out(0, [&args[..], &["--sources"]].concat());
    has!(sources, "support.bitmain.com");

    // A filter on a column of one table leaves out the other tables.
    let only = ["catalogue", "--filter", "cooling=hydro"];
    lacks!(sandbox.out(0, only), "accelerators:");
}

#[test]
fn csv_reads_back_and_json_has_computed_columns() {
    let sandbox = Sandbox::new();
    let csv = sandbox.out(0, ["catalogue", "asics", "--format", "csv"]);
    sandbox.file("again.csv", &csv);
    let args = words("catalogue asics --format json --catalogue again.csv");
    let json: Value = sandbox.json(0, args);
    let rows = items(&json["asics"]);
    assert_eq!(rows.len(), csv.lines().count() - 1);
    assert_eq!(rows[0]["origin"], "again.csv");
    assert_eq!(rows[0]["model"], "Antminer S23 XP Hyd");
    assert_eq!(rows[0]["efficiency_j_th"], 8.9);
    assert!(json.get("gpus").is_none());
    let errors = sandbox.err(2, ["catalogue", "--format", "csv"]);
    has!(errors, "name the table");
    let md = sandbox.out(0, ["catalogue", "gpus", "--format", "md"]);
    has!(md, "| device | MH/s |", "---:");
}

#[test]
fn a_users_file_is_marked_and_its_faults_are_all_named() {
    let sandbox = Sandbox::new();
    let good =
        format!("{HEADER}\nBitmain,Antminer S21 XP,2026,280,3600,,air,measured,me,2026-09-01,\n");
    sandbox.file("mine.csv", good);
    let args = words("catalogue asics --filter S21.XP$ --catalogue mine.csv");
    let text = sandbox.out(0, args);
    has!(text, "measured", "\u{b9} from mine.csv");

    let bad =
        format!("{HEADER}\nA,B,,x,3600,,air,hearsay,me,2026,\nA,C,,1,-1,,air,secondary,,2026,\n");
    sandbox.file("bad.csv", bad);
    let assert = sandbox
        .perwatt(["catalogue", "--catalogue", "bad.csv"])
        .code(2);
    let errors = stderr(&assert);
    has!(
        errors,
        "bad.csv:2: hashrate_th_s \"x\"",
        "bad.csv:2: confidence \"hearsay\""
    );
    has!(
        errors,
        "bad.csv:3: power_w \"-1\"",
        "bad.csv:3: source \"\""
    );
    assert_eq!(stdout(&assert), "");
    sandbox.file("other.csv", "vendor,model,watts\n");
    let errors = sandbox.err(2, ["catalogue", "--catalogue", "other.csv"]);
    has!(errors, "nearest to that of asics", "watts");
    sandbox.ends(2, ["catalogue", "--catalogue", "nowhere.csv"]);
}

#[test]
fn what_cannot_be_chosen_is_said() {
    let sandbox = Sandbox::new();
    let errors = sandbox.err(2, ["catalogue", "--sort", "powr_w"]);
    has!(errors, "the nearest is \"power_w\"");
    for args in [["--filter", "cooling=air"], ["--sort", "cooling"]] {
        let errors = sandbox.err(2, [&["catalogue", "gpus"], &args[..]].concat());
        has!(errors, "no column \"cooling\"");
    }
    let errors = sandbox.err(2, ["catalogue", "--filter", "("]);
    has!(errors, "--filter (");
    has!(
        sandbox.err(1, ["catalogue", "--filter", "no such thing"]),
        "no row"
    );
}
