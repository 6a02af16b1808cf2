//! The energy gap of synthetic products: against accelerators in their format, against the
//! device's own roofline and its model.

mod sessions;

use perwatt_gap::catalogue::{Catalogue, Format};
use perwatt_gap::energy::{Answer, Options, gap};
use perwatt_record::fixture::{counter, square};
use perwatt_record::schema::{Entry, Unit};
use perwatt_record::work::{Matmul, Work};
use perwatt_table::Evidence;

use sessions::{loaded, made, near, of, plain};

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

#[test]
fn products_face_their_own_format_and_peak_stays_apart_from_measured() {
    let rates = [("f32", 1e12), ("f16", 2e12), ("i8", 4e12), ("f64", 4e11)];
    let entries = rates.map(|(format, rate)| of(entry(&format!("matmul/{format}")), rate, 100.0));
    let mut made = made(1, entries.into());
    made.meter = Some(counter("rapl", Some(0.03)));
    let found = plain(&[made]);
    let formats = found.arithmetic.iter().map(|row| row.format.known());
    let formats: Vec<&Format> = formats.flatten().collect();
    assert_eq!(formats, [&Format::Fp32, &Format::Bf16, &Format::Int8]);
    let last = &found.arithmetic[3];
    assert!(last.format.known().is_none() && last.against.is_empty());

    let f32_row = &found.arithmetic[0];
    near(f32_row.energy[0].per_j.figure.value, 1e10);
    near(f32_row.energy[0].j_per_tera.figure.value, 100.0);
    assert_eq!(f32_row.energy[0].tokens_per_j, None);
    let note = f32_row.energy[0].note.as_ref().unwrap();
    assert!(note.contains("flatters this device"), "{note}");
    let h100 = &f32_row.against[1];
    assert_eq!(h100.accelerator, "NVIDIA H100 SXM5");
    let peak = h100.peak.known().unwrap();
    assert_eq!((peak.per_s, peak.evidence), (67e12, Evidence::Sourced));
    near(peak.units.value, 67.0);
    near(peak.over_device[0].value, 67e12 / 700.0 / 1e10);
    assert!(matches!(&h100.burst, Answer::Not(why) if why.contains("no measured product")));

    let h100 = &found.arithmetic[1].against[1];
    let (peak, burst) = (h100.peak.known().unwrap(), h100.burst.known().unwrap());
    assert_eq!((peak.per_s, burst.per_s), (989.4e12, 795e12));
    assert_eq!(burst.evidence, Evidence::Measured);
    assert!(matches!(&burst.per_j, Answer::Not(why) if why.contains("burst")));
    assert!(burst.over_device.is_empty() && h100.sustained.known().is_none());
    // The best by peak operations per joule in 16 bits.
    let best = &found.arithmetic[1].against[0];
    assert_eq!(best.accelerator, "AMD Instinct MI350X");
    let best = &found.arithmetic[1].against[2];
    assert_eq!(best.accelerator, "NVIDIA B200 SXM");
    let sustained = best.sustained.known().unwrap();
    let per_j = sustained.per_j.known().unwrap();
    assert_eq!(*per_j, 1439e12 / 987.0);
    near(sustained.over_device[0].value, per_j / 2e10);
    let int8 = &found.arithmetic[2].against[1];
    assert_eq!(int8.peak.known().unwrap().per_s, 1979e12);
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
    let params = &mut thin.workload.params;
    params.insert("shape".into(), "1x2048x2048".into());
    thin.work_per_step = 2 * 2048 * 2048;
    let square = of(entry("matmul/f32"), 1e12, 100.0);
    let (thin, stream) = (of(thin, 4e9, 100.0), of(stream(), 1e10, 100.0));
    let made = made(1, vec![square, thin, stream]);
    let catalogue = Catalogue::builtin().unwrap();
    let limits = |model: &str, work: Work| {
        (model == "Example CPU" && work == Work::Matmul(Matmul::F32))
            .then(|| (2e12, "a table".to_owned()))
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
    assert!(matches!(&found.arithmetic[0].alu, Answer::Not(why) if why.contains("no limits")));
}
