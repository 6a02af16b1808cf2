//! Answers for made-up records, by hand.

use std::path::Path;

use perwatt_answer::{Answer, Basis, Bought, Buys, Gross, Question, Scenario, answer};
use perwatt_compare::Loaded;
use perwatt_compare::intern::Interner;
use perwatt_compare::session::Session;
use perwatt_gap::catalogue::{Catalogue, Format};
use perwatt_power::Covers;
use perwatt_record::fixture::{self, Made, MadeEntry, card, counter, product, ten_around};
use perwatt_record::work::{Matmul, Stream};
use perwatt_site::{Options, Rig, Scenario as Site, SiteReport, report};
use perwatt_table::{Evidence, Source};

const SCENARIO: &str = include_str!("../../site/scenarios/site-20mw.toml");

fn near(found: f64, wanted: f64) {
    assert!((found / wanted - 1.0).abs() < 2e-3, "{found} {wanted}");
}

fn site(catalogue: &Catalogue) -> SiteReport {
    let rig = |model: &str| {
        let asic = catalogue.asic(model).map_err(|error| error.to_string())?;
        Ok(Rig {
            model: asic.model.clone(),
            efficiency_j_th: asic.efficiency_j_th(),
            interval_j_th: asic.efficiency_interval_j_th(),
            source: Source {
                evidence: Evidence::Nameplate,
                text: "made up".into(),
                date: None,
            },
        })
    };
    let scenario = Site::parse(Path::new("20mw"), SCENARIO, &[], &rig).unwrap();
    let options = Options {
        draws: 0,
        ..Options::default()
    };
    report(&scenario, None, &options).unwrap()
}

