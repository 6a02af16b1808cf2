//! The site model: figures that follow from the inputs.

mod sites;

use perwatt_site::summary::Verdict;
use perwatt_site::{Options, Use, report};
use perwatt_table::Evidence;
use sites::{BASE, figure, near, of, scenario, value};

#[test]
fn mining_by_hand() {
    let set = [
        "mining.efficiency_j_th=13.5",
        "mining.pool_fee=0",
        "mining.uptime=1",
    ];
    let report = of(BASE, &set);
    let hp = report.hashprice_usd_per_ph_day;
    // 964 EH/s, 144 blocks a day of 3.125 + 0.087 BTC at $84,714.
    let by_hand = 1e15 / 964e18 * 144.0 * 3.212 * 84_714.0;
    assert!(near(hp, by_hand, 1e-9), "{hp} {by_hand}");
    let eh_s = value(&report, Use::KeepMining, "hashrate");
    assert!(near(eh_s, 20.0 / 1.05 / 13.5, 1e-12), "{eh_s}");
    let mwh = value(&report, Use::KeepMining, "energy_mwh");
    assert!(near(mwh, 20.0 * 8766.0, 1e-9), "{mwh}");
    let power = value(&report, Use::KeepMining, "power_usd");
    assert!(near(power, mwh * 45.0, 1e-9));
    // Break-even of running: (45 + 10.5) $/MWh x 24 x 13.5 x 1.05.
    let operating = value(&report, Use::KeepMining, "break_even_operating");
    assert!(
        near(operating, 0.0555 * 24.0 * 13.5 * 1.05, 1e-9),
        "{operating}"
    );
}

#[test]
fn the_fee_of_the_pool_raises_the_break_even() {
    let report = of(BASE, &["mining.pool_fee=0.02"]);
    let operating = value(&report, Use::KeepMining, "break_even_operating");
    let by_hand = 24.0 * 28.2 * 0.0555 * 1.05 / 0.98;
    assert!(near(operating, by_hand, 1e-11), "{operating} {by_hand}");
}

#[test]
fn hosting_by_hand() {
    let report = of(BASE, &["hosting.noi_margin=1"]);
    let revenue = value(&report, Use::Hosting, "revenue_usd");
    // 154.2 $/kW-month is 1.85 M$ for each critical MW and year.
    assert!(near(revenue / 16.0, 1.850_4e6, 1e-9), "{revenue}");
    let power = value(&report, Use::Hosting, "power_usd");
    assert!(near(power, 20.0 * 8766.0 * 45.0, 1e-9));
    let capex = value(&report, Use::Hosting, "capex_usd");
    let rigs = 20.0 / 1.05 / 28.2 * 1e6 * 1.18;
    assert!(near(capex, 144e6 - rigs, 1e-9), "{capex}");
}

#[test]
fn prices_that_break_even_do() {
    let rent = "hosting.rent_usd_per_kw_month=300";
    let report = of(BASE, &[rent]);
    for (kind, key, npv) in [
        (Use::Hosting, "hosting.rent_usd_per_kw_month", "npv_usd"),
        (Use::GpuCloud, "cloud.rent_usd_per_gpu_hour", "npv_usd"),
    ] {
        let price = value(&report, kind, "break_even_npv");
        let set = format!("{key}={price}");
        let again = of(BASE, &[rent, &set]);
        let scale = value(&again, kind, "capex_usd");
        assert!(value(&again, kind, npv).abs() < 1e-9 * scale, "{kind:?}");
    }
    // At the hashprice that ties, hosting is worth as much as the rigs.
    let ties = value(&report, Use::Hosting, "ties_hashprice");
    let factor = ties / report.hashprice_usd_per_ph_day;
    let price = format!("network.btc_price_usd={}", 84_714.0 * factor);
    let again = of(BASE, &[rent, &price]);
    let over = value(&again, Use::Hosting, "npv_usd") - value(&again, Use::KeepMining, "npv_usd");
    assert!(
        over.abs() < 1e-6 * value(&again, Use::Hosting, "capex_usd"),
        "{over}"
    );
}

#[test]
fn the_waterfall_falls_to_the_present_value() {
    for outcome in of(BASE, &[]).uses {
        let (last, steps) = outcome.waterfall.split_last().unwrap();
        let sum: f64 = steps.iter().map(|bar| bar.usd).sum();
        assert!((sum - last.usd).abs() <= 1e-6 * last.usd.abs().max(1.0));
        assert_eq!(last.usd, outcome.npv_usd());
    }
}

#[test]
fn a_figure_is_as_weak_as_what_it_rests_on() {
    let report = of(BASE, &[]);
    // The scenario's own word is an assumption.
    let npv = figure(&report, Use::Hosting, "npv_usd");
    assert_eq!(npv.evidence, Evidence::Assumed);
    let months = figure(&report, Use::Hosting, "months_to_power");
    assert_eq!(months.evidence, Evidence::Sourced);
    assert_eq!(months.from, ["hosting.months_to_power"]);
    let sourced = of(
        &BASE.replace(
            "gross_mw = 20",
            "gross_mw = { value = 20, source = \"permit\" }",
        ),
        &[],
    );
    let eh_s = figure(&sourced, Use::KeepMining, "hashrate");
    assert_eq!(eh_s.evidence, Evidence::Sourced);
}

