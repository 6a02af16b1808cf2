//! Columns of numbers in every style.

use super::*;
use proptest::prelude::*;

/// The numbers of a column, in a file whose cells are separated by `delimiter`.
fn read(delimiter: char, cells: &[&str], stated: Option<Decimal>) -> Result<Vec<f64>, String> {
    let lines = cells.iter().map(|cell| format!("\"{cell}\"{delimiter}\n"));
    let text = format!("a{delimiter}b\n{}", lines.collect::<String>());
    let table = Table::read(text.as_bytes()).unwrap();
    let mut marks = Marks::new(0);
    let cell = |row: &crate::table::Row| split_unit(row.cell(0)).0.to_owned();
    for row in table.rows().map(Result::unwrap) {
        marks.see(&cell(&row), row.line);
    }
    let style = marks.settle(&table, stated, ", or say it");
    let style = style.map_err(|error| error.to_string())?;
    let number = |row: Result<_, _>| style.number(&cell(&row.unwrap()));
    let numbers = table.rows().map(number);
    Ok(numbers.map(|n| n.unwrap_or(f64::NAN)).collect())
}

#[test]
fn columns_that_can_be_read_in_one_way() {
    for (cells, wanted) in [
        (&["970", "1010"][..], &[970.0, 1010.0][..]),
        (&["0,100", "1,250"], &[0.1, 1.25]),
        (&["0.100", "1.250"], &[0.1, 1.25]),
        (&["1,5", "1,250", "7"], &[1.5, 1.25, 7.0]),
        (&["1.5", "1,250.0"], &[1.5, 1250.0]),
        (&["970.5", "1,000"], &[970.5, 1000.0]),
        (&["970,5", "1.000"], &[970.5, 1000.0]),
        (&["1.234.567,5", "2"], &[1_234_567.5, 2.0]),
        (&["1,000,000", "1,000"], &[1e6, 1e3]),
        (&["970", "1 000", "1\u{202f}010"], &[970.0, 1000.0, 1010.0]),
        (&["970", "1'000.5"], &[970.0, 1000.5]),
        (&["970", "1\u{2019}000"], &[970.0, 1000.0]),
        (&["-1.5", "\u{2212}2.5", "+3"], &[-1.5, -2.5, 3.0]),
        (&["1.5e3", "1.234e3", ".5"], &[1500.0, 1234.0, 0.5]),
        (&["1.5e3", "5."], &[1500.0, 5.0]),
        (&["1034.125", "1.000"], &[1034.125, 1.0]),
        (&["103 W", "1.5 W"], &[103.0, 1.5]),
    ] {
        for delimiter in [',', ';', '\t'] {
            assert_eq!(read(delimiter, cells, None).as_deref(), Ok(wanted));
        }
    }
    // Three decimals throughout are accepted if they match the delimiter of the file.
    assert_eq!(read(',', &["103.125", "0"], None), Ok(vec![103.125, 0.0]));
    assert_eq!(read(';', &["1,125", "2,250"], None), Ok(vec![1.125, 2.25]));
}

#[test]
fn columns_that_can_be_read_in_two_ways_or_none() {
    for (delimiter, cells, parts) in [
        (',', &["970", "1,000"][..], &["line 3", "1 or 1000"][..]),
        (
            '\t',
            &["970", "1,000"],
            &["\"1,000\" is 1 or 1000", "say it"],
        ),
        (';', &["970", "1.000"], &["line 3", "1 or 1000"]),
        (',', &["970", "1.000"], &["line 3", "1 or 1000"]),
        (';', &["1.125", "2.250"], &["line 2", "1.125 or 1125"]),
        ('\t', &["1.125"], &["line 2"]),
        (',', &["1500", "1,000"], &["line 3", "1 or 1000"]),
        (';', &["1,000 W", "970 W"], &["\"1,000 W\" is 1 or 1000"]),
        (';', &["0,5", "1.5"], &["line 3", "\"0,5\"", "alike"]),
        (';', &["1.000,5", "2,000.5"], &["line 3", "alike"]),
        (
            ',',
            &["1,000.5", "1500.5"],
            &["3,", "\"1500.5\"", "\"1,000.5\""],
        ),
        (',', &["1 000", "1'000"], &["line 3", "alike"]),
    ] {
        let error = read(delimiter, cells, None).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{cells:?}: {error}");
        }
    }
}

#[test]
fn a_users_word_settles_it() {
    let cells = ["970", "1,000"];
    for (stated, second) in [(Decimal::Point, 1000.0), (Decimal::Comma, 1.0)] {
        assert_eq!(read('\t', &cells, Some(stated)), Ok(vec![970.0, second]));
    }
    let error = read('\t', &["5", "0,5"], Some(Decimal::Point)).unwrap_err();
    let is_whole = error.contains("line 3") && error.contains("stated");
    assert!(is_whole, "{error}");
}

#[test]
fn what_is_no_number_in_any_style() {
    let style = Style::ALL[1];
    for text in [
        "", "-", "NaN", "inf", "1,00", "1,0000", ",000", "1.2.3", "0x1F", "1e", "1_0", "--1",
        "1e999",
    ] {
        assert_eq!(style.number(text), None, "{text}");
    }
}

proptest! {
    /// A column that a program writes in one style is read back correctly or rejected,
    /// never read as other numbers.
    #[test]
    fn no_column_is_read_wrong(
        values in prop::collection::vec(0.0..2e6f64, 1..8),
        style in prop::sample::select(&Style::ALL[..]),
        places in 0..5usize, delimiter in prop::sample::select(vec![',', ';', '\t']),
    ) {
        let sign = |mark| match mark { Mark::Point => '.', Mark::Comma => ',', Mark::Space => ' ', Mark::Apostrophe => '\'' };
        let cell = |value: &f64| {
            let plain = format!("{value:.places$}");
            let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
            let mut text = String::new();
            for (at, digit) in whole.chars().enumerate() {
                let left = whole.len() - at;
                if let Some(group) = style.group && at > 0 && left.is_multiple_of(3) {
                    text.push(sign(group));
                }
                text.push(digit);
            }
            let decimal = sign(style.decimal).to_string();
            (text + &rest.replace('.', &decimal), plain.parse::<f64>().unwrap())
        };
        let (cells, wanted): (Vec<String>, Vec<f64>) = values.iter().map(cell).unzip();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        // A file's delimiter is not used as a mark inside its numbers.
        let parted = [(',', Mark::Point), (';', Mark::Comma)];
        prop_assume!(!style.group.is_some_and(|group| parted.contains(&(delimiter, group))));
        if let Ok(found) = read(delimiter, &cells, None) {
            prop_assert_eq!(found, wanted, "{:?}", cells);
        }
    }

    #[test]
    fn nothing_panics(cells in prop::collection::vec("[0-9., '+eE\u{202f}-]{0,9}|.{0,9}", 0..6)) {
        let mut marks = Marks::new(0);
        for (line, cell) in cells.iter().enumerate() {
            marks.see(split_unit(cell).0, line);
        }
        let table = Table::read(b"a,b\n").unwrap();
        if let Ok(style) = marks.settle(&table, None, "") {
            prop_assert!(cells.iter().filter_map(|c| style.number(c)).all(f64::is_finite));
        }
    }
}
