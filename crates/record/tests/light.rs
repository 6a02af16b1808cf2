//! The reader for figures keeps the content of tables, refuses the same files as
//! `file::read`, and notices edited rates.

mod common;

use std::path::Path;

use common::honest;
use perwatt_record::file::{ReadError, parse};
use perwatt_record::light;
use perwatt_record::schema::Proof;

fn bytes() -> Vec<u8> {
    honest().to_bytes().unwrap()
}

fn read(bytes: &[u8]) -> Result<light::LightRecord, ReadError> {
    light::parse(Path::new("test.json"), bytes)
}

#[test]
fn everything_but_shares_and_series_is_kept() {
    let brief = read(&bytes()).unwrap();
    assert_eq!(brief.contradiction, None);
    let mut expected = honest();
    for run in &mut expected.runs {
        run.energy.clear();
        run.state.clear();
        if let Some(Proof::Shares { shares, .. }) = &mut run.proof {
            assert!(!shares.is_empty());
            shares.clear();
        }
    }
    assert_eq!(brief.record, expected);
}

#[test]
fn an_edited_rate_is_noticed() {
    let mut record = honest();
    record.runs[3].measured.as_mut().unwrap().rate_per_s *= 1.01;
    let brief = read(&record.to_bytes().unwrap()).unwrap();
    let said = brief.contradiction.unwrap();
    assert!(said.starts_with("runs[3].measured.rate_per_s"), "{said}");

    let mut record = honest();
    record.summary[0].rate_per_s.as_mut().unwrap().median *= 1.01;
    let brief = read(&record.to_bytes().unwrap()).unwrap();
    assert!(
        brief
            .contradiction
            .unwrap()
            .starts_with("summary[0].rate_per_s")
    );

    let mut record = honest();
    record.runs[0].proof = None;
    let brief = read(&record.to_bytes().unwrap()).unwrap();
    assert!(brief.contradiction.unwrap().contains("no proof"));
}

/// For each file, both readers refuse it for the same reason and in the same words.
#[test]
fn it_refuses_what_the_full_reader_refuses() {
    let text = String::from_utf8(bytes()).unwrap();
    let cases = [
        String::new(),
        "[]".into(),
        "7".into(),
        "{}".into(),
        r#"{"schema": 1}"#.into(),
        r#"{"schema": {"name": "other", "major": 1, "minor": 0}}"#.into(),
        text[..text.len() / 2].to_owned(),
        text.replacen("\"major\": 1", "\"major\": 2", 1),
        text.replacen("\"major\": 1", "\"major\": \"1\"", 1),
        text.replacen("\"rounds\": 6", "\"rounds\": -6", 1),
        text.replacen("\"method\": \"shares\"", "\"method\": \"belief\"", 1),
        format!("{}1", "[".repeat(200)),
    ];
    for case in cases {
        let light = read(case.as_bytes()).unwrap_err();
        let full = parse(Path::new("test.json"), case.as_bytes()).unwrap_err();
        assert_eq!(
            std::mem::discriminant(&light),
            std::mem::discriminant(&full),
            "{light} / {full} of {}",
            case.chars().take(60).collect::<String>()
        );
    }
    let newer = text.replacen("\"minor\": 3", "\"minor\": 99", 1).replacen(
        "\"complete\"",
        "\"something_new\": [1, {}], \"complete\"",
        1,
    );
    assert!(read(newer.as_bytes()).is_ok());
    // A field of a later version may have the name of a list that is removed.
    let nested = text.replacen("{", "{\"later\": {\"samples\": [[[1]], [[2]]]},", 1);
    assert_eq!(
        read(nested.as_bytes()).unwrap().record,
        read(text.as_bytes()).unwrap().record
    );
}
