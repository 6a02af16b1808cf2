//! Contents of the pages of records.

mod common;

use common::{HOSTILE, answered, archived, compared, compared_archive, fleet, hostile, named};
use perwatt_compare::{Loaded, Options, compare};
use perwatt_record::fixture::{Made, counter, derive_again};
use perwatt_record::schema::{Failure, FailureKind, Status};
use perwatt_report::{Beside, render};

#[test]
fn the_page_needs_nothing_but_itself() {
    let records = archived();
    let page = render(&records, Some(&compared_archive()), Beside::default());
    for word in ["<script", "http://", "https://", "@import", "url("] {
        let found = page.matches(word).count();
        // The namespace of SVG is a name and not an address that is fetched.
        let named = page.matches("http://www.w3.org/2000/svg").count();
        let expected = if word == "http://" { named } else { 0 };
        assert_eq!(found, expected, "{word}");
    }
    assert!(page.len() < 500_000, "{} bytes", page.len());
}

#[test]
fn a_session_of_a_megabyte_gives_a_small_page() {
    let big = archived()
        .into_iter()
        .max_by_key(|named| named.record.to_bytes().unwrap().len())
        .unwrap();
    assert!(big.record.to_bytes().unwrap().len() > 1_000_000);
    let page = render(std::slice::from_ref(&big), None, Beside::default());
    assert!(page.len() < 250_000, "{} bytes", page.len());
}

#[test]
fn text_from_records_stays_text() {
    let records = hostile();
    let page = render(&records, Some(&compared(&records)), Beside::default());
    assert!(!page.contains("<script") && !page.contains("<img"));
    assert!(!page.contains(HOSTILE));
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn every_part_is_there_and_what_was_not_measured_says_so() {
    let rates: Vec<f64> = (0..8)
        .map(|j| 4e11 * (1.0 + 0.003 * f64::from(j)))
        .collect();
    let mut made = Made::one("rack-7", 1, &rates);
    let bare = render(&[named("rack-7", made.record())], None, Beside::default());
    assert!(bare.contains("Not measured: no meter was read."));
    assert!(bare.contains("no memory bandwidth was measured there"));

    made.meter = Some(counter("rapl", None));
    let mut record = made.record();
    record.runs[2].status = Status::Failed(Failure {
        kind: FailureKind::Crashed,
        message: "signal 9".into(),
    });
    derive_again(&mut record);
    let mut with = named("rack-7", record);
    with.wrong = Some("the digest differs".into());
    let page = render(&[with], None, Beside::default());
    for part in [
        "NOT VERIFIED: the digest differs",
        "Rates in GFLOP/s",
        "Every run relative to the median of its row",
        "One run failed and has no dot.",
        "power by rapl (package)",
        "Energy in J/TFLOP",
        "not specified",
        "crashed run failed: signal 9",
        "<summary>Machine</summary>",
        "<summary>Software</summary>",
        "<summary>Settings</summary>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_page_begins_with_the_machine_the_day_and_the_answer() {
    let records = archived();
    let answer = answered();
    let beside = Beside {
        answer: Some(&answer),
        ..Beside::default()
    };
    let page = render(&records[..1], None, beside);
    let order = [
        "<h1>Intel(R) Xeon(R) Processor, 2 cores, guest \u{b7} <span class=\"nb\">2026-11-24</span></h1>",
        "ONE JOULE BUYS",
        "VERIFIED",
        ">Rates<",
        ">Energy<",
        "<svg",
        "<details>",
        "<summary>Machine</summary>",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|part| page.find(part).unwrap_or_else(|| panic!("{part}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_hundred_sessions_give_a_small_page() {
    let fleet = fleet(100);
    let comparison = compare(&fleet, &Options::default()).unwrap();
    let beside = Beside {
        sessions: &fleet.sessions,
        ..Beside::default()
    };
    let page = render(&[], Some(&comparison), beside);
    assert!(page.contains("<h1>100 machines"));
    for i in 0..100 {
        assert!(page.contains(&format!(">Example CPU {i},")), "{i}");
    }
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn sessions_have_columns_of_dollars_where_one_of_them_states_a_price() {
    let mut fleet = fleet(9);
    let page = |fleet: &Loaded| {
        let sessions = &fleet.sessions[..];
        let beside = Beside {
            sessions,
            ..Beside::default()
        };
        render(&[], None, beside)
    };
    let without = page(&fleet);
    assert!(!without.contains("price and rent") && !without.contains("running cost"));
    let one = &mut fleet.sessions[3];
    one.tags = [("bios".into(), "<b>1".into())].into();
    (one.stated.price_usd, one.stated.rent_usd_per_h) = (Some(4000.0), Some(1.44));
    let with = page(&fleet);
    // About 0.4 TFLOP/s.
    for part in [
        "bios=&lt;b&gt;1",
        "price $4000, rent $1.44/h, stated",
        "square-2048, cost",
        "/(TFLOP/s)",
        "/EFLOP",
        "the price over the rate",
    ] {
        assert!(with.contains(part), "{part}");
    }
}

#[test]
fn verdicts_are_words_and_notes_are_numbered_once() {
    let records = archived();
    let page = render(&records, Some(&compared_archive()), Beside::default());
    assert!(page.contains(">UNCLEAR<") && page.contains("</span> base"));
    let notes = page.matches("<li id=\"note-").count();
    assert!(notes > 3);
    for number in 1..=notes {
        assert!(
            page.contains(&format!("href=\"#note-{number}\"")),
            "{number}"
        );
    }
}
