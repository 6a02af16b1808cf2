//! The energy gap of synthetic records: hashes with joules, without joules, of several
//! sessions, with estimates, and of the archive.

mod sessions;

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::{Input, load};
use perwatt_compare::session::Session;
use perwatt_gap::catalogue::Catalogue;
use perwatt_gap::energy::{EnergyGap, PowerPrice, STATED, Scope};
use perwatt_power::{Boundary, Provenance};
use perwatt_record::fixture::{self, Made, counter};
use perwatt_record::work::Stream;
use perwatt_table::Evidence;

use sessions::{loaded, made, near, of, of_all, of_loaded, plain};

fn hashes(id: u64, rate: f64) -> Made {
    let mut made = made(id, vec![of(fixture::hashes("cpu", "avx2"), rate, 100.0)]);
    made.meter = Some(counter("rapl", Some(0.03)));
    made
}

#[test]
fn hashes_with_joules_by_hand() {
    let found = plain(&[hashes(1, 1e9)]);
    assert_eq!(found.asic.model, "Antminer S21 XP");
    assert!(found.asic_arithmetic.contains("0 FLOP"));
    let row = &found.hashing[0];
    near(row.rate_h_per_s.figure.value, 1e9);
    near(row.units.value, 270_000.0);
    assert_eq!(row.no_energy, None);
    let energy = &row.energy[0];
    near(energy.j_th.figure.value, 1e5);
    near(energy.over_asic.value, 1e5 / 13.5);
    // 270 TH/s at 100 kJ/TH are 27 MW; 8760 h at $45.
    near(energy.megawatts.value, 27.0);
    near(energy.usd_per_year.value, 27.0 * 8760.0 * 45.0);
    assert_eq!(energy.joules.boundary, Boundary::Package);
    let note = energy.note.as_ref().unwrap();
    assert!(note.contains("flatters this device"), "{note}");
    assert!(!energy.joules.estimate && energy.joules.gain_unknown.is_empty());
    assert_eq!(energy.j_th.scope, Scope::AtOnce { runs: 10 });

    // Meter and name plate in quadrature with the re-runs, on the logarithmic scale.
    let ln =
        |interval: Option<[f64; 2]>, centre: f64| interval.map(|[_, high]| (high / centre).ln());
    let centre = energy.over_asic.value;
    let rerun = ln(energy.over_asic.rerun_interval, centre).unwrap();
    let total = ln(energy.over_asic.interval, centre).unwrap();
    let plate = found.asic.tolerance.efficiency_rel().ln_1p();
    let wanted = (rerun.powi(2) + 0.03_f64.ln_1p().powi(2) + plate.powi(2)).sqrt();
    assert!((total - wanted).abs() < 1e-9, "{total} {wanted}");
    // The absolute figure has no uncertainty from a name plate, the rate none from a meter.
    let j_th = &energy.j_th.figure;
    let absolute = ln(j_th.interval, j_th.value).unwrap();
    assert!((absolute - rerun.hypot(0.03_f64.ln_1p())).abs() < 1e-9);
    let rate = &row.rate_h_per_s.figure;
    assert_eq!(rate.interval, rate.rerun_interval);
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains("\"boundary\":\"package\"") && !text.contains("NaN"));
}

#[test]
fn stated_watts_give_rows_without_joules_an_estimate() {
    let mut made = hashes(1, 1e9);
    made.meter = None;
    let found = of_all(std::slice::from_ref(&made), |options| {
        options.stated_w = Some(100.0)
    });
    let row = &found.hashing[0];
    assert_eq!(row.no_energy, None);
    let energy = &row.energy[0];
    near(energy.j_th.figure.value, 1e5);
    assert!(energy.joules.estimate && energy.joules.boundary == Boundary::Wall);
    assert_eq!(energy.joules.meters, [STATED]);
    assert_eq!(energy.joules.gain_unknown, [STATED]);
    // What a meter measured stays.
    let found = of_all(&[hashes(1, 1e9)], |options| options.stated_w = Some(1.0));
    let energy = &found.hashing[0].energy;
    assert_eq!((energy.len(), energy[0].joules.estimate), (1, false));
}

