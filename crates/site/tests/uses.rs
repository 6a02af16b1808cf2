//! What each use is worth: stops, a sale, deals of hosting, a cloud.

mod sites;

use perwatt_site::curtail::Prices;
use perwatt_site::{Options, SiteReport, Use, report};
use perwatt_table::Evidence;
use sites::{BASE, near, of, scenario, value};

/// Months of 30.4375 days with 10.5 $/MWh besides power, of which 0.8 goes on.
fn fixed_usd(months: u32) -> f64 {
    let month = 20.0 * 730.5 * 0.91 * 10.5 * 0.8;
    let at = |m| 1.1_f64.powf(-(f64::from(m) + 0.5) / 12.0);
    (0..months).map(|m| month * at(m)).sum()
}

#[test]
fn rigs_that_lose_stop_and_what_is_fixed_goes_on() {
    for (notice, months) in [("12", 12), ("3", 3), ("48", 36)] {
        let set = format!("mining.notice_months={notice}");
        let report = of(BASE, &["power.price_usd_per_mwh=500", &set]);
        assert_eq!(value(&report, Use::KeepMining, "revenue_usd"), 0.0);
        let npv = value(&report, Use::KeepMining, "npv_usd");
        assert!(
            near(npv, -fixed_usd(months), 1e-9),
            "{npv} for {notice} months"
        );
    }
}

/// Rigs that earn their variable cost alone are closed, not kept for years: nobody is richer
/// for dearer power.
#[test]
fn a_fleet_that_does_not_earn_what_is_fixed_is_closed() {
    // Earns some 61 $/MWh at first, and less with each year.
    let keep = |price: &str| {
        let price = format!("power.price_usd_per_mwh={price}");
        let set = [
            price.as_str(),
            "mining.efficiency_j_th=25",
            "mining.life_years=10",
            "mining.opex_fixed_share=1",
        ];
        value(&of(BASE, &set), Use::KeepMining, "npv_usd")
    };
    // No worse than giving notice at once.
    assert!(keep("55") >= -1.25 * fixed_usd(12), "{}", keep("55"));
    assert!(keep("55") > keep("500"));
    assert!(near(keep("500"), -1.25 * fixed_usd(12), 1e-9));
}

/// What is sold after its life brings nothing, a credit is at most the rent, and a mixed site
/// is occupied by the parts that it has.
#[test]
fn ends_of_a_scale_make_sense() {
    let newer = |months: &str| {
        let months = format!("newer.months_to_power={months}");
        let report = of(
            BASE,
            &[&months, "mining.life_years=1", "mining.opex_usd_per_mwh=0"],
        );
        let bars = &report
            .uses
            .iter()
            .find(|of| of.kind == Use::NewerAsics)
            .unwrap()
            .waterfall;
        bars.iter().find(|bar| bar.label == "capital").unwrap().usd
    };
    let resale = 20.0 * 1e6 / (1.05 * 28.2) * 1.18;
    let at = |months: f64| resale / 1.1_f64.powf((months + 0.5) / 12.0);
    assert!(near(newer("11") - newer("13"), at(11.0), 1e-6));
    let hosting = |hours: &str| {
        let hours = format!("hosting.outage_h_per_year={hours}");
        value(&of(BASE, &[&hours]), Use::Hosting, "npv_usd")
    };
    assert!(near(hosting("8766"), hosting("365.25"), 1e-9));
    let life = |share: &str| {
        let share = format!("mixed.hosting_share={share}");
        value(&of(BASE, &[&share]), Use::Mixed, "life_years")
    };
    assert_eq!([life("0"), life("0.5"), life("1")], [3.0, 11.0, 11.0]);
}

/// Every figure of the summary has the mark of the weakest input that it rests on.
#[test]
fn marks_are_those_of_the_weakest_input() {
    let report = of(BASE, &["network.correlation=0.4"]);
    assert_eq!(report.hashprice_evidence, Evidence::Sourced);
    let stated = of(BASE, &["network.btc_price_usd=90000"]);
    assert_eq!(stated.hashprice_evidence, Evidence::Assumed);
    let settled = report.network[0].before.settled_hashprice.evidence;
    assert_eq!(settled, report.hashprice_evidence);
    for of in &report.summary.uses {
        let npv = sites::figure(&report, of.kind, "npv_usd");
        assert_eq!(of.npv_evidence, npv.evidence);
        if let Some(turn) = &of.turn {
            assert_eq!(turn.at_evidence, report.answer_evidence);
            assert_eq!(turn.now_evidence, Evidence::Sourced, "{turn:?}");
        }
    }
}