fn asked(all: &[Made], change: impl FnOnce(&mut Question<'_>)) -> Option<Answer> {
    let catalogue = Catalogue::builtin().unwrap();
    let report = site(&catalogue);
    let interner = Interner::default();
    let session = |made: &Made| Session::of(Path::new("x.json"), &made.record(), &interner);
    let loaded = Loaded::of(all.iter().map(session).collect());
    let scenario = Scenario {
        name: "20mw".into(),
        example: true,
    };
    let mut question = Question {
        site: Some((&report, scenario)),
        ..Question::new(&catalogue, &|_, _| None)
    };
    change(&mut question);
    answer(&loaded, &question).unwrap()
}

fn entry(entry: perwatt_record::schema::Entry, rate: f64) -> MadeEntry {
    MadeEntry {
        entry,
        rates_per_s: ten_around(rate),
        power_w: 100.0,
    }
}

/// Hashes at 1 GH/s, an f32 product at 1 TFLOP/s and a stream at 50 GB/s, all at 100 W.
fn vm() -> Made {
    let mut made = Made::one("made up", 1, &[1.0]);
    made.entries = vec![
        entry(fixture::hashes("cpu", "avx2"), 1e9),
        entry(product(Matmul::F32, "cpu", "embedded"), 1e12),
        entry(fixture::stream(Stream::Triad, "cpu", "simd"), 5e10),
    ];
    made.meter = Some(counter("rapl", Some(0.03)));
    made
}

fn of(answer: &Answer, buys: Buys) -> &Bought {
    let mut rows = answer.bought.iter();
    rows.find(|row| row.buys == buys).unwrap()
}

fn usd(gross: &Gross) -> (f64, f64) {
    match gross {
        Gross::Usd { value, net, .. } => (*value, *net),
        Gross::Unknown(reason) => panic!("{reason}"),
    }
}

#[test]
fn a_joule_by_hand() {
    let found = asked(&[vm()], |_| {}).unwrap();
    assert!(matches!(
        &found.basis,
        Basis::Joule {
            estimate: false,
            ..
        }
    ));
    let hashes = of(&found, Buys::Hashes);
    near(hashes.own.value, 1e7);
    let [best, deployed] = &hashes.rivals[..] else {
        panic!("{:?}", hashes.rivals)
    };
    // 8.9 J/TH and 29.5 J/TH.
    assert_eq!((&*best.short, best.role), ("S23 XP Hyd", "best"));
    near(best.per, 1e12 / 8.9);
    near(best.gap.as_ref().unwrap().value, 1e5 / 8.9);
    assert_eq!(
        (&*deployed.short, deployed.role),
        ("S19j Pro", "most deployed")
    );
    near(deployed.gap.as_ref().unwrap().value, 1e5 / 29.5);
    near(of(&found, Buys::Flop(Format::Fp32)).own.value, 1e10);
    near(of(&found, Buys::Bytes).own.value, 5e8);
    assert!(
        found.warnings[0].starts_with("joules are of the package"),
        "{:?}",
        found.warnings
    );
    assert!(
        found.warnings[1].starts_with("cpu: no format"),
        "{:?}",
        found.warnings
    );

    let money = found.money.unwrap();
    let own = &money.kwh[0];
    near(own.hashes.unwrap(), 3.6e6 * 1e7);
    let (gross, net) = usd(&own.gross);
    near(gross, money.hashprice_usd_per_ph_day / (24.0 * 1e5));
    near(net, gross - 0.045);
    // A measured machine, a sourced hashprice, a sourced price of power.
    assert_eq!(own.evidence, Evidence::Sourced);
    assert_eq!(own.net_evidence, Evidence::Sourced);
    assert!(money.hashprice_source.text.starts_with("MineForge"));
    let (gross, _) = usd(&money.kwh[1].gross);
    near(gross, money.hashprice_usd_per_ph_day / (24.0 * 8.9));
}

#[test]
fn the_ai_figure_is_a_format_that_models_run_in_beside_a_sustained_measurement() {
    let mut made = vm();
    made.gpus = vec![card("gpu:0", "NVIDIA H200")];
    made.entries
        .push(entry(product(Matmul::F32, "gpu:0", "wgsl"), 4e13));
    made.entries
        .push(entry(product(Matmul::Bf16, "gpu:0", "cublaslt"), 6e12));
    let found = asked(&[made], |_| {}).unwrap();
    let row = of(&found, Buys::Flop(Format::Bf16));
    assert_eq!((&*row.device, &*row.backend), ("gpu:0", "cublaslt"));
    let rival = &row.rivals[0];
    assert_eq!(rival.role, "best sustained");
    assert_eq!(rival.source.evidence, Evidence::Measured);
    let catalogue = Catalogue::builtin().unwrap();
    let sustained = catalogue.accelerators.iter();
    let most = sustained.filter_map(|of| of.sustained_per_j(Format::Bf16));
    near(rival.per, most.fold(0.0, f64::max));
    assert!(
        found
            .bought
            .iter()
            .all(|row| row.buys != Buys::Flop(Format::Fp32))
    );
}

#[test]
fn without_joules_a_second_is_divided_by_until_watts_are_stated() {
    let mut made = vm();
    made.meter = None;
    let found = asked(std::slice::from_ref(&made), |_| {}).unwrap();
    assert!(matches!(&found.basis, Basis::Second { .. }));
    assert!(
        found.warnings[0].contains("--watts N"),
        "{:?}",
        found.warnings
    );
    let hashes = of(&found, Buys::Hashes);
    near(hashes.own.value, 1e9);
    near(hashes.rivals[0].gap.as_ref().unwrap().value, 600e12 / 1e9);
    let money = found.money.unwrap();
    assert!(matches!(money.kwh[0].gross, Gross::Unknown(_)));

    let stated = asked(&[made], |question| {
        question.stated_w = Some(50.0);
        question.stated.rent_usd_per_h = Some(0.1);
    });
    let stated = stated.unwrap();
    let hashes = of(&stated, Buys::Hashes);
    near(hashes.own.value, 2e7);
    assert!(hashes.estimate && stated.warnings[0].contains("50 W"));
    let money = stated.money.unwrap();
    let rented = money
        .kwh
        .iter()
        .find(|of| of.name.ends_with("rented"))
        .unwrap();
    near(usd(&rented.gross).0, 0.1 / 0.05);
    assert!(rented.estimate);
}

#[test]
fn the_machine_measured_last_is_answered_for() {
    let mut newer = vm();
    newer.id = 2;
    newer.cpu = "Another CPU".into();
    newer.started_unix_s += 86_400;
    newer.entries[0].rates_per_s = ten_around(3e9);
    let found = asked(&[newer, vm()], |_| {}).unwrap();
    assert!(found.machine.name.contains("Another CPU"));
    assert_eq!((found.machine.sessions, found.machine.others), (1, 1));
    near(of(&found, Buys::Hashes).own.value, 3e7);
    assert!(asked(&[], |_| {}).is_none());
}

#[test]
fn price_and_rent_are_the_question_s_or_the_record_s_or_the_last_resort() {
    let mut stating = vm();
    (stating.price_usd, stating.rent_usd_per_h) = (Some(1000.0), Some(3.6));
    let amounts = |made: Made, asked_usd: Option<f64>| {
        let found = asked(&[made], |question| {
            question.stated.price_usd = asked_usd;
            question.otherwise.price_usd = Some(7.0);
        });
        let found = found.unwrap();
        (found.per_dollar.unwrap(), found.running)
    };
    let (per_dollar, running) = amounts(stating.clone(), None);
    // 1 GH/s and 1 TFLOP/s, and a thousandth of a dollar each second.
    near(per_dollar.usd_per_tera_op_s.unwrap(), 1000.0);
    let running = running.unwrap();
    near(running.usd_per_eh.unwrap(), 1e6);
    near(running.usd_per_exa_op.unwrap(), 1000.0);
    assert_eq!(running.usd_per_mtoken_at_least, None);
    assert_eq!(amounts(stating, Some(5.0)).0.price_usd, 5.0);
    let (per_dollar, running) = amounts(vm(), None);
    assert_eq!((per_dollar.price_usd, running), (7.0, None));
}

#[test]
fn prices_and_asics_are_those_asked_for() {
    let found = asked(&[vm()], |question| {
        question.usd_per_mwh = Some(100.0);
        question.stated.price_usd = Some(2000.0);
        question.asic = Some("S21 XP");
    });
    let found = found.unwrap();
    assert_eq!(of(&found, Buys::Hashes).rivals[0].short, "S21 XP");
    let per_dollar = found.per_dollar.unwrap();
    // 1 GH/s and 1 TFLOP/s.
    near(per_dollar.usd_per_th_s.unwrap(), 2e6);
    near(per_dollar.usd_per_tera_op_s.unwrap(), 2000.0);
    near(per_dollar.rig.unwrap().usd_per_th_s, 3224.0 / 248.0);
    let money = found.money.unwrap();
    let (gross, net) = usd(&money.kwh[1].gross);
    near(gross - net, 0.1);
}

#[test]
fn rows_without_joules_are_named_beside_those_that_have_them() {
    let mut made = vm();
    made.gpus = vec![card("gpu:0", "NVIDIA H200")];
    let fast = [
        entry(product(Matmul::Bf16, "gpu:0", "cublaslt"), 6e14),
        entry(fixture::stream(Stream::Triad, "gpu:0", "wgsl"), 1e10),
    ];
    made.entries.extend(fast);
    let found = asked(std::slice::from_ref(&made), |_| {}).unwrap();
    assert!(found.without_joules.is_empty());
    // A counter of the processor has no joules of the card.
    if let Some(meter) = &mut made.meter {
        meter.covers = Covers::Cpu;
    }
    let found = asked(&[made], |_| {}).unwrap();
    let rows = found.without_joules.iter();
    let rows: Vec<_> = rows.map(|row| (row.buys, &*row.device)).collect();
    // The card's stream is slower than the processor's, which is shown.
    assert_eq!(rows, [(Buys::Flop(Format::Bf16), "gpu:0")]);
    near(found.without_joules[0].per_s, 6e14);
}
