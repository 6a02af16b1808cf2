//! Contents of the pages of a gap and of a site.

mod common;

use common::HOSTILE;
use common::gap::{
    gap_of, gap_without_joules, hostile_gap, hostile_site, random_site, session, site_of,
};
use perwatt_report::render::text;
use perwatt_report::{gap_page, site_page, views};
use perwatt_site::Use;
use perwatt_site::figure::Figures;
use perwatt_site::parameter::{Rule, write};
use perwatt_site::parameters::parameters;
use perwatt_site::stated::DealCase;
use proptest::prelude::*;

fn alone(page: &str) {
    for word in ["<script", "=\"https", "@import", "url(", "NaN", "inf "] {
        assert!(!page.contains(word), "{word}");
    }
    // Sources contain addresses; the only attribute with one is the namespace of SVG.
    let namespace = page.matches("=\"http://www.w3.org/2000/svg").count();
    assert_eq!(page.matches("=\"http").count(), namespace);
}

#[test]
fn a_gap_with_joules_says_what_each_figure_rests_on() {
    let page = gap_page(&gap_of(&[session(false)]));
    alone(&page);
    for part in [
        "The gap: how many times more Bitmain Antminer S21 XP",
        "0 FLOP",
        "J/TH: how many times the Antminer S21 XP",
        "measured; the ASIC's: nameplate",
        "price: sourced",
        "by rapl",
        "which flatters this device",
        "of its own roofline",
        "50 % of its maker's peak (a table of its maker)",
        "peak: NVIDIA H100 SXM5",
        "burst: NVIDIA H100 SXM5",
        "over the board's nameplate power",
    ] {
        let escaped = part.replace('\'', "&#39;");
        assert!(page.contains(part) || page.contains(&escaped), "{part}");
    }
    // A peak is drawn hollow, a measured figure filled.
    assert!(page.contains("class=\"dot hollow\"") && page.contains("class=\"dot\""));
}