#[test]
fn memory_is_the_fastest_stream_beside_the_best_name_plate() {
    let stream = |pass, rate| of(fixture::stream(pass, "cpu", "simd"), rate, 50.0);
    let mut made = made(
        1,
        vec![stream(Stream::Read, 3e10), stream(Stream::Triad, 4e10)],
    );
    made.meter = Some(counter("rapl", Some(0.03)));
    let found = plain(&[made]);
    let [row] = &found.memory[..] else {
        panic!("{:?}", found.memory)
    };
    near(row.rate_b_per_s.figure.value, 4e10);
    near(row.energy[0].per_j.figure.value, 8e8);
    let rival = row.accelerator.as_ref().unwrap();
    let catalogue = Catalogue::builtin().unwrap();
    let most = catalogue
        .accelerators
        .iter()
        .filter_map(|of| Some(of.mem_bw_gb_s? * 1e9 / of.board_power_w?));
    near(rival.per_j, most.fold(0.0, f64::max));
    near(
        row.energy[0].over_device.as_ref().unwrap().value,
        rival.per_j / 8e8,
    );
    near(rival.units.value, rival.per_s / 4e10);
}

#[test]
fn without_joules_there_are_rates_and_a_reason() {
    let mut made = hashes(1, 1e9);
    made.meter = None;
    let row = &plain(&[made]).hashing[0];
    assert!(row.energy.is_empty());
    let reason = row.no_energy.as_deref();
    assert_eq!(reason, Some("not measured: the session had no meter"));
    assert!(row.units.interval.is_some());
}

#[test]
fn an_estimate_is_called_one_and_an_unknown_scale_is_named() {
    let mut made = hashes(1, 1e9);
    let mut meter = counter("guess", None);
    meter.provenance = Provenance::DeviceEstimate;
    made.meter = Some(meter);
    let found = plain(&[made]);
    let energy = &found.hashing[0].energy[0];
    assert!(energy.joules.estimate);
    assert_eq!(energy.joules.gain_unknown, ["guess"]);
    let j_th = &energy.j_th.figure;
    assert_eq!(j_th.interval, j_th.rerun_interval);
}

#[test]
fn sessions_that_differ_widen_the_interval_and_are_said() {
    let some = [hashes(1, 1e9), hashes(2, 1.05e9), hashes(3, 0.95e9)];
    let three = plain(&some);
    assert_eq!(three.hashing.len(), 1);
    let rate = &three.hashing[0].rate_h_per_s;
    assert_eq!((rate.sessions, rate.runs), (3, 30));
    assert_eq!(rate.scope, Scope::Sessions { sessions: 3 });
    assert!(rate.scope.words().contains("3 sessions"));
    let one = plain(&some[..1]);
    let width = |gap: &EnergyGap| {
        let [low, high] = gap.hashing[0].rate_h_per_s.figure.rerun_interval.unwrap();
        (high / low).ln()
    };
    assert!(width(&three) > 10.0 * width(&one));
    let words = one.hashing[0].rate_h_per_s.scope.words();
    assert!(words.contains("on the machine as it is"), "{words}");

    let many = (0..7).map(|i| hashes(i, 1e9 * (1.0 + 0.01 * i as f64)));
    let seven = plain(&many.collect::<Vec<_>>());
    near(seven.hashing[0].rate_h_per_s.figure.value, 1.03e9);
    // The same session given twice counts once.
    let twice = plain(&[hashes(1, 1e9), hashes(1, 1e9)]);
    assert_eq!(twice.hashing[0].rate_h_per_s.sessions, 1);
}

#[test]
fn machines_are_never_pooled() {
    let mut other = hashes(2, 2e9);
    other.cpu = "Another CPU".into();
    let found = plain(&[hashes(1, 1e9), other]);
    let models = found.hashing.iter().map(|row| &row.subject.device_model);
    assert_eq!(models.collect::<Vec<_>>(), ["Example CPU", "Another CPU"]);
}

