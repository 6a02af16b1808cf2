//! Contents of the pages of a gap and of a site.

mod common;

use common::HOSTILE;
use common::gap::{gap_of, gap_without_joules, hostile_gap, hostile_site, session, site_of};
use perwatt_report::{gap_page, site_page};
use perwatt_site::Use;
use perwatt_site::figure::Figures;

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
        "the gap to Bitmain Antminer S21 XP",
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
        "J/TH (package, estimate)",
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
        "<title>perwatt: a site</title>",
        "about it",
        "Present value of GPU cloud",
        "years from the decision",
        "in the first month",
        "runs at a profit",
        "as given: ",
        "200 draws of",
        "seed 1",
        "less the NPV of keep mining",
        "scenario, line ",
        "Before taxes",
        "constant dollars",
        "do not move together is an assumption",
        "when each use should stop",
        "hash rate that leaves the network",
        "retired for good",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Each use has a column, a waterfall, a curve and a row of draws.
    for outcome in &report.uses {
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
    let uses = report.uses.iter().flat_map(|of| of.figures.list());
    let all = uses.chain(stops).chain(network);
    let figures = all.filter(|of| of.figure.value.is_some()).count();
    let signs = page.matches("<span class=\"mark\">").count();
    let stars = page.matches("<span class=\"mark\">*<").count();
    let letters = signs - stars;
    assert_eq!(letters, figures + report.inputs.len());
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
        if let Some(over) = &mut outcome.figures.horizon.npv_over_keep_usd {
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
    assert!(page.contains("it has no figure as given"));
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
