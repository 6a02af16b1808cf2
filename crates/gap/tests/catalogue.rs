//! The catalogue that comes with the program: its rows, their names, filters and order.

use perwatt_gap::catalogue::{
    Accelerator, Asic, Basis, Catalogue, Filter, Format, NameError, Origin, Row, SelectError,
    Value, row, select,
};
use perwatt_table::Evidence;
use proptest::prelude::*;

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap()
}

#[test]
fn what_comes_with_the_program_stands_up() {
    let catalogue = builtin();
    let (asics, accelerators) = (catalogue.asics.len(), catalogue.accelerators.len());
    assert_eq!([asics, accelerators, catalogue.gpus.len()], [81, 50, 29]);
    for asic in &catalogue.asics {
        let [low, high] = asic.efficiency_interval_j_th();
        assert!(low < asic.efficiency_j_th() && asic.efficiency_j_th() < high);
        assert_eq!(asic.provenance.origin, Origin::Builtin);
    }
    // Only hash rates of GPUs and CPUs are undated here.
    let dated = |row: &row::Provenance| row.date.is_some();
    let undated = catalogue.gpus.iter().filter(|row| !dated(&row.provenance));
    assert_eq!(undated.count(), 7);
    assert!(catalogue.asics.iter().all(|asic| dated(&asic.provenance)));
    assert!(catalogue.accelerators.iter().all(|a| dated(&a.provenance)));
}

#[test]
fn known_rows_by_hand() {
    let catalogue = builtin();
    let s21 = catalogue.asic("S21 XP").unwrap();
    assert_eq!(s21.efficiency_j_th(), 13.5);
    assert!(s21.tolerance.assumed);
    // 13.5 (1 -/+ 2 sqrt((0.03^2 + 0.05^2)/3)).
    let [low, high] = s21.efficiency_interval_j_th();
    assert!((low - 12.591_039).abs() < 1e-5 && (high - 14.408_961).abs() < 1e-5);
    let a16 = catalogue.asic("Avalon A16").unwrap();
    let of = a16.tolerance;
    assert_eq!(
        (of.hashrate_rel, of.power_rel, of.assumed),
        (0.05, 0.10, false)
    );
    assert!(!catalogue.asic("S19 Pro").unwrap().tolerance.assumed);
    let avalon6 = catalogue.asic("avalon6").unwrap();
    assert_eq!(avalon6.efficiency_quoted_j_th, Some(295.0));
    assert_eq!(avalon6.provenance.basis.evidence(), Evidence::Nameplate);

    let h100 = catalogue.accelerator("h100 sxm5").unwrap();
    assert!((h100.flop_per_j_peak().unwrap() - 989.4e12 / 700.0).abs() < 1.0);
    // A burst is not divided by watts.
    assert_eq!(h100.burst_per_s(Format::Bf16), Some(795e12));
    assert_eq!(h100.flop_per_j_measured(), None);
    let b200 = catalogue.accelerator("B200 SXM").unwrap();
    assert_eq!(b200.flop_per_j_measured(), Some(1439e12 / 987.0));
    assert_eq!(b200.sustained_per_j(Format::Fp4), Some(5627e12 / 987.0));
    assert_eq!(b200.peak_per_s(Format::Tf32), Some(1125e12));
    assert_eq!(b200.measured_source().date.as_deref(), Some("2026-08"));
    let m4 = catalogue.accelerator("M4 GPU").unwrap();
    assert_eq!((m4.fp32_tflops, m4.fp32_measured_tflops), (None, Some(2.9)));
    assert_eq!(
        [m4.flop_per_j_peak(), m4.flop_per_j_measured()],
        [None, None]
    );

    let old = &catalogue.gpus[0];
    assert!(old.converted && old.sha256d_equiv_mh_s == 660.9);
    let estimates = catalogue.gpus.iter();
    let estimates = estimates.filter(|row| row.provenance.basis == Basis::Estimate);
    assert_eq!(estimates.count(), 10);
}

#[test]
fn names_are_found_however_they_are_written() {
    let catalogue = builtin();
    let names = "S21 XP|antminer s21 xp|s21xp|Bitmain Antminer S21-XP|antminers21xp";
    for name in names.split('|') {
        let found = catalogue.asic(name).unwrap();
        assert_eq!(found.model, "Antminer S21 XP", "{name}");
    }
    // The plus distinguishes models.
    assert_eq!(catalogue.asic("s21+").unwrap().model, "Antminer S21+");
    assert_eq!(catalogue.asic("M50S++").unwrap().model, "WhatsMiner M50S++");
    assert_eq!(catalogue.asic("Avalon Q").unwrap().model, "Avalon Q (home)");
    let all = catalogue.asics.iter().map(Row::full_name);
    for name in all.chain(catalogue.asics.iter().map(|row| row.model.clone())) {
        assert!(!catalogue.asic(&name).unwrap().vendor.is_empty(), "{name}");
    }
    for row in &catalogue.accelerators {
        assert_eq!(catalogue.accelerator(&row.full_name()).unwrap(), row);
    }
}

#[test]
fn best_and_deployed_are_what_the_rows_say() {
    let catalogue = builtin();
    let best = catalogue.asic("best").unwrap();
    let all = || catalogue.asics.iter();
    assert!(all().all(|asic| asic.efficiency_j_th() >= best.efficiency_j_th()));
    assert_eq!(best.model, "Antminer S23 XP Hyd");
    let deployed = catalogue.asic("deployed").unwrap();
    let share = deployed.network_share.unwrap();
    assert!(
        all()
            .filter_map(|asic| asic.network_share)
            .all(|other| other <= share)
    );
    assert!(deployed.more_sources()[0].contains("2023-06-13"));
    // Without shares the word is a name that no row has.
    let mut none = builtin();
    none.asics
        .iter_mut()
        .for_each(|asic| asic.network_share = None);
    assert!(none.asic("deployed").is_err());
}