#[test]
fn draws_are_the_same_for_a_seed_and_lie_around_the_point() {
    let text = BASE;
    let of = |seed| {
        let options = Options {
            seed,
            draws: 400,
            answer: None,
        };
        report(&scenario(text, &[]).unwrap(), None, &options).unwrap()
    };
    let (one, again, other) = (of(7), of(7), of(8));
    assert_eq!(one.monte_carlo, again.monte_carlo);
    assert_ne!(one.monte_carlo, other.monte_carlo);
    let drawn = one.monte_carlo.as_ref().unwrap();
    assert_eq!((drawn.seed, drawn.draws), (7, 400));
    for found in &drawn.uses {
        assert!(found.npv_usd.is_sorted(), "{found:?}");
        assert!(found.npv_usd[0] < found.npv_usd[4]);
        assert!((0.0..=1.0).contains(&found.best));
    }
    let all: f64 = drawn.uses.iter().map(|found| found.best).sum();
    assert!((all - 1.0).abs() < 1e-9, "one is best in each draw: {all}");
    // One thread gives the same draws as many.
    let pool = |threads| rayon_pool(threads, || of(7).monte_carlo);
    assert_eq!(pool(1), one.monte_carlo);
}

fn rayon_pool<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(f)
}

#[test]
fn the_tornado_is_of_the_parameters_with_ranges_alone() {
    let report = of(BASE, &[]);
    assert!(report.tornado.len() > 10);
    assert!(
        report
            .tornado
            .is_sorted_by(|a, b| a.size_usd() >= b.size_usd())
    );
    let keys: Vec<&str> = report.tornado.iter().map(|swing| swing.key).collect();
    assert!(
        !keys.contains(&"finance.discount_rate"),
        "given without a range"
    );
    let with = of(
        &BASE.replace("= 0.1", "= { value = 0.1, low = 0.05, high = 0.2 }"),
        &[],
    );
    assert!(
        with.tornado
            .iter()
            .any(|s| s.key == "finance.discount_rate")
    );
}

#[test]
fn a_verdict_needs_a_clear_majority() {
    let of = |set: &[&str], draws| {
        let options = Options {
            draws,
            ..Options::default()
        };
        report(&scenario(BASE, set).unwrap(), None, &options)
            .unwrap()
            .summary
    };
    let rich = of(&["hosting.rent_usd_per_kw_month=1000"], 300);
    assert_eq!((rich.verdict, rich.best), (Verdict::Host, Use::Hosting));
    assert!(rich.confidence.unwrap() > 0.99);
    let hosting = rich.uses.iter().find(|of| of.kind == Use::Hosting).unwrap();
    let turn = hosting.turn.as_ref().unwrap();
    assert_eq!(
        (turn.key, turn.now),
        ("hosting.rent_usd_per_kw_month", 1000.0)
    );
    // At the rent at which it turns, hosting is worth as much as the best other use.
    let set = format!("hosting.rent_usd_per_kw_month={}", turn.at);
    let even = of(&[&set], 0);
    let annual = |kind| {
        even.uses
            .iter()
            .find(|of| of.kind == kind)
            .unwrap()
            .annual_over_sell_usd
    };
    let others = Use::ALL.into_iter().filter(|kind| *kind != Use::Hosting);
    let best = others.map(annual).fold(f64::NEG_INFINITY, f64::max);
    assert!((annual(Use::Hosting) - best).abs() < 1e3, "{even:?}");
    assert_eq!(even.confidence, None);
    // A little above it hosting is best at the values given, and not in most draws.
    let above = format!("hosting.rent_usd_per_kw_month={}", turn.at * 1.08);
    let split = of(&[&above], 300);
    assert_eq!(split.best, Use::Hosting);
    assert_eq!(split.verdict, Verdict::Unclear, "{split:?}");
    let shares: f64 = split.uses.iter().map(|of| of.best_share.unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}

#[test]
fn stated_courses_hold_what_they_say() {
    let report = of(BASE, &["mining.efficiency_j_th=21.5"]);
    let npv = |name: &str, kind| {
        let course = report.courses.iter().find(|of| of.name == name).unwrap();
        course
            .uses
            .iter()
            .find(|of| of.kind == kind)
            .unwrap()
            .npv_usd
    };
    assert!(npv("boom", Use::KeepMining) > npv("collapse", Use::KeepMining));
    let set = [
        "network.btc_growth_per_year=0.4",
        "network.hashrate_growth_per_year=0.5",
        "network.fees_btc_per_block=0.3",
        "mining.efficiency_j_th=21.5",
    ];
    let boom = of(BASE, &set);
    assert!(near(
        npv("boom", Use::NewerAsics),
        value(&boom, Use::NewerAsics, "npv_usd"),
        1e-9
    ));
    assert!(near(
        npv("flat", Use::SellNow),
        npv("boom", Use::SellNow),
        1e-12
    ));
}