/// A site of rigs that earn some 77 $/MWh, at these hourly prices.
fn hourly(hours: Vec<f64>, set: &[&str]) -> SiteReport {
    let text = format!("{BASE}[curtailment]\nprices = \"p.csv\"\ncontract = \"index\"\n");
    let all = [
        &["mining.efficiency_j_th=20.5", "mining.opex_usd_per_mwh=0"],
        set,
    ]
    .concat();
    let scenario = scenario(&text, &all).unwrap();
    let prices = Prices::new(0, 3600, 0, hours).unwrap();
    let options = Options {
        draws: 0,
        ..Options::default()
    };
    report(&scenario, Some(&prices), &options).unwrap()
}

#[test]
fn existing_and_new_rigs_stop_in_hours_that_cost_more_than_they_earn() {
    let day = [[40.0; 23].as_slice(), &[400.0]].concat();
    let report = hourly(day, &["mining.restart_h=0"]);
    let flat = of(
        BASE,
        &["power.price_usd_per_mwh=40", "mining.efficiency_j_th=20.5"],
    );
    for kind in [Use::KeepMining, Use::NewerAsics] {
        let of = |id| value(&report, kind, id);
        // One hour in 24 costs 400: rigs stop then, and pay 40 for the rest.
        assert!(
            near(of("power_usd") / of("energy_mwh"), 40.0, 1e-9),
            "{kind:?}"
        );
        let hours = of("energy_mwh") / value(&flat, kind, "energy_mwh");
        assert!(near(hours, 23.0 / 24.0, 1e-9), "{kind:?}: {hours}");
    }
    assert!(value(&report, Use::KeepMining, "npv_usd") > 0.0);
}

#[test]
fn a_stop_that_costs_more_than_it_saves_is_not_made() {
    let mwh = |set: &str| {
        let day = [[40.0; 22].as_slice(), &[90.0, 40.0]].concat();
        value(&hourly(day, &[set]), Use::KeepMining, "energy_mwh")
    };
    // An hour at 90 costs some 12 $ more than a MWh earns.
    assert!(near(
        mwh("mining.stop_usd_per_mw=0") / mwh("mining.stop_usd_per_mw=50"),
        23.0 / 24.0,
        1e-9
    ));
    assert_eq!(
        mwh("mining.restart_h=0.5"),
        mwh("mining.stop_usd_per_mw=50")
    );
}

#[test]
#[expect(clippy::approx_constant, reason = "3.14 is a price")]
fn rigs_are_sold_by_their_class_and_every_use_is_compared_with_that() {
    let report = of(BASE, &["mining.efficiency_j_th=21.5"]);
    let usd = 20e6 / 1.05 / 21.5 * 3.14;
    let sell = -value(&report, Use::SellNow, "capex_usd");
    assert!(near(sell, usd, 1e-9) && near(sell, 2.78e6, 1e-3), "{sell}");
    for outcome in &report.uses {
        let horizon = &outcome.figures.horizon;
        let Some(over) = &horizon.npv_over_sell_usd else {
            assert_eq!(outcome.kind, Use::SellNow);
            continue;
        };
        let npv = outcome.npv_usd() - usd * 1.1_f64.powf(-0.5 / 12.0);
        assert!(near(over.value.unwrap(), npv, 1e-6), "{:?}", outcome.kind);
        let years = horizon.life_years.value.unwrap();
        let annual = npv * 0.1 / (1.0 - 1.1_f64.powf(-years));
        assert!(
            near(outcome.annual_over_sell_usd(), annual, 1e-6),
            "{:?}",
            outcome.kind
        );
    }
    let own = of(
        BASE,
        &["mining.efficiency_j_th=21.5", "mining.resale_usd_per_th=1"],
    );
    assert!(near(
        -value(&own, Use::SellNow, "capex_usd"),
        usd / 3.14,
        1e-9
    ));
}