#[test]
fn dollars_by_hand() {
    let catalogue = builtin();
    let rig = catalogue.asic("M70S").unwrap();
    assert_eq!(rig.usd_per_th_s(), Some(3224.0 / 248.0));
    assert_eq!(catalogue.asic("S21 XP").unwrap().usd_per_th_s(), None);
    let card = catalogue.accelerator("H200 SXM").unwrap();
    // 4.54 $/h at 755 and at 989 TFLOP/s.
    let near = |found: Option<f64>, wanted: f64| (found.unwrap() / wanted - 1.0).abs() < 1e-3;
    assert!(near(card.usd_per_eflop(false), 1.6704));
    assert!(near(
        card.usd_per_eflop(true),
        4.54 / 3600.0 / 989e12 * 1e18
    ));
    // 35 000 $ at the same rates.
    assert!(near(card.usd_per_tflop_s(false), 35_000.0 / 755.0));
    assert!(near(card.usd_per_tflop_s(true), 35_000.0 / 989.0));
    assert!(
        card.more_sources()
            .iter()
            .any(|of| of.starts_with("price: "))
    );
    assert_eq!(
        catalogue.accelerator("L4").unwrap().usd_per_tflop_s(true),
        None
    );
    assert_eq!(
        catalogue.accelerator("L4").unwrap().usd_per_eflop(true),
        None
    );
}

#[test]
fn what_could_be_several_is_asked_back_and_the_unknown_has_neighbours() {
    let catalogue = builtin();
    match catalogue.accelerator("H100").unwrap_err() {
        NameError::Ambiguous { candidates, .. } => {
            assert_eq!(candidates, ["NVIDIA H100 PCIe", "NVIDIA H100 SXM5"]);
        }
        other => panic!("{other}"),
    }
    let error = catalogue.asic("S21 XPP").unwrap_err();
    match &error {
        NameError::Unknown { nearest, .. } => {
            assert_eq!(nearest.len(), 3);
            assert_eq!(nearest[0], "Bitmain Antminer S21 XP");
        }
        other => panic!("{other}"),
    }
    assert!(error.to_string().contains("\"S21 XPP\"") && error.to_string().contains("nearest"));
    // A row that contains the name is suggested, but not accepted.
    match catalogue.asic("S23 XP").unwrap_err() {
        NameError::Unknown { nearest, .. } => assert_eq!(nearest[0], "Bitmain Antminer S23 XP Hyd"),
        other => panic!("{other}"),
    }
    for name in ["", "   ", "()", "antminer"] {
        assert!(catalogue.asic(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_table_written_out_reads_back() {
    fn text<R: Row>(rows: &[R]) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(row::file_columns::<R>()).unwrap();
        for of in rows {
            let cells = row::file_columns::<R>().map(|name| of.value(name).to_string());
            writer.write_record(cells).unwrap();
        }
        writer.into_inner().unwrap()
    }
    let mut again = builtin();
    let before = again.clone();
    let [asics, accelerators] = [text(&before.asics), text(&before.accelerators)];
    for bytes in [asics, accelerators, text(&before.gpus)] {
        again.add("again.csv", &bytes).unwrap();
    }
    assert_eq!(again.asics.len(), before.asics.len());
    for (a, b) in again.asics.iter().zip(&before.asics) {
        assert_eq!(a.provenance.origin, Origin::File("again.csv".into()));
        for name in row::columns::<Asic>().filter(|name| *name != "origin") {
            assert_eq!(a.value(name), b.value(name), "{} {name}", a.model);
        }
    }
}

#[test]
fn filters_and_order() {
    let catalogue = builtin();
    let hydro = Filter::parse("cooling=^hydro$").unwrap();
    assert!(hydro.concerns::<Asic>());
    assert!(!hydro.concerns::<Accelerator>());
    let mut kept = catalogue
        .asics
        .iter()
        .filter(|row| hydro.keeps(*row))
        .peekable();
    assert!(kept.peek().is_some() && kept.all(|row| row.cooling == "hydro"));
    let anywhere = Filter::parse("bitmain.*s21 xp").unwrap();
    let kept = catalogue.asics.iter().filter(|row| anywhere.keeps(*row));
    assert_eq!(kept.count(), 3);
    match Filter::parse("colling=air").unwrap_err() {
        SelectError::Column { nearest, .. } => assert_eq!(nearest.as_deref(), Some("cooling")),
        other => panic!("{other}"),
    }
    let broken = Filter::parse("model=(");
    assert!(matches!(broken, Err(SelectError::Pattern { .. })));

    let mut asics = catalogue.asics.clone();
    select::sort(&mut asics, None, false);
    assert_eq!(asics[0].model, "Antminer S23 XP Hyd");
    select::sort(&mut asics, None, true);
    assert_eq!(asics[0].model, "Avalon1 (first ASIC)");
    let mut accelerators = catalogue.accelerators.clone();
    select::sort(&mut accelerators, None, false);
    assert_eq!(accelerators[0].model, "Instinct MI350X");
    let last = accelerators.last().unwrap();
    assert_eq!(last.value("flop_per_j_peak"), Value::Empty);
    select::sort(&mut accelerators, Some("board_power_w"), true);
    assert_eq!(accelerators[0].board_power_w, Some(1400.0));
    assert_eq!(accelerators.last().unwrap().board_power_w, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_is_found_or_answered(name in "\\PC{0,20}") {
        if let Err(error) = builtin().asic(&name) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
