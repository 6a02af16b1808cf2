//! Tags and stated prices in comparisons: filters, columns, and dollars by rates.

mod common;

use common::{compared, rising, with};
use perwatt_compare::{By, Comparison, Loaded, compare};
use perwatt_record::Record;
use perwatt_record::cost::Stated;
use perwatt_record::fixture::Made;
use perwatt_record::tags::Wanted;

/// A session of six runs of about 4e11 FLOP/s, with these tags.
fn made(id: u64, tags: &[(&str, &str)]) -> Made {
    let mut made = Made::one("quick", id, &rising(6, 4e11, 1e-3));
    made.started_unix_s += 3600 * id as u32;
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()));
    made.tags = tags.collect();
    made
}

/// Three sessions of two sites, and one that says nothing.
fn archive() -> Vec<Record> {
    let made = [
        made(1, &[("site", "berlin"), ("bios", "1")]),
        made(2, &[("site", "oslo"), ("bios", "1")]),
        made(3, &[("site", "berlin"), ("bios", "2")]),
        made(4, &[]),
    ];
    made.iter().map(Made::record).collect()
}

fn kept(wanted: &[&str]) -> Vec<usize> {
    let wanted: Vec<Wanted> = wanted.iter().map(|text| text.parse().unwrap()).collect();
    let mut loaded = common::loaded(&archive());
    loaded.keep_tagged(&wanted);
    let groups = loaded.groups.iter().enumerate();
    let kept = groups.filter(|(_, group)| !group.sessions.is_empty());
    let kept: Vec<usize> = kept.map(|(at, _)| at + 1).collect();
    assert_eq!(loaded.sessions.len(), kept.len());
    // Each index is that of the session that its group had.
    for (at, group) in loaded.groups.iter().enumerate() {
        for &s in &group.sessions {
            assert_eq!(
                loaded.sessions[s].id,
                common::loaded(&archive()).sessions[at].id
            );
        }
    }
    kept
}

fn labels(comparison: &Comparison) -> Vec<(&str, usize)> {
    let columns = comparison.columns.iter();
    columns.map(|of| (of.label.as_str(), of.sessions)).collect()
}

#[test]
fn sessions_with_all_wanted_tags_are_kept() {
    assert_eq!(kept(&[]), [1, 2, 3, 4]);
    assert_eq!(kept(&["site"]), [1, 2, 3]);
    assert_eq!(kept(&["site=berlin"]), [1, 3]);
    assert_eq!(kept(&["site=berlin", "bios=1"]), [1]);
    assert_eq!(kept(&["site=berlin", "rack"]), Vec::<usize>::new());
}

#[test]
fn a_column_for_each_value_of_a_tag_and_one_for_the_others() {
    let of = |key: &str| {
        compared(
            &archive(),
            &with(|options| options.by = By::Tag(key.into())),
        )
    };
    let by_site = of("site");
    assert_eq!(
        labels(&by_site),
        [("berlin", 2), ("oslo", 1), ("no site", 1)]
    );
    assert_eq!(serde_json::to_value(&by_site.by).unwrap(), "tag:site");
    assert_eq!(labels(&of("bios")), [("1", 2), ("2", 1), ("no bios", 1)]);
    assert_eq!(labels(&of("rack")), [("no rack", 4)]);
    // A value that is a long text is cut, and one that is the name of the others is told
    // from it.
    let long = "x".repeat(100);
    let records = [
        made(1, &[("a", &long)]).record(),
        made(2, &[("a", "no a")]).record(),
        made(3, &[]).record(),
    ];
    let by = with(|options| options.by = By::Tag("a".into()));
    let comparison = compared(&records, &by);
    let labels: Vec<&str> = comparison.columns.iter().map(|of| &*of.label).collect();
    assert!(
        labels[0].starts_with("xxx") && labels[0].len() < 50,
        "{labels:?}"
    );
    assert!(
        labels[1] != labels[2] && labels[2].starts_with("no a"),
        "{labels:?}"
    );
}

