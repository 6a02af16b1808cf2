//! Lines, separators, encodings and broken rows.

use super::*;
use proptest::prelude::*;

/// Every row as its line and its cells, or the first error.
fn read(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
    let table = Table::read(bytes).map_err(|error| error.to_string())?;
    let owned = |row: Result<Row, TableError>| {
        let row = row.map_err(|error| error.to_string())?;
        Ok((row.line, row.cells.iter().map(str::to_owned).collect()))
    };
    table.rows().map(owned).collect()
}

fn rows(wanted: &[(usize, [&str; 2])]) -> Result<Vec<(usize, Vec<String>)>, String> {
    let owned = |(line, cells): &(usize, [&str; 2])| {
        (*line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    };
    Ok(wanted.iter().map(owned).collect())
}

#[test]
fn lines_are_counted_past_all_that_is_no_row() {
    let text = "# one\n\ntime;watts\n\n1;5\n# six\n;\n 2 ;\"6;7\"\n3;\"a\nb\"\n4;8\n# end";
    let wanted = [
        (5, ["1", "5"]),
        (8, ["2", "6;7"]),
        (9, ["3", "a\nb"]),
        (11, ["4", "8"]),
    ];
    for end in ["\n", "\r\n"] {
        let text = text.replace('\n', end);
        let found = read(text.as_bytes()).unwrap();
        let plain = |text: &String| text.replace("\r\n", "\n");
        let found: Vec<_> = found
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(plain).collect::<Vec<_>>()))
            .collect();
        assert_eq!(Ok(found), rows(&wanted));
        let excel = format!("sep=;{end}{text}");
        let moved = read(excel.as_bytes()).unwrap();
        let lines: Vec<usize> = moved.iter().map(|row| row.0).collect();
        assert_eq!(lines, [6, 9, 10, 12]);
    }
}

#[test]
fn separators_are_stated_or_found() {
    let wanted = rows(&[(2, ["1", "5"])]);
    for text in ["a;b\n1;5\n", "a\tb\n1\t5\n", "a,b\n1,5\n", "a|b\n1|5\n"] {
        assert_eq!(read(text.as_bytes()), wanted, "{text}");
    }
    // A mark within a name is not a separator if the rows do not have it.
    assert_eq!(read(b"a,power;avg\n1,5\n"), wanted);
    assert_eq!(read(b"a;power, W\n1;5\n"), wanted);
    assert_eq!(read(b"a;power, W\n1;5,5\n"), rows(&[(2, ["1", "5,5"])]));
    for first in ["sep=,", "SEP=,", "\"sep=,\"", "sep=,,"] {
        let text = format!("{first}\na;x,b\n1,5\n");
        assert_eq!(read(text.as_bytes()), rows(&[(3, ["1", "5"])]), "{first}");
    }
    let error = read(b"sep=\na,b\n1,5\n").unwrap_err();
    assert!(
        error.contains("line 1") && error.contains("\"sep=\""),
        "{error}"
    );
}

#[test]
fn encodings_are_known_or_refused() {
    let text = "time;µW\n1;5\n";
    let wanted = rows(&[(2, ["1", "5"])]);
    let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    for bytes in [
        text.as_bytes(),
        format!("\u{feff}{text}").as_bytes(),
        &little,
        &big,
    ] {
        assert_eq!(read(bytes), wanted);
        assert_eq!(Table::read(bytes).unwrap().names()[1], "µW");
    }
    for bytes in [
        &little[2..],
        &little[..little.len() - 1],
        b"PK\0\x01",
        &vec![b','; 1 << 21],
    ] {
        let error = read(bytes).unwrap_err();
        assert!(error.starts_with("line 1: the file "), "{error}");
    }
    for (bytes, at) in [
        (
            &b"time;\xb5W\n1;5\n"[..],
            "line 1, column \"number 2\": \"\u{fffd}W\"",
        ),
        (
            b"time;W;place\n1;5;K\xf6ln\n",
            "line 2, column \"place\": \"K\u{fffd}ln\"",
        ),
        (b"# \xe9\ntime;W\n1;5\n", "line 1, "),
    ] {
        let error = read(bytes).unwrap_err();
        assert!(error.contains(at) && error.contains("UTF-8"), "{error}");
    }
}

#[test]
fn rows_are_as_long_as_the_header() {
    for (text, at) in [
        ("a,b\n1,5\n2,0,5\n", "line 3, column \"number 3\": \"5\""),
        ("a,b\n\n1\n", "line 3, column \"b\": \"1\""),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(
            error.contains(at) && error.contains("columns: 2"),
            "{error}"
        );
    }
    let error = read(b"a,b\n1,5\n2,\"6\n3,7\n4,8\n").unwrap_err();
    assert!(error.starts_with("line 3: a quotation mark"), "{error}");
    let inches = read(b"a,b\n1,5\n# 5\" disk\n\n2,6\n");
    assert_eq!(inches, rows(&[(2, ["1", "5"]), (5, ["2", "6"])]));
    for text in ["", "\n\n", "# nothing", ",,\n"] {
        assert!(read(text.as_bytes()).unwrap_err().contains("no header"));
    }
}

proptest! {
    #[test]
    fn nothing_panics(bytes: Vec<u8>, text in "(sep=.\n)?([a,;\t\"\r\n#]|.){0,80}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            let Ok(table) = Table::read(bytes) else { continue };
            let rows: Vec<Row> = table.rows().flatten().collect();
            prop_assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line));
            for row in &rows {
                prop_assert!(row.line > table.header_line());
                prop_assert_eq!(table.at_line(row.line, 0).value, row.cell(0));
            }
        }
    }
}