#[test]
fn hosting_takes_its_figures_from_one_deal() {
    let cipher = of(BASE, &["hosting.deal=cipher"]);
    let value_of = |report: &SiteReport, key: &str| {
        report
            .inputs
            .iter()
            .find(|input| input.key == key)
            .unwrap()
            .number
    };
    let keys = [
        "rent_usd_per_kw_month",
        "capex_usd_per_mw",
        "noi_margin",
        "pue",
        "term_years",
    ];
    let found = keys.map(|key| value_of(&cipher, &format!("hosting.{key}")));
    assert_eq!(found, [148.8, 1e7, 0.825, 1.45, 10.0]);
    // The table of deals has the same figure, whichever deal the scenario takes.
    let npv = |report: &SiteReport| {
        let deal = report
            .deals
            .iter()
            .find(|deal| deal.id == "cipher")
            .unwrap();
        deal.hosting.unwrap().npv_usd
    };
    assert!(near(
        npv(&cipher),
        value(&cipher, Use::Hosting, "npv_usd"),
        1e-12
    ));
    assert!(near(npv(&of(BASE, &[])), npv(&cipher), 1e-12));
    let error = scenario(BASE, &["hosting.deal=core-scientific"]).unwrap_err();
    let missing = "give hosting.capex_usd_per_mw, hosting.noi_margin too";
    assert!(
        error.contains("hosting.deal") && error.contains(missing),
        "{error}"
    );
    let hut = of(BASE, &["hosting.deal=hut-8"]);
    assert_eq!(value_of(&hut, "hosting.noi_margin"), 0.986);
    // What a deal does not publish the scenario states; then the deal has a value too.
    let of_core = |report: &SiteReport| {
        let mut deals = report.deals.iter();
        let deal = deals.find(|deal| deal.id == "core-scientific").unwrap();
        deal.hosting.map(|of| of.npv_usd)
    };
    assert_eq!(of_core(&hut), None);
    let own = of(
        BASE,
        &[
            "hosting.deal=core-scientific",
            "hosting.capex_usd_per_mw=6e6",
            "hosting.noi_margin=0.8",
        ],
    );
    let npv = value(&own, Use::Hosting, "npv_usd");
    assert!(near(of_core(&own).unwrap(), npv, 1e-12));
}

#[test]
fn a_landlord_does_not_stop_its_tenant() {
    let report = hourly(vec![40.0, 4000.0], &[]);
    let uses = &report.curtailment.uses;
    let hosting = uses.iter().find(|of| of.kind == Use::Hosting).unwrap();
    assert!(
        hosting
            .figures
            .stop_above
            .note
            .as_ref()
            .unwrap()
            .contains("SLA")
    );
    assert!(hosting.figures.plan.is_none());
    // A day's rent of a MW at the meter: 154.2 x 800 kW / 30.4375 days.
    let breach = hosting.figures.sla_breach.as_ref().unwrap().value.unwrap();
    assert!(near(breach, 154.2 * 800.0 / 30.4375, 1e-9), "{breach}");
    let sure = of(BASE, &["hosting.outage_h_per_year=0"]);
    let cost =
        value(&of(BASE, &[]), Use::Hosting, "opex_usd") - value(&sure, Use::Hosting, "opex_usd");
    let credited = 0.9 * 24.0 / 8766.0;
    assert!(
        near(
            cost,
            credited * value(&sure, Use::Hosting, "revenue_usd"),
            1e-6
        ),
        "{cost}"
    );
}

/// CoreWeave's adjusted EBITDA was 61 to 62 % of its revenue in the quarters of 2025.
#[test]
fn the_margin_of_a_cloud_is_that_of_public_accounts() {
    for accelerator in [
        "cloud.accelerator=\"GB300 NVL72\"",
        "cloud.accelerator=\"H100 SXM5\"",
    ] {
        let report = of(BASE, &[accelerator]);
        let of = |id| value(&report, Use::GpuCloud, id);
        let margin = of("income_usd") / of("revenue_usd");
        assert!((0.6..0.63).contains(&margin), "{accelerator}: {margin}");
    }
    // Cards at 29 M$ for each MW that they draw, and a shell at 10.
    let cards = value(
        &of(BASE, &["mining.resale_usd_per_th=0"]),
        Use::GpuCloud,
        "capex_usd",
    );
    assert!(near(cards, 16.0 * 39e6, 1e-9), "{cards}");
}

#[test]
fn shells_of_hosting_and_of_a_cloud_keep_the_same_share() {
    for (kind, key, mw) in [
        (Use::Hosting, "hosting", 9e6),
        (Use::GpuCloud, "cloud", 10e6),
    ] {
        let end = |share: &str| {
            let report = of(BASE, &[&format!("{key}.residual_share={share}")]);
            let outcome = report.uses.iter().find(|of| of.kind == kind).unwrap();
            *outcome.cumulative_usd.last().unwrap()
        };
        assert!(
            near(end("0.4") - end("0"), 0.4 * 16.0 * mw, 1e-6),
            "{kind:?}"
        );
    }
}
