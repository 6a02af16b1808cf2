//! The query of `docs/export.md` over an export of `results/`, run by the version of DuckDB
//! that a reader of the page would install.

use std::path::Path;

use anyhow::{Context, ensure};
use perwatt_tools::shell::{command, output, root, run, text};

use crate::program::Program;
use crate::setup;

/// Rows that the answer must contain: archived sessions do not change. Each has the
/// session's first digits, its label, the row, its runs, the number of failures, and the
/// median in H/s from the archive's own summary.
const EXPECTED: &[(&str, f64)] = &[
    (
        "fb993d emerald-rapids-vm-search sha256d None cpu avx512-rolled None rate H/s 8 0",
        75_879_343.377_871_42,
    ),
    (
        "fb993d emerald-rapids-vm-search sha256d None cpu portable None rate H/s 8 0",
        5_854_905.872_319_747,
    ),
    (
        "667795 emerald-rapids-vm sha256d None cpu avx512 None rate H/s 6 0",
        61_272_345.185_963_23,
    ),
];
/// Relative difference allowed, because two median functions may round differently.
const TOLERANCE: f64 = 1e-9;

/// The page that contains the query.
const PAGE: &str = "docs/export.md";
/// The name of the table in the query.
const TABLE: &str = "'runs.csv'";

/// Runs the query in its second argument and prints the answer, one row per line.
const PYTHON: &str = "\
import sys, duckdb
for row in duckdb.sql(sys.argv[1]).fetchall():
    print(*row)
";

/// Exports `results/` in both formats and runs the query on each. Fails when the answers
/// differ or lack archived rows.
pub fn export(program: Program) -> anyhow::Result<()> {
    let Some(python) = setup::python() else {
        return Ok(());
    };
    program.build()?;
    let perwatt = program.path("perwatt")?;
    let page = std::fs::read_to_string(root().join(PAGE)).context(PAGE)?;
    let query = sql(&page).with_context(|| format!("{PAGE} has no block of SQL"))?;
    ensure!(
        query.contains(TABLE),
        "the query in {PAGE} does not read {TABLE}"
    );
    let dir = root().join("target/export");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).context("cannot remove the old export")?;
    }
    std::fs::create_dir_all(&dir).context("cannot make a directory for the export")?;
    let csv = ask(&perwatt, &python, &dir, query, "csv")?;
    let ndjson = ask(&perwatt, &python, &dir, query, "ndjson")?;
    print!("{csv}");
    ensure!(
        csv == ndjson,
        "the same query gives another answer of NDJSON:\n{ndjson}"
    );
    expect(&csv)
}

/// The answer of the query to an export in this format.
fn ask(
    perwatt: &str,
    python: &str,
    dir: &Path,
    query: &str,
    format: &str,
) -> anyhow::Result<String> {
    let name = format!("runs.{format}");
    let out = dir.join(&name);
    let out = text(&out)?;
    let args = ["export", "results", "--format", format, "--out", out];
    run(command(perwatt, &args))?;
    let query = query.replace(TABLE, &format!("'{name}'"));
    let mut duckdb = command(python, &["-c", PYTHON, &query]);
    duckdb.current_dir(dir);
    output(duckdb)
}

/// The first block of SQL in a Markdown text.
fn sql(markdown: &str) -> Option<&str> {
    let (_, rest) = markdown.split_once("\n```sql\n")?;
    let (query, _) = rest.split_once("\n```")?;
    Some(query)
}

/// Fails unless `answer` has every row of [`EXPECTED`].
fn expect(answer: &str) -> anyhow::Result<()> {
    for (row, median) in EXPECTED {
        let found = answer
            .lines()
            .filter_map(|line| line.rsplit_once(' '))
            .find(|(start, _)| start == row)
            .with_context(|| format!("the answer has no row {row}"))?;
        let value: f64 = found
            .1
            .parse()
            .with_context(|| format!("{row}: the median {:?} is not a number", found.1))?;
        ensure!(
            (value / median - 1.0).abs() < TOLERANCE,
            "{row}: the median is {value}, the archive has {median}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_query_of_the_table() {
        let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
        let query = sql(&page).unwrap();
        assert!(
            query.contains(TABLE) && query.starts_with("SELECT"),
            "{query}"
        );
        assert_eq!(sql("no block"), None);
    }

    #[test]
    fn an_answer_without_a_row_or_with_another_median_fails() {
        let all = |factor: f64| -> String {
            let rows = EXPECTED.iter();
            rows.map(|(row, median)| format!("{row} {}\n", median * factor))
                .collect()
        };
        assert!(expect(&all(1.0)).is_ok());
        assert!(expect(&all(1.001)).is_err());
        assert!(expect("").is_err());
        let (_, but_the_first) = all(1.0)
            .split_once('\n')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let error = expect(&but_the_first).unwrap_err().to_string();
        assert!(error.contains(EXPECTED[0].0), "{error}");
    }
}
