//! The energy gap of made-up records: with joules, without, of several sessions, with
//! estimates, and of the archive.

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::{Checked, Group, Input, Loaded, load};
use perwatt_compare::session::Session;
use perwatt_gap::Mark;
use perwatt_gap::catalogue::{Catalogue, Format};
use perwatt_gap::energy::{Answer, EnergyGap, Options, PowerPrice, Scope, gap};
use perwatt_power::{Boundary, Provenance};
use perwatt_record::fixture::{Made, MadeEntry, counter, square};
use perwatt_record::schema::{Entry, Unit};

/// Ten runs around a centre, evenly to half a percent either side.
fn runs(centre: f64) -> Vec<f64> {
    (0..10)
        .map(|i| centre * (0.9955 + 0.001 * f64::from(i)))
        .collect()
}

fn hash_entry(backend: &str) -> Entry {
    let mut entry = square("cpu", backend);
    entry.id = format!("sha256d/cpu/{backend}");
    entry.workload.name = "sha256d".into();
    entry.workload.params.clear();
    entry.unit = Unit::Hash;
    entry.work_per_step = 1;
    entry
}

fn entry(workload: &str) -> Entry {
    let mut entry = square("cpu", "embedded");
    entry.id = entry.id.replace("matmul/f32", workload);
    entry.workload.name = workload.into();
    entry
}

fn stream() -> Entry {
    let mut entry = square("cpu", "embedded");
    entry.id = "stream/triad/cpu/embedded".into();
    entry.workload.name = "stream/triad".into();
    entry.workload.params = [("array_bytes".to_owned(), "1000000".to_owned())].into();
    entry.unit = Unit::Byte;
    entry.work_per_step = 3_000_000;
    entry
}

fn of(entry: Entry, rate: f64, power_w: f64) -> MadeEntry {
    MadeEntry {
        entry,
        rates_per_s: runs(rate),
        power_w,
    }
}

fn made(id: u64, entries: Vec<MadeEntry>) -> Made {
    let mut made = Made::one("made up", id, &[1.0]);
    made.entries = entries;
    made
}

fn hashes(id: u64, rate: f64) -> Made {
    let mut made = made(id, vec![of(hash_entry("avx2"), rate, 100.0)]);
    made.meter = Some(counter("rapl", Some(0.03)));
    made
}

fn loaded(all: &[Made]) -> Loaded {
    let interner = Interner::default();
    let sessions: Vec<Session> = all
        .iter()
        .map(|made| Session::of(Path::new("x.json"), &made.record(), &interner))
        .collect();
    Loaded {
        groups: vec![Group {
            label: None,
            directory: true,
            sessions: (0..sessions.len()).collect(),
        }],
        sessions,
        selfchecks: Vec::new(),
        skipped: Vec::new(),
        checked: Checked::InFull,
    }
}

fn of_all(all: &[Made], change: impl FnOnce(&mut Options<'_>)) -> EnergyGap {
    let catalogue = Catalogue::builtin().unwrap();
    let mut options = Options::new(&catalogue, None, &[], &|_, _| None).unwrap();
    change(&mut options);
    gap(&loaded(all), &options)
}

fn plain(all: &[Made]) -> EnergyGap {
    of_all(all, |_| {})
}

fn near(found: f64, wanted: f64) {
    assert!((found / wanted - 1.0).abs() < 2e-3, "{found} {wanted}");
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
    assert_eq!(energy.joules.boundary, "package");
    assert!(
        energy
            .note
            .as_ref()
            .unwrap()
            .contains("flatters this device")
    );
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
    // In the absolute figure there is no name plate, in the rate no meter.
    let j_th = &energy.j_th.figure;
    let absolute = ln(j_th.interval, j_th.value).unwrap();
    assert!((absolute - rerun.hypot(0.03_f64.ln_1p())).abs() < 1e-9);
    assert_eq!(
        row.rate_h_per_s.figure.interval,
        row.rate_h_per_s.figure.rerun_interval
    );
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains("\"boundary\":\"package\"") && !text.contains("NaN"));
}

