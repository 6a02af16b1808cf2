//! Cells of a CSV file, safe to open in a spreadsheet.
//!
//! A spreadsheet recognises a formula by its first character, and a formula in untrusted
//! text can send the contents of other cells elsewhere. A text that begins like a formula
//! therefore gets an apostrophe before it, which spreadsheets read as "this is text".
//! Numbers are written by perwatt itself and are not changed.

use super::plain;

/// An untrusted text as a cell: made [`plain`], and never a formula.
pub fn text(of: &str) -> String {
    let mut out = String::new();
    // Spreadsheets split cells at semicolons if commas are decimal.
    for (i, part) in of.split(';').enumerate() {
        if i > 0 {
            out.push(';');
        }
        if is_formula(part) {
            out.push('\'');
        }
        out.push_str(&plain(part));
    }
    out
}

/// Applies [`text`] in place; most texts need no change.
pub fn make_text(of: &mut String) {
    let harmless = |b: u8| (b' '..=b'~').contains(&b) && b != b';';
    if !of.bytes().all(harmless) || is_formula(of) {
        *of = text(of);
    }
}

/// True if a text begins with a sign of a formula, or with a character that spreadsheets
/// drop before one.
fn is_formula(text: &str) -> bool {
    let begins = text.trim_start_matches([' ', '\u{a0}', '\u{3000}', '"', '\u{feff}']);
    begins.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// A figure as a cell; the cell is empty if the figure is not a finite number.
pub fn number(value: f64) -> String {
    match value.is_finite() {
        true => value.to_string(),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulae_become_text_and_other_text_stays() {
        for (given, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\u{fffd}=1"),
            ("\r=1", "'\u{fffd}=1"),
            (" =1", "' =1"),
            ("\"=1", "'\"=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a;=1+1", "a;'=1+1"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("AMD EPYC 9654 96-Core", "AMD EPYC 9654 96-Core"),
            ("a=b", "a=b"),
            ("not-steady;cold", "not-steady;cold"),
            ("", ""),
        ] {
            assert_eq!(text(given), written, "{given:?}");
            let mut cell = given.to_owned();
            make_text(&mut cell);
            assert_eq!(cell, written, "{given:?}");
        }
    }

    #[test]
    fn figures_are_numbers_or_nothing() {
        assert_eq!(number(-1.5), "-1.5");
        assert_eq!(number(f64::NAN) + &number(f64::INFINITY), "");
    }
}