#[test]
fn what_is_estimated_or_not_measured_says_so() {
    let page = gap_page(&gap_of(&[session(true)]));
    for part in [
        "energy (package, estimate)",
        "an estimate, not a measurement",
        "the scale error of rapl is not specified",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = gap_page(&gap_without_joules());
    alone(&page);
    for part in [
        "no row has joules",
        "J/TH: not measured: the session had no meter",
        "Devices per Antminer S21 XP by rate",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_site_has_every_part() {
    let report = site_of("a site", "about it", 200);
    let page = site_page(&report);
    alone(&page);
    for part in [
        "<title>a site \u{b7} 2026-10-03</title>",
        "about it",
        "Present value of GPU cloud",
        "years from the decision",
        "and day at the start",
        "runs at a profit",
        "as given: ",
        "200 draws of",
        "seed 1",
        "is worth most at the values",
        "hosting at this site by each deal",
        "stated courses of price and hash rate",
        "scenario, line ",
        "Before taxes",
        "constant dollars",
        "hash rate and both growths move together",
        "when each use should stop",
        "hash rate that leaves the network",
        "retired for good",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Each use has a column, a waterfall, a curve and a row of draws.
    let running = || report.uses.iter().filter(|of| of.kind != Use::SellNow);
    for outcome in running() {
        assert!(
            page.matches(outcome.title).count() >= 4,
            "{}",
            outcome.title
        );
    }
    // All figures of all uses are on the page, each with a letter.
    let network = report.network.iter().flat_map(Figures::list);
    let stops = report.curtailment.uses.iter();
    let stops = stops.flat_map(|of| of.figures.list());
    let uses = running().flat_map(|of| of.figures.list());
    let all = uses.chain(stops).chain(network);
    let figures = all.filter(|of| of.figure.value.is_some()).count();
    let signs = page.matches("<span class=\"mark\">").count();
    let stars = page.matches("<span class=\"mark\">*<").count();
    let letters = signs - stars;
    // So are values of uses, of which a sale is not over itself, and of deals.
    let values = 2 * report.summary.uses.len() - 1;
    let of_deal = |deal: &DealCase| match deal.hosting {
        Some(_) => 5,
        None => 4 - deal.missing.len(),
    };
    let deals: usize = report.deals.iter().map(of_deal).sum();
    assert_eq!(letters, figures + report.inputs.len() + values + deals);
    // There are twelve bars; the other parameters are counted.
    let rest = report.tornado.len() - 12;
    assert!(page.contains(&format!("{rest} more move it less")));
    // Without draws there is neither a section of them nor a link to one.
    let page = site_page(&site_of("a site", "about it", 0));
    assert!(!page.contains("id=\"draws\"") && !page.contains("#draws"));
    assert!(!page.contains("seed"));
}

#[test]
fn profits_of_the_surface_are_marked() {
    let report = site_of("a site", "about it", 0);
    let page = site_page(&report);
    let below = |rows: &[Vec<f64>]| {
        let all = rows.iter().flatten();
        all.filter(|value| **value <= report.surface.now).count()
    };
    let marked = below(&report.surface.hashprice) + below(&report.surface.power_alone);
    assert!(marked > 0);
    assert_eq!(page.matches("<span class=\"mark\">*<").count(), marked);
}

#[test]
fn odd_figures_do_not_spoil_the_pictures() {
    let mut report = site_of("a site", "about it", 20);
    let odd = [0.0, -1e300, 1e300, f64::MAX, f64::MIN];
    for (i, outcome) in report.uses.iter_mut().enumerate() {
        for bar in &mut outcome.waterfall {
            bar.usd = odd[i % odd.len()];
        }
        outcome.cumulative_usd = odd.to_vec();
        if let Some(over) = &mut outcome.figures.horizon.annual_over_sell_usd {
            over.value = None;
        }
    }
    report.uses[0].cumulative_usd.clear();
    report.surface.hashprice[0][0] = f64::INFINITY;
    report.answer = Use::Hosting;
    let page = site_page(&report);
    for (i, tag) in page.match_indices('<') {
        let _ = tag;
        let end = page[i..].find('>').map_or(page.len(), |n| i + n);
        let inside = &page[i..end];
        assert!(
            !inside.contains("NaN") && !inside.contains("inf\""),
            "{inside}"
        );
    }
}

#[test]
fn text_from_scenarios_and_records_stays_text() {
    for page in [gap_page(&hostile_gap()), site_page(&hostile_site())] {
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(!page.contains(HOSTILE));
        // The direction of the page's own sentences is unchanged too.
        assert!(HOSTILE.contains('\u{202e}') && !page.contains('\u{202e}'));
        assert!(page.contains("&lt;script&gt;"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a scenario may say, no figure is NaN or infinite, in data or in print.
    #[test]
    fn no_scenario_prints_what_is_no_number(
        at in prop::collection::vec(0..12u8, 100), hours in prop::collection::vec(-1e6..1e6_f64, 2..50),
    ) {
        // The ends of what is allowed, the default, and a value between.
        let set: Vec<String> = parameters().iter().zip(&at).filter_map(|(parameter, at)| {
            let [low, high] = parameter.bounds();
            let value = match at {
                0 => low,
                1 => high,
                2 if !matches!(parameter.rule, Rule::Switch | Rule::Count) => (low * high).abs().sqrt().clamp(low, high),
                _ => return None,
            };
            Some(format!("{}={}", parameter.key, write(parameter.rule, value)))
        }).collect();
        let report = match random_site(&set, &hours) {
            Ok(report) => report,
            Err(error) => {
                prop_assert!(!error.contains("NaN") && !error.contains("inf"), "{error}");
                return Ok(());
            }
        };
        let json = serde_json::to_string(&report).unwrap();
        prop_assert!(!json.contains("\"npv_usd\":null") && !json.contains("_usd\":[null"), "{set:?}");
        let page = text::render(&views::site::blocks(&report, true), 80).to_string();
        for word in page.split(|c: char| !c.is_alphanumeric()) {
            prop_assert!(word != "NaN" && word != "inf", "{set:?}");
        }
    }
}