#[test]
fn without_joules_there_are_rates_and_a_reason() {
    let mut made = hashes(1, 1e9);
    made.meter = None;
    let row = &plain(&[made]).hashing[0];
    assert!(row.energy.is_empty());
    assert_eq!(
        row.no_energy.as_deref(),
        Some("not measured: the session had no meter")
    );
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
    assert_eq!(
        energy.j_th.figure.interval,
        energy.j_th.figure.rerun_interval
    );
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
    assert!(
        one.hashing[0]
            .rate_h_per_s
            .scope
            .words()
            .contains("on the machine as it is")
    );

    let many: Vec<Made> = (0..7)
        .map(|i| hashes(i, 1e9 * (1.0 + 0.01 * i as f64)))
        .collect();
    let seven = plain(&many);
    near(seven.hashing[0].rate_h_per_s.figure.value, 1.03e9);
    // The same session twice is one.
    let twice = plain(&[hashes(1, 1e9), hashes(1, 1e9)]);
    assert_eq!(twice.hashing[0].rate_h_per_s.sessions, 1);
}

#[test]
fn machines_are_never_pooled() {
    let mut other = hashes(2, 2e9);
    other.cpu = "Another CPU".into();
    let found = plain(&[hashes(1, 1e9), other]);
    let models: Vec<&str> = found
        .hashing
        .iter()
        .map(|row| row.subject.device_model.as_str())
        .collect();
    assert_eq!(models, ["Example CPU", "Another CPU"]);
}

#[test]
fn the_best_backend_counts_with_its_own_joules_unless_all_are_asked_for() {
    let mut made = made(
        1,
        vec![
            of(hash_entry("slow-and-cool"), 1e9, 10.0),
            of(hash_entry("fast"), 2e9, 100.0),
        ],
    );
    made.meter = Some(counter("rapl", Some(0.03)));
    let best = plain(std::slice::from_ref(&made));
    assert_eq!(best.hashing.len(), 1);
    let row = &best.hashing[0];
    assert_eq!(
        (row.subject.backend.as_str(), row.subject.backends),
        ("fast", 2)
    );
    near(row.energy[0].j_th.figure.value, 5e4);
    let all = of_all(&[made], |options| options.all_backends = true);
    let backends: Vec<&str> = all
        .hashing
        .iter()
        .map(|row| row.subject.backend.as_str())
        .collect();
    assert_eq!(backends, ["slow-and-cool", "fast"]);
    near(all.hashing[0].energy[0].j_th.figure.value, 1e4);
}

#[test]
fn products_face_their_own_format_and_peak_stays_apart_from_measured() {
    let mut made = made(
        1,
        vec![
            of(entry("matmul/f32"), 1e12, 100.0),
            of(entry("matmul/f16"), 2e12, 100.0),
            of(entry("matmul/i8"), 4e12, 100.0),
            of(entry("matmul/f64"), 4e11, 100.0),
        ],
    );
    made.meter = Some(counter("rapl", Some(0.03)));
    let found = plain(&[made]);
    let formats: Vec<Option<&Format>> = found
        .arithmetic
        .iter()
        .map(|row| row.format.known())
        .collect();
    assert_eq!(
        formats,
        [
            Some(&Format::Fp32),
            Some(&Format::Bf16),
            Some(&Format::Int8),
            None
        ]
    );
    assert!(found.arithmetic[3].against.is_empty());

    let f32_row = &found.arithmetic[0];
    near(f32_row.energy[0].per_j.figure.value, 1e10);
    assert!(
        f32_row.energy[0]
            .note
            .as_ref()
            .unwrap()
            .contains("flatters this device")
    );
    let h100 = &f32_row.against[1];
    assert_eq!(h100.accelerator, "NVIDIA H100 SXM5");
    let peak = h100.peak.known().unwrap();
    assert_eq!((peak.per_s, peak.mark), (67e12, Mark::Sourced));
    near(peak.units.value, 67.0);
    near(peak.over_device[0].value, 67e12 / 700.0 / 1e10);
    assert!(matches!(&h100.measured, Answer::Not(why) if why.contains("no measured product")));

    let h100 = &found.arithmetic[1].against[1];
    let (peak, measured) = (h100.peak.known().unwrap(), h100.measured.known().unwrap());
    assert_eq!((peak.per_s, measured.per_s), (989.4e12, 794.5e12));
    assert_eq!(measured.mark, Mark::Measured);
    // The best by peak operations per joule in 16 bits.
    assert_eq!(
        found.arithmetic[1].against[0].accelerator,
        "AMD Instinct MI350X"
    );
    assert_eq!(
        found.arithmetic[2].against[1].peak.known().unwrap().per_s,
        1979e12
    );
}