#[test]
fn tags_and_prices_are_in_no_key_and_a_tag_that_differs_is_named() {
    let mut dear = made(2, &[("site", "oslo")]);
    (dear.price_usd, dear.rent_usd_per_h) = (Some(9e3), Some(2.0));
    let records = [made(1, &[("site", "berlin")]).record(), dear.record()];
    let comparison = compared(&records, &with(|_| {}));
    assert_eq!(comparison.compared().count(), 1);
    let fields: Vec<&str> = comparison.differs.iter().map(|of| &*of.field).collect();
    assert_eq!(fields, ["tag.site"]);
}

#[test]
fn dollars_by_rates_are_those_of_the_machines_in_a_column() {
    let priced = |id, specimen: &str, price_usd: Option<f64>| {
        let mut made = made(id, &[]);
        (made.specimen, made.price_usd) = (Some(specimen.repeat(32)), price_usd);
        made.rent_usd_per_h = price_usd.map(|usd| usd / 1000.0);
        made.record()
    };
    let beside = [made(9, &[]).record()];
    let stated = |records: &[Record]| {
        let comparison = compare(&common::groups(&[records, &beside]), &with(|_| {})).unwrap();
        let cell = comparison.cells().next().unwrap();
        let figure = cell.figure.as_ref().unwrap();
        let notes = comparison.notes.join("; ");
        (
            comparison.columns[0].stated,
            figure.cost,
            figure.median,
            notes,
        )
    };
    // The newest price of one machine holds, whether later sessions state one or not.
    let one = [
        priced(1, "a", Some(2000.0)),
        priced(2, "a", Some(1000.0)),
        priced(3, "a", None),
    ];
    let (found, cost, median, notes) = stated(&one);
    let wanted = Stated {
        price_usd: Some(1000.0),
        rent_usd_per_h: Some(1.0),
    };
    assert_eq!(found, wanted);
    assert!(!notes.contains("in common"), "{notes}");
    let cost = cost.unwrap();
    assert_eq!(cost.usd_per_tera_per_s, Some(1000.0 / (median / 1e12)));
    assert_eq!(cost.usd_per_exa, Some(1.0 / 3600.0 / median * 1e18));
    assert_eq!(cost.usd_per_mtoken_at_least, None);
    // Two machines of one price, of two, and one of which none is known.
    let (found, ..) = stated(&[priced(1, "a", Some(1e3)), priced(2, "b", Some(1e3))]);
    assert_eq!(found, wanted);
    for other in [Some(2e3), None] {
        let (found, cost, _, notes) = stated(&[priced(1, "a", Some(1e3)), priced(2, "b", other)]);
        assert!(found.is_empty() && cost.is_none());
        assert!(notes.contains("no price and no rent in common"), "{notes}");
    }
    let (_, cost, _, notes) = stated(&[priced(1, "a", None)]);
    assert!(cost.is_none() && !notes.contains("in common"), "{notes}");
}

#[test]
fn layers_of_a_model_have_a_lower_bound_of_dollars_per_token() {
    let mut made = made(1, &[]);
    made.rent_usd_per_h = Some(3.6);
    let params = &mut made.entries[0].entry.workload.params;
    params.insert("tokens_per_step".into(), "512".into());
    let work_per_step = made.entries[0].entry.work_per_step as f64;
    let mut other = made.clone();
    other.id = 2;
    let comparison = compared(&[made.record(), other.record()], &with(|_| {}));
    let figure = comparison.cells().next().unwrap().figure.as_ref().unwrap();
    let tokens_per_s = figure.median / work_per_step * 512.0;
    let found = figure.cost.unwrap().usd_per_mtoken_at_least.unwrap();
    assert!((found / (1e-3 / tokens_per_s * 1e6) - 1.0).abs() < 1e-12);
}

#[test]
fn nothing_is_kept_of_nothing() {
    let mut none = Loaded::of(Vec::new());
    none.keep_tagged(&["site".parse().unwrap()]);
    assert!(none.sessions.is_empty());
}