#[test]
fn twelve_nodes_of_one_model_are_twelve_rows() {
    let nodes = |named: bool| {
        let session = |i: u64| {
            let mut made = hashes(i, 1e9 * (1.0 + 0.01 * i as f64));
            made.specimen = Some(format!("{i:08x}{:024x}", 7));
            made.node = named.then(|| format!("n{i:02}"));
            made
        };
        let found = plain(&(0..12).map(session).collect::<Vec<_>>());
        assert!(
            found
                .hashing
                .iter()
                .all(|row| row.rate_h_per_s.sessions == 1)
        );
        let nodes = found.hashing.into_iter().map(|row| row.subject.node);
        nodes.flatten().collect::<Vec<_>>()
    };
    let numbered = |of: &dyn Fn(u64) -> String| (0..12).map(of).collect::<Vec<_>>();
    assert_eq!(nodes(true), numbered(&|i| format!("n{i:02}")));
    assert_eq!(nodes(false), numbered(&|i| format!("#{i:08x}")));
}

#[test]
fn the_best_backend_counts_with_its_own_joules_unless_all_are_asked_for() {
    let slow = of(fixture::hashes("cpu", "slow-and-cool"), 1e9, 10.0);
    let fast = of(fixture::hashes("cpu", "fast"), 2e9, 100.0);
    let mut made = made(1, vec![slow, fast]);
    made.meter = Some(counter("rapl", Some(0.03)));
    let best = plain(std::slice::from_ref(&made));
    assert_eq!(best.hashing.len(), 1);
    let row = &best.hashing[0];
    let subject = &row.subject;
    assert_eq!((&*subject.backend, subject.backends), ("fast", 2));
    near(row.energy[0].j_th.figure.value, 5e4);
    let all = of_all(&[made], |options| options.all_backends = true);
    let backends = all.hashing.iter().map(|row| &row.subject.backend);
    assert_eq!(backends.collect::<Vec<_>>(), ["slow-and-cool", "fast"]);
    near(all.hashing[0].energy[0].j_th.figure.value, 1e4);
}

#[test]
fn at_the_wall_nothing_need_be_said_and_the_price_scales() {
    let mut made = hashes(1, 1e9);
    let mut meter = counter("plug", Some(0.01));
    meter.boundary = Boundary::Wall;
    made.meter = Some(meter);
    let found = of_all(&[made], |options| {
        options.power_price = PowerPrice::given(90.0)
    });
    let energy = &found.hashing[0].energy[0];
    assert_eq!(energy.note, None);
    near(energy.usd_per_year.value, 27.0 * 8760.0 * 90.0);
    assert_eq!(found.power_price.source.evidence, Evidence::Assumed);
}

#[test]
fn a_row_that_may_not_be_compared_is_left_out_by_name() {
    let mut record = hashes(1, 1e9).record();
    for run in &mut record.runs {
        run.proof = None;
    }
    perwatt_record::fixture::derive_again(&mut record);
    let mut all = loaded(&[]);
    let session = Session::of(Path::new("x.json"), &record, &Interner::default());
    all.sessions.push(session);
    let found = of_loaded(&all, |_| {});
    assert!(found.hashing.is_empty());
    let reason = &found.left_out[0].reason;
    assert!(reason.contains("not verified"), "{reason}");
}

#[test]
fn the_archive_has_rates_and_no_joules() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let file = "20261124T075805Z_emerald-rapids-vm_46dcb2fe_667795.json";
    let input = Input {
        label: None,
        path: results.join(file),
    };
    let all = load(&[input], false).unwrap();
    assert!(all.skipped.is_empty(), "{:?}", all.skipped);
    let found = of_loaded(&all, |_| {});
    assert!(!found.hashing.is_empty() && !found.arithmetic.is_empty());
    for row in &found.hashing {
        assert!(row.energy.is_empty() && row.no_energy.is_some());
        // A server's processor is some ten thousandths of an ASIC, or less.
        assert!(row.units.value > 1e4, "{}", row.units.value);
    }
}