#[test]
fn named_accelerators_take_the_place_of_the_standard_ones() {
    let catalogue = Catalogue::builtin().unwrap();
    let names = ["TPU v4".to_owned(), "rtx 4090".to_owned()];
    let options = Options::new(&catalogue, Some("s9"), &names, &|_, _| None).unwrap();
    let mut made = made(1, vec![of(entry("matmul/f16"), 1e12, 100.0)]);
    made.meter = Some(counter("rapl", Some(0.03)));
    let found = gap(&loaded(&[made]), &options);
    assert_eq!(found.asic.model, "Antminer S9");
    let against = &found.arithmetic[0].against;
    assert_eq!(against.len(), 2);
    let tpu = against[0].peak.known().unwrap();
    assert!(matches!(&tpu.per_j, Answer::Not(why) if why.contains("no board power")));
    assert!(tpu.over_device.is_empty());
    assert_eq!(against[1].peak.known().unwrap().over_device.len(), 1);
    assert!(Options::new(&catalogue, Some("s99"), &[], &|_, _| None).is_err());
    assert!(Options::new(&catalogue, None, &["H100".into()], &|_, _| None).is_err());
}

#[test]
fn shares_of_the_roofline_and_of_the_model() {
    let mut thin = entry("matmul/f32");
    thin.id = "matmul/f32/thin/cpu/embedded".into();
    thin.workload
        .params
        .insert("shape".into(), "1x2048x2048".into());
    thin.work_per_step = 2 * 2048 * 2048;
    let made = made(
        1,
        vec![
            of(entry("matmul/f32"), 1e12, 100.0),
            of(thin, 4e9, 100.0),
            of(stream(), 1e10, 100.0),
        ],
    );
    let catalogue = Catalogue::builtin().unwrap();
    let limits = |model: &str, workload: &str| {
        (model == "Example CPU" && workload == "matmul/f32").then(|| (2e12, "a table".to_owned()))
    };
    let options = Options::new(&catalogue, None, &[], &limits).unwrap();
    let found = gap(&loaded(std::slice::from_ref(&made)), &options);
    assert_eq!(found.arithmetic.len(), 2, "streams are no products");
    let best = found.arithmetic[0].roofline.known().unwrap();
    near(best.percent, 100.0);
    assert!(!best.memory_bound);
    let thin = found.arithmetic[1].roofline.known().unwrap();
    // 2 n k FLOP over 4 (k + k n + n) bytes, n = k = 2048.
    let per_byte = 2.0 * 2048.0 * 2048.0 / (4.0 * (2048.0 + 2048.0 * 2048.0 + 2048.0));
    assert!((thin.per_byte / per_byte - 1.0).abs() < 1e-12);
    near(thin.percent, 100.0 * 4e9 / (1e10 * per_byte));
    assert!(thin.memory_bound);
    let alu = found.arithmetic[0].alu.known().unwrap();
    near(alu.percent, 50.0);
    assert_eq!(alu.source, "a table");

    let mut without = made;
    without.entries.pop();
    let found = plain(&[without]);
    assert!(matches!(&found.arithmetic[0].roofline, Answer::Not(why) if why.contains("stream")));
    assert!(matches!(&found.arithmetic[0].alu, Answer::Not(why) if why.contains("no model")));
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
    assert_eq!(found.power_price.source.mark, Mark::Assumed);
}

#[test]
fn a_row_that_may_not_be_compared_is_left_out_by_name() {
    let mut record = hashes(1, 1e9).record();
    for run in &mut record.runs {
        run.proof = None;
    }
    perwatt_record::fixture::derive_again(&mut record);
    let mut all = loaded(&[]);
    all.sessions.push(Session::of(
        Path::new("x.json"),
        &record,
        &Interner::default(),
    ));
    let catalogue = Catalogue::builtin().unwrap();
    let options = Options::new(&catalogue, None, &[], &|_, _| None).unwrap();
    let found = gap(&all, &options);
    assert!(found.hashing.is_empty());
    assert!(
        found.left_out[0].reason.contains("not verified"),
        "{:?}",
        found.left_out
    );
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
    let catalogue = Catalogue::builtin().unwrap();
    let options = Options::new(&catalogue, None, &[], &|_, _| None).unwrap();
    let found = gap(&all, &options);
    assert!(!found.hashing.is_empty() && !found.arithmetic.is_empty());
    for row in &found.hashing {
        assert!(row.energy.is_empty() && row.no_energy.is_some());
        // A server's processor is some ten thousandths of an ASIC, or less.
        assert!(row.units.value > 1e4, "{}", row.units.value);
    }
}
